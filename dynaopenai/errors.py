"""Everything that dynaopenai raises.

The class tells who broke the agreement::

    DynaOpenAIError
    ├── SpecError                    the document: it cannot be read, or says something impossible
    ├── UnknownOperationError        you: no such operation (also AttributeError)
    ├── CredentialError              you: who was asked for the credential gave none, nothing was sent
    ├── RequestValidationError       you: the arguments break the document, nothing was sent (also ValueError)
    ├── ResponseValidationError      they: the answer breaks the document, nothing is lost
    ├── APIConnectionError           the wire: no answer, or half of one
    │   └── APITimeoutError          the wire: no answer in time
    └── APIStatusError               they: the API answered with an error status
        ├── BadRequestError          400
        ├── AuthenticationError      401
        ├── PermissionDeniedError    403
        ├── NotFoundError            404
        ├── ConflictError            409
        ├── UnprocessableEntityError 422
        ├── RateLimitError           429
        └── InternalServerError      5xx

Rules of every message, here and beside the checks that fail: it says where, what was found, what was expected and
what to do next; it has at most a dozen lines; no value in it is longer than 80 characters (`_display.words.short`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import _refusal
from ._display.visible import visible
from ._display.words import alike, count, nearest, one_spelling, short
from ._problem import Diagnostic, Violation, violations_text

if TYPE_CHECKING:
    from ._response.response import Response

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "CredentialError",
    "Diagnostic",
    "DynaOpenAIError",
    "DynaOpenAIWarning",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestValidationError",
    "ResponseValidationError",
    "SpecError",
    "UnknownOperationError",
    "UnprocessableEntityError",
    "Violation",
]


class DynaOpenAIWarning(UserWarning):
    """A deviation from the document that the ``warn`` policy let pass, or a deprecated operation in use."""

    def __str__(self) -> str:
        return visible(super().__str__())


class DynaOpenAIError(Exception):
    """The root of everything this package raises on purpose.

    Attributes:
        partial: from a stream that broke off, what had come of the answer, put together; None elsewhere.
    """

    partial: Any = None

    def __str__(self) -> str:
        return visible(super().__str__())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show: the message, after the line that asked where that is not plain to see."""
        from ._display.frames import asked_at
        from ._display.width import folded

        return [*asked_at(self.__traceback__), folded(f"{type(self).__name__}: {self}")]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while the package waited for a server. A KeyboardInterrupt; a prompt shows it in two lines."""

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"{operation_id} was interrupted")

    def _render_traceback_(self) -> list[str]:
        from ._display.frames import asked_at
        from ._display.width import folded

        return ["", *asked_at(self.__traceback__), folded(f"KeyboardInterrupt: {self}")]  # after the ^C that a terminal echoes


def _revive(cls: type[DynaOpenAIError], args: tuple[Any, ...], state: dict[str, Any]) -> DynaOpenAIError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SpecError(DynaOpenAIError):
    """The document cannot be used, or the part of it that was asked for.

    Attributes:
        message: what is wrong, in one line.
        source, line, pointer: where; ``found``, ``expected``: what; ``remedy``: what to do next.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str = "",
        line: int | None = None,
        pointer: str = "",
        found: str = "",
        expected: str = "",
        remedy: str = "",
    ) -> None:
        from ._secrecy.redaction import redacted_text

        message, source, found, expected, remedy = map(redacted_text, (message, source, found, expected, remedy))
        self.message = message
        self.source, self.line, self.pointer = source, line, pointer
        self.found, self.expected, self.remedy = found, expected, remedy
        place = f"{source}:{line}" if source and line else source
        lines = [f"{place}: {message}" if place else message]
        facts = {"at": pointer, "found": found, "expected": expected, "remedy": remedy}
        lines += [f"  {name:<9} {text}" for name, text in facts.items() if text]
        super().__init__("\n".join(lines))


class UnknownOperationError(DynaOpenAIError, AttributeError):
    """The document has no such operation, tag or attribute of the client."""

    def __init__(
        self, wanted: str, known: Iterable[str], where: str = "the document", total: int | None = None, newer: str = "",
        closest: Sequence[str] = (), look: str = "list(client.operations)",
    ) -> None:  # fmt: skip
        """``known``: all names; ``total``: of how many operations, where some have several names; ``newer``: where a
        newer document is; ``closest``: what goes before names that are merely like it; ``look``: where all of them are.
        """
        known = list(known)
        self.wanted = wanted
        self.suggestions = list(dict.fromkeys([*closest, *one_spelling(alike(wanted, known)), *nearest(wanted, known, 3)]))[:3]
        message = f"{where} has no operation {short(wanted)}"
        if self.suggestions:
            message += "\n  did you mean " + " or ".join(self.suggestions) + "?"
        elif known:
            message += f"\n  it has {count(total or len(known), 'operation')}: {look}"
        if newer:
            message += f"\n  {newer}"
        super().__init__(message)


class RequestValidationError(DynaOpenAIError, ValueError):
    """The arguments break the document; nothing was sent.

    Attributes:
        operation_id: the operation that was called.
        violations: every problem, each a `Violation`.
    """

    def __init__(self, operation_id: str, violations: Sequence[Violation], newer: str = "") -> None:
        """``newer``: where a newer document is, for what this one does not declare."""
        self.operation_id = operation_id
        self.violations = list(violations)
        text = f"{operation_id} was not sent: {count(len(violations), 'problem')}\n{violations_text(violations)}"
        super().__init__(f"{text}\n  {newer}" if newer else text)


