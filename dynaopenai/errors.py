"""Everything that dynaopenai raises, and the words it says it in.

The class tells who broke the agreement::

    DynaOpenAIError
    ├── SpecError                    the document: it cannot be read, or says something impossible
    ├── UnknownOperationError        you: no such operation (also AttributeError)
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

Rules of this file: data first, words last; a message says where, what was found, what was expected
and what to do next; it has at most a dozen lines; no value in it is longer than 80 characters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from . import _refusal
from ._secrecy.redaction import redacted_text

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from ._response.response import Response

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
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

SHOWN_VIOLATIONS = 5
SHOWN_VALUE = 80


# --- values --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Violation:
    """One place where a payload and the document disagree.

    Attributes:
        path: the place in the payload as a person would type it, ``messages[0].role``; empty for the whole.
        message: what was found and what was expected, without the path.
        value: what was found at ``path``.
        schema_path: JSON pointer of the broken keyword in the document, ``#/components/schemas/X/enum``.
        hint: what to do next, ``did you mean "system"?``; empty when there is nothing to add.
        source: file and line of ``schema_path``, ``openapi.yaml:31361``, where known.
        context: the object that it stands in, on a line, where the payload is too large for the path to show it.
    """

    path: str
    message: str
    value: Any = None
    schema_path: str = ""
    hint: str = ""
    source: str = ""
    context: str = field(default="", compare=False)

    def __str__(self) -> str:
        line = f"{self.path}: {self.message}" if self.path else self.message
        return f"{line}; {self.hint}" if self.hint else line


@dataclass(frozen=True)
class Diagnostic:
    """One defect of a document that did not keep the rest of it from being used.

    Attributes:
        severity: ``"error"`` when the part cannot be used as written, ``"warning"`` when it was mended.
        code: a stable, hyphenated name, ``ref-leads-nowhere``.
        message: what was found and what was expected.
        source: file or URL of the document.
        pointer: JSON pointer to the place, ``#/paths/~1pets/get``; empty when only the line is known.
        line: 1-based line in ``source``, where known.
        remedy: what to change.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    source: str = ""
    pointer: str = ""
    line: int | None = None
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        lines = [f"{place}: {self.severity}: {self.message} [{self.code}]"]
        if self.pointer:
            lines.append(f"  at      {self.pointer}")
        if self.remedy:
            lines.append(f"  remedy  {self.remedy}")
        return "\n".join(lines)


class DynaOpenAIWarning(UserWarning):
    """A deviation from the document that the ``warn`` policy let pass, or a deprecated operation in use."""


# --- words ---------------------------------------------------------------------------------------


def short(value: object, limit: int = SHOWN_VALUE) -> str:
    """``value`` as JSON-like text of at most ``limit`` characters, built without walking all of a large value."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        text = value if len(value) <= limit else value[:limit]
        text = '"' + text.encode("unicode_escape", "backslashreplace").decode("ascii").replace('"', '\\"') + '"'
        if not value.isascii() and len(value) <= limit and value.isprintable():
            text = f'"{value}"'
    elif isinstance(value, dict):
        head = ", ".join(f"{short(key, 20)}: {short(item, 20)}" for key, item in _first(value.items(), 5))
        text = "{" + head + (", …}" if len(value) > 5 else "}")
    elif isinstance(value, (list, tuple)):
        head = ", ".join(short(item, 20) for item in _first(value, 5))
        text = "[" + head + (f", … {len(value)} items]" if len(value) > 5 else "]")
    elif isinstance(value, int) and abs(value) >= 10**limit:
        text = f"an integer of {value.bit_length()} bits"
    else:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def short_path(path: object, limit: int = SHOWN_VALUE) -> str:
    """A path in quotes, its end where it is too long: the file's name tells most."""
    text = short(str(path), 12 * len(str(path)) + 2)
    return text if len(text) <= limit else '"…' + text[2 - limit :]


def _first(items: Iterable[Any], count: int) -> list[Any]:
    return [item for item, _ in zip(items, range(count), strict=False)]


def count(number: int, noun: str) -> str:
    """``1 problem``, ``2 problems``, ``3 properties``."""
    plural = f"{noun[:-1]}ies" if re.search("[^aeiou]y$", noun) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def one_of(values: Sequence[object], limit: int = 8) -> str:
    """``"a", "b" or "c"``, the first ``limit`` of them."""
    shown = [short(value, 40) for value in values[:limit]]
    if len(values) > limit:
        return ", ".join(shown) + f" … ({len(values)} values)"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" or {shown[-1]}" if shown else "nothing"


