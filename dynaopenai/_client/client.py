"""Client: a document's operations, called over `requests`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._transport.over_requests import Transport
from .any_client import AnyClient
from .operation import Operation
from .unlisted import Unlisted

if TYPE_CHECKING:
    from typing_extensions import Self

    from .._response.response import Response

__all__ = ["Client"]


class Client(AnyClient[Operation]):
    __doc__ = AnyClient.__doc__

    _operation = Operation

    @classmethod
    def _driver(cls, session: Any, max_connections: int) -> Transport:
        return Transport(session, max_connections)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        files: Any = None,
        data: Any = None,
        stream: bool = False,
    ) -> Response:
        """Send what the document does not have: with this client's base URL, credentials, retries and errors, unchecked.

        >>> client.with_options(timeout=30).request("POST", "/new/thing", json={"name": "n"}).data

        Args:
            path: below the base URL; nothing of it is filled in.
            json: the body, as JSON.
            params: the query: lists repeat the name, mappings stand in brackets, None is left out.
            files: files by name (or pairs), each as operations take one: a Path, an open binary file, bytes, (filename, content).
            data: fields of a form, beside ``files`` too; or the body as it is: bytes, a Path, an open binary file.
            stream: the answer is an event stream; ``"stream": true`` is added to a body of JSON.

        Returns:
            The `Response`, whose ``note`` says that it is unchecked; its ``data`` is what the answer's Content-Type makes it:
            `Data`, a list, text, a `Stream` of plain `Data`, or `Binary`.

        Raises:
            RequestValidationError: the path may lead to another origin, or nothing can be sent.
            ResponseValidationError: a body is not what its type says, or with ``stream`` is no event stream.
        """
        unlisted = Unlisted(method, path, json, params or {}, files, data, stream)
        return self._beside(unlisted).send(*unlisted.body, **unlisted.keywords)

    def close(self) -> None:
        """Close the connections. The next call opens new ones."""
        self._engine.drift.save()
        self._engine.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
