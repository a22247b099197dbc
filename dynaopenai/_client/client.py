"""Client: a document's operations, called over `requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._response.response import Response
from .._transport.over_requests import Transport
from .any_client import AnyClient
from .operation import Operation

if TYPE_CHECKING:
    from typing_extensions import Self

    from .operation import OperationOrGroup


__all__ = ["Client"]


class Client(AnyClient[Operation, Response]):
    __doc__ = AnyClient.__doc__

    _operation = Operation

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> OperationOrGroup: ...

    @classmethod
    def _driver(cls, session: Any, max_connections: int) -> Transport:
        return Transport(session, max_connections)

    def close(self) -> None:
        """Close the connections. The next call opens new ones."""
        self._engine.drift.save()
        self._engine.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
