"""The options beside a call as keywords: one table for type checkers, for TAB and for ``help``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypedDict, TypeVar

from .security import Credentials
from .settings import Hook, Limits, Policy, Progress, Timeout

F = TypeVar("F", bound=Callable[..., Any])


class Options(TypedDict, total=False):
    """What ``with_options`` takes; for what each means see `Settings`."""

    timeout: Timeout
    max_retries: int
    max_retry_after: float
    headers: Mapping[str, str | None]
    query: Mapping[str, Any]
    extra: Mapping[str, Any]
    validate_requests: Policy
    validate_responses: Policy
    api_key: Credentials
    base_url: str
    security: Mapping[str, Any] | None
    server: int | str | None
    server_variables: Mapping[str, str]
    trusted_origins: Collection[str]
    limits: Limits
    on_request: Hook
    on_response: Hook
    on_retry: Hook
    progress: Progress


def with_keywords(method: F) -> F:
    """A method that takes ``**options``, its signature with each of them: Python itself does not look into a TypedDict."""
    kept = [parameter for parameter in inspect.signature(method).parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=..., annotation=getattr(kind, "__forward_arg__", kind))
        for name, kind in Options.__annotations__.items()
    ]
    method.__signature__ = inspect.Signature(kept + options)  # type: ignore[attr-defined]  # what `inspect` looks at first
    return method
