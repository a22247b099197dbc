"""What may come next: operations, their arguments, and the values that an argument takes.

Rules of this file:
1. Proposals only, from the document in use; what is typed is judged elsewhere.
2. The shell and the interactive prompt ask the same functions.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._checking import outline as _outline
from .._checking.alternatives import alternatives
from .._checking.keywords import TYPES
from .._checking.schema import Schema
from .._client.any_client import AnyClient
from .._client.any_operation import AnyOperation
from .._client.client import Client
from .._client.group import Group
from .._client.inside import contract_of, engine_of
from .._client.operation import Operation
from .._client.operations import Operations
from .._display.prose import brief
from .._request.settings import option_names
from .._request.words import inner, values_of
from .._response.data import Data, DataList
from .python_source import Bracket, End, end_of, literal

Proposal = tuple[str, str]  # what completes the text, and what is said beside it

TAKE_ARGUMENTS = frozenset({"send", "prepare", "curl", "pages", "items", "validate_request", "map"})  # methods that take an operation's
POLICIES = ("strict", "warn", "off")

_STRING = re.compile(r'"(.*)"(: )?')
_LAST_WORD = re.compile(r"\w*$")
_STEP = r"""(?:\.\w+|\[(?:-?\d+|'[^'\n]*'|"[^"\n]*")\])"""
_MEMBER = re.compile(rf"([^\W\d]\w*{_STEP}+)\.(\w*)$")


def operations(client: Client, text: str) -> list[Proposal]:
    """operationIds that begin with ``text``; by snake_case, or in groups, where it is written so."""
    entries = contract_of(client).openapi.entries
    found = [(entry.id, brief(entry.summary)) for entry in entries.values() if entry.id.startswith(text)]
    names = {**client.operations.snake, **engine_of(client).grouped}
    return found or [(name, brief(entries[operation_id].summary)) for name, operation_id in names.items() if name.startswith(text)]


def schemas(client: Client, text: str) -> list[Proposal]:
    return [(name, "schema") for name in contract_of(client).openapi.schema_names() if name.startswith(text)]


def words(operation: Operation, given: Iterable[str], text: str) -> list[Proposal]:
    """What may be typed as the next word of a call: ``name=`` that is not there yet, ``name.inner=``, or ``name=value``."""
    name, sign, begun = text.partition("=")
    if "@" in name:
        name, _, begun = text.partition("@")
        return [(f"{name}@{path}", "") for path in _files(begun)]
    if sign:
        schema = schema_at(operation, name)
        return [(f"{name}={value}", "") for value in values_of(schema) if value.startswith(begun)] if schema else []
    outer, dot, inside = text.rpartition(".")
    if dot:
        schema = schema_at(operation, outer)
        members = schema.properties if schema is not None else {}
        return [(f"{outer}.{name}{_sign(part)}", _outline.words(part, 4)) for name, part in members.items() if name.startswith(inside)]
    taken = {re.split(r":?=|@", word)[0] for word in given}
    return [
        (f"{argument.spelled}{_sign(argument.schema)}", _outline.words(argument.schema, 4))
        for argument in sorted(operation.arguments, key=lambda argument: not argument.required)
        if argument.spelled not in taken and argument.spelled.startswith(text)
    ]


def _files(begun: str) -> list[str]:
    """The files and folders that begin so."""
    folder, name = os.path.split(begun)
    found = [] if not Path(folder or ".").is_dir() else sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    shown = [entry for entry in found if entry.name.startswith(name) and (name or not entry.name.startswith("."))]
    return [os.path.join(folder, entry.name) + ("/" if entry.is_dir() else "") for entry in shown]  # noqa: PTH118 - as it was typed


def _sign(schema: Schema) -> str:
    """What follows the name of an argument: its value, a file, or a place in it."""
    if schema.is_binary:
        return "@"
    if schema.types <= {"object", "null"} and schema.properties:
        return "."
    items = schema.items if schema.types <= {"array", "null"} else None
    return ".0." if items is not None and items.types <= {"object"} and items.properties else "="


def schema_at(operation: Operation, name: str) -> Schema | None:
    """The schema of an argument, or of a place in it: ``messages[0].role``."""
    root, *steps = re.findall(r"[^.\[\]]+", name) or [""]
    schema = next((argument.schema for argument in operation.arguments if root in (argument.spelled, argument.name)), None)
    for step in steps:
        schema = inner(schema, int(step) if step.isdigit() else step) if schema is not None else None
    return schema


# --- Python source -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposals:
    """What fits at the end of a source. ``begun``: what of it stands there already, and is replaced."""

    begun: str = ""
    texts: Sequence[str] = ()


def at(source: str, namespace: Mapping[str, Any]) -> Proposals:
    """What fits at the end of ``source``: arguments of a call, keys and values at any depth of them, members of an answer."""
    end = end_of(source)
    if end is None:
        return Proposals()
    member = _MEMBER.search(end.begun) if not end.quote else None
    if member is not None:
        return Proposals(member[2], _members(_looked_up(member[1], namespace), member[2]))
    begun = end.begun if end.quote else _LAST_WORD.search(end.begun)[0]  # type: ignore[index]  # it matches nothing, too
    if begun != end.begun:
        return Proposals()  # in the midst of an expression
    found = next((texts for texts in _inside(end, namespace) if texts is not None), [])
    return Proposals(begun, [text for text in _spelled(found, end.quote) if text.startswith(begun) or (not end.quote and text.startswith(f'"{begun}'))])


def _spelled(texts: Iterable[str], quote: str) -> Iterator[str]:
    """Proposals in the quotes that are begun, if any are: then only those that are texts."""
    for text in texts:
        string = _STRING.fullmatch(text)
        if not quote or (string is not None and quote == '"'):
            yield text
        elif string is not None and "'" not in string[1] and "\\" not in string[1]:
            yield f"'{string[1]}'{string[2] or ''}"


def _inside(end: End, namespace: Mapping[str, Any]) -> Iterator[list[str] | None]:
    """What fits inside the innermost open bracket that is ours; None where a bracket is not."""
    if not end.brackets:
        return
    top = end.brackets[-1]
    if top.sign == "[" and top.before:
        owner = _looked_up(top.before, namespace)
        keys = owner.operations if isinstance(owner, AnyClient) else owner
        yield [_quoted(name) for name in keys if isinstance(name, str)] if isinstance(keys, (Data, Operations)) else None
    for place in reversed(range(len(end.brackets))):
        bracket = end.brackets[place]
        if bracket.sign == "(" and bracket.before:
            yield _in_call(bracket, end.brackets[place + 1 :], namespace)


def _in_call(call: Bracket, deeper: Sequence[Bracket], namespace: Mapping[str, Any]) -> list[str] | None:
    called, _, method = call.before.rpartition(".")
    operation = _looked_up(call.before, namespace)
    if isinstance(operation, AnyOperation):
        return _of_operation(operation, call, deeper)
    owner = _looked_up(called, namespace) if called else None
    if isinstance(owner, AnyOperation) and method in TAKE_ARGUMENTS:
        return _of_operation(owner, call, deeper)
    if deeper or not isinstance(owner, (AnyOperation, AnyClient)):
        return None
    if method == "with_options":
        policies = [_quoted(policy) for policy in POLICIES] if (call.key or "").startswith("validate_") else []
        return policies if call.key is not None else [f"{name}=" for name in sorted(option_names()) if name not in call.given]
    takes_schema = isinstance(owner, AnyClient) and method in ("schema", "validate") and call.key is None and not call.index
    return [_quoted(name) for name in contract_of(owner).openapi.schema_names()] if takes_schema else None


def _of_operation(operation: AnyOperation, call: Bracket, deeper: Sequence[Bracket]) -> list[str]:
    if call.key is None:
        return [f"{argument.spelled}=" for argument in operation.arguments if argument.spelled not in call.given] if not deeper else []
    schema = next((argument.schema for argument in operation.arguments if argument.spelled == call.key), None)
    for bracket in deeper:
        if schema is None or bracket.sign == "(" or (bracket.sign == "[" and bracket.before):
            return []
        if bracket.sign == "[":
            schema = schema.items
            continue
        schema = _meant(schema, bracket)
        if bracket.key is None:
            ends = "=" if bracket.is_dict_call else ": "
            names = [name for name in schema.properties if name not in bracket.given]
            return [f"{name}=" for name in names if name.isidentifier()] if bracket.is_dict_call else [_quoted(name) + ends for name in names]
        schema = schema.properties.get(bracket.key)
    return sorted(map(_quoted, _texts(schema))) + _constants(schema) if schema is not None else []


def _meant(schema: Schema, bracket: Bracket) -> Schema:
    """Those branches of a union that what is typed already leaves: ``{"role": "tool", `` has the keys of a tool's message."""
    given = {name: value for name, text in bracket.given.items() if (value := literal(text)) is not None}
    return schema.sub({"anyOf": left}) if given and (left := [each.schema for each in alternatives(schema) if _takes(each, given)]) else schema


def _takes(schema: Schema, given: Mapping[str, str]) -> bool:
    return all(name not in schema.properties or schema.properties[name].is_valid(value) for name, value in given.items())


def _texts(schema: Schema) -> set[str]:
    values = {value for part in schema.in_place() for value in part.get("enum", [part.get("const")]) if isinstance(value, str)}
    return values | (_texts(schema.items) if not values and schema.items is not None and "string" not in schema.types else set())


def _constants(schema: Schema) -> list[str]:
    return ["True", "False"] if "boolean" in schema.types and len(schema.types) < len(TYPES) else []


def _members(owner: Any, begun: str) -> list[str]:
    """What an answer has by a name; nothing of what is not ours."""
    if not isinstance(owner, (Data, DataList)):
        return []
    keys = [name for name in owner if isinstance(name, str) and name.isidentifier()] if isinstance(owner, Data) else []
    methods = [name for name in dir(type(owner)) if not name.startswith("_")]
    return [name for name in dict.fromkeys([*keys, *methods]) if name.startswith(begun)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _looked_up(expression: str, namespace: Mapping[str, Any]) -> Any:
    """The value of a name with attributes and constant items; nothing is called."""
    try:
        return _walk(ast.parse(expression, mode="eval").body, namespace)
    except (SyntaxError, LookupError, AttributeError, TypeError, ValueError):
        return None


def _walk(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return namespace[node.id]
    owner: Any = _walk(node.value, namespace) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
    is_ours = isinstance(owner, (AnyClient, Operations, Group, AnyOperation, Data, DataList))  # nothing else is asked for anything
    if is_ours and isinstance(node, ast.Attribute):
        return owner[node.attr] if isinstance(owner, Data) else getattr(owner, node.attr)
    return owner[ast.literal_eval(node.slice)] if is_ours and isinstance(node, ast.Subscript) else None
