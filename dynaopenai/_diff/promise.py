"""The operations of two documents side by side: what is changed outside schemas, and which schemas meet.

Rules of this file:
1. An operation is the same by its operationId, else by method and URL whatever its path parameters are called.
2. A webhook and a callback are operations of which the other side is the client: what it sends, we are answered.
"""

from __future__ import annotations

from .._checking.contract import Contract
from .._display.words import nearest, short
from .._document import objects as _objects
from .._document import openapi
from ..errors import SpecError
from .answer import answers
from .change import Way
from .component import components
from .counterpart import callbacks, has_own_id, match, route, webhooks
from .findings import WHOLE, Findings, why
from .lifecycle import lifecycle, removed
from .parameter import body, parameters
from .security import operation_security, schemes
from .server import is_at_the_same_url, operation_servers, servers

__all__ = ["Promises"]


class Promises(Findings):
    """Two documents, read side by side."""

    def read(self) -> list[str]:
        """Read all of both; returns the operationIds in the order of the new document, those that are gone last."""
        pairs, gone, added = match(self.old.openapi, self.new.openapi)
        self._unread()
        servers(self, pairs)
        schemes(self)
        for before, after in pairs:
            self._operation(before, after)
        for entry in gone:
            close = nearest(entry.id, [other.id for other in added], cutoff=0.75)
            hint = f"renamed to {close[0]}?" if close else ""
            removed(self, entry, hint)
        for entry in added:
            self.tell("operation-added", entry.id, "", f"{entry.method} {entry.path} is new", entry.node)
        self._incoming("webhook", WHOLE, webhooks(self.old), webhooks(self.new))
        components(self)
        self.settle()
        return [*self.new.openapi.entries, *(entry.id for entry in gone)]

    def _unread(self) -> None:
        """Paths and operations that a reference should lead to, and does not."""
        for contract in (self.old, self.new):
            where = " in the old document" if contract is self.old else ""
            for each in contract.openapi.diagnostics:
                if each.severity == "error" and each.code.startswith("ref-"):
                    message = f"a path cannot be read{where}: {each.message}"
                    self.tell("operation-broken", WHOLE, "", message, old=contract is self.old)

    def _incoming(
        self, kind: str, operation: str, old: dict[str, openapi.Entry], new: dict[str, openapi.Entry]
    ) -> None:
        """Webhooks, or an operation's callbacks: requests that come to the user."""
        for name, entry in old.items():
            path = f"{kind}s.{name}"
            if name not in new:
                message = f"{name} is gone"
                self.tell(f"{kind}-removed", operation, path, message, entry.node, way="response", old=True, witness=name)
                continue
            pair = [self._read(contract, each, operation) for contract, each in ((self.old, entry), (self.new, new[name]))]
            if pair[0] and pair[1]:
                self._call(pair[0], pair[1], "response", "request", path)
        for name, entry in new.items():
            if name not in old:
                self.tell(f"{kind}-added", operation, f"{kind}s.{name}", f"{name} is new", entry.node, way="response")

    # --- one operation ---------------------------------------------------------------------------

    def _read(self, contract: Contract, entry: openapi.Entry, told_as: str | None = None) -> openapi.Operation | None:
        try:
            return _objects.read_operation(contract.openapi, entry)
        except SpecError as error:
            name = entry.id if told_as is None else told_as
            is_old = contract is self.old
            message = f"it cannot be read{' in the old document' if is_old else ''}: {why(error)}"
            self.tell("operation-broken", name, "", message, entry.node, old=is_old)
            return None

    def _operation(self, before: openapi.Entry, after: openapi.Entry) -> None:
        self._identity(before, after)
        old, new = self._read(self.old, before), self._read(self.new, after)
        if old is None or new is None:
            return
        self._call(old, new, "request", "response")
        operation_security(self, old, new)
        operation_servers(self, old, new)
        self._incoming("callback", new.id, callbacks(old), callbacks(new))

    def _call(self, old: openapi.Operation, new: openapi.Operation, way: Way, back: Way, at: str = "") -> None:
        """What travels ``way`` and what comes ``back``."""
        dot = f"{at}." if at else ""
        parameters(self, old, new, way, dot)
        body(self, old, new, way, at or "body")
        answers(self, old, new, back, dot)

    def _identity(self, before: openapi.Entry, after: openapi.Entry) -> None:
        if before.id != after.id:
            code = "operation-renamed" if has_own_id(before) else "operation-id-added"
            message = f"operationId {before.id} → {after.id}"
            self.tell(code, after.id, "", message, after.node, witness=f"client[{before.id!r}]")
        lines = f"{before.method} {before.path}", f"{after.method} {after.path}"
        at_home = is_at_the_same_url(self.old.openapi, before, self.new.openapi, after)
        if route(before) != route(after) and not at_home:
            self.tell("operation-moved", after.id, "", " → ".join(lines), after.node, witness=lines[0])
        lifecycle(self, before, after)
        for tag in before.tags:
            if tag not in after.tags:
                self.tell("tag-removed", after.id, "", f"not under tag {short(tag)} any more", after.node)
        for tag in after.tags:
            if tag not in before.tags:
                self.tell("tag-added", after.id, "", f"under tag {short(tag)} now", after.node)
