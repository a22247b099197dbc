"""A spec-driven client: reads an OpenAPI document at run time and checks every call both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    Diagnostic,
    DynaOpenAIError,
    DynaOpenAIWarning,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RequestValidationError,
    ResponseValidationError,
    SpecError,
    UnknownOperationError,
    UnprocessableEntityError,
    Violation,
)

if TYPE_CHECKING:
    from ._change import Change as Change
    from ._client import Client as Client
    from ._data import Binary as Binary
    from ._data import Data as Data
    from ._diff import diff as diff
    from ._operation import Operation as Operation
    from ._response import Response as Response
    from ._retry import Retry as Retry
    from ._settings import Limits as Limits
    from ._stream import Stream as Stream

__version__ = "0.1.0"

_LAZY = {
    "Binary": "_data",
    "Change": "_change",
    "Client": "_client",
    "Data": "_data",
    "Limits": "_settings",
    "Operation": "_operation",
    "Response": "_response",
    "Retry": "_retry",
    "Stream": "_stream",
    "diff": "_diff",
}

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "Binary",
    "Change",
    "Client",
    "ConflictError",
    "Data",
    "Diagnostic",
    "DynaOpenAIError",
    "DynaOpenAIWarning",
    "InternalServerError",
    "Limits",
    "NotFoundError",
    "Operation",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestValidationError",
    "Response",
    "ResponseValidationError",
    "Retry",
    "SpecError",
    "Stream",
    "UnknownOperationError",
    "UnprocessableEntityError",
    "Violation",
    "diff",
]


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext dynaopenai`` does: IPython and Jupyter propose the values that an argument takes."""
    from ._repl import extend

    extend(shell)


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        msg = f"module 'dynaopenai' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    value = getattr(import_module(f".{_LAZY[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
