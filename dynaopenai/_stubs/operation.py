"""An operation -> its two classes in a stub: what calling it takes and gives, plain and awaited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._checking.schema import Schema
from .._client.describe import successes
from .._client.engine import Plan
from .._display.prose import brief
from .._document.openapi import MediaType
from .._request.media_type import is_structured, kind_of
from .._response.page import ITEMS, fold
from .annotation import Annotations
from .naming import Names, pascal
from .signature import Parameters, decider, ways
from .text import ANY, docstring, indented, quoted, union


@dataclass(frozen=True)
class Answers:
    """What a call may give: the types of whole answers, and of the items of streams; of a list those of its items."""

    whole: tuple[str, ...]
    streamed: tuple[str, ...]
    listed: str = ""

    def given(self, streams: bool | None, prefix: str) -> str:
        """The type. ``prefix``: ``Async`` where files and streams are awaited."""
        final = union(one for one in self.whole if one != BINARY) if {*self.whole} - {BINARY} else ANY
        items = [f"_{prefix}StreamOf[{union(self.streamed)}, {final}]"] if self.streamed else []
        whole = [f"_dynaopenai.{prefix}Binary" if one == BINARY else one for one in self.whole]
        found = items if streams and items else whole if streams is False and whole else [*whole, *items]
        return union(found) if found else "None"


BINARY = "Binary"


@dataclass(frozen=True)
class Typed:
    """An operation's classes by name, and their lines."""

    name: str
    lines: tuple[str, ...]


def typed(plan: Plan, given: Annotations, taken: Annotations, names: Names) -> Typed:
    """``given``: the types of answers; ``taken``: of arguments."""
    operation = plan.writer.operation
    name = pascal(operation.id)
    answers = _answers(plan, given, name)
    stream = decider(plan.writer.arguments) if answers.streamed and answers.whole else None
    found = list(ways(plan.writer.arguments, taken, names, name, stream))
    own = names.free_for_both(f"{name}Operation")
    lines: list[str] = []
    for prefix in ("", "Async"):
        lines += [f"class {prefix}{own}(_dynaopenai.{prefix}Operation):", *indented(_body(plan, found, answers, prefix))]
    return Typed(own, tuple(lines))


def _body(plan: Plan, found: list[Parameters], answers: Answers, prefix: str) -> Iterator[str]:
    operation = plan.writer.operation
    yield from docstring("\n\n".join(dict.fromkeys(filter(None, [f"{operation.method} {operation.path}", operation.summary, operation.description]))))
    awaited, each = ("_Call[{}]", "_abc.AsyncGenerator[{}, None]") if prefix else ("{}", "_abc.Iterator[{}]")
    methods = {"__call__": awaited, "send": awaited.format("_ResponseOf[{}]")}
    for method, shape in methods.items():
        yield from _method(plan, method, [(way, shape.format(answers.given(way.streams, prefix))) for way in found])
    if answers.listed:
        yield from _method(plan, "pages", [(way, each.format(answers.given(False, prefix))) for way in found])
        yield from _method(plan, "items", [(way, each.format(answers.listed)) for way in found])


def _method(plan: Plan, method: str, found: list[tuple[Parameters, str]]) -> Iterator[str]:
    """A method with what each way of calling it gives."""
    operation = plan.writer.operation
    about = docstring(_about(plan)) if method == "__call__" else []
    for way, given in found:
        if len(found) > 1:
            yield "@_t.overload"
        if operation.deprecated:
            text = f"{operation.method} {operation.path} is deprecated by the API's document"
            yield f"@_te.deprecated({quoted(text)})"
        yield f"def {method}({way.text}) -> {given}:{'' if about else ' ...'}"
        yield from indented(about)
        about = []  # of several ways, the first tells


def _about(plan: Plan) -> str:
    """What is shown beside a call: the summary, and a line for each argument."""
    arguments = [f"    {one.spelled}: {text}" for one in plan.writer.arguments.all if (text := brief(one.description))]
    return "\n\n".join(filter(None, [plan.writer.operation.summary, "\n".join(["Args:", *arguments]) if arguments else ""]))


def _answers(plan: Plan, types: Annotations, name: str) -> Answers:
    whole: list[str] = []
    streamed: list[str] = []
    listed: list[str] = []
    for response in successes(plan.reader):
        for media in response.content.values():
            schema = plan.reader.schema(media)
            if kind_of(media.name) == "events" or (kind_of(media.name) == "lines" and media.item_schema is not None):
                streamed.append(types.of_events(schema, f"{name}Event") if schema is not None else ANY)
            else:
                whole.append(_whole(media, schema, types, name))
                items = _items(schema) if schema is not None and kind_of(media.name) == "json" else None
                listed += [types.of(items, f"{name}Item")] if items is not None else []
        if not response.content:
            whole.append("None")
    is_list = plan.writer.operation.method == "GET" and len(listed) == len(whole) == 1
    return Answers(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(streamed)), listed[0] if is_list else "")


def _items(schema: Schema) -> Schema | None:
    """What the items of a list are: of an array, or of the member that has a usual name."""
    if schema.types == {"array"}:
        return schema.items
    members = {fold(name): member for name, member in schema.properties.items() if member.types == {"array"}}
    return next((members[name].items for name in ITEMS if name in members), None)


def _whole(media: MediaType, schema: Schema | None, types: Annotations, name: str) -> str:
    kind = kind_of(media.name)
    if kind == "binary" or (schema is not None and schema.is_binary and schema.types == {"string"}):
        return BINARY
    if kind in ("text", "xml") and not (kind == "xml" and schema is not None and is_structured(schema)):
        return "str"
    if kind in ("json", "xml"):
        return types.of(schema, f"{name}Response") if schema is not None else ANY
    return f"list[{types.of(schema, f'{name}Line')}]" if kind == "lines" and schema is not None else ANY
