"""What came of one try of one row: answered, limited, or failed; and the line that is written of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._checking import json as _json
from .._transport import retry as _retry
from ..errors import APIConnectionError, APIStatusError, DynaOpenAIError, RequestValidationError, Violation

LIMITED = frozenset({429, 503})
COMMON = frozenset({401, 402, 403, 404, 405, 407})  # not the row's own fault
TOKENS = "total_tokens"


@dataclass(frozen=True, slots=True)
class Answered:
    """The server did the work; ``violations``: where its answer breaks the document, which loses nothing of it."""

    data: Any
    headers: Mapping[str, str]
    request_id: str | None = None
    violations: tuple[Violation, ...] = ()

    @property
    def usage(self) -> Mapping[str, Any] | None:
        """What the answer says that it took, where it says so."""
        found = self.data.get("usage") if isinstance(self.data, dict) else None
        return found if isinstance(found, dict) else None

    @property
    def tokens(self) -> int:
        """The tokens that it took, 0 where the answer does not say."""
        found = (self.usage or {}).get(TOKENS)
        return found if isinstance(found, int) and not isinstance(found, bool) else 0


@dataclass(frozen=True, slots=True)
class Limited:
    """The server said that it was too much, and when to come back where it said so."""

    error: APIStatusError
    headers: Mapping[str, str]
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer. ``again``: whether another try may help; ``is_common``: whether other rows would fare no better."""

    error: DynaOpenAIError
    again: bool
    is_common: bool
    headers: Mapping[str, str] = field(default_factory=dict)


Outcome = Answered | Limited | Failed


def of_error(error: DynaOpenAIError) -> Outcome:
    """What an error of a call amounts to."""
    if isinstance(error, APIStatusError):
        headers = error.response.headers if error.response is not None else {}
        again = _retry.is_retried(error.status_code, headers)
        if again and error.status_code in LIMITED:
            return Limited(error, headers, _retry.retry_after(headers))
        return Failed(error, again, again or error.status_code in COMMON, headers)
    if isinstance(error, APIConnectionError):
        return Failed(error, error.retryable, is_common=True)
    return Failed(error, again=False, is_common=False)


# --- lines ---------------------------------------------------------------------------------------


def answer_line(number: int, identity: str, answer: Answered, attempts: int) -> bytes:
    """An answer as a line of the output."""
    facts: dict[str, Any] = {"row": number, "id": identity, "data": answer.data, "attempts": attempts}
    if answer.request_id:
        facts["request_id"] = answer.request_id
    if answer.usage is not None:
        facts["usage"] = answer.usage
    if answer.violations:
        facts["violations"] = [_violation(violation) for violation in answer.violations]
    return _line(facts)


def failure_line(number: int, identity: str, error: Exception, attempts: int) -> bytes:
    """A failure as a line of the file for failures: the error in words, its status, its violations, the server's body."""
    facts: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, APIStatusError):
        facts |= {"status": error.status_code, "body": _plain(error.body)}
        if error.request_id:
            facts["request_id"] = error.request_id
    if isinstance(error, RequestValidationError):
        facts["violations"] = [_violation(violation) for violation in error.violations]
    return _line({"row": number, "id": identity, "error": facts, "attempts": attempts})


def _line(facts: Mapping[str, Any]) -> bytes:
    try:
        return _json.encode(facts) + b"\n"
    except _json.NotJSONError:  # half a surrogate pair, as servers send it where they cut a text short: escaped, it is JSON
        return json.dumps(facts, default=repr).encode() + b"\n"


def _violation(violation: Violation) -> dict[str, Any]:
    facts = {"path": violation.path, "message": violation.message, "hint": violation.hint}
    return {name: value for name, value in facts.items() if value} | {"value": _plain(violation.value)}


def _plain(value: Any) -> Any:
    try:
        _json.survey(value)
    except _json.NotJSONError:
        return repr(value)
    return value
