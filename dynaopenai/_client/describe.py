"""An operation in words: a screen for its repr, a manual for its help, an example that runs as pasted.

Rules of this file:
1. Everything said is the document's; nothing is looked up elsewhere.
2. A part of the document that is broken is left out of the text; the call itself tells of it.
"""

from __future__ import annotations

import keyword
import shlex
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from .._checking import outline as _outline
from .._display.colour import Paint, plain
from .._display.prose import brief, paragraphs
from .._display.table import Column, fitted, lines
from .._display.tree import Branch, drawn
from .._display.width import USUAL, columns, cut, filled
from .._display.words import count, short
from .._document.openapi import Response
from .._request.arguments import Argument
from .._request.command_words import command_words
from .._request.media_type import kind_of
from .._request.style import MISSING
from .._request.writer import Writer
from .._response.response import Reader
from ..errors import SpecError
from . import onward
from .example import example_arguments

MOST_ARGUMENTS = 40
_ARGUMENTS = (Column("key", 60, narrow=16), Column("", 200, narrow=12), Column("note", 40))


# --- the overview --------------------------------------------------------------------------------


def overview(writer: Writer, reader: Reader, paint: Paint = plain) -> str:
    """Method, path, summary, an argument a line, the answer; in the width that there is."""
    operation, arguments = writer.operation, listed(writer)
    head = "\n".join(paint(line, "heading") for line in filled(headline(operation), rest="    ").splitlines())
    shown = [head, *filter(None, [filled(brief(operation.summary or operation.description))])]
    cells = [(argument.spelled, _outline.words(argument.schema, 4), note(argument)) for argument in arguments[:MOST_ARGUMENTS]]
    shown += ["", *lines(cells, fitted(cells, _ARGUMENTS, columns()), paint, columns())] if cells else []
    if len(arguments) > MOST_ARGUMENTS:
        shown.append(f"  … {count(len(arguments) - MOST_ARGUMENTS, 'argument')} more")
    if writer.arguments.is_open:
        shown.append("  …  and any other property")
    shown += ["", *(cut(f"  returns {line}", columns()) for line in returned(reader))]
    return "\n".join(shown)


def headline(operation: Any) -> str:
    """``createThing   POST /things   (deprecated)``; takes an Entry as well."""
    return f"{operation.id}   {operation.method} {operation.path}" + ("   (deprecated)" if operation.deprecated else "")


def listed(writer: Writer) -> list[Argument]:
    """The arguments with the required ones first, and the whole body where it has no keywords."""
    arguments = list(writer.arguments.all)
    if writer.arguments.body is not None and not writer.arguments.takes_properties:
        name = writer.arguments.body_name
        arguments.append(Argument(name, name, "body", writer.arguments.body, writer.arguments.body_required))
    return sorted(arguments, key=lambda argument: (argument.place != "path", not argument.required))


def note(argument: Argument) -> str:
    """``required``, ``= 1``, or nothing."""
    given = "required" if argument.required else f"= {short(argument.default, 24)}" if argument.default is not MISSING else ""
    return f"{given}  deprecated".strip() if argument.deprecated else given


def returned(reader: Reader) -> list[str]:
    """What the call gives back, a media type a line."""
    found = [line for response in successes(reader) for line in _bodies(reader, response)]
    return list(dict.fromkeys(found)) or ["nothing"]


def successes(reader: Reader) -> list[Response]:
    responses = reader.operation.responses
    return [response for status, response in responses.items() if status.startswith("2")] or [
        response for status, response in responses.items() if status == "default"
    ]


def _bodies(reader: Reader, response: Response) -> Iterator[str]:
    for media in response.content.values():
        kind = kind_of(media.name)
        schema = reader.schema(media)
        kind_words = _outline.words(schema, 4) if schema is not None else "anything"
        if kind == "events":
            yield f"a Stream of {kind_words}"
        elif kind == "binary" or (schema is not None and schema.is_binary):
            yield f"a Binary ({media.name})"
        else:
            yield kind_words if kind == "json" else f"{kind_words} ({media.name})"


