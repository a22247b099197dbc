"""What a call takes -> the parameters of a stub's methods, one list for each way of calling.

Rules of this file:
1. Path parameters by position or name, everything else by name: one TypedDict for all methods of an operation. The last path
   parameter alone by position where the others are named, as the official package has it; the whole body after the path.
2. ``stream`` decides what the answer is, so it is a parameter of its own: True, false or left out, and either.
3. An operation that takes any further name has its parameters in full, and ``**properties``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._display.prose import brief
from .._request.arguments import Argument, Arguments
from .annotation import Annotations
from .naming import Names, pascal
from .text import ANY, TYPED_DICT, Declaration, Member

STREAM = "stream"
STREAMS = ((f"{STREAM}: _t.Literal[True]", True), (f"{STREAM}: _t.Literal[False] | None = ...", False), (f"{STREAM}: bool", None))


@dataclass(frozen=True)
class Parameters:
    """One way of calling. ``streams``: whether the answer is a stream; None where the arguments do not tell."""

    text: str
    streams: bool | None = None


def ways(arguments: Arguments, types: Annotations, names: Names, name: str, is_streamed: bool) -> Iterator[Parameters]:
    """The ways of calling, the usual one first.

    Args:
        name: of the operation's classes.
        is_streamed: whether `STREAM` decides what the answer is.
    """
    path = [f"{argument.spelled}: {types.of(argument.schema, f'{name}Path')}" for argument in arguments.path]
    rest = [argument for argument in arguments.all if argument.place != "path" and not (is_streamed and argument.spelled == STREAM)]
    beside = _written([argument for argument in rest if argument.place != "body"], types, name)
    body = f"{arguments.body_name}: {types.of(arguments.body, f'{name}BodyParam')}" if arguments.body is not None else ""
    if body and not (arguments.takes_properties or arguments.is_open):
        yield Parameters(_joined([*path, body if arguments.body_required else f"{body} = ..."], beside))
        return
    keywords, rest_name, kind = _keywords(rest, arguments.is_open, types, names, name)
    for position in [path, [path[-1], "/", "*", *path[:-1]]] if len(path) > 1 else [path]:
        for stream, streams in STREAMS if is_streamed else (("", None),):
            named = [*filter(None, [stream]), *keywords]
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
