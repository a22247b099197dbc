"""The names that a call takes, and binding what was passed to what is declared.

Rules of this file:
1. Parameters and body properties share one set of keywords. Every name works as the API spells it
   (``op(**{"X-Api-Key": ...})``) and as Python can (``X_Api_Key``, ``filter_name``, ``from_``).
2. Where two share a name, the first of path, body, query, header, cookie keeps it; the others end in their
   place: ``id``, ``id_body``, ``id_query``. A name that Python can spell is not given to another.
3. Positional arguments fill the path parameters in the template's order, then the whole body; those that are given by name
   are passed over where the rest takes them all: ``op("item-1", shop_id="s")``.
4. The names depend on the document alone, so they are the same on every load.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._checking.schema import Schema
from .._display.words import count, did_you_mean, nearest, short
from .._document import openapi
from ..errors import Violation
from .bodies import Alternative
from .style import MISSING

BESIDE = {  # what users of other clients type into the call
    name: f"options go beside the call: with_options({spelled}=...)(...)"
    for name, spelled in {
        "timeout": "timeout", "max_retries": "max_retries", "extra_headers": "headers", "extra_query": "query",
        "extra_body": "extra", "headers": "headers", "extra": "extra", "query": "query", "api_key": "api_key", "base_url": "base_url",
        "validate_requests": "validate_requests", "validate_responses": "validate_responses",
    }.items()
}  # fmt: skip
PLACES = ("path", "body", "query", "header", "cookie", "querystring")
ANYTHING = Schema({}, {}, {})


@dataclass(frozen=True, eq=False)
class Argument:
    """One keyword of an operation.

    Attributes:
        name: as the API spells it.
        spelled: as Python can.
        place: path, query, header, cookie, querystring or body.
        schema: what it takes.
        media: of several request media types, those that declare it; empty for all.
    """

    name: str
    spelled: str
    place: str
    schema: Schema
    required: bool
    parameter: openapi.Parameter | None = None
    media: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        if self.parameter is not None and self.parameter.description:
            return self.parameter.description
        for schema in self.schema.in_place():
            if isinstance(schema.get("description"), str):
                return str(schema["description"]).strip()
        return ""

    @property
    def deprecated(self) -> bool:
        own = self.schema.schema
        return (self.parameter is not None and self.parameter.deprecated) or (
            isinstance(own, dict) and own.get("deprecated") is True
        )

    @property
    def default(self) -> Any:
        """What the server assumes when it is left out, `MISSING` where the document does not say."""
        for schema in self.schema.in_place():
            if "default" in schema:
                return schema["default"]
        return MISSING


@dataclass
class Bound:
    """Arguments at their places. ``unplaced``: keywords that the operation does not declare."""

    parameters: dict[Argument, Any] = field(default_factory=dict)
    body: Any = MISSING
    unplaced: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)


class Arguments:
    """What an operation can be called with."""

    def __init__(
        self,
        path: str,
        parameters: Sequence[tuple[openapi.Parameter, Schema]],
        bodies: Sequence[Alternative],
        body_required: bool,
    ) -> None:
        self._bodies = [one for one in bodies if one.takes_properties]
        self.body = Schema.union([one.schema for one in bodies]) if bodies else None
        self.body_required = body_required
        self.takes_properties = bool(self._bodies)
        self.is_open = any(one.is_open for one in bodies)
        self.all = _spelled(self._declared(parameters))
        self.body_name = _free("body", {argument.spelled for argument in self.all})
        order = {name: index for index, name in enumerate(re.findall(r"\{([^{}]+)\}", path))}
        self.path = sorted(
            (argument for argument in self.all if argument.place == "path"),
            key=lambda argument: order.get(argument.name, len(order)),
        )
        self.parameters = [argument for argument in self.all if argument.place != "body"]
        self.by_name: dict[str, Argument] = {}
        for argument in self.all:
            self.by_name.setdefault(argument.name, argument)
        for argument in self.all:
            self.by_name[argument.spelled] = argument
        for name in sorted(set().union(*(one.schema.hidden for one in self._bodies))):  # of an answer that is put back
            self.by_name.setdefault(name, Argument(name, identifier(name), "body", ANYTHING, False))

    def _declared(self, parameters: Sequence[tuple[openapi.Parameter, Schema]]) -> list[Argument]:
        declared = [
            Argument(parameter.name, "", parameter.in_, schema, parameter.required, parameter)
            for parameter, schema in parameters
        ]
        if self.body is not None and self.takes_properties:
            required = frozenset.intersection(*(one.schema.required for one in self._bodies))
            declared += [
                Argument(name, "", "body", schema, self.body_required and name in required, None, self._declarers(name))
                for name, schema in Schema.union([one.schema for one in self._bodies]).properties.items()
            ]
            known = {argument.name for argument in declared if argument.place == "body"}
            undeclared = frozenset().union(*(one.schema.required for one in self._bodies)) - known
            declared += [
                Argument(name, "", "body", ANYTHING, self.body_required and name in required, None, self._declarers(name))
                for name in sorted(undeclared)
            ]
        return sorted(declared, key=lambda argument: PLACES.index(argument.place))

    def _declarers(self, name: str) -> tuple[str, ...]:
        found = [one.media.name for one in self._bodies if name in one.schema.properties or name in one.schema.required]
        return tuple(found) if len(found) < len(self._bodies) else ()

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Bound:
        """What was passed, at the places where it belongs."""
        bound = Bound()
        if args:
            self._bind_positional(args, kwargs, bound)
        properties: dict[str, Any] = {}
        for name, value in kwargs.items():
            declared = self.by_name.get(name)
            if declared is not None:
                target: dict[Any, Any]
                target = properties if declared.place == "body" else bound.parameters
                key: Any = declared.name if target is properties else declared
                if key in target:
                    bound.violations.append(Violation(declared.spelled, "given twice, expected once", value))
                target[key] = value
            elif name == self.body_name and self.body is not None and bound.body is MISSING:
                bound.body = value
            elif self.is_open:
                properties[name] = value
            else:
                bound.unplaced[name] = value
        if properties:
            self._merge(properties, bound)
        for name, value in bound.unplaced.items():
            bound.violations.append(Violation.worded_by(Unknown(self, name, kwargs), name, value))
        return bound

    def _bind_positional(self, args: Sequence[Any], kwargs: Mapping[str, Any], bound: Bound) -> None:
        unnamed = [argument for argument in self.path if not kwargs.keys() & {argument.name, argument.spelled}]
        for argument, value in zip(unnamed if len(args) <= len(unnamed) else self.path, args, strict=False):
            bound.parameters[argument] = value
        rest = args[len(self.path) :]
        if rest and self.body is not None:
            bound.body, rest = rest[0], rest[1:]
        if rest:
            takes = [argument.spelled for argument in self.path] + ([self.body_name] if self.body is not None else [])
            expected = f"at most {len(takes)}: {', '.join(takes)}" if takes else "keywords only"
            found = count(len(takes) + len(rest), "positional argument")
            bound.violations.append(Violation("", f"found {found}, expected {expected}", rest[0]))

    def _merge(self, properties: dict[str, Any], bound: Bound) -> None:
        if bound.body is MISSING:
            bound.body = properties
        elif isinstance(bound.body, dict):
            for name in properties.keys() & bound.body.keys():
                bound.violations.append(
                    Violation(name, "given twice, in the whole body and as a keyword", properties[name])
                )
            bound.body = {**bound.body, **properties}
        else:
            message = f"found {short(bound.body)} as the whole body beside {', '.join(sorted(properties))} as keywords"
            bound.violations.append(Violation(self.body_name, f"{message}, expected one of them", bound.body))

    def are_foreign(self, names: Iterable[str]) -> bool:
        """Whether one of these names is neither declared nor nearly so, nor an option: a newer document may have it."""
        return any(name not in BESIDE and not nearest(name, self.by_name) for name in names)


@dataclass(frozen=True)
class Unknown:
    """What is said of an argument that no operation of this kind takes, once it is read: of very many nobody reads all."""

    arguments: Arguments
    name: str
    given: Mapping[str, Any]
    message = "unknown argument"
    schema_path = source = context = ""

    @property
    def hint(self) -> str:
        free = [argument.spelled for argument in self.arguments.all if argument.name not in self.given]
        known = ", ".join(argument.spelled for argument in self.arguments.all) or "no arguments"
        taken = f"the operation takes {short(known, 200).strip(chr(34))}"
        return BESIDE.get(self.name) or did_you_mean(self.name, free) or taken


def _spelled(declared: Sequence[Argument]) -> list[Argument]:
    """The arguments with the names that Python spells; one that the API spells so already goes before all others."""
    taken: set[str] = set()
    names: dict[int, str] = {}
    for as_declared in (True, False):
        for index, argument in enumerate(declared):
            plain = identifier(argument.name)
            if (plain == argument.name) is as_declared:
                names[index] = plain if plain not in taken else _free(f"{plain}_{argument.place}", taken)
                taken.add(names[index])
    return [replace(argument, spelled=names[index]) for index, argument in enumerate(declared)]


def _free(wanted: str, taken: Iterable[str]) -> str:
    name = wanted
    while name in taken:
        name += "_"
    return name


def identifier(name: str) -> str:
    """``name`` as Python can spell it: ``X-Api-Key`` is ``X_Api_Key``, ``from`` is ``from_``."""
    spelled = re.sub(r"\W+", "_", name).strip("_") if not name.isidentifier() else name
    if not spelled.isidentifier():  # a digit first, or a letter that is none to Python
        spelled = "_" + "".join(char if f"_{char}".isidentifier() else "_" for char in spelled)
    return f"{spelled}_" if keyword.iskeyword(spelled) else spelled
