"""Reply -> a file: whole, or not at all. The steps of it; no network I/O.

A temporary file beside the target takes its place at the end. Where the connection breaks, the rest is asked for
(RFC 9110 §14.2), or all of it again where the server has changed it, or cannot tell; for that it must be a GET.
"""

from __future__ import annotations

import contextlib
import secrets
from itertools import count
from pathlib import Path
from typing import IO

from .._transport.call import resume
from .._transport.progress import Report
from .._transport.reply import Reply
from .._transport.step import Steps, Work
from ..errors import APIConnectionError

CHUNK = 1 << 18


def save(reply: Reply, target: Path, report: Report | None) -> Steps[None]:
    """Write the body to ``target``.

    Raises:
        APIConnectionError: it could not be had whole; ``target`` is as it was.
        OSError: it cannot be written there.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")  # a new file has the usual permissions
    try:
        with part.open("xb") as file:
            with contextlib.suppress(OSError):  # one that is replaced keeps its own
                part.chmod(target.stat().st_mode & 0o7777)
            yield from _fetch(reply, file, report)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        reply.close()


def _fetch(reply: Reply, file: IO[bytes], report: Report | None) -> Steps[None]:
    length = reply.length
    for attempt in count(1):
        broken = yield from _copy(reply, file, length, report)
        if broken is None:
            return
        reply, length = yield from _again(reply, file, attempt, broken)


def _copy(reply: Reply, file: IO[bytes], length: int | None, report: Report | None) -> Steps[APIConnectionError | None]:
    """What kept the body from being copied whole."""
    try:
        while piece := (yield from reply.piece(CHUNK)):
            yield Work(file.write, (piece,))
            if report is not None:
                report(file.tell(), length)
    except APIConnectionError as error:
        error.received = file.tell()
        return error
    return None


def _again(reply: Reply, file: IO[bytes], attempt: int, error: APIConnectionError) -> Steps[tuple[Reply, int | None]]:
    """The reply that goes on where the file ends, the file set back where it begins anew; and the length in all."""
    rest = yield from resume(reply, file.tell(), attempt)
    if rest is None:
        raise error
    content_range = rest.headers.get("content-range", "")
    if rest.status == 206 and content_range.startswith(f"bytes {file.tell()}-"):
        return rest, None if rest.length is None else file.tell() + rest.length
    if rest.status != 200:
        rest.close()
        raise error
    file.seek(0)
    file.truncate()
    return rest, rest.length
