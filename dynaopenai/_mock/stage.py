"""A script over HTTP: a request to the call that it is, and what a test said to an answer, or to a connection that fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from .._checking.contract import Contract
from .._client.engine import Engine
from .._client.operation import Operation
from .._client.operations import Operations
from .._display.words import short
from .._document import openapi
from .._request.received import Wire
from .._request.settings import Settings
from .._transport.over_requests import Transport
from ..errors import DynaOpenAIError
from .author import Answer, Author
from .registration import Call, SentRequest
from .script import Script

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

CUT = 0  # the status of an answer that is none: the connection is closed
LONGEST_SILENCE = 3600.0
FAILURES = frozenset({"TransportError", "ClientError", "APIConnectionError"})  # httpx's, aiohttp's, ours


class Stage:
    """Answers calls as a test said. Thread-safe.

    Args:
        strict: refuse the calls that no answer was given for.

    Attributes:
        stopping: set when nobody is to wait any longer.
    """

    def __init__(self, contract: Contract, author: Author, strict: bool) -> None:
        self._author, self._strict, self.stopping = author, strict, threading.Event()
        self.script = Script(Operations(Engine(contract, Transport()), Settings(), Operation), author, "server")

    def call(self, request: Request, operation: openapi.Operation, wire: Wire) -> Call:
        """The request as a test sees it, remembered."""
        sent = SentRequest(request.environ["REQUEST_METHOD"], request.url, dict(wire.headers), wire.body)
        return self.script.received(operation.id, wire, sent)

    def answer(self, call: Call, operation: openapi.Operation) -> Answer | None:
        """What the test said that the call is answered with; None where that is left to the document.

        What cannot be answered as it said is kept as a trouble, to be told when the server stops.
        """
        try:
            answer = self.script.answer(call)
        except DynaOpenAIError as error:
            return self._trouble(error, operation, 500)
        except Exception as error:  # noqa: BLE001 - of whatever kind the test said
            return self._failure(error, operation)
        if answer is None and self._strict:
            return self._trouble(self.script.unmocked(call), operation, 404)
        return answer

    def _trouble(self, error: DynaOpenAIError, operation: openapi.Operation, status: int) -> Answer:
        self.script.troubles.append(error)
        return self._author.error(operation, status, str(error))

    def _failure(self, error: Exception, operation: openapi.Operation) -> Answer:
        """A failure of the connection, as far as a server can make one; any other is the test's mistake."""
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if any("Timeout" in kind for kind in kinds):
            self.stopping.wait(LONGEST_SILENCE)
        elif not isinstance(error, OSError) and not kinds & FAILURES:
            trouble = DynaOpenAIError(
                f"{operation.id} cannot be answered: {type(error).__name__}: {short(str(error), 200)}\n"
                "  raised by what the test gave to answers() or raises()"
            )
            trouble.__cause__ = error
            return self._trouble(trouble, operation, 500)
        return Answer(CUT)
