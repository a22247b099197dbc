"""One client's connection: each request passed on as it comes, or held, judged, and refused with 400 where it is invalid.

Rules of this file:
1. A client's connection has one of its own to the upstream: nobody's requests mix, and what either end does to its
   connection in the middle of a message, the other sees.
2. Both directions at once: an answer that comes before the request has ended is passed on, and a client that goes away
   takes the upstream's work with it.
3. ``strict`` holds a request until it is judged. What is too large passes.
"""

from __future__ import annotations

import asyncio

from .._transport.chunked import ChunkError
from .answer import Answering
from .court import Passed, Passing
from .framing import request_framing
from .head import Refusal, passed_request, request_head
from .own_answer import refusal
from .side import Side
from .turn import CutError, GoneError, Route, Turn

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
AWAY = "the client went away before the end"
REFUSED = 1.0  # seconds in which an answer may come to a request that the upstream does not take to its end


class Relay:
    """Serves one client's connection until either end has enough."""

    def __init__(self, client: Side, route: Route) -> None:
        self._client, self._route = client, route
        self._upstream: Side | None = None
        self._is_own = False  # whether the upstream is the proxy's own page
        self.is_busy = False  # between the first byte of a request and the last of its answer

    async def serve(self) -> None:
        try:
            while await self._exchange():
                self.is_busy = False
        except CutError:
            self._client.abort()
        except OSError:  # either end went away
            pass
        finally:
            self._client.close()
            if self._upstream is not None:
                await self._upstream.closed()

    async def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        try:
            data = await self._client.head()
            if not data:
                return False
            self.is_busy = True
            head = request_head(data)
            framing = request_framing(head)
        except Refusal as error:
            await self._client.write(self._refused(error.status, error.message, is_last=True))
            await self._client.linger()
            return False
        is_preflight = head.method == "OPTIONS" and bool(head.values(b"access-control-request-method"))
        passing = Passing(head.method, self._route.origin + head.target, head.headers(), not is_preflight)
        exchange = Passage(self, Turn(self._client, self._route, head, framing, passing))
        if self._route.is_own(head):
            passing.is_judged = False
            return await exchange.run(is_own=True)
        try:
            return await exchange.run(is_own=False)
        except GoneError as error:
            passing.notes.append(str(error))
            raise
        finally:
            passed = await self._route.judged(self._route.court.closed, passing)
            self._route.finishing.discard(passing)
            if isinstance(passed, Passed):
                self._route.closed(passed)

    async def upstream(self, is_own: bool) -> Side:
        """The connection behind this one.

        Raises:
            OSError: there is none to be had.
        """
        if self._upstream is not None and (is_own is not self._is_own or not self._upstream.is_open):
            self._upstream.close()
            self._upstream = None
        if self._upstream is None:
            self._upstream, self._is_own = await self._route.connect(is_own), is_own
        return self._upstream

    def _refused(self, status: int, message: str, *, is_last: bool = False) -> bytes:
        return refusal(self._route.author, None, status, message, is_last=is_last)


class Passage:
    """One exchange."""

    def __init__(self, relay: Relay, turn: Turn) -> None:
        self._relay, self._turn = relay, turn
        self._held: list[bytes] = []  # of the request

    async def run(self, *, is_own: bool) -> bool:
        turn = self._turn
        is_strict = turn.route.is_strict and turn.passing.is_judged
        if is_strict and await self._refuse_request():
            return turn.keeps_open()
        try:
            upstream = await self._relay.upstream(is_own)
        except OSError as error:
            return await self._unreachable(error)
        sending = asyncio.ensure_future(self._send(upstream))
        answering = asyncio.ensure_future(Answering(self._turn, upstream).run(is_strict))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                await self._outlast(sending, answering)
            is_open = answering.result()
        finally:
            for task in (sending, answering):
                task.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)
        return is_open and turn.keeps_open()

    async def _outlast(self, sending: asyncio.Future[None], answering: asyncio.Future[bool]) -> None:
        """Wait for the answer to a request that was sent, or could not be sent to its end."""
        error = sending.exception()
        if isinstance(error, GoneError):
            raise error
        await asyncio.wait({answering}, timeout=None if error is None else REFUSED)
        if error is not None and not answering.done():
            raise error

    # --- the request -----------------------------------------------------------------------------

    async def _content(self) -> bytes:
        """The next piece of the request's body, noted; the bytes that are passed on."""
        turn = self._turn
        piece = await turn.client.piece()
        if not piece:
            raise GoneError(AWAY)
        try:
            turn.passing.request.take(turn.framing.feed(piece))
        except ChunkError as error:
            raise GoneError(f"the request's body is not framed as its head says: {error}") from None
        if turn.framing.rest:
            turn.client.give_back(turn.framing.rest)
            piece = piece[: -len(turn.framing.rest)]
        return piece

    async def _refuse_request(self) -> bool:
        """Hold the request until it is judged; whether it was refused."""
        turn = self._turn
        if b"100-continue" in turn.head.words(b"expect") and not turn.framing.ended:
            turn.sent_continue = True
            await turn.client.write(CONTINUE)
        while not turn.framing.ended and turn.passing.request.is_whole:
            self._held.append(await self._content())
        turn.verdict = turn.route.judged(turn.route.court.judge_request, turn.passing)
        await turn.verdict
        found = turn.passing.request_problems
        if found:
            message = "the request breaks the document, and was not sent"
            await turn.client.write(turn.refusal(400, message))
        return bool(found)

    async def _send(self, upstream: Side) -> None:
        """Pass the request on, and then see whether the client stays."""
        turn = self._turn
        await upstream.write(passed_request(turn.head, turn.route.host))
        for piece in self._held:
            await upstream.write(piece)
        self._held.clear()
        while not turn.framing.ended:
            await upstream.write(await self._content())
        if turn.verdict is None:
            turn.verdict = turn.route.judged(turn.route.court.judge_request, turn.passing)
        ahead = await turn.client.piece()
        if not ahead:
            raise GoneError(AWAY)
        turn.client.give_back(ahead)

    async def _unreachable(self, error: OSError) -> bool:
        turn = self._turn
        message = f"the upstream server {turn.route.origin} cannot be reached: {error.strerror or type(error).__name__}"
        turn.passing.notes.append(message)
        await turn.client.write(turn.refusal(502, message, is_last=not turn.framing.ended))
        return turn.keeps_open()
