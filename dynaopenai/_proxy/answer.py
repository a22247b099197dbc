"""An answer on its way to the client: passed on as it comes, or held until it is judged.

Rules of this file:
1. ``warn`` holds nothing. An answer's head waits for the verdict on its request, which is there before the answer unless
   the request is invalid; a small body that comes with its head is judged with it.
2. ``strict`` holds an answer, and a stream event by event. What is too large passes.
"""

from __future__ import annotations

import asyncio

from .._request import media_type as _media_type
from .._transport.chunked import LAST_CHUNK, Chunked, ChunkError, chunk
from .framing import Framing, UntilClose, answer_framing
from .head import Refusal, StatusHead, passed_answer, status_head, stays_open
from .kept import LIMIT
from .own_answer import error_event, violations_header
from .side import Side
from .turn import BrokenError, CutError, GoneError, Turn

WORDS = 0.5  # seconds that an answer's head waits at most for what is wrong with its request
AT_ONCE = 0.001  # seconds in which a small body has come with its head
SMALL = 1 << 18
BEHIND = 2 * LIMIT  # bytes of a stream that wait to be judged


class Answering:
    """Passes the answer of one exchange on."""

    def __init__(self, turn: Turn, upstream: Side) -> None:
        self._turn, self._upstream = turn, upstream
        self._behind = 0

    async def run(self, is_strict: bool) -> bool:
        """Pass the answer on; whether the connection behind stays open."""
        try:
            head = await self._answer_head()
            framing = answer_framing(head, self._turn.head.method)
        except Refusal as error:
            self._turn.passing.notes.append(error.message)
            await self._turn.client.write(self._turn.refusal(502, error.message, is_last=True))
            return False
        self._turn.passing.status, self._turn.passing.answer_headers = head.status, head.headers()
        if framing.ended:
            self._turn.route.finishing.add(self._turn.passing)
        try:
            if self._turn.verdict is not None and self._turn.passing.is_judged:
                await asyncio.wait({self._turn.verdict}, timeout=WORDS)
            if is_strict:
                await self._strictly(head, framing)
            else:
                await self._freely(head, framing)
        except (ChunkError, BrokenError) as error:
            self._turn.passing.notes.append(f"the answer broke off after {self._turn.passing.answer.size:,} bytes")
            kind = CutError if isinstance(framing, UntilClose) else ConnectionAbortedError
            raise kind("the answer broke off") from error
        return stays_open(head) and not isinstance(framing, UntilClose)

    async def _answer_head(self) -> StatusHead:
        while True:
            try:
                data = await self._upstream.head()
            except OSError:
                data = b""
            if not data:
                self._turn.passing.notes.append("the upstream server closed the connection without an answer")
                raise BrokenError("no answer")
            head = status_head(data)
            if head.status == 101:
                raise Refusal(502, "the upstream server switches protocols, which was not asked for")
            if head.status >= 200:
                return head
            is_repeated = head.status == 100 and self._turn.sent_continue
            if self._turn.head.minor and not is_repeated:
                await self._turn.client.write(data)

    async def _pieces(self, framing: Framing) -> tuple[bytes, bytes]:
        """The next piece of the answer's body, as it came and its content; nothing at the end of the connection."""
        try:
            piece = await self._upstream.piece()
        except OSError as error:
            raise BrokenError("the answer broke off") from error
        if not piece and not isinstance(framing, UntilClose):
            raise BrokenError("the answer ended early")
        content = framing.feed(piece)
        self._turn.passing.answer.take(content)
        if framing.ended or not piece:
            self._turn.route.finishing.add(self._turn.passing)
        if framing.rest:
            self._upstream.give_back(framing.rest)
            piece = piece[: -len(framing.rest)]
        if not piece:
            framing.ended = True
        return piece, content

    def _is_decoded(self, framing: Framing) -> bool:
        """Whether the client does not know the chunked coding (RFC 9112 §7.1)."""
        return not self._turn.head.minor and isinstance(framing, Chunked)

    async def _freely(self, head: StatusHead, framing: Framing) -> None:
        """As it comes."""
        ahead: list[tuple[bytes, bytes]] = []
        failure = await self._at_once(framing, ahead)
        if framing.ended and self._turn.passing.is_judged and not self._turn.passing.is_stream:
            await self._turn.route.judged(self._turn.route.court.judge_answer, self._turn.passing)
        await self._write_head(head, framing)
        for piece in ahead:
            await self._write_piece(piece, framing)
        if failure is not None:
            raise failure
        is_judged = framing.ended and not self._turn.passing.is_stream
        while not framing.ended:
            await self._write_piece(await self._pieces(framing), framing)
        if not is_judged and self._turn.passing.is_judged:
            await self._turn.route.judged(self._turn.route.court.judge_answer, self._turn.passing)

    async def _write_piece(self, piece: tuple[bytes, bytes], framing: Framing) -> None:
        raw, content = piece
        await self._turn.client.write(content if self._is_decoded(framing) else raw)
        if self._turn.passing.is_stream and self._turn.passing.is_judged and self._behind <= BEHIND:
            self._behind += len(content)
            judged = self._turn.route.judged(self._turn.route.court.judge_events, self._turn.passing, content)  # not waited for
            judged.add_done_callback(lambda _: self._caught_up(len(content)))
            if self._behind > BEHIND:
                self._turn.passing.notes.append("later events were not judged: they came faster than that")

    def _caught_up(self, size: int) -> None:
        if self._behind <= BEHIND:
            self._behind -= size

    async def _at_once(
        self, framing: Framing, ahead: list[tuple[bytes, bytes]]
    ) -> BaseException | None:
        """Take a small body that comes with its head, so that the head can tell what is wrong with it; what failed."""
        kind = _media_type.kind_of(self._turn.passing.content_type) if self._turn.passing.content_type else ""
        if not self._turn.passing.is_judged or kind not in ("json", "xml", "text") or isinstance(framing, UntilClose):
            return None

        async def take() -> None:
            while not framing.ended and self._turn.passing.answer.size < SMALL:
                ahead.append(await self._pieces(framing))

        taking = asyncio.ensure_future(take())
        await asyncio.wait({taking}, timeout=AT_ONCE)
        if taking.done():
            return taking.exception()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        return None

    async def _write_head(self, head: StatusHead, framing: Framing) -> None:
        added = violations_header(self._turn.passing.request_problems, self._turn.passing.answer_problems)
        self._turn.is_over = self._is_decoded(framing)
        left_out = frozenset({b"transfer-encoding"}) if self._turn.is_over else frozenset()
        await self._turn.client.write(passed_answer(head, added, left_out))

    async def _strictly(self, head: StatusHead, framing: Framing) -> None:
        """Held until it is judged."""
        if self._turn.passing.is_stream:
            await self._stream_strictly(head, framing)
            return
        held: list[tuple[bytes, bytes]] = []
        is_file = _media_type.kind_of(self._turn.passing.content_type or "application/octet-stream") == "binary"
        while not framing.ended and self._turn.passing.answer.is_whole and not is_file:
            held.append(await self._pieces(framing))
        await self._turn.route.judged(self._turn.route.court.judge_answer, self._turn.passing)
        if self._turn.passing.answer_problems:
            self._turn.is_over = not framing.ended
            message = "the upstream server's answer breaks the document"
            await self._turn.client.write(self._turn.refusal(502, message, is_last=self._turn.is_over))
            return
        await self._write_head(head, framing)
        for raw, content in held:
            await self._turn.client.write(content if self._is_decoded(framing) else raw)
        while not framing.ended:
            raw, content = await self._pieces(framing)
            await self._turn.client.write(content if self._is_decoded(framing) else raw)

    async def _stream_strictly(self, head: StatusHead, framing: Framing) -> None:
        """Event by event; after one that breaks the document the stream ends with an error, and not where it should."""
        court, passing = self._turn.route.court, self._turn.passing
        if await self._turn.route.judged(court.judge_answer, passing):
            self._turn.is_over = True
            message = "the upstream server's answer breaks the document"
            await self._turn.client.write(self._turn.refusal(502, message, is_last=True))
            return
        self._turn.is_over = not self._turn.head.minor
        added = {} if self._turn.is_over else {"Transfer-Encoding": "chunked"}
        await self._turn.client.write(passed_answer(head, added, frozenset({b"transfer-encoding", b"content-length"})))
        waiting = b""
        while not framing.ended:
            _, content = await self._pieces(framing)
            waiting += content
            if await self._turn.route.judged(court.judge_events, passing, content):
                await self._write_chunk(waiting[: passing.good])
                await self._write_chunk(error_event(passing.answer_problems))
                raise GoneError("the rest of the stream is not waited for")
            complete = len(waiting) - len(passing.unread)
            await self._write_chunk(waiting[:complete])
            waiting = waiting[complete:]
        await self._write_chunk(waiting)
        if not self._turn.is_over:
            await self._turn.client.write(LAST_CHUNK)

    async def _write_chunk(self, content: bytes) -> None:
        if content:
            await self._turn.client.write(content if self._turn.is_over else chunk(content))