def nearest(name: str, names: Iterable[str], limit: int = 1, cutoff: float = 0.6) -> list[str]:
    """Those of ``names`` that ``name`` was probably meant to be, best first; case and separators do not count."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in names:
        folded.setdefault(_fold(candidate), candidate)
    wanted = _fold(name)
    if not wanted or len(wanted) > 200:
        return []
    cutoff = cutoff if len(wanted) > 4 else cutoff - 0.1
    return [folded[match] for match in get_close_matches(wanted, list(folded), limit, cutoff)]


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "")


def alike(wanted: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Those of ``names`` that are made of the same words, in whatever order: ``chat.create`` is ``createChat``."""
    words = _words(wanted)
    if len(words) < 2:
        return []
    shares = {name: len(words & other) / max(len(words), len(other)) for name in names if (other := _words(name))}
    return sorted((name for name, share in shares.items() if share >= 2 / 3), key=lambda name: -shares[name])[:limit]


def _words(name: str) -> frozenset[str]:
    """The words of a name, singular and in lower case."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", name)
    return frozenset(word.lower().removesuffix("s") for word in found)


def did_you_mean(name: object, names: Iterable[object]) -> str:
    """``did you mean "system"?``, or nothing when no name is near."""
    if not isinstance(name, str):
        return ""
    close = nearest(name, [other for other in names if isinstance(other, str)])
    return f'did you mean "{close[0]}"?' if close else ""


def violations_text(violations: Sequence[Violation]) -> str:
    """The violations as indented lines, the first few of them."""
    lines = []
    for violation in violations[:SHOWN_VIOLATIONS]:
        lines.append(f"  {violation.path}: {violation.message}" if violation.path else f"  {violation.message}")
        notes = [violation.hint] if violation.hint else []
        if violation.schema_path:
            source = f" ({violation.source})" if violation.source else ""
            notes.append(f"declared at {violation.schema_path}{source}")
        if notes:
            lines.append("    " + "   ".join(notes))
        if violation.context:
            lines.append(f"    in {violation.context}")
    if len(violations) > SHOWN_VIOLATIONS:
        lines.append(f"  … and {len(violations) - SHOWN_VIOLATIONS} more in error.violations")
    return "\n".join(lines)


def _is_ours(frame: FrameType, beside: Collection[str] = ()) -> bool:
    package = str(frame.f_globals.get("__package__")).partition(".")[0]
    return package == __package__ or package in beside


def caller(*beside: str) -> int:
    """The stack level of the first frame outside this package and those ``beside`` it, for `warnings.warn`."""
    import sys

    level, frame = 1, sys._getframe(1)  # noqa: SLF001
    while frame.f_back is not None and _is_ours(frame, beside):
        level, frame = level + 1, frame.f_back
    return level


# --- errors --------------------------------------------------------------------------------------


class DynaOpenAIError(Exception):
    """The root of everything this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show: the message, after the line that asked where that is not plain to see."""
        return [*_asked_at(self.__traceback__), f"{type(self).__name__}: {self}"]


def _asked_at(trace: TracebackType | None) -> list[str]:
    """The last line outside this package; nothing for a cell of one line."""
    lines = []
    while trace is not None:
        code, number = trace.tb_frame.f_code, trace.tb_lineno
        if not _is_ours(trace.tb_frame):
            lines = [(code.co_filename, number)]
        trace = trace.tb_next
    import linecache

    for name, number in lines:
        source = linecache.getlines(name)
        if len(source) > 1 and number <= len(source):
            return [f"line {number}: {source[number - 1].strip()}"]
    return []


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

    def __init__(self, wanted: str, known: Iterable[str], where: str = "the document", total: int | None = None) -> None:
        """``known``: all names; ``total``: of how many operations, where some have several names."""
        known = list(known)
        self.wanted = wanted
        self.suggestions = list(dict.fromkeys([*_one_spelling(alike(wanted, known)), *nearest(wanted, known, 3)]))[:3]
        message = f"{where} has no operation {short(wanted)}"
        if self.suggestions:
            message += "\n  did you mean " + " or ".join(self.suggestions) + "?"
        elif known:
            message += f"\n  it has {count(total or len(known), 'operation')}: list(client.operations)"
        super().__init__(message)


def _one_spelling(names: Iterable[str]) -> list[str]:
    """Each name once, where it is there in several spellings."""
    return list({_fold(name): name for name in reversed(list(names))}.values())[::-1]


class RequestValidationError(DynaOpenAIError, ValueError):
    """The arguments break the document; nothing was sent.

    Attributes:
        operation_id: the operation that was called.
        violations: every problem, each a `Violation`.
    """

    def __init__(self, operation_id: str, violations: Sequence[Violation]) -> None:
        self.operation_id = operation_id
        self.violations = list(violations)
        super().__init__(
            f"{operation_id} was not sent: {count(len(violations), 'problem')}\n{violations_text(violations)}"
        )


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
        said = self.message or ("no message" if body in (None, b"", "", {}, []) else short(body))
        lines = [f"{operation_id}: {status_code} {_reason(status_code)}: {said}"]
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
    told = [str(facts.get(name)) for name in ("status", "status_code", "code")]
    status = next((int(value) for value in told if value.isdecimal() and 400 <= int(value) <= 599), None)
    if status is None:
        status = next((_BY_TYPE[value] for value in (facts.get("type"), facts.get("code")) if value in _BY_TYPE), 500)
    return status_error(operation_id, status, body, response)
