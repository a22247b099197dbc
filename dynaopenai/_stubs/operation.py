"""An operation -> its two classes in a stub: what calling it takes and gives, plain and awaited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._checking.schema import Schema
from .._client.describe import successes
from .._client.engine import Plan
from .._document.openapi import MediaType
from .._request.media_type import kind_of
from .annotation import Annotations
from .naming import Names, pascal
from .signature import STREAM, Parameters, ways
from .text import ANY, docstring, indented, union


@dataclass(frozen=True)
class Answers:
    """What a call may give: the types of whole answers, and of the items of streams."""

    whole: tuple[str, ...]
    streamed: tuple[str, ...]

    def given(self, streams: bool | None, prefix: str) -> str:
        """The type. ``prefix``: ``Async`` where files and streams are awaited."""
        items = [f"_{prefix}StreamOf[{union(self.streamed)}]"] if self.streamed else []
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
    is_streamed = bool(answers.streamed and answers.whole) and any(
        argument.spelled == STREAM and "boolean" in argument.schema.types for argument in plan.writer.arguments.all
    )
    found = list(ways(plan.writer.arguments, taken, names, name, is_streamed))
    own = names.free(f"{name}Operation")
    lines: list[str] = []
    for prefix in ("", "Async"):
        lines += [f"class {prefix}{own}(_dynaopenai.{prefix}Operation):", *indented(_body(plan, found, answers, prefix))]
    return Typed(own, tuple(lines))


def _body(plan: Plan, found: list[Parameters], answers: Answers, prefix: str) -> Iterator[str]:
    operation = plan.writer.operation
    about = "\n\n".join(dict.fromkeys(filter(None, [f"{operation.method} {operation.path}", operation.summary, operation.description])))
    yield from docstring(about)
    for method, wraps in (("__call__", ""), ("send", "_ResponseOf")):
        for way in found:
            given = answers.given(way.streams, prefix)
            given = f"{wraps}[{given}]" if wraps else given
            if len(found) > 1:
                yield "@_t.overload"
            if operation.deprecated:
                yield f'@_te.deprecated("{operation.method} {operation.path} is deprecated by the API\'s document")'
            yield f"def {method}({way.text}) -> {f'_Call[{given}]' if prefix else given}:{'' if operation.summary else ' ...'}"
            yield from (f"    {line}" for line in docstring(operation.summary))


def _answers(plan: Plan, types: Annotations, name: str) -> Answers:
    whole: list[str] = []
    streamed: list[str] = []
    for response in successes(plan.reader):
        for media in response.content.values():
            schema = plan.reader.schema(media)
            if kind_of(media.name) == "events" or (kind_of(media.name) == "lines" and media.item_schema is not None):
                streamed.append(types.of(schema, f"{name}Event") if schema is not None else ANY)
            else:
                whole.append(_whole(media, schema, types, name))
        if not response.content:
            whole.append("None")
    return Answers(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(streamed)))


def _whole(media: MediaType, schema: Schema | None, types: Annotations, name: str) -> str:
    kind = kind_of(media.name)
    if kind == "binary" or (schema is not None and schema.is_binary and schema.types == {"string"}):
        return BINARY
    if kind == "json":
        return types.of(schema, f"{name}Response") if schema is not None else ANY
    return "str" if kind == "text" else f"list[{types.of(schema, f'{name}Line')}]" if kind == "lines" and schema is not None else ANY
