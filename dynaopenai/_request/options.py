"""The options beside a call as keywords: one table for type checkers, for TAB and for ``help``."""

from __future__ import annotations

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
    method.__wrapped__ = _spelled_out(method)  # type: ignore[attr-defined]  # what `inspect` takes a signature from
    return method


def _spelled_out(method: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the signature, never called: to describe one would take `inspect`, which nobody may ever need."""
    kinds = {name: getattr(kind, "__forward_arg__", kind) for name, kind in Options.__annotations__.items()}
    scope: dict[str, Any] = {}
    exec(f"def shown(self, *, {', '.join(f'{name}=...' for name in kinds)}): ...", scope)  # noqa: S102 - of the names above
    shown: Callable[..., Any] = scope["shown"]
    shown.__annotations__ = {**kinds, "return": method.__annotations__["return"]}
    shown.__name__, shown.__qualname__ = method.__name__, method.__qualname__
    place = method.__code__
    shown.__code__ = shown.__code__.replace(co_filename=place.co_filename, co_firstlineno=place.co_firstlineno)  # where its source is
    return shown