class CredentialError(DynaOpenAIError):
    """Who was asked for the credential gave none; nothing was sent. What went wrong there is the ``__cause__``.

    Attributes:
        operation_id: the operation that was called.
    """

    def __init__(self, operation_id: str, message: str) -> None:
        self.operation_id = operation_id
        super().__init__(f"{operation_id} was not sent: the credential: {message}")


class ResponseValidationError(DynaOpenAIError):
    """The server's answer breaks the document.

    Attributes:
        violations: every problem, each a `Violation`.
        response: the `Response` as it came.
        data: the decoded answer (for a stream, the item that broke it).
    """

    def __init__(
        self, operation_id: str, violations: Sequence[Violation], response: Response | None = None, data: Any = None
    ) -> None:
        self.operation_id = operation_id
        self.violations = list(violations)
        self.response = response
        self.data = data
        status = f" ({response.status_code})" if response is not None else ""
        super().__init__(
            f"{operation_id}: the server's answer{status} breaks the document: "
            f"{count(len(violations), 'problem')}\n{violations_text(violations)}\n"
            "  nothing is lost: error.data, error.response.   "
            'To go on: client.with_options(validate_responses="warn")'
        )


class APIConnectionError(DynaOpenAIError):
    """No answer, or not the whole of it.

    Attributes:
        attempts: how many times the request was tried.
        received: how many bytes of the answer's body had come.
        retryable: whether another try may end better.
        response: the answer whose body broke off, where there was one.
    """

    def __init__(
        self,
        message: str,
        *,
        attempts: int = 1,
        received: int = 0,
        retryable: bool = True,
        response: Response | None = None,
    ) -> None:
        self.attempts = attempts
        self.received = received
        self.retryable = retryable
        self.response = response
        super().__init__(message)


class APITimeoutError(APIConnectionError):
    """No answer, or no next part of it, in time."""


class APIStatusError(DynaOpenAIError):
    """The API answered with an error status, or with an error event in a stream.

    Attributes:
        status_code, response, request_id: the answer.
        attempts: how many times the request was tried.
        body, data: the decoded answer, without the request's own credentials where the server repeats them.
        message: what the API says went wrong, empty where it says nothing.
        code, param, type: as the answer's error object gives them, else None.
    """

    def __init__(self, operation_id: str, status_code: int, body: Any, response: Response | None = None) -> None:
        self.operation_id = operation_id
        self.status_code = status_code
        self.response = response
        self.attempts: int = getattr(response, "attempts", 1)
        self.request_id: str | None = getattr(response, "request_id", None)
        self.body = body
        facts = _refusal.error_object(body)
        self.code, self.param, self.type = facts.get("code"), facts.get("param"), facts.get("type")
        self.message = _refusal.message(body)
        message_shown = self.message or ("no message" if body in (None, b"", "", {}, []) else short(body))
        lines = [f"{operation_id}: {status_code} {_reason(status_code)}: {message_shown}"]
        notes = [f"{name} {short(facts[name])}" for name in ("type", "code", "param") if facts.get(name) is not None]
        if self.request_id:
            notes.append(f"request id {short(self.request_id)}")
        if self.attempts > 1:
            notes.append(f"{self.attempts} tries")
        if getattr(response, "note", ""):
            notes.append(response.note)  # type: ignore[union-attr]  # said by the transport
        if notes:
            lines.append("  " + ", ".join(notes))
        super().__init__("\n".join(lines))

    @property
    def data(self) -> Any:
        """The same as ``body``, by the name that it has on the other errors."""
        return self.body


def _reason(status_code: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return "Unassigned Status"


class BadRequestError(APIStatusError):
    """400: the API refused the request."""


class AuthenticationError(APIStatusError):
    """401: the key is missing or wrong."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: no such thing."""


class ConflictError(APIStatusError):
    """409: the thing has changed meanwhile."""


class UnprocessableEntityError(APIStatusError):
    """422: well-formed, and still refused."""


class RateLimitError(APIStatusError):
    """429: too many requests, or out of quota."""


class InternalServerError(APIStatusError):
    """5xx: the API failed."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error(operation_id: str, status_code: int, body: Any, response: Response | None = None) -> APIStatusError:
    """The error class that users know for ``status_code``."""
    fallback = InternalServerError if status_code >= 500 else APIStatusError
    return _BY_STATUS.get(status_code, fallback)(operation_id, status_code, body, response)


_BY_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "api_error": 500,
    "overloaded_error": 503,
}


def stream_error(operation_id: str, body: Any, response: Response | None = None) -> APIStatusError:
    """The API error that an ``error`` event in a stream is, its status told from its own fields."""
    error = body.get("error", body) if isinstance(body, dict) else None
    facts = error if isinstance(error, dict) else {}
    codes = [str(facts.get(name)) for name in ("status", "status_code", "code")]
    status = next((int(value) for value in codes if len(value) == 3 and value.isdecimal() and 400 <= int(value) <= 599), None)
    if status is None:
        status = next((_BY_TYPE[value] for value in (facts.get("type"), facts.get("code")) if isinstance(value, str) and value in _BY_TYPE), 500)
    return status_error(operation_id, status, body, response)
