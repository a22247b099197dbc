"""AsyncOperation: what a user awaits; the same depths, each a `Call`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._response.response import Hands, Response
from ..errors import DynaOpenAIError
from .any_operation import AnyOperation
from .awaitable import Call
from .engine import Driver

if TYPE_CHECKING:
    from .._response.pagination import Pages

__all__ = ["AsyncOperation"]


class AsyncOperation(AnyOperation):
    __doc__ = AnyOperation.__dict__["__doc__"]

    @staticmethod
    def new_driver() -> Driver:
        """Who carries out its calls, where it comes out of a pickle."""
        from .._transport.over_aiohttp import AsyncTransport

        return AsyncTransport()

    @cached_property
    def _hands(self) -> Hands:
        return Hands(self._engine.transport.run, is_awaited=True)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Call[Any]:
        return Call(self.id, self._data(args, kwargs))

    def send(self, /, *args: Any, **kwargs: Any) -> Call[Response]:
        """Send it; awaited, the whole `Response`."""
        return Call(self.id, self._response(args, kwargs))

    async def _data(self, args: Any, kwargs: Any) -> Any:
        return (await self._response(args, kwargs)).data

    async def _response(self, args: Any, kwargs: Any) -> Response:
        try:
            response: Response = await self._engine.transport.run(self._sent(args, kwargs))
        except DynaOpenAIError as error:
            raise error.with_traceback(None) from error.__cause__
        return response

    async def pages(self, /, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """The answers page by page, each fetched when it is asked for, by the conventions that the document follows."""
        async for response in self._responses(args, kwargs):
            yield response.data

    async def items(self, /, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """The items of all pages one by one; a page is fetched when its first item is asked for."""
        from .._response.pagination import items

        async for response in self._responses(args, kwargs):
            for item in items(self.id, response):
                yield item

    # --- many calls ------------------------------------------------------------------------------

    def map(self, rows: Any, /, *, out: Any = None, dry_run: bool = False, **shared: Any) -> Call[Any]:
        """`Operation.map`, awaited."""
        return Call(self.id, self._mapped(rows, out, dry_run, shared))

    async def _mapped(self, rows: Any, out: Any, dry_run: bool, shared: dict[str, Any]) -> Any:
        from .many import estimated, mapped, options_of

        options = options_of(self, shared)
        return estimated(self, rows, shared, options) if dry_run else await mapped(self, rows, out, shared, options)

    async def _responses(self, args: Any, kwargs: Any) -> AsyncGenerator[Response, None]:
        try:
            pages: Pages = self._pages(args, kwargs)
            while (response := await self._engine.transport.run(pages.following())) is not None:
                yield response
        except DynaOpenAIError as error:
            raise error.with_traceback(None) from error.__cause__


if TYPE_CHECKING:

    class AsyncOperationOrGroup(AsyncOperation):
        """What an attribute of an AsyncClient is, as far as a type checker can know."""

        def __getattr__(self, name: str) -> AsyncOperationOrGroup: ...
