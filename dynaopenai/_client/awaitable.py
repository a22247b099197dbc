"""Call: what calling an AsyncOperation gives, to be awaited once; until then nothing is sent, and it says so."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Coroutine, Generator
from typing import Any, NoReturn, TypeVar

__all__ = ["Call"]

T_co = TypeVar("T_co", covariant=True)


class Call(Coroutine[Any, Any, T_co]):
    """One call, not sent before it is awaited: by ``await``, a task, `asyncio.gather` and whatever else takes a coroutine.

    ``async with`` awaits it too, and enters what it gives: a stream, a file.
    """

    def __init__(self, operation_id: str, coroutine: Coroutine[Any, Any, T_co]) -> None:
        self.__name__ = self.__qualname__ = operation_id
        self._coroutine = coroutine
        self._is_begun = False
        self._is_misused = False  # which has been told
        frame = sys._getframe(2)  # noqa: SLF001 - whoever called the operation
        self._place = frame.f_code.co_filename, frame.f_lineno

    def __repr__(self) -> str:
        state = "awaited" if self._is_begun else f"not sent yet: await client.{self.__name__}(...)"
        return f"<Call of {self.__name__}, {state}>"

    # --- a coroutine -----------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, T_co]:
        self._is_begun = True
        return self._coroutine.__await__()

    def send(self, value: Any) -> Any:
        self._is_begun = True
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        self._is_begun = True
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """Give it up."""
        self._is_begun = True
        self._coroutine.close()

    async def __aenter__(self) -> Any:
        entered: Any = await self
        self._entered = entered
        return await entered.__aenter__()

    async def __aexit__(self, *error: object) -> Any:
        return await self._entered.__aexit__(*error)

    # --- what it is not --------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name.startswith("cr_"):  # what asyncio looks at to show a task
            return getattr(self._coroutine, name)
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(self._words(f".{name}"))

    def __getitem__(self, key: Any) -> NoReturn:
        raise TypeError(self._words(f"[{key!r}]"))

    def __iter__(self) -> NoReturn:
        raise TypeError(self._words(""))

    def __aiter__(self) -> NoReturn:
        raise TypeError(self._words(""))

    def _words(self, then: str) -> str:
        self._is_misused = True
        call = f"await client.{self.__name__}(...)"
        return f"{self.__name__} was called and not awaited: {f'({call}){then}' if then else call}"

    def __del__(self) -> None:
        if getattr(self, "_is_begun", True):
            return
        self._coroutine.close()
        if not self._is_misused:
            text = f"{self.__name__} was never awaited, so nothing was sent: await client.{self.__name__}(...)"
            warnings.warn_explicit(text, RuntimeWarning, *self._place)
