"""What may come next: operations, their arguments, and the values that an argument takes.

Rules of this file:
1. Proposals only, from the document in use; what is typed is judged elsewhere.
2. The shell and the interactive prompt ask the same functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .._checking import outline as _outline
from .._checking.schema import Schema
from .._client.client import Client
from .._client.group import Group
from .._client.inside import contract_of
from .._client.operation import Operation
from .._client.operations import Operations
from .._request.words import inner, values_of

Proposal = tuple[str, str]  # what completes the text, and what is said beside it

_LAST_NAME = re.compile(r"[(,]\s*(\w*)$")
_LAST_ARGUMENT = re.compile(r"(?:[(,{]\s*|^)(?:(\w+)\s*=\s*|(['\"])(\w+)\2\s*:\s*)\[?\s*(['\"]?)([^'\",(){}=]*)$")


def operations(client: Client, text: str) -> list[Proposal]:
    """operationIds that begin with ``text``; by snake_case where it is written so."""
    entries = contract_of(client).openapi.entries
    found = [(entry.id, entry.summary) for entry in entries.values() if entry.id.startswith(text)]
    snake = client.operations.snake
    return found or [(name, entries[snake[name]].summary) for name in snake if name.startswith(text)]


def schemas(client: Client, text: str) -> list[Proposal]:
    return [(name, "schema") for name in contract_of(client).openapi.schema_names() if name.startswith(text)]


def words(operation: Operation, given: Iterable[str], text: str) -> list[Proposal]:
    """What may be typed as the next word of a call: ``name=`` that is not there yet, or ``name=value``."""
    name, sign, begun = text.partition("=")
    if sign:
        schema = schema_at(operation, name)
        return [(f"{name}={value}", "") for value in values_of(schema) if value.startswith(begun)] if schema else []
    taken = {re.split(r":?=|@", word)[0] for word in given}
    return [
        (f"{argument.spelled}{'@' if argument.schema.is_binary else '='}", _outline.words(argument.schema, 4))
        for argument in sorted(operation.arguments, key=lambda argument: not argument.required)
        if argument.spelled not in taken and argument.spelled.startswith(text)
    ]


def schema_at(operation: Operation, name: str) -> Schema | None:
    """The schema of an argument, or of a place in it: ``messages[0].role``."""
    root, *steps = re.findall(r"[^.\[\]]+", name) or [""]
    schema = next((argument.schema for argument in operation.arguments if root in (argument.spelled, argument.name)), None)
    for step in steps:
        schema = inner(schema, int(step) if step.isdigit() else step) if schema is not None else None
    return schema


# --- Python source -------------------------------------------------------------------------------


def at(source: str, namespace: dict[str, Any]) -> list[str]:
    """What fits at the end of ``source``, inside the call of an operation: argument names, or an argument's values."""
    for callee, inside, is_innermost in _open_calls(source):
        operation = _looked_up(callee, namespace)
        if isinstance(operation, Operation):
            return _proposed(operation, inside, is_innermost)
    return []


def _proposed(operation: Operation, inside: str, is_innermost: bool) -> list[str]:
    name, value = _LAST_NAME.search(inside), _LAST_ARGUMENT.search(inside)
    if name is not None and is_innermost:
        begun = [argument.spelled for argument in operation.arguments if argument.spelled.startswith(name[1])]
        return [f"{spelled}=" for spelled in begun if not re.search(rf"\b{spelled}\s*=", inside)]
    if value is None:
        return []
    keyword, _, key, quote, text = value.groups()
    return list(_literals(operation, keyword or key, quote, text))


def _literals(operation: Operation, name: str, quote: str, begun: str) -> Iterator[str]:
    schema = schema_at(operation, name)
    schemas = [schema] if schema is not None else _members_called(operation, name)
    texts = {value for each in schemas for part in each.in_place() for value in part.get("enum", [part.get("const")])}
    for value in sorted(text for text in texts if isinstance(text, str)):
        if value.startswith(begun):
            yield f"{quote}{value}{quote}" if quote else f'"{value}"'


def _members_called(operation: Operation, name: str) -> list[Schema]:
    """The members of that name one level inside the arguments: ``role`` of the items of a list."""
    inside = [argument.schema.items or argument.schema for argument in operation.arguments]
    return [schema.properties[name] for schema in inside if name in schema.properties]


def _open_calls(source: str) -> Iterator[tuple[str, str, bool]]:
    """The calls still open, outermost first: what is called, what stands in it, whether nothing within is open too."""
    stack: list[int] = []
    quote = ""
    for index, char in enumerate(source):
        if quote:
            quote = "" if char == quote and source[index - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            stack.append(index)
        elif char in ")]}" and stack:
            stack.pop()
    for place in stack:
        match = re.search(r"""[A-Za-z_][\w.]*(\[["'][^"'\[\]]+["']\])?$""", source[:place])
        if source[place] == "(" and match:
            yield match[0], source[place:], place == stack[-1] and not quote


def _looked_up(expression: str, namespace: dict[str, Any]) -> Any:
    """The value of a name with attributes and constant items; nothing is called."""
    try:
        return _walk(ast.parse(expression, mode="eval").body, namespace)
    except (SyntaxError, LookupError, AttributeError):
        return None


def _walk(node: ast.expr, namespace: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return namespace[node.id]
    owner: Any = _walk(node.value, namespace) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
    is_ours = isinstance(owner, (Client, Operations, Group))  # nothing else is asked for anything
    if is_ours and isinstance(node, ast.Attribute):
        return getattr(owner, node.attr)
    return owner[ast.literal_eval(node.slice)] if is_ours and isinstance(node, ast.Subscript) else None
