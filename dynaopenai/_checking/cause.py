"""Why a value is invalid: the broken keywords, and of several branches those of the one that was meant.

Rules of this file:
1. jsonschema-rs has decided that the value is invalid; `jsonschema` finds out why, with the verdict's own
   readings of ``pattern``, ``format`` and ``uniqueItems``, so that the two cannot disagree.
2. Of several branches (``anyOf``, ``oneOf``) the one that was meant counts: a branch whose type, or whose tag
   (a property that takes a single value), does not fit was not meant; of the rest, the one with least wrong.
3. Where no branch was meant, all that would have been right at that place is said together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from .schema import FORMATS, Schema, is_pattern, types_of

MOST = 100  # causes that are looked for

@dataclass(frozen=True)
class Cause:
    """One broken keyword, as `jsonschema` found it. ``context``: what is wrong in each branch of it."""

    keyword: str
    wanted: Any
    value: Any
    path: tuple[str | int, ...]
    relative: tuple[str | int, ...]
    place: tuple[str | int, ...]
    schema: Any
    message: str
    branch: int = -1
    context: tuple[Cause, ...] = ()

    @classmethod
    def from_error(cls, error: Any) -> Cause:
        first = error.relative_schema_path[0] if error.relative_schema_path else -1
        return cls(
            keyword=str(error.validator),
            wanted=error.validator_value,
            value=error.instance,
            path=tuple(error.absolute_path),
            relative=tuple(error.relative_path),
            place=tuple(error.absolute_schema_path),
            schema=error.schema,
            message=error.message,
            branch=first if isinstance(first, int) else -1,
            context=tuple(cls.from_error(inner) for inner in error.context or ()),
        )

    @property
    def is_at_root(self) -> bool:
        """Whether it is about the value itself rather than a member of it."""
        return not self.relative


def causes(schema: Schema, value: Any) -> list[Cause]:
    """The broken keywords of an invalid value, in the schema's order; empty where it is nested too deep to say."""
    try:
        errors = islice(_validator()(schema.bundle).iter_errors(value), MOST)
        return [cause for error in errors for cause in _causes(Cause.from_error(error))]
    except RecursionError:
        return []


@lru_cache(maxsize=1)
def _validator() -> Any:
    """jsonschema's 2020-12 validator, with the verdict's own readings of ``pattern`` and ``format``."""
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    checker = FormatChecker(())
    for name, check in FORMATS.items():
        checker.checks(name)(lambda value, check=check: not isinstance(value, str) or check(value))

    def pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and not matches(pattern, value):
            yield ValidationError(f"{value!r} does not match {pattern!r}")

    def unique_items(_validator: Any, wanted: bool, value: Any, _schema: Any) -> Iterator[ValidationError]:
        import jsonschema_rs

        if wanted and isinstance(value, list) and not jsonschema_rs.is_valid({"uniqueItems": True}, value):
            yield ValidationError("items repeat")

    def required(_validator: Any, names: list[str], value: Any, _schema: Any) -> Iterator[ValidationError]:
        for name in names if isinstance(value, dict) else ():
            if name not in value:
                yield ValidationError(name)

    extended: Any = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": pattern, "uniqueItems": unique_items, "required": required}
    )
    return lambda schema: extended(schema, format_checker=checker)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"pattern": pattern}) if is_pattern(pattern) else None


def matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or bool(compiled.is_valid(value))


# --- choosing the branch -------------------------------------------------------------------------


def _causes(cause: Cause) -> list[Cause]:
    """The errors that stand behind ``cause``, those of the branch that was meant."""
    if cause.keyword not in ("anyOf", "oneOf") or not cause.context:
        return [cause]
    branches = _branches(cause)
    meant = [causes for causes in branches.values() if _fits_type(causes)]
    tagged = _by_discriminator(cause, branches)
    names = _discriminators(cause) or _tag_names(branches.values())
    if tagged is not None:
        meant = [tagged]
    elif len(meant) > 1:
        meant = [causes for causes in meant if not _tag_errors(causes, names)] or meant
    if not meant:
        return [_merged(cause, list(branches.values()))]
    if all(_is_choice(causes) for causes in meant):
        return [_merged(cause, meant)]
    if len(meant) > 1 and all(_tag_errors(causes, names) for causes in meant):
        return [_merged_tags(cause, meant, names)]
    return min(([cause for inner in causes for cause in _causes(inner)] for causes in meant), key=_badness)


def _branches(cause: Cause) -> dict[int, list[Cause]]:
    branches: dict[int, list[Cause]] = {}
    for inner in cause.context:
        branches.setdefault(inner.branch, []).append(inner)
    return branches


