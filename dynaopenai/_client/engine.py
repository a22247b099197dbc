"""What all copies of a client share: the document's contract, the connections, each operation worked out once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from .._checking.contract import Contract
from .._learn.drift import Drift
from .._request.request import Request
from .._request.security import secret_names
from .._request.writer import Writer
from .._response.response import Reader
from .._transport.step import Steps

if TYPE_CHECKING:
    from os import PathLike

    import requests

    from .find import Page
    from .naming import Names

PARTS = frozenset({"_engine", "_following", "_operations", "_settings"})  # of a client, set when it starts


class Driver(Protocol):
    """Who carries out the steps of calls; what `run` and `close` give is awaited where the client is an AsyncClient."""

    @property
    def run(self) -> Callable[[Steps[Any]], Any]: ...

    def prepare(self, request: Request) -> requests.PreparedRequest: ...

    def close(self) -> Any: ...


@dataclass(frozen=True)
class Plan:
    """One operation, worked out: who writes its requests and who reads its answers."""

    writer: Writer
    reader: Reader


class Engine:
    """What all copies of a client share: the document's contract, the connections, the plans made so far.

    Args:
        taken: the names that a client has for itself, which go before an operation's.
        drift: the file that deviations are added to.
    """

    def __init__(
        self, contract: Contract, transport: Driver, taken: frozenset[str] = frozenset(), drift: str | PathLike[str] | None = None
    ) -> None:
        self.contract = contract
        self.transport = transport
        self.taken = taken
        self.drift = Drift(contract, drift)
        self._plans: dict[str, Plan] = {}
        self._lock = threading.Lock()

    def over(self, transport: Driver) -> Engine:
        """The same, its calls carried out by another driver."""
        other = copy(self)
        other.transport = transport
        return other

    @cached_property
    def pages(self) -> list[Page]:
        """What is searched by `Client.find`."""
        from .find import pages

        return pages(self.contract.openapi)

    @cached_property
    def grouped(self) -> dict[str, str]:
        """operationId by its names in groups, ``files.list``."""
        from .grouping import grouped

        return grouped(self.contract.openapi)

    @cached_property
    def names(self) -> Names:
        """What reads as an attribute of a client, and what it leads to."""
        from .naming import names

        entries = self.contract.openapi.entries
        tags = (tag for entry in entries.values() for tag in entry.tags)
        return names(entries, tags, self.taken | PARTS, self.grouped)

    def names_in_groups(self, operation_id: str) -> list[str]:
        """What an operation is called in groups, as it is typed: ``files.list``, ``find_.list`` where a client has ``find``."""
        spelled = {word: name for name, word in self.names.groups.items()}
        names = [name.partition(".") for name, each in self.grouped.items() if each == operation_id]
        return [f"{spelled[first]}.{rest}" for first, _, rest in names if rest]

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The names under which the document's security schemes carry credentials, in lower case."""
        return secret_names(self.contract.openapi.security_schemes.values())

    def is_planned(self, operation_id: str) -> bool:
        """Whether the operation was used before."""
        return operation_id in self._plans

    def plan(self, operation_id: str) -> Plan:
        """The operation's plan, made on first use.

        Raises:
            SpecError: the document's description of the operation is broken.
        """
        plan = self._plans.get(operation_id)
        if plan is None:
            with self._lock:
                plan = self._plans.get(operation_id) or self._made(operation_id)
                self._plans[operation_id] = plan
        return plan

    def beside(self, operation_id: str, plan: Plan) -> Engine:
        """The same for one operation more, that its document does not have."""
        other = copy(self)
        other._plans = {operation_id: plan}  # noqa: SLF001 - the same class
        return other

    def _made(self, operation_id: str) -> Plan:
        operation = self.contract.operation(operation_id)
        return Plan(Writer(self.contract, operation), Reader(self.contract, operation, self.drift))
