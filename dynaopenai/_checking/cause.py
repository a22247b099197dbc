"""Why a value is invalid: the broken keywords, and of several branches those of the one that was meant.

Rules of this file:
1. Of several branches (``anyOf``, ``oneOf``) the one that was meant counts: a branch whose type, or whose tag
   (a property that takes a single value), does not fit was not meant; of the rest, the one with least wrong.
2. Where no branch was meant, all that would have been right at that place is said together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from .fault import MOST, Fault, faults
from .json import types_of
from .schema import Schema


def causes(schema: Schema, value: Any) -> list[Fault]:
    """The broken keywords of an invalid value, in the schema's order; empty where it is nested too deep to say."""
    try:
        return [cause for fault in islice(faults(schema, value), MOST) for cause in meant(fault)]
    except RecursionError:
        return []


# --- choosing the branch -------------------------------------------------------------------------


def meant(cause: Fault) -> list[Fault]:
    """The errors that stand behind ``cause``, those of the branch that was meant."""
    if cause.keyword not in ("anyOf", "oneOf") or not cause.context:
        return [cause]
    branches = _branches(cause)
    likely = [causes for causes in branches.values() if _fits_type(causes)]
    tagged = _by_discriminator(cause, branches)
    names = _discriminators(cause) or _tag_names(branches.values())
    if tagged is not None:
        likely = [tagged]
    elif len(likely) > 1:
        likely = [causes for causes in likely if not _tag_errors(causes, names)] or likely
    if not likely:
        return [_merged(cause, list(branches.values()))]
    if all(_is_choice(causes) for causes in likely):
        return [_merged(cause, likely)]
    if len(likely) > 1 and all(_tag_errors(causes, names) for causes in likely):
        return [_merged_tags(cause, likely, names)]
    return min(([cause for inner in causes for cause in meant(inner)] for causes in likely), key=_badness)


def _branches(cause: Fault) -> dict[int, list[Fault]]:
    branches: dict[int, list[Fault]] = {}
    for inner in cause.context:
        branches.setdefault(inner.branch, []).append(inner)
    return branches


def _fits_type(causes: list[Fault]) -> bool:
    """Whether the branch takes values of this type at all."""
    return not any(cause.is_at_root and _rejects_type(cause) for cause in causes)


def _rejects_type(cause: Fault) -> bool:
    if cause.keyword == "type":
        return True
    if cause.keyword in ("enum", "const"):
        return not any(types_of(value) & types_of(cause.value) for value in _allowed(cause))
    if cause.keyword in ("anyOf", "oneOf") and cause.context:
        return not any(_fits_type(causes) for causes in _branches(cause).values())
    return False


def _is_choice(causes: list[Fault]) -> bool:
    """Whether all that is wrong is the value itself: not among those allowed."""
    return all(cause.is_at_root and cause.keyword in ("enum", "const") for cause in causes)


def _tag_names(branches: Iterable[list[Fault]]) -> frozenset[str]:
    """Properties that tell the branches apart: some branch takes a single value for them."""
    return frozenset(
        str(cause.relative[0])
        for causes in branches
        for cause in causes
        if len(cause.relative) == 1 and cause.keyword in ("const", "enum") and len(_allowed(cause)) == 1
    )


def _tag_errors(causes: list[Fault], names: frozenset[str]) -> list[Fault]:
    """What says: this branch is for another kind of object."""
    return [
        cause
        for cause in causes
        if len(cause.relative) == 1 and cause.relative[0] in names and cause.keyword in ("const", "enum")
    ]


def _discriminators(cause: Fault) -> frozenset[str]:
    """The property by which the document itself tells the branches apart, where it names one."""
    declared = cause.schema.get("discriminator") if isinstance(cause.schema, dict) else None
    return frozenset({declared["propertyName"]}) if declared else frozenset()


def _by_discriminator(cause: Fault, branches: Mapping[int, list[Fault]]) -> list[Fault] | None:
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


def _badness(causes: list[Fault]) -> tuple[int, int, int]:
    """Less is nearer to what was meant: few problems, few things missing, deep ones, late ones."""
    missing = sum(cause.keyword == "required" for cause in causes)
    first = causes[0].relative[0] if causes[0].relative else 0
    return missing + len(causes), -max(len(cause.relative) for cause in causes), -first if isinstance(first, int) else 0


def _merged(cause: Fault, branches: list[list[Fault]]) -> Fault:
    """One cause that says all that would have been right: types and values of every branch."""
    types: list[str] = []
    values: list[Any] = []
    for causes in branches:
        choices = [inner for inner in causes if inner.is_at_root and inner.keyword in ("enum", "const")]
        for inner in choices or causes:  # a branch that takes certain values need not say their type
            _collect(inner, types, values)
    return replace(cause, keyword="types-or-values", wanted=(list(dict.fromkeys(types)), values))


def _collect(cause: Fault, types: list[str], values: list[Any]) -> None:
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


def _merged_tags(cause: Fault, branches: list[list[Fault]], names: frozenset[str]) -> Fault:
    """Every branch is for another kind of object: the tag is wrong, and these would be right."""
    tags = [_tag_errors(causes, names)[0] for causes in branches]
    name = tags[0].relative[0]
    values: list[Any] = []
    for tag in tags:
        if tag.relative[0] == name:
            values.extend(value for value in _allowed(tag) if value not in values)
    return replace(cause, keyword="enum", wanted=values, value=cause.value[name], path=(*cause.path, name), context=())


def _allowed(cause: Fault) -> list[Any]:
    return list(cause.wanted) if cause.keyword == "enum" else [cause.wanted]
