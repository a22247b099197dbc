"""Reply -> a file: whole, or not at all. The steps of it; no network I/O.

A temporary file beside the target takes its place at the end. Where the connection breaks, the rest is asked for
(RFC 9110 §14.2), or all of it again where the server has changed it, or cannot tell; for that it must be a GET.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO

from .._transport.call import resume, validator_of
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
    if target.is_symlink():
        target = target.resolve()  # what it leads to is written, and it stays
    if target.exists() and not target.is_file():  # a device or a pipe, which cannot be replaced
        yield from _poured(reply, target, report)
        return
    part = target.with_name(f".{target.name}.{os.urandom(8).hex()}.part")  # a new file has the usual permissions
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


def _poured(reply: Reply, target: Path, report: Report | None) -> Steps[None]:
    """As it comes, since what went into a pipe cannot be taken back; no second try."""
    try:
        with target.open("wb") as file:
            done = 0
            while piece := (yield from reply.piece(CHUNK)):
                yield Work(file.write, (piece,))
                done += len(piece)
                if report is not None:
                    report(done, reply.length)
    finally:
        reply.close()


def _fetch(reply: Reply, file: IO[bytes], report: Report | None) -> Steps[None]:
    attempts, whole, length = count(1), reply, reply.length
    while (broken := (yield from _copy(reply, file, length, report))) is not None:
        reply, whole, length = yield from _again(whole, file, attempts, broken)


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
    if length is None or file.tell() >= length:
        return None
    message = f"{reply.request.operation_id}: the answer broke off after {file.tell():,} of {length:,} bytes"
    return APIConnectionError(message, attempts=reply.attempts, received=file.tell())


def _again(
    whole: Reply, file: IO[bytes], attempts: Iterator[int], broken: APIConnectionError
) -> Steps[tuple[Reply, Reply, int | None]]:
    """The reply that goes on where the file ends, which is set back where it begins anew; whose part it is; the length in all."""
    while True:
        rest = yield from resume(whole, file.tell(), attempts)
        if rest is None:
            raise broken
        total = _goes_on(whole, rest, file.tell())
        if total is not None:
            return rest, whole, total
        if rest.status not in (200, 206):
            rest.close()
            raise broken
        file.seek(0)
        file.truncate()
        if rest.status == 200:
            return rest, rest, rest.length
        rest.close()  # of another state of the file, or another part: nothing of it fits


def _goes_on(first: Reply, rest: Reply, received: int) -> int | None:
    """How long the whole is of which a 206 brings the next bytes (RFC 9110 §14.4, §15.3.7); None where it does not."""
    match = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", rest.headers.get("content-range", ""))
    if rest.status != 206 or match is None or int(match[1]) != received or int(match[2]) < received:
        return None
    if validator_of(rest) and validator_of(rest) != validator_of(first):
        return None
    return int(match[2]) + 1 if match[3] == "*" else int(match[3])

