"""Operation: what a user calls. Three depths of the same call: `prepare`, `send`, and the call itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .._transport.over_requests import Transport
from .any_operation import AnyOperation
from .shallow import shallow, shallow_each

if TYPE_CHECKING:
    from .._response.pagination import Pages
    from .._response.response import Response

__all__ = ["Operation"]


class Operation(AnyOperation):
    __doc__ = AnyOperation.__dict__["__doc__"]

    new_driver = staticmethod(Transport)

    @shallow
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._engine.transport.run(self._sent(args, kwargs)).data

    @shallow
    def send(self, /, *args: Any, **kwargs: Any) -> Response:
        """Send it, and return the whole `Response`."""
        response: Response = self._engine.transport.run(self._sent(args, kwargs))
        return response

    @shallow
    def pages(self, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """The answers page by page, each fetched when it is asked for, by the conventions that the document follows."""
        return shallow_each(response.data for response in self._responses(self._pages(args, kwargs)))

    @shallow
    def items(self, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """The items of all pages one by one; a page is fetched when its first item is asked for."""
        from .._response.pagination import items

        responses = self._responses(self._pages(args, kwargs))
        return shallow_each(item for response in responses for item in items(self.id, response))

    # --- many calls ------------------------------------------------------------------------------

    @shallow
    def map(self, rows: Any, /, *, out: Any = None, dry_run: bool = False, **shared: Any) -> Any:
        """Call it once for every row, each answer paid for once.

        >>> run = client.createThing.map("rows.jsonl", out="answers.jsonl", size="large")
        >>> print(run)

        Args:
            rows: a path (.jsonl, .csv, .tsv, .parquet), an open file of JSON Lines, or an iterable of mappings. A row's
                columns are the operation's arguments.
            out: where the answers go, as JSON Lines; a ledger stands beside it, and the same call again goes on where
                this one stopped. None only with ``dry_run``.
            dry_run: check and count the rows; send and write nothing.
            **shared: arguments of all rows; and the options ``concurrency``, ``rpm``, ``tpm``, ``invalid`` (``"stop"`` or
                ``"skip"``), ``id``, ``ignore``, ``words``, ``ordered``, ``tries``, ``max_errors``, ``max_tokens_total``,
                ``until``, ``anew``, ``engine``, ``show``.

        Raises:
            RefusedRowsError: rows break the document, and ``invalid`` is ``"stop"``: nothing was sent.
            LedgerError: the output belongs to another run, or to one that runs now.
        """
        from .async_operation import AsyncOperation
        from .many import estimated, mapped, new_driver, options_of, waited_for

        options = options_of(self, shared)
        transport = new_driver(options.concurrency)
        op = AsyncOperation(self._engine.over(transport), self._entry, self._settings)
        if dry_run:
            return estimated(op, rows, shared, options)
        return waited_for(lambda begun: mapped(op, rows, out, shared, options, begun), transport.close)

    def _responses(self, pages: Pages) -> Iterator[Response]:
        while (response := self._engine.transport.run(pages.following())) is not None:
            yield response


if TYPE_CHECKING:

    class OperationOrGroup(Operation):
        """What an attribute of a client is, as far as a type checker can know; a stub tells more (``dynaopenai stubs``)."""

        def __getattr__(self, name: str) -> OperationOrGroup: ...