def branches(writer: Writer) -> list[Branch]:
    """The arguments as branches of a tree."""
    return [
        replace(
            _outline.grow(argument.schema, argument.spelled, 2),
            is_required=argument.required,
            default="" if argument.default is MISSING else short(argument.default, 40),
            description=" ".join(argument.description.split()),
        )
        for argument in listed(writer)
    ]


# --- the manual ----------------------------------------------------------------------------------


def manual(writer: Writer, reader: Reader, example: str, names: Sequence[str] = ()) -> str:
    """All that the document says of an operation. ``example``: a call of it, where there is one; ``names``: its other names."""
    operation = writer.operation
    parts = [filled(headline(operation), rest="    ")]
    parts += [filled(f"Also {', '.join(names)}.", rest="    ")] if names else []
    parts += [paragraphs(text) for text in dict.fromkeys((operation.summary, operation.description)) if text]
    if operation.deprecated:
        parts.append("Deprecated: the API's document advises against new uses; calling it warns.")
    arguments = listed(writer)
    if arguments:
        parts.append("Arguments:\n" + "\n".join(line for argument in arguments for line in _entry(argument)))
    if writer.arguments.is_open:
        parts.append("Any other keyword becomes a property of the body.")
    parts.append("Returns:\n" + "\n".join(_answer(reader)))
    errors = [line for status, response in operation.responses.items() for line in _error(reader, status, response)]
    if errors:
        parts.append("Errors:\n" + "\n".join(errors))
    parts += _onward(writer)
    if example:
        parts.append("Example:\n" + textwrap.indent(example, "    "))
    return "\n\n".join(parts)


def _onward(writer: Writer) -> Iterator[str]:
    links = [line for link in onward.links(writer.contract, writer.operation) for line in onward.link_lines(link)]
    if links:
        yield "Links, called as reply.links.NAME() of a reply that send(...) gave:\n" + "\n".join(links)
    callbacks = [line for one in onward.callbacks(writer.contract, writer.operation) for line in onward.callback_lines(one)]
    if callbacks:
        yield "Callbacks, which the API sends to you:\n" + "\n".join(callbacks)


def _entry(argument: Argument) -> Iterator[str]:
    place = f" (in the {argument.place})" if argument.place != "body" else f" (in {', '.join(argument.media)})" if argument.media else ""
    kinds, given = _outline.words(argument.schema, 24), note(argument).replace(" ", "\xa0")
    called = "" if argument.spelled == argument.name else f"; the API calls it {argument.name}"
    before, _, last = kinds.rpartition(" ")
    facts = f"{before} {last},\xa0{given}".lstrip() if given else kinds  # what it is by itself never stands alone on a line
    yield filled(f"{argument.spelled}: {facts}{place}{called}", "  ", "      ").replace("\xa0", " ")
    if argument.description:
        yield paragraphs(argument.description, "      ")


def _answer(reader: Reader) -> Iterator[str]:
    found = False
    for response in successes(reader):
        for media in response.content.values():
            found = True
            schema = reader.schema(media)
            yield f"  {response.status} {media.name}: {', '.join(_bodies(reader, Response('', {'': media})))}"
            if schema is not None and not schema.is_binary:
                grown = _outline.grow(schema, depth=2)
                lines = drawn(grown, columns() - 6).splitlines()[1:]
                yield from (f"      {line}" for line in lines)
    if not found:
        yield "  None: the answer has no body."


def _error(reader: Reader, status: str, response: Response) -> Iterator[str]:
    if status.startswith("2") or (status == "default" and successes(reader) == [response]):
        return
    description = f": {brief(response.description)}" if response.description else ""
    kinds = ", ".join(dict.fromkeys(_bodies(reader, response)))
    yield "  " + textwrap.shorten(f"{status}{' ' + kinds if kinds else ''}{description}", columns() - 2, placeholder=" …")


