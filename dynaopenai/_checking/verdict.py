"""A canonical schema -> its verdict, compiled: as a whole, or in parts where it needs a great many others.

Rules of this file:
1. A part is a schema with all that speaks of the same value, so that what looks at its neighbours (``unevaluatedProperties``) has them.
   What the schemas of members and items refer to are other parts, each compiled when a value first gets there, for all of its dialect.
2. Each step from part to part goes further into the value, so that it ends. One that leads to no verdict (a part that cannot be
   compiled, a value too deep for Python's stack) makes the parts give no verdict at all: the whole has it then.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from .bundle import Source, name_of
from .formats import FORMATS
from .weight import HEAVIEST, weight

VALUES = frozenset({"enum", "const", "default", "examples"})  # keywords that hold values, not schemas
ELSEWHERE = "x-elsewhere"  # in the place of a reference: the name of another part
UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
OF_THE_VALUE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
OF_A_MEMBER = frozenset({"items", "prefixItems", "additionalProperties", "propertyNames", "contains"}) | UNEVALUATED
NAMED_OF_A_MEMBER = frozenset({"properties", "patternProperties"})
FRAMES = 2  # as deep as it is to call another part
Verdict = Callable[[Any], bool]

_failure = threading.local()  # what jsonschema-rs takes for "invalid" when it comes out of a keyword


def compiled(schema: Any, keywords: Any = None) -> Any:
    """The validator of a self-contained schema.

    Raises:
        ValueError, jsonschema_rs.ReferencingError: it cannot be compiled.
    """
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema, formats=dict(FORMATS), validate_formats=True, offline=True, keywords=keywords)


def of_parts(schema: Mapping[str, Any], source: Source, whole: Callable[[], Verdict]) -> Verdict:
    """The verdict of a schema that needs a great many others.

    Args:
        source: has the others, and keeps what is compiled of them.
        whole: gives the verdict where the parts have none.
    """
    try:
        own = _named(name_of(schema["$ref"]), source) if schema.keys() == {"$ref"} else _part(schema, source)
    except _cannot_be_compiled():
        return whole()

    def is_valid(value: Any) -> bool:
        _room()
        try:
            verdict: bool = own.is_valid(value)
        finally:
            error = _failure.__dict__.pop("error", None)
        if error is None:
            return verdict
        if not isinstance(error, Exception):  # an interruption
            raise error
        return whole()(value)

    return is_valid


def _cannot_be_compiled() -> tuple[type[Exception], ...]:
    import jsonschema_rs

    return ValueError, jsonschema_rs.ReferencingError


def _named(name: str, source: Source) -> Any:
    if name not in source.compiled:
        source.compiled[name] = _part(source.translated(name)[0], source)
    return source.compiled[name]


def _part(schema: Any, source: Source) -> Any:
    """The validator of a schema and all that speaks of the same value.

    Raises:
        ValueError, jsonschema_rs.ReferencingError: it cannot be compiled.
    """
    refs: list[str] = []
    own, beside = _apart(schema, refs), dict[str, Any]()
    while refs:
        name = name_of(refs.pop())
        if name not in beside:
            beside[name] = _apart(source.translated(name)[0], refs)
    if is_too_heavy(own, beside):
        raise ValueError(ELSEWHERE)
    part = {**own, "$defs": beside} if beside else own
    keywords = {ELSEWHERE: partial(_Elsewhere, weakref.ref(source))}
    try:
        return compiled(part, keywords)
    except _cannot_be_compiled():
        return compiled(without_patterns(part, broken_patterns(part)), keywords)


def _apart(schema: Any, refs: list[str], is_inside: bool = False, is_watched: bool = False) -> Any:
    """A schema whose members' references are cut; the others are added to ``refs``.

    Args:
        is_inside: whether it is about a member of the part's value.
        is_watched: whether a schema around it looks at what it evaluates.
    """
    if not isinstance(schema, dict):
        return schema
    is_watched = is_watched or not UNEVALUATED.isdisjoint(schema)
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword == "$ref" and is_inside and not is_watched:
            made[ELSEWHERE] = name_of(value)
        else:
            made[keyword] = _kept(keyword, value, refs, is_inside, is_watched)
    return made


def _kept(keyword: str, value: Any, refs: list[str], is_inside: bool, is_watched: bool) -> Any:
    if keyword == "$ref":
        refs.append(value)
    elif keyword in OF_THE_VALUE:
        return _each(value, refs, is_inside, is_watched)
    elif keyword == "dependentSchemas":
        return {name: _apart(part, refs, is_inside, is_watched) for name, part in value.items()}
    elif keyword in OF_A_MEMBER:
        return _each(value, refs, True, False)
    elif keyword in NAMED_OF_A_MEMBER:
        return {name: _apart(part, refs, True, False) for name, part in value.items()}
    return value


def _each(schemas: Any, refs: list[str], is_inside: bool, is_watched: bool) -> Any:
    if isinstance(schemas, list):
        return [_apart(schema, refs, is_inside, is_watched) for schema in schemas]
    return _apart(schemas, refs, is_inside, is_watched)


class _Elsewhere:
    """jsonschema-rs's keyword that asks another part.

    It holds neither that nor what has it: Python's collector, which does not see into validators, would never find them again.
    """

    def __init__(self, source: Callable[[], Any], _schema: Any, name: str, _place: Any) -> None:
        self._source, self._name = source, name

    def validate(self, value: Any) -> None:
        """Raises: anything, for a value that is invalid."""
        try:
            _room()
            is_valid = _named(self._name, self._source()).is_valid(value)
        except BaseException as error:
            _failure.error = error
            raise
        if not is_valid:
            raise ValueError


def _room(frames: int = FRAMES) -> None:
    """Fails where the next part could not be called: what fails as it is called nobody can tell from what is invalid."""
    if frames:
        next(map(_room, (frames - 1,)))  # by way of C, whose calls Python 3.12 counts apart


def is_pattern(pattern: str) -> bool:
    """Whether the verdict's engine can read a regular expression."""
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def is_too_heavy(schema: Any, defs: Mapping[str, Any]) -> bool:
    """Whether branches of a schema, or of what it refers to, unfold beyond `HEAVIEST`."""
    return any(weight(each, defs, name_of) > HEAVIEST for each in (schema, *defs.values()))


def broken_patterns(schema: Any) -> list[str]:
    """The regular expressions in a schema that the verdict's engine cannot read."""
    return sorted({pattern for pattern in _patterns(schema) if not is_pattern(pattern)})


def _patterns(schema: Any) -> Iterator[str]:
    """The regular expressions in a schema."""
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, list):
            todo += part
        elif isinstance(part, dict):
            if isinstance(part.get("pattern"), str):
                yield part["pattern"]
            if isinstance(part.get("patternProperties"), dict):
                yield from part["patternProperties"]
            todo += [value for key, value in part.items() if key not in VALUES and isinstance(value, (dict, list))]


def without_patterns(schema: Any, broken: Collection[str]) -> Any:
    """A schema that passes these regular expressions over."""
    if isinstance(schema, list):
        return [without_patterns(item, broken) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str) and value in broken:
            continue
        if key == "patternProperties" and isinstance(value, dict):
            value = {name: part for name, part in value.items() if name not in broken}  # noqa: PLW2901 - less of it each time
        kept[key] = value if key in VALUES else without_patterns(value, broken)
    return kept
