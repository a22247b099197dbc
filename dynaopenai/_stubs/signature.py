"""What a call takes -> the parameters of a stub's methods, one list for each way of calling.

Rules of this file:
1. Path parameters by position or name, everything else by name: one TypedDict for all methods of an operation. The last path
   parameter alone by position where the others are named, as the official package has it; the whole body after the path.
2. What decides whether the answer is a stream is a parameter of its own, ``stream`` or one of whose values names event streams:
   that it is, that it is not or nothing is said, and either.
3. An operation that takes any further name has its parameters in full, and ``**properties``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._display.prose import brief
from .._request.arguments import Argument, Arguments
from .annotation import Annotations
from .naming import Names, pascal
from .text import ANY, TYPED_DICT, Declaration, Member, quoted

STREAM = "stream"
EVENTS = frozenset({"sse", "event-stream", "text/event-stream"})  # of values, those that ask for a stream


@dataclass(frozen=True)
class Parameters:
    """One way of calling. ``streams``: whether the answer is a stream; None where the arguments do not tell."""

    text: str
    streams: bool | None = None


def decider(arguments: Arguments) -> Argument | None:
    """What asks for a stream instead of the whole answer."""
    said = [one for one in arguments.all if one.place != "path" and _asking(one)]
    return next((one for one in said if one.spelled == STREAM), said[0] if said else None)


def _asking(argument: Argument) -> list[str]:
    """The literals by which an argument asks for a stream."""
    if argument.spelled == STREAM and "boolean" in argument.schema.types:
        return ["True"]
    return [quoted(value) for value in _values(argument) if value.lower() in EVENTS]


def _values(argument: Argument) -> list[str]:
    listed = (part.get("enum", ()) for part in argument.schema.in_place())
    return [value for values in listed for value in values if isinstance(value, str)]


def _streams(argument: Argument) -> Iterator[tuple[str, bool | None]]:
    """A parameter for each answer, and whether that is a stream."""
    asking = _asking(argument)
    other = ["False"] if asking == ["True"] else [quoted(value) for value in _values(argument) if quoted(value) not in asking]
    none = " | None" if "null" in argument.schema.types or asking == ["True"] else ""
    is_usual = argument.default is True or (isinstance(argument.default, str) and quoted(argument.default) in asking)
    unsaid = {is_usual: "" if argument.required else " = ..."}  # where nothing is said
    yield f"{argument.spelled}: _t.Literal[{', '.join(asking)}]{unsaid.get(True, '')}", True
    if other:
        yield f"{argument.spelled}: _t.Literal[{', '.join(other)}]{none}{unsaid.get(False, '')}", False
        yield f"{argument.spelled}: {'bool' if asking == ['True'] else f'_t.Literal[{chr(44).join([*asking, *other])}]'}", None


def ways(arguments: Arguments, types: Annotations, names: Names, name: str, stream: Argument | None) -> Iterator[Parameters]:
    """The ways of calling, the usual one first.

    Args:
        name: of the operation's classes.
        stream: what decides whether the answer is a stream, where it may be something else.
    """
    path = [f"{argument.spelled}: {types.of(argument.schema, f'{name}Path')}" for argument in arguments.path]
    rest = [argument for argument in arguments.all if argument.place != "path" and argument is not stream]
    beside = _written([argument for argument in rest if argument.place != "body"], types, name)
    body = f"{arguments.body_name}: {types.of(arguments.body, f'{name}BodyParam')}" if arguments.body is not None else ""
    if body and not (arguments.takes_properties or arguments.is_open):
        yield Parameters(_joined([*path, body if arguments.body_required else f"{body} = ..."], beside))
        return
    keywords, rest_name, kind = _keywords(rest, arguments.is_open, types, names, name)
    for position in [path, [path[-1], "/", "*", *path[:-1]]] if len(path) > 1 else [path]:
        for deciding, streams in _streams(stream) if stream is not None else (("", None),):
            named = [*filter(None, [deciding]), *keywords]
            more = [f"**{_free(rest_name, [*position, *named])}: {kind}"] if kind else []
            yield Parameters(_joined(position, [*named, *more]), streams)
    if body:
        yield Parameters(_joined([*path, body], beside))


def _joined(position: list[str], keywords: list[str]) -> str:
    """All parameters, with the marks between them that Python wants."""
    first = _free("self", [*position, *keywords])
    self = [first] if "/" in position else [first, "/"]
    named = [one for one in keywords if not one.startswith("**")]
    mark = ["*"] if named and "*" not in position else []
    return ", ".join([*self, *position, *mark, *keywords])


def _free(name: str, parameters: list[str]) -> str:
    """``name``, or like it where a parameter has it."""
    taken = {one.partition(":")[0] for one in parameters}
    return name if name not in taken else _free(f"_{name}", parameters)


def _keywords(rest: list[Argument], is_open: bool, types: Annotations, names: Names, name: str) -> tuple[list[str], str, str]:
    """The keywords in full, and what stands for the others: its name and its type, if any."""
    if is_open:
        return _written(rest, types, name), "properties", ANY
    if not rest:
        return [], "", ""
    declared = Declaration(names.free(f"{name}Arguments"), TYPED_DICT)
    types.declare(declared)
    declared.members += [Member(one.spelled, _type(one, types, name), one.required, brief(one.description)) for one in rest]
    return [], "arguments", f"_te.Unpack[{declared.name}]"


def _written(rest: list[Argument], types: Annotations, name: str) -> list[str]:
    return [f"{one.spelled}: {_type(one, types, name)}{'' if one.required else ' = ...'}" for one in rest]


def _type(argument: Argument, types: Annotations, name: str) -> str:
    return types.of(argument.schema, f"{name}{pascal(argument.spelled)}Param")
