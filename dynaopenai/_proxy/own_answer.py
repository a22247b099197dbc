"""The bytes of answers that the proxy gives itself, in the API's own shape, and the header that tells of violations."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .._checking import json as _json
from .._display.words import first_few
from .._document import openapi
from .._mock.author import Answer, Author
from .._mock.wsgi import status_line
from .._problem import SHOWN_VIOLATIONS
from ..errors import DynaOpenAIError, Violation

HEADER = "X-Dynaopenai-Violations"
LONGEST_HEADER = 2000  # characters; what does not fit is counted


def violations_header(request: Sequence[Violation], answer: Sequence[Violation]) -> dict[str, str]:
    """The header that tells what is wrong with an exchange, a JSON list of texts; none where nothing is."""
    texts = [f"request: {violation}" for violation in request] + [f"answer: {violation}" for violation in answer]
    if not texts:
        return {}
    for shown in range(len(texts), 0, -1):
        more = [f"and {len(texts) - shown} more"] if shown < len(texts) else []
        value = json.dumps([text[:300] for text in texts[:shown]] + more)  # ASCII, and no line end
        if len(value) <= LONGEST_HEADER:
            return {HEADER: value}
    return {HEADER: json.dumps([f"{len(texts)} problems"])}


def refusal(
    author: Author,
    operation: openapi.Operation | None,
    status: int,
    message: str,
    *,
    request: Sequence[Violation] = (),
    answer: Sequence[Violation] = (),
    is_last: bool = False,
) -> bytes:
    """An answer that the proxy gives in the place of the upstream: the bytes of it."""
    words = "\n".join([message, *first_few([*request, *answer], SHOWN_VIOLATIONS)])
    param = next((violation.path for violation in request if violation.path), None)
    try:
        made = author.error(operation, status, words, param)
    except DynaOpenAIError:  # a broken document is no reason not to answer
        made = Answer(status, "text/plain; charset=utf-8", words.encode())
    body = made.body if isinstance(made.body, bytes) else b"".join(made.body)
    headers = {"Content-Type": made.content_type, "Content-Length": str(len(body)), **violations_header(request, answer)}
    headers |= {"Connection": "close"} if is_last else {}
    lines = [f"HTTP/1.1 {status_line(status)}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def error_event(found: Sequence[Violation]) -> bytes:
    """The event that ends a stream whose next event breaks the document."""
    message = "\n".join(["the upstream server's stream breaks the document", *first_few(found, SHOWN_VIOLATIONS)])
    fact = {"error": {"message": message, "type": "invalid_upstream_answer", "param": None, "code": None}}
    return b"event: error\ndata: " + _json.encode(fact) + b"\n\n"
