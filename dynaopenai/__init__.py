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
    CredentialError,
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
    from ._client.async_client import AsyncClient as AsyncClient
    from ._client.async_operation import AsyncOperation as AsyncOperation
    from ._client.client import Client as Client
    from ._client.operation import Operation as Operation
    from ._diff.change import Change as Change
    from ._diff.diff import diff as diff
    from ._learn.learn import learn as learn
    from ._request.oauth2 import OAuth2 as OAuth2
    from ._request.settings import Limits as Limits
    from ._response.binary import AsyncBinary as AsyncBinary
    from ._response.binary import Binary as Binary
    from ._response.data import Data as Data
    from ._response.response import Response as Response
    from ._response.stream import AsyncStream as AsyncStream
    from ._response.stream import Stream as Stream
    from ._transport.retry import Retry as Retry

__version__ = "0.2.0"

_LAZY = {
    "AsyncBinary": "_response.binary",
    "AsyncClient": "_client.async_client",
    "AsyncOperation": "_client.async_operation",
    "AsyncStream": "_response.stream",
    "Binary": "_response.binary",
    "Change": "_diff.change",
    "Client": "_client.client",
    "Data": "_response.data",
    "Limits": "_request.settings",
    "OAuth2": "_request.oauth2",
    "Operation": "_client.operation",
    "Response": "_response.response",
    "Retry": "_transport.retry",
    "Stream": "_response.stream",
    "diff": "_diff.diff",
    "learn": "_learn.learn",
}

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncBinary",
    "AsyncClient",
    "AsyncOperation",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "Binary",
    "Change",
    "Client",
    "ConflictError",
    "CredentialError",
    "Data",
    "Diagnostic",
    "DynaOpenAIError",
    "DynaOpenAIWarning",
    "InternalServerError",
    "Limits",
    "NotFoundError",
    "OAuth2",
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
    "learn",
]


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext dynaopenai`` does: IPython and Jupyter propose the values that an argument takes."""
    from ._cli.repl import extend

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