# --- the example ---------------------------------------------------------------------------------


def example_call(writer: Writer, taken: Collection[str]) -> str:
    """A call with valid arguments, as Python; empty where the document leaves no valid ones."""
    try:
        arguments = example_arguments(writer)
    except SpecError:
        return ""
    call = expression(writer.operation.id, taken)
    room = columns() - 12
    parts = [f"{name}={literal(value, room)}" for name, value in arguments.items() if name.isidentifier()]
    extra = {name: value for name, value in arguments.items() if not name.isidentifier()}
    parts += [f"**{literal(extra, room)}"] if extra else []
    whole = f"{call}({', '.join(parts)})"
    if len(whole) <= columns() - 8 and "\n" not in whole:
        return whole
    inner = "".join(textwrap.indent(f"{part},\n", "    ") for part in parts)
    return f"{call}(\n{inner})"


def call_line(writer: Writer, arguments: Mapping[str, Any] | None = None) -> str:
    """The same for a shell; empty where the document leaves no valid arguments."""
    try:
        arguments = example_arguments(writer) if arguments is None else arguments
    except SpecError:
        return ""
    words = ["dynaopenai call", shlex.quote(writer.operation.id), *command_words(arguments, writer.arguments)]
    whole = " ".join(words)
    return whole if len(whole) <= columns() - 8 else " \\\n  ".join([" ".join(words[:2]), *words[2:]])


def expression(operation_id: str, taken: Collection[str] = ()) -> str:
    """How an operation is reached: ``client.createThing``, or ``client["create-thing"]``."""
    is_name = operation_id.isidentifier() and not keyword.iskeyword(operation_id)
    return f"client.{operation_id}" if is_name and operation_id not in taken else f"client[{_quoted(operation_id)}]"


def literal(value: Any, room: int = USUAL - 12) -> str:
    """``value`` as Python source, whole, broken at its members where it is long."""
    flat = _flat(value)
    if len(flat) <= room or not isinstance(value, (dict, list, tuple)) or not value:
        return flat
    ends = "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else "()"
    members = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    heads = ["" if key is None else f"{_quoted(key)}: " for key, _ in members]
    parts = [f"{head}{literal(item, room - 4 - len(head))}" for head, (_, item) in zip(heads, members, strict=True)]
    return "\n".join([ends[0], *(textwrap.indent(f"{part},", "    ") for part in parts), ends[1]])


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)}: {_flat(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(_flat, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def _quoted(text: str) -> str:
    whole = repr(str(text))
    return f'"{whole[1:-1]}"' if whole[0] == "'" and '"' not in whole else whole


# --- facts ---------------------------------------------------------------------------------------


def facts_of(writer: Writer, reader: Reader) -> dict[str, Any]:
    """The same as JSON values."""
    operation = writer.operation
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "tags": list(operation.tags),
        "summary": operation.summary,
        "description": operation.description,
        "deprecated": operation.deprecated,
        "arguments": [_argument_facts(argument) for argument in listed(writer)],
        "returns": returned(reader),
        "responses": {status: list(response.content) for status, response in operation.responses.items()},
        "links": [asdict(link) for link in onward.links(writer.contract, operation)],
        "callbacks": [asdict(one) for one in onward.callbacks(writer.contract, operation)],
    }


def _argument_facts(argument: Argument) -> dict[str, Any]:
    facts = {
        "name": argument.spelled,
        "api_name": argument.name,
        "in": argument.place,
        **({"media_types": list(argument.media)} if argument.media else {}),
        "required": argument.required,
        "type": _outline.words(argument.schema, 1000),
        "description": argument.description,
        "deprecated": argument.deprecated,
    }
    return facts if argument.default is MISSING else {**facts, "default": argument.default}
