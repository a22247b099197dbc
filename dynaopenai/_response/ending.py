"""Whether a stream came whole, by what its operation's document, or streams before it, end streams with. No I/O.

Rules of this file:
1. ``[DONE]`` is expected where the document speaks of it, or where a stream of the operation has ended with it.
2. A reason to finish is one of `FINISH`, or a last ``type`` such as ``x.completed``; expected where the schema declares it.
3. Any of these is an end. Where none is expected, nobody can tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from .._checking.contract import Contract
from .._checking.schema import Schema
from .._document import openapi
from .sse import DONE

FINISH = frozenset({"finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason"})
TAIL = 16  # of the last items, one tells it: a count of what was used may follow the reason to finish
DEPTH = 3
_DONE = re.compile(r"\[\s*DONE\s*\]")
LAST_TYPE = re.compile(r"(^|[._])(complete|completed|done|failed|incomplete|cancelled|expired|stop|end|error)$")


class Ending:
    """The convention of one operation. ``was_done``: whether a stream of it has ended with ``[DONE]``."""

    def __init__(self, contract: Contract, operation: openapi.Operation, schema: Schema | None) -> None:
        self._contract, self._operation, self._schema = contract, operation, schema
        self.was_done = False

    @cached_property
    def _says_done(self) -> bool:
        return says_done(self._contract, self._operation)

    @cached_property
    def _says_finish(self) -> bool:
        return self._schema is not None and any(_finishes(self._schema, DEPTH))

    @property
    def expected(self) -> str:
        """In words; empty where there is no convention."""
        ends = [DONE.decode()] if self._says_done or self.was_done else []
        return " or ".join([*ends, *(["an event with a reason to finish"] if self._says_finish else [])])

    def is_whole(self, last: Sequence[Any]) -> bool | None:
        """Whether a stream ended as it should without ``[DONE]``, by its last items; None where nobody can tell."""
        if any(_is_finished(item, DEPTH) for item in last[-TAIL:]):
            return True
        kind = last[-1].get("type") if last and isinstance(last[-1], dict) else None
        if isinstance(kind, str) and LAST_TYPE.search(kind):
            return True
        return False if self.expected else None


def says_done(contract: Contract, operation: openapi.Operation) -> bool:
    """Whether the document says that ``[DONE]`` ends the streams of an operation."""
    texts = [json.dumps(operation.node.value, default=str)]
    for media in operation.request_body.content.values() if operation.request_body is not None else ():
        if media.schema is not None:
            body = contract.schema(media.schema, "request")
            for schema in (body, *body.properties.values()):
                texts += [str(part.get("description", "")) for part in schema.in_place()]
    return any(map(_DONE.search, texts))


def _is_finished(value: Any, depth: int) -> bool:
    if isinstance(value, list):
        return bool(depth) and any(_is_finished(item, depth) for item in value)
    if not isinstance(value, dict):
        return False
    if any(value.get(name) is not None for name in FINISH):
        return True
    return depth > 1 and any(_is_finished(item, depth - 1) for item in value.values())


def _finishes(schema: Schema, depth: int) -> Iterator[bool]:
    """True for each way that a schema declares of saying that an item is the last."""
    for part in schema.in_place():
        kind = (part.get("properties") or {}).get("type")
        kinds = [kind.get("const"), *(kind.get("enum") or ())] if isinstance(kind, dict) else []
        yield any(isinstance(each, str) and LAST_TYPE.search(each) for each in kinds)
    for name, declared in schema.properties.items():
        yield name in FINISH
        items = declared.items
        if depth > 1 and items is not None:
            yield from _finishes(items, depth - 1)
