"""Operation: what a user calls. Three depths of the same call: `prepare`, `send`, and the call itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._response.pagination import Pages, items
from .._response.response import Response
from .._transport.over_requests import Transport
from ..errors import DynaOpenAIError
from .any_operation import AnyOperation, shallow

__all__ = ["Operation"]


class Operation(AnyOperation):
    __doc__ = AnyOperation.__dict__["__doc__"]

    new_driver = staticmethod(Transport)

    @shallow
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.send(*args, **kwargs).data

    @shallow
    def send(self, /, *args: Any, **kwargs: Any) -> Response:
        """Send it, and return the whole `Response`."""
        response: Response = self._engine.transport.run(self._sent(args, kwargs))
        return response

    @shallow
    def pages(self, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """The answers page by page, each fetched when it is asked for, by the conventions that the document follows."""
        return _shallow_each(response.data for response in self._responses(self._pages(args, kwargs)))

    @shallow
    def items(self, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """The items of all pages one by one; a page is fetched when its first item is asked for."""
        responses = self._responses(self._pages(args, kwargs))
        return _shallow_each(item for response in responses for item in items(self.id, response))

    def _responses(self, pages: Pages) -> Iterator[Response]:
        while (response := self._engine.transport.run(pages.following())) is not None:
            yield response


def _shallow_each(values: Iterator[Any]) -> Iterator[Any]:
    """Shallow errors, too, where the next value is asked for."""
    try:
        yield from values
    except DynaOpenAIError as error:
        raise error.with_traceback(None) from error.__cause__
