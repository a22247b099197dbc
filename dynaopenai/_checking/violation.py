"""A failed verdict -> the place and the cause in a person's words."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

from .._display.words import count, did_you_mean, nearest, one_of, short
from .._document.document import Node, escape
from .._problem import REQUIRED_MISSING
from ..errors import Violation
from .fault import MOST, Fault, undeclared
from .json import member, types_of
from .known import recall, remember
from .schema import Schema
from .slip import slip_hint

MANY = 5  # items of a list, or levels, from which on a place is shown with what stands around it

_A = {"integer": "an integer", "array": "an array", "object": "an object", "null": "null"}
_FORMAT_EXAMPLES = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "email": "name@example.com",
    "uri": "https://example.com/",
    "byte": "SGVsbG8=",
}


def explain(schema: Schema, value: Any, path: str = "") -> list[Violation]:
    """Why ``value`` is invalid; at least one `Violation`, its words made when they are read."""
    faults = recall(schema, value)
    if faults is None:
        from .cause import causes

        faults = causes(schema, value)
        remember(schema, value, faults)
    found = [violation for fault in faults for violation in _violations(Account(schema, fault, value), path)]
    if len(found) > 1:
        found = list({(violation.path, violation.message): violation for violation in found}.values())[:MOST]
    if not found:  # the verdict's own words are no help: it makes them for every branch at every level
        found = [Violation(path, f"found {short(value)}, which the document does not allow, nested too deep to say where", value)]
    return found


def account_of(violation: Violation) -> Account | None:
    """What can be said of the fault that a violation is about, where a schema found it."""
    account = violation.__dict__.get("account")
    return account if isinstance(account, Account) else None


def kind(violation: Violation) -> Hashable:
    """What a violation shares with all of its kind, wherever else in a list they are found and with whatever value."""
    account = account_of(violation)
    if account is None:
        return re.sub(r"\[\d+\]", "[]", violation.path), violation.message
    return account.cause.kind(account.key or "")


def _violations(account: Account, root: str) -> Iterator[Violation]:
    """What is told of one fault: of each undeclared key, one by one."""
    cause, path = account.cause, root
    for key in cause.path:
        path = member(path, key)
    if cause.missing:
        yield Violation.worded_by(account, member(path, cause.missing), None)
    elif cause.keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(cause.value, dict):
        for key in islice(account.undeclared, MOST):
            yield Violation.worded_by(replace(account, key=key), member(path, key), cause.value[key])
    else:
        yield Violation.worded_by(account, path, cause.value)


@dataclass(frozen=True)
class Account:
    """What can be said of a fault. ``key``: the undeclared key that it is about, of several."""

    schema: Schema
    cause: Fault
    whole: Any
    key: str | None = None

    @property
    def message(self) -> str:
        if self.cause.missing:
            return REQUIRED_MISSING
        return "not declared, and nothing undeclared is allowed here" if self.key is not None else message(self.cause)

    @property
    def hint(self) -> str:
        if self.cause.missing:
            return self._slip()
        if self.key is None:
            return hint(self.cause)
        names = list(self.schema.sub(self.cause.schema).properties)
        return did_you_mean(self.key, [name for name in names if name not in self.cause.value])

    def _slip(self) -> str:
        """A key that is there and not declared may be the one that is missing, misspelt."""
        name, declared = self.cause.missing, (self.cause.schema or {}).get("properties", {})
        extra = (key for key in self.cause.value if isinstance(key, str) and key not in declared)
        slip = nearest(name, islice(extra, MOST))
        return slip_hint(slip[0], name) if slip else ""

    @cached_property
    def undeclared(self) -> list[str]:
        """The keys that nothing declares, the first of them."""
        cause = self.cause
        if cause.keyword == "additionalProperties":
            return list(islice(undeclared(cause.schema, cause.value), MOST))
        declared = self.schema.sub(cause.schema).properties
        return list(islice((key for key in cause.value if key not in declared), MOST))

    @cached_property
    def way(self) -> list[Node]:
        """The references on the way to the broken keyword, and where it stands in its document."""
        return _way(self.schema, self.cause.place)

    @property
    def place(self) -> Node:
        return self.way[-1]

    @property
    def schema_path(self) -> str:
        return self.place.place

    @property
    def source(self) -> str:
        document, line = self.place.document, self.place.document.line(self.place.pointer)
        return f"{document.name}:{line}" if line else ""

    @property
    def context(self) -> str:
        """What stands around a place, where it is one of many or lies deep; else the path says enough."""
        way = [self.whole]
        with suppress(LookupError, TypeError):  # what is missing is not there to be walked to
            for key in self.cause.path:
                way.append(way[-1][key])
        is_one_of_many = any(isinstance(each, (list, tuple)) and len(each) > MANY for each in way)
        holder = next((each for each in reversed(way) if isinstance(each, dict)), None)
        return short(holder) if holder is not None and (is_one_of_many or len(way) > MANY + 1) else ""


# --- wording -------------------------------------------------------------------------------------


def message(cause: Fault) -> str:
    """What was found, and what was expected by one broken keyword."""
    value, wanted = cause.value, cause.wanted
    found = f"found {short(value)}"
    if cause.keyword == "types-or-values":
        types, values = wanted
        expected = " or ".join(filter(None, [_types(types), one_of(values) if values else ""]))
        described = _described(value) if types or not types_of(value) & types_of(values[0]) else short(value)
        return f"found {described}, expected {expected}"
    if cause.keyword == "not" and wanted == {}:
        return f"{found}, expected nothing: this direction does not carry it"
    words = _MESSAGES.get(cause.keyword)
    return words(value, wanted) if words else f"{found}: {cause.keyword} {short(wanted)} does not hold"


def hint(cause: Fault) -> str:
    """What to do about one broken keyword; empty when there is nothing to add."""
    if cause.keyword == "not" and cause.wanted == {}:
        return "leave it out"
    choices = {"enum": cause.wanted, "const": [cause.wanted]}.get(cause.keyword, ())
    return did_you_mean(cause.value, cause.wanted[1] if cause.keyword == "types-or-values" else choices)


def _limit(relation: str, noun: str = "") -> Any:
    def words(value: Any, wanted: Any) -> str:
        if not noun:
            return f"found {short(value)}, expected {relation} {short(wanted)}"
        return f"found {count(len(value), noun)}, expected {relation} {wanted}"

    return words


def _type(value: Any, wanted: Any) -> str:
    return f"found {_described(value)}, expected {_types([wanted] if isinstance(wanted, str) else wanted)}"


def _format(value: Any, wanted: Any) -> str:
    example = _FORMAT_EXAMPLES.get(wanted, "")
    return f"found {short(value)}, expected {wanted}" + (f" such as {example}" if example else "")


_MESSAGES: Mapping[str, Any] = {
    "type": _type,
    "enum": lambda value, wanted: f"found {short(value)}, expected {one_of(wanted)}",
    "const": lambda value, wanted: f"found {short(value)}, expected {short(wanted)}",
    "oneOf": lambda value, _: f"found {short(value)}, which fits more than one of the alternatives, expected exactly one",
    "format": _format,
    "minimum": _limit("at least"),
    "maximum": _limit("at most"),
    "exclusiveMinimum": _limit("more than"),
    "exclusiveMaximum": _limit("less than"),
    "multipleOf": _limit("a multiple of"),
    "minLength": _limit("at least", "character"),
    "maxLength": _limit("at most", "character"),
    "minItems": _limit("at least", "item"),
    "maxItems": _limit("at most", "item"),
    "minProperties": _limit("at least", "property"),
    "maxProperties": _limit("at most", "property"),
    "pattern": _limit("text that matches"),
    "uniqueItems": lambda value, _: f"found repeated items in {short(value)}, expected each once",
    "not": lambda value, _: f"found {short(value)}, which is excluded",
    "contains": lambda value, _: f"found {short(value)}, expected an item of a kind that is not there",
}


def _described(value: Any) -> str:
    kinds = types_of(value)
    kind = "integer" if isinstance(value, int) and "integer" in kinds else next(iter(sorted(kinds)), "")
    plain = value is None or isinstance(value, bool)
    return short(value) if plain or not kind else f"{short(value)} ({_A.get(kind, f'a {kind}')})"


def _types(types: Sequence[str]) -> str:
    names = [_A.get(name, f"a {name}") for name in types]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}" if names else ""


def _way(schema: Schema, path: Iterable[str | int]) -> list[Node]:
    """The broken keyword in its document, from its path through the canonical schema; its value is not looked up.

    Before it, each place on the way to it where a reference stands.
    """
    node, at, current = schema.places[""], schema.at, schema.schema
    passed: list[Node] = []
    tokens = list(path)
    while tokens:
        token = tokens.pop(0)
        while isinstance(current, dict) and token not in current and isinstance(current.get("$ref"), str):
            name = schema.name_of(current["$ref"])  # a path passes through references without a word
            passed.append(Node(node.document, node.pointer + at, None, node.base))
            node, at, current = schema.places.get(name, node), "", schema.defs.get(name, {})
        if token == "anyOf" and isinstance(current, dict) and current.get("x-nullable") and tokens:
            current = current["anyOf"][tokens.pop(0)]
            continue
        if not tokens and isinstance(current, dict) and current.get("x-nullable"):
            break  # the wrap that makes it nullable is ours, not the document's
        is_one_of = token == "anyOf" and isinstance(current, dict) and bool(current.get("x-one-of"))
        at += "/oneOf" if is_one_of else f"/{escape(str(token))}"  # it was read so (`overlap`)
        try:
            current = current[token]
        except (KeyError, IndexError, TypeError):
            current = None
    return [*passed, Node(node.document, node.pointer + at, None, node.base)]
