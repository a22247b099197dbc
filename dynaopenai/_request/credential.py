"""A credential that is asked for before each try: a callable, held so that nobody asks it twice at once.

The same callable is held once, however many clients and copies of clients it is given to.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import CredentialError

_HELD: weakref.WeakValueDictionary[tuple[int, int], CredentialSource] = weakref.WeakValueDictionary()
_LOCK = threading.Lock()


class CredentialSource:
    """A callable that returns a credential, or an awaitable of one.

    Attributes:
        turn: who asks holds it, in whatever thread or event loop.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.turn = threading.Lock()
        self._running = threading.Lock()

    def __repr__(self) -> str:
        return f"<credential asked of {self.name}>"

    @property
    def name(self) -> str:
        """What it is called, and where it stands."""
        import inspect

        function = inspect.unwrap(getattr(self.function, "func", self.function))  # a partial's own
        name = getattr(function, "__qualname__", type(function).__qualname__)
        code = getattr(function, "__code__", None)
        return f"{name} ({Path(code.co_filename).name}:{code.co_firstlineno})" if code is not None else str(name)

    def __call__(self) -> Any:
        """What it returns. It may run on in its thread where nobody waits for it any more; the next waits for its end."""
        with self._running:
            return self.function()

    def now(self, where: str) -> Any:
        """What it returns, asked at once; None where that has to be awaited.

        Raises:
            CredentialError: it failed, or returned what is no credential.
        """
        import inspect

        with self.turn:
            try:
                answer = self()
            except Exception as error:
                raise self.failed(where, error) from error
        if inspect.isawaitable(answer):
            given_up(answer)
            return None
        return self.checked(answer, where)

    def checked(self, answer: Any, where: str) -> Any:
        """What it returned, if that is a credential; an empty one is none.

        Raises:
            CredentialError: it is something else.
        """
        import inspect

        if inspect.isawaitable(answer):
            given_up(answer)
            raise CredentialError(where, f"{self.name} has to be awaited, as AsyncClient does, expected a plain callable")
        if isinstance(answer, str) or is_pair(answer):
            return answer
        raise CredentialError(where, f"{self.name} returned a value of type {type(answer).__name__}, expected a string or a pair (user, password)")

    def failed(self, where: str, error: Exception) -> CredentialError:
        """The error that tells that it raised another; of that, nothing but the type, since it may hold a secret."""
        return CredentialError(where, f"{self.name} raised {type(error).__name__}")


def held(credentials: Any) -> Any:
    """Credentials with each callable among them held; the rest as it is."""
    if isinstance(credentials, Mapping):
        return {key: held(each) for key, each in credentials.items()}
    return _held(credentials) if callable(credentials) and not isinstance(credentials, CredentialSource) else credentials


def _held(function: Callable[[], Any]) -> CredentialSource:
    bound = getattr(function, "__self__", None)
    plain = getattr(function, "__func__", function)  # a method is another object each time it is looked up
    key = id(bound) if plain is not function else 0, id(plain)
    with _LOCK:
        found = _HELD.get(key)
        if found is None:
            found = _HELD[key] = CredentialSource(function)
        return found


def is_pair(value: Any) -> bool:
    """Whether it is (user, password)."""
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, str) for part in value)


def given_up(answer: Any) -> None:
    """Let go of what nobody will await."""
    close = getattr(answer, "close", None) or getattr(answer, "cancel", None)
    if close is not None:
        close()