def _fits_type(causes: list[Cause]) -> bool:
    """Whether the branch takes values of this type at all."""
    return not any(cause.is_at_root and _rejects_type(cause) for cause in causes)


def _rejects_type(cause: Cause) -> bool:
    if cause.keyword == "type":
        return True
    if cause.keyword in ("enum", "const"):
        return not any(types_of(value) & types_of(cause.value) for value in _allowed(cause))
    if cause.keyword in ("anyOf", "oneOf") and cause.context:
        return not any(_fits_type(causes) for causes in _branches(cause).values())
    return False


def _is_choice(causes: list[Cause]) -> bool:
    """Whether all that is wrong is the value itself: not among those allowed."""
    return all(cause.is_at_root and cause.keyword in ("enum", "const") for cause in causes)


def _tag_names(branches: Iterable[list[Cause]]) -> frozenset[str]:
    """Properties that tell the branches apart: some branch takes a single value for them."""
    return frozenset(
        str(cause.relative[0])
        for causes in branches
        for cause in causes
        if len(cause.relative) == 1 and cause.keyword in ("const", "enum") and len(_allowed(cause)) == 1
    )


def _tag_errors(causes: list[Cause], names: frozenset[str]) -> list[Cause]:
    """What says: this branch is for another kind of object."""
    return [
        cause
        for cause in causes
        if len(cause.relative) == 1 and cause.relative[0] in names and cause.keyword in ("const", "enum")
    ]


def _discriminators(cause: Cause) -> frozenset[str]:
    """The property by which the document itself tells the branches apart, where it names one."""
    declared = cause.schema.get("discriminator") if isinstance(cause.schema, dict) else None
    return frozenset({declared["propertyName"]}) if declared else frozenset()


def _by_discriminator(cause: Cause, branches: Mapping[int, list[Cause]]) -> list[Cause] | None:
    """The branch that the document's discriminator names, where it names one."""
    owner = cause.schema if isinstance(cause.schema, dict) else {}
    declared = owner.get("discriminator")
    if not declared or not isinstance(cause.value, dict):
        return None
    tag = cause.value.get(declared["propertyName"])
    wanted = declared["mapping"].get(tag) if isinstance(tag, str) else None
    for index, causes in branches.items():
        branch = owner[cause.keyword][index]
        ref = branch.get("$ref") if isinstance(branch, dict) else None
        if ref and (ref == wanted or (wanted is None and ref.rsplit("/", 1)[-1] == tag)):
            return causes
    return None


def _badness(causes: list[Cause]) -> tuple[int, int, int]:
    """Less is nearer to what was meant: few problems, few things missing, deep ones, late ones."""
    missing = sum(cause.keyword == "required" for cause in causes)
    first = causes[0].relative[0] if causes[0].relative else 0
    return missing + len(causes), -max(len(cause.relative) for cause in causes), -first if isinstance(first, int) else 0


def _merged(cause: Cause, branches: list[list[Cause]]) -> Cause:
    """One cause that says all that would have been right: types and values of every branch."""
    types: list[str] = []
    values: list[Any] = []
    for causes in branches:
        choices = [inner for inner in causes if inner.is_at_root and inner.keyword in ("enum", "const")]
        for inner in choices or causes:  # a branch that takes certain values need not say their type
            _collect(inner, types, values)
    return replace(cause, keyword="types-or-values", wanted=(list(dict.fromkeys(types)), values))


def _collect(cause: Cause, types: list[str], values: list[Any]) -> None:
    if not cause.is_at_root:
        return
    if cause.keyword == "type":
        declared = cause.wanted
        types.extend([declared] if isinstance(declared, str) else declared)
    elif cause.keyword in ("enum", "const"):
        values.extend(value for value in _allowed(cause) if value not in values)
    elif cause.keyword in ("anyOf", "oneOf"):
        for inner in cause.context:
            _collect(inner, types, values)


def _merged_tags(cause: Cause, branches: list[list[Cause]], names: frozenset[str]) -> Cause:
    """Every branch is for another kind of object: the tag is wrong, and these would be right."""
    tags = [_tag_errors(causes, names)[0] for causes in branches]
    name = tags[0].relative[0]
    values: list[Any] = []
    for tag in tags:
        if tag.relative[0] == name:
            values.extend(value for value in _allowed(tag) if value not in values)
    return replace(cause, keyword="enum", wanted=values, value=cause.value[name], path=(*cause.path, name), context=())


def _allowed(cause: Cause) -> list[Any]:
    return list(cause.wanted) if cause.keyword == "enum" else [cause.wanted]
