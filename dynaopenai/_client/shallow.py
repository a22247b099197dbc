"""Errors that start at the caller's line: what this package raises on purpose, without the way down to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from ..errors import DynaOpenAIError, Interrupted

F = TypeVar("F", bound=Callable[..., Any])


def shallow(method: F) -> F:
    """A method whose errors tell nothing of the way down from here."""

    @wraps(method)
    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return method(self, *args, **kwargs)
        except (DynaOpenAIError, Interrupted) as error:
            raise error.with_traceback(None) from error.__cause__
        except KeyboardInterrupt:
            raise Interrupted(self.id) from None

    return call  # type: ignore[return-value]  # wraps keeps the shape


def shallow_each(values: Iterator[Any]) -> Iterator[Any]:
    """Shallow errors, too, where the next value is asked for."""
    try:
        yield from values
    except DynaOpenAIError as error:
        raise error.with_traceback(None) from error.__cause__
