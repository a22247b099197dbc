"""Mocks that cannot lie and payload checks, for tests; needs the extra ``dynaopenai[testing]`` for strategies.

Everything here is loaded when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._bench import strategies
    from ._bench.assertions import InvalidPayloadError, assert_valid, assert_valid_request, assert_valid_response
    from ._bench.cassette import CassetteError, check_cassette, record, replay
    from ._bench.examples import example, example_request, example_response
    from ._bench.in_process import Mock
    from ._bench.traffic import Verdict, judge_traffic
    from ._mock.given_answer import RegistrationError
    from ._mock.registration import Call, SentRequest
    from ._mock.script import InvalidCallError, UnmockedCallError, UnusedAnswersError
    from ._mock.server import MockServer
    from ._proxy.proxy import ValidatingProxy

_HOME = {
    "Call": "_mock.registration",
    "CassetteError": "_bench.cassette",
    "InvalidCallError": "_mock.script",
    "InvalidPayloadError": "_bench.assertions",
    "Mock": "_bench.in_process",
    "MockServer": "_mock.server",
    "RegistrationError": "_mock.given_answer",
    "SentRequest": "_mock.registration",
    "UnmockedCallError": "_mock.script",
    "UnusedAnswersError": "_mock.script",
    "ValidatingProxy": "_proxy.proxy",
    "Verdict": "_bench.traffic",
    "assert_valid": "_bench.assertions",
    "assert_valid_request": "_bench.assertions",
    "assert_valid_response": "_bench.assertions",
    "check_cassette": "_bench.cassette",
    "example": "_bench.examples",
    "example_request": "_bench.examples",
    "example_response": "_bench.examples",
    "judge_traffic": "_bench.traffic",
    "record": "_bench.cassette",
    "replay": "_bench.cassette",
    "strategies": "_bench.strategies",
}
_NEEDS = frozenset({"hypothesis", "hypothesis_jsonschema"})

__all__ = [
    "Call",
    "CassetteError",
    "InvalidCallError",
    "InvalidPayloadError",
    "Mock",
    "MockServer",
    "RegistrationError",
    "SentRequest",
    "UnmockedCallError",
    "UnusedAnswersError",
    "ValidatingProxy",
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
