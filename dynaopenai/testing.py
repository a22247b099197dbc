"""Mocks that cannot lie and payload checks, for tests; needs the extra ``dynaopenai[testing]`` for mocks and strategies.

Everything here is loaded when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import _strategies as strategies
    from ._assertions import InvalidPayloadError, assert_valid, assert_valid_request, assert_valid_response
    from ._cassette import CassetteError, check_cassette, record, replay
    from ._fake import InvalidCallError, Mock, UnmockedCallError, UnusedAnswersError
    from ._given import RegistrationError
    from ._instances import example, example_request, example_response
    from ._mock import MockServer
    from ._registration import Call
    from ._traffic import Verdict, judge_traffic

_HOME = {
    "Call": "_registration",
    "CassetteError": "_cassette",
    "InvalidCallError": "_fake",
    "InvalidPayloadError": "_assertions",
    "Mock": "_fake",
    "MockServer": "_mock",
    "RegistrationError": "_given",
    "UnmockedCallError": "_fake",
    "UnusedAnswersError": "_fake",
    "Verdict": "_traffic",
    "assert_valid": "_assertions",
    "assert_valid_request": "_assertions",
    "assert_valid_response": "_assertions",
    "check_cassette": "_cassette",
    "example": "_instances",
    "example_request": "_instances",
    "example_response": "_instances",
    "judge_traffic": "_traffic",
    "record": "_cassette",
    "replay": "_cassette",
    "strategies": "_strategies",
}
_NEEDS = frozenset({"responses", "hypothesis", "hypothesis_jsonschema"})

__all__ = [
    "Call",
    "CassetteError",
    "InvalidCallError",
    "InvalidPayloadError",
    "Mock",
    "MockServer",
    "RegistrationError",
    "UnmockedCallError",
    "UnusedAnswersError",
    "Verdict",
    "assert_valid",
    "assert_valid_request",
    "assert_valid_response",
    "check_cassette",
    "example",
    "example_request",
    "example_response",
    "judge_traffic",
    "record",
    "replay",
    "strategies",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'dynaopenai.testing' has no attribute {name!r}")
    try:
        module = import_module(f".{_HOME[name]}", __package__)
    except ModuleNotFoundError as error:
        if error.name not in _NEEDS:
            raise
        message = f"testing.{name} needs {error.name}, which is not installed; `pip install 'dynaopenai[testing]'`"
        raise ModuleNotFoundError(message, name=error.name) from None
    value = module if name == "strategies" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
