"""What the server says: the same bytes for every contender, valid by every document that is measured."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

CHAT_REQUEST = {
    "model": "gpt-4o-mini",
    "temperature": 0.3,
    "messages": [
        {"role": "system", "content": "You answer questions about tides in one sentence."},
        {"role": "user", "content": "Why are there two high tides a day?"},
    ],
}
EMBEDDINGS_REQUEST = {"model": "text-embedding-3-small", "input": [f"sentence number {index}" for index in range(64)]}
EVENTS = 20_000
VECTORS, WIDTH = 64, 1_536

_SIZED = re.compile(rb"/(answer|deviant|events)-(\d+)/.*")


class Answers(dict[bytes, bytes]):
    """Answers by their path; those of a size are made when they are first asked for: ``/answer-1000/ask`` has a thousand bytes."""

    def __missing__(self, path: bytes) -> bytes:
        found = _SIZED.fullmatch(path)
        if found is None:
            raise KeyError(path)
        self[path] = made = SIZED[found[1]](int(found[2]))
        return made


def _head(content_type: str, framing: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Type: {content_type}", framing, "x-request-id: req_benchmark", "", "")
    return "\r\n".join(lines).encode()


def plain(body: object) -> bytes:
    """A JSON answer of known length."""
    content = json.dumps(body, separators=(",", ":")).encode()
    return _head("application/json", f"Content-Length: {len(content)}") + content


def chunked(pieces: list[bytes]) -> bytes:
    """A stream whose HTTP chunks are these pieces."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return _head("text/event-stream", "Transfer-Encoding: chunked") + framed + b"0\r\n\r\n"


def chat() -> dict[str, object]:
    message = {"role": "assistant", "content": "The Moon raises a bulge on either side of the Earth.", "refusal": None}
    return {
        "id": "chatcmpl-7tYh2LqXw",
        "object": "chat.completion",
        "created": 1_693_526_400,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}],
        "usage": {"prompt_tokens": 29, "completion_tokens": 21, "total_tokens": 50},
    }


def events(count: int = EVENTS, created: int | None = 1_693_526_400) -> list[bytes]:
    """The events of a streamed reply, each as the API writes one; with ``created=None`` each breaks the document."""
    words = ["The", " Moon", " raises", " a", " bulge", ",", " and", " so", " does", " the", " Sun", ".\n"]
    found = []
    for number in range(count):
        delta = {"content": words[number % len(words)]}
        item = {
            "id": "chatcmpl-7tYh2LqXw",
            "object": "chat.completion.chunk",
            "created": created,
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}],
        }
        found.append(b"data: " + json.dumps(item, separators=(",", ":")).encode() + b"\n\n")
    return [*found, b"data: [DONE]\n\n"]


def embeddings() -> dict[str, object]:
    chance = random.Random(1)
    vectors = [[round(chance.gauss(0, 0.02), 9) for _ in range(WIDTH)] for _ in range(VECTORS)]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    usage = {"prompt_tokens": 256, "total_tokens": 256}
    return {"object": "list", "model": "text-embedding-3-small", "data": data, "usage": usage}


def file() -> dict[str, object]:
    return {
        "id": "file-abc123",
        "object": "file",
        "bytes": 209_715_200,
        "created_at": 1_693_526_400,
        "expires_at": 1_696_118_400,
        "filename": "upload.jsonl",
        "purpose": "fine-tune",
        "status": "processed",
    }


def in_bulk(pieces: list[bytes], size: int = 64) -> list[bytes]:
    """The same events, many to an HTTP chunk: what a proxy makes of a server that is faster than its reader."""
    return [b"".join(pieces[start : start + size]) for start in range(0, len(pieces), size)]


def items(size: int) -> bytes:
    """A list of records, of so many bytes."""
    record = {"id": 1, "text": "tide " * 14}
    each = len(json.dumps(record, separators=(",", ":"))) + 1
    return plain([record] * max(1, size // each))


def deviant(size: int) -> bytes:
    """A list of ten thousand records, so many of which break the document."""
    good, bad = {"id": 1, "text": "tide"}, {"id": "1", "text": "tide"}
    return plain([bad] * size + [good] * (10_000 - size))


SIZED: dict[bytes, Callable[[int], bytes]] = {
    b"answer": items,
    b"deviant": deviant,
    b"events": lambda size: chunked(in_bulk(events(size))),
}


def table() -> Answers:
    """The answers by their path's last word; a prefix before ``/v1`` chooses how a stream is cut into HTTP chunks."""
    apart = events()
    return Answers({
        b"/v1/chat/completions": plain(chat()),
        b"/v1/embeddings": plain(embeddings()),
        b"/v1/files": plain(file()),
        b"/apart/v1/chat/completions": chunked(apart),
        b"/bulk/v1/chat/completions": chunked(in_bulk(apart)),
        b"/deviant/v1/chat/completions": chunked(in_bulk(events(created=None))),
    })
