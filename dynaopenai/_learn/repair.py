"""Answers that break a document -> the overlay under which they do not: a table of small repairs, tried until it holds.

Rules of this file:
1. A repair says the least that is true: one more value, one more type, one name less that is required.
2. What cannot be said otherwise is dropped: a limit that does not hold is no limit.
3. Nothing is claimed: the answers are checked against the corrected document, and repairs go on until they pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .._checking.contract import Contract
from .._document.document import Document
from .._document.overlay import apply
from .._request.media_type import essence
from ..errors import SpecError
from .deviation import Answer, Deviation, deviations

ROUNDS = 25  # a repair may uncover the next deviation in the same place
Actions = list[dict[str, Any]]


def repair(document: Document, answers: Sequence[Answer]) -> dict[str, Any]:
    """The overlay; without actions where nothing is to be repaired."""
    actions: Actions = []
    for _ in range(ROUNDS):
        contract = Contract(apply(document, [_overlay(actions)]) if actions else document)
        fresh = [action for action in _round(contract, answers) if action not in actions]
        if not fresh:
            break
        actions += fresh
    return _overlay(actions)


def _overlay(actions: Actions) -> dict[str, Any]:
    info = {"title": "What the server really answers", "version": "1.0.0"}
    return {"overlay": "1.1.0", "info": info, "actions": list(actions)}


def _round(contract: Contract, answers: Sequence[Answer]) -> Actions:
    """Repairs that do not meet: no two at one place, since each sees the document as the round began."""
    actions: Actions = []
    touched: set[str] = set()
    for answer in answers:
        for deviation in deviations(contract, answer):
            try:
                wanted = list(_repairs(contract, deviation, answer))
            except (SpecError, KeyError, IndexError, ValueError):
                continue  # a place that an overlay cannot reach: another document, a converted one
            place = f"{deviation.pointer} {deviation.path if deviation.kind != 'invalid' else ''}"
            if wanted and place not in touched:
                touched.add(place)
                actions += wanted
    return actions


def _repairs(contract: Contract, deviation: Deviation, answer: Answer) -> Iterator[dict[str, Any]]:
    old = contract.openapi.version < (3, 1)
    document, tokens = contract.document, _tokens(deviation.pointer)
    if deviation.kind == "undeclared-status":
        content = (
            {"content": {essence(answer.content_type): {"schema": _seen(answer, old)}}} if answer.content_type else {}
        )
        yield {
            "target": _path(document, tokens),
            "update": {str(answer.status): {"description": "Seen in answers.", **content}},
        }
    elif deviation.kind == "undeclared-content-type":
        operation = contract.operation(deviation.operation_id)
        declared = operation.response_for(answer.status)
        status = declared.status if declared is not None else str(answer.status)
        media = {essence(answer.content_type): {"schema": _seen(answer, old)}}
        yield {"target": _path(document, [*tokens, status]), "update": {"content": media}}
    elif deviation.kind == "undeclared-field":
        name = _last(deviation.path)
        yield {"target": _path(document, tokens), "update": {"properties": {name: infer(deviation.example, old)}}}
    else:
        yield from _keyword(document, tokens, deviation, old)


def _keyword(document: Document, tokens: list[str], deviation: Deviation, old: bool) -> Iterator[dict[str, Any]]:
    """The repair for a keyword that an answer breaks."""
    keyword, holder = tokens[-1], tokens[:-1]
    schema = _at(document, holder)
    said = schema[keyword]
    found = deviation.example
    if keyword == "enum":
        yield {"target": _path(document, tokens), "update": [found]}
    elif keyword == "const":
        yield {"target": _path(document, tokens), "remove": True}
        yield {"target": _path(document, holder), "update": {"enum": [said, found]}}
    elif keyword == "required":
        yield {"target": f"{_path(document, tokens)}[?@ == {_quoted(_last(deviation.path))}]", "remove": True}
    elif keyword == "type" and old and found is None:
        yield {"target": _path(document, holder), "update": {"nullable": True}}
    elif keyword == "type":
        branches = [{"type": said}, infer(found, old)]
        yield {"target": _path(document, tokens), "remove": True}
        yield {"target": _path(document, holder), "update": {"anyOf": branches} if "anyOf" not in schema else {}}
    elif keyword in ("anyOf", "oneOf"):
        yield {"target": _path(document, tokens), "update": [infer(found, old)]}
    else:
        yield {"target": _path(document, tokens), "remove": True}


def infer(value: Any, old: bool) -> dict[str, Any]:
    """The least schema that admits a value. ``old``: in the words of OpenAPI 3.0."""
    if value is None:
        return {"nullable": True} if old else {"type": "null"}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, (int, float)):
        return {"type": "integer" if isinstance(value, int) else "number"}
    if isinstance(value, dict):
        return {"type": "object", "properties": {str(name): infer(item, old) for name, item in value.items()}}
    if isinstance(value, list):
        kinds = [infer(item, old) for item in value]
        unique = [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]
        return {"type": "array", "items": unique[0] if len(unique) == 1 else {"anyOf": unique} if unique else {}}
    return {"type": "string"}


def _seen(answer: Answer, old: bool) -> dict[str, Any]:
    return {"type": "string", "format": "binary"} if answer.is_file else infer(answer.body, old)


# --- places --------------------------------------------------------------------------------------


def _tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.lstrip("#").split("/")[1:]]


def _at(document: Document, tokens: list[str]) -> Any:
    value = document.root
    for token in tokens:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def _path(document: Document, tokens: list[str]) -> str:
    steps, value = ["$"], document.root
    for token in tokens:
        steps.append(f"[{token}]" if isinstance(value, list) else f"[{_quoted(token)}]")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return "".join(steps)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _last(path: str) -> str:
    """The name at the end of a path, as `json.member` wrote it."""
    if path.endswith('"]'):
        return path[path.rindex('["') + 2 : -2]
    return path.rpartition(".")[2]
