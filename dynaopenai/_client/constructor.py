"""A constructor that says which option was meant, where one is misspelled."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from .._display.words import did_you_mean

F = TypeVar("F", bound=Callable[..., Any])


def forgiving(init: F) -> F:
    """An ``__init__`` whose TypeError about an unknown option tells the one that was probably meant."""
    code = init.__code__
    known = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    @wraps(init)
    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807 - it stands in the place of one
        __tracebackhide__ = True
        for name in options:
            if name not in known:
                meant = did_you_mean(name, known) or f"it has {', '.join(sorted(known))}"
                raise TypeError(f"{type(self).__name__}() has no option {name!r}; {meant}")
        init(self, *args, **options)

    return __init__  # type: ignore[return-value]  # wraps keeps the shape
