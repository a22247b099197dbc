"""What the operations of two documents promise, side by side: changes outside schemas, and pairs of schemas.

Rules of this file:
1. An operation is the same by its operationId, else by method and path whatever its path parameters are called.
2. What cannot be read is a change of its own (`operation-broken`), never an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._checking.contract import Contract
from .._checking.schema import Schema
from .._document import openapi
from .._document import reading as _reading
from .._document.document import Node
from ..errors import SpecError, nearest, short
from .change import NO_WITNESS, Change, Way, severity
from .compare import Comparison
from .counterpart import by_media_type, by_place, credentials, match, renamed, route, said, style_of, webhooks
from .pair import Pair
from .shape import Side

WHOLE = ""  # as an operation: the document as a whole


@dataclass(frozen=True, eq=False)
class Root:
    """A place of an operation that has a schema: a parameter, a body, an answer, a header."""

    operation: str
    direction: Way
    path: str
    pair: Pair
    old: Schema | None
    new: Schema | None


class Promises:
    """Two documents, read side by side. ``told``: changes outside schemas; ``roots``: where schemas are compared."""

    def __init__(self, old: Contract, new: Contract) -> None:
        self.old, self.new = old, new
        self.told: list[tuple[Change, Node]] = []  # and where it is declared
        self.roots: list[Root] = []
        self.sides = {way: (Side(), Side()) for way in ("request", "response")}
        self.comparisons = {way: Comparison(*sides) for way, sides in self.sides.items()}

    def read(self) -> list[str]:
        """Read all of both; returns the operationIds in the order of the new document, those that are gone last."""
        self._document()
        pairs, gone, added = match(self.old.openapi.entries, self.new.openapi.entries)
        for before, after in pairs:
            self._operation(before, after)
        for entry in gone:
            close = nearest(entry.id, [other.id for other in added], cutoff=0.75)
            hint = f"renamed to {close[0]}?" if close else ""
            message = f"{entry.method} {entry.path} is gone"
            self._tell("operation-removed", entry.id, "", message, entry.node, old=True, hint=hint)
        for entry in added:
            self._tell("operation-added", entry.id, "", f"{entry.method} {entry.path} is new", entry.node)
        self._webhooks()
        for comparison in self.comparisons.values():
            comparison.settle()
        return [*self.new.openapi.entries, *(entry.id for entry in gone)]

    def _tell(
        self, code: str, operation: str, path: str, message: str, node: Node | None = None,
        *, way: Way = "request", old: bool = False, hint: str = "", witness: Any = NO_WITNESS,
    ) -> None:  # fmt: skip
        if node is None:
            node = (self.old if old else self.new).document.node
        operations = (operation,) if operation else ()
        shown = witness
        if witness is NO_WITNESS and severity(code, way) == "breaking":
            shown = self._line(operation, old=True)
        change = Change(
            code, severity(code, way), way, operations, path, message, node.place, node.document.name, witness=shown, hint=hint
        )  # fmt: skip
        self.told.append((change, node))

    def _line(self, operation: str, *, old: bool) -> Any:
        entries = (self.old if old else self.new).openapi.entries
        entry = entries.get(operation) or self.new.openapi.entries.get(operation)
        return f"{entry.method} {entry.path}" if entry else NO_WITNESS

    # --- the document ----------------------------------------------------------------------------

    def _document(self) -> None:
        old, new = self.old.openapi, self.new.openapi
        urls = [server.url for server in old.servers], [server.url for server in new.servers]
        for url in dict.fromkeys(urls[0]):
            if url not in urls[1]:
                self._tell("server-removed", WHOLE, "servers", f"{short(url)} is not named any more", old=True)
        for url in dict.fromkeys(urls[1]):
            if url not in urls[0]:
                self._tell("server-added", WHOLE, "servers", f"{short(url)} is new")
        for key, scheme in old.security_schemes.items():
            other = new.security_schemes.get(key)
            facts = [(each.type, each.scheme, each.name, each.in_) for each in (scheme, other) if each]
            if len(facts) == 2 and facts[0] != facts[1]:
                shown = [" ".join(filter(None, each)) for each in facts]
                self._tell("security-scheme-changed", WHOLE, f"security.{key}", " → ".join(shown), witness=shown[0])

    def _webhooks(self) -> None:
        old, new = webhooks(self.old), webhooks(self.new)
        for name, entry in old.items():
            if name not in new:
                self._tell(
                    "webhook-removed",
                    WHOLE,
                    f"webhooks.{name}",
                    f"{name} is gone",
                    entry.node,
                    way="response",
                    old=True,
                    witness=name,
                )
        for name, entry in new.items():
            if name not in old:
                self._tell("webhook-added", WHOLE, f"webhooks.{name}", f"{name} is new", entry.node, way="response")
            else:
                bodies = [self._read(contract, each) for contract, each in ((self.old, old[name]), (self.new, entry))]
                if bodies[0] and bodies[1]:
                    media = [body.request_body.content if body.request_body else {} for body in bodies if body]
                    self._contents(WHOLE, "response", f"webhooks.{name}", *map(by_media_type, media))

    # --- one operation ---------------------------------------------------------------------------

    def _read(self, contract: Contract, entry: openapi.Entry) -> openapi.Operation | None:
        try:
            return _reading.read_operation(contract.openapi, entry)
        except SpecError as error:
            if contract is self.new:
                self._tell(
                    "operation-broken", entry.id, "", f"it cannot be read: {_why(error)}", entry.node
                )
            return None

    def _operation(self, before: openapi.Entry, after: openapi.Entry) -> None:
        self._identity(before, after)
        old, new = self._read(self.old, before), self._read(self.new, after)
        if old is None or new is None:
            return
        self._parameters(old, new)
        self._body(old, new)
        self._responses(old, new)
        self._security(old, new)

    def _identity(self, before: openapi.Entry, after: openapi.Entry) -> None:
        if before.id != after.id:
            message = f"operationId {before.id} → {after.id}"
            self._tell("operation-renamed", after.id, "", message, after.node, witness=f"client[{before.id!r}]")
        lines = f"{before.method} {before.path}", f"{after.method} {after.path}"
        if route(before) != route(after):
            self._tell("operation-moved", after.id, "", " → ".join(lines), after.node, witness=lines[0])
        if before.deprecated != after.deprecated:
            code = "operation-deprecated" if after.deprecated else "operation-undeprecated"
            self._tell(code, after.id, "", "deprecated" if after.deprecated else "not deprecated any more", after.node)
        for tag in before.tags:
            if tag not in after.tags:
                self._tell("tag-removed", after.id, "", f"not under tag {short(tag)} any more", after.node)
        for tag in after.tags:
            if tag not in before.tags:
                self._tell("tag-added", after.id, "", f"under tag {short(tag)} now", after.node)

    def _parameters(self, old: openapi.Operation, new: openapi.Operation) -> None:
        mine, theirs = by_place(old), by_place(new)
        for before, after in renamed(old, new):
            message = f"path parameter {short(before)} → {short(after)}"
            self._tell("parameter-renamed", new.id, f"path.{before}", message, new.node)
            mine["path", after] = mine.pop(("path", before))
        for key, parameter in mine.items():
            path = f"{parameter.in_}.{parameter.name}"
            if key in theirs:
                self._parameter(new, path, parameter, theirs[key])
                continue
            moved = next((other for other in theirs.values() if other.name == parameter.name), None)
            close = nearest(parameter.name, [other.name for at, other in theirs.items() if at not in mine], cutoff=0.75)
            hint = f"moved to the {moved.in_}?" if moved else f"renamed to {close[0]}?" if close else ""
            self._tell(
                "parameter-removed",
                new.id,
                path,
                f"{short(parameter.name)} is not declared any more",
                old.node,
                hint=hint,
            )
        for key, parameter in theirs.items():
            if key not in mine:
                code, verb = (
                    ("required-parameter-added", "is new and required")
                    if parameter.required
                    else ("parameter-added", "is new")
                )
                self._tell(
                    code, new.id, f"{parameter.in_}.{parameter.name}", f"{short(parameter.name)} {verb}", new.node
                )

    def _parameter(
        self, operation: openapi.Operation, path: str, old: openapi.Parameter, new: openapi.Parameter
    ) -> None:
        if old.required != new.required:
            verb = "required" if new.required else "optional"
            self._tell(f"parameter-{verb}", operation.id, path, f"became {verb}", operation.node)
        if old.deprecated != new.deprecated:
            code = "parameter-deprecated" if new.deprecated else "parameter-undeprecated"
            self._tell(
                code, operation.id, path, "deprecated" if new.deprecated else "not deprecated any more", operation.node
            )
        styles = style_of(self.old, old), style_of(self.new, new)
        if styles[0] != styles[1]:
            self._tell(
                "parameter-style-changed", operation.id, path, " → ".join(styles), operation.node, witness=styles[0]
            )
        schemas = [each.content.schema if each.content else each.schema for each in (old, new)]
        self._root(operation.id, "request", path, schemas[0], schemas[1])

    def _body(self, old: openapi.Operation, new: openapi.Operation) -> None:
        before, after = old.request_body, new.request_body
        if before is None or after is None:
            if after is not None:
                code = "required-body-added" if after.required else "body-added"
                self._tell(
                    code, new.id, "body", "a body is new" + (" and required" if after.required else ""), new.node
                )
            elif before is not None:
                self._tell("body-removed", new.id, "body", "no body is declared any more", new.node)
            return
        if before.required != after.required:
            verb = "required" if after.required else "optional"
            self._tell(f"body-{verb}", new.id, "body", f"became {verb}", new.node)
        mine, theirs = by_media_type(before.content), by_media_type(after.content)
        for name in mine:
            if name not in theirs:
                self._tell("request-media-type-removed", new.id, "body", f"{name} is not taken any more", new.node)
        for name in theirs:
            if name not in mine:
                self._tell("request-media-type-added", new.id, "body", f"{name} is taken too", new.node)
        self._contents(new.id, "request", "body", mine, theirs)

    def _contents(
        self, operation: str, way: Way, path: str,
        old: Mapping[str, openapi.MediaType], new: Mapping[str, openapi.MediaType],
    ) -> None:  # fmt: skip
        for name in old:
            if name in new:
                place = path if "json" in name or len(new) == 1 else f"{path} ({name})"
                for kind in ("schema", "item_schema"):
                    self._root(operation, way, place, getattr(old[name], kind), getattr(new[name], kind))

    def _responses(self, old: openapi.Operation, new: openapi.Operation) -> None:
        for status, before in old.responses.items():
            after = next((code for code in (status, f"{status[0]}XX", "default") if code in new.responses), None)
            if after is not None and (after == status or status.startswith("2")):
                self._response(new, status, before, new.responses[after])
            else:
                kind = "success" if status.startswith("2") else "error"
                self._tell(
                    f"{kind}-status-removed",
                    new.id,
                    status,
                    f"{status} is not declared any more",
                    new.node,
                    way="response",
                    witness=status,
                )
        for status in new.responses:
            if status not in old.responses:
                kind = "success" if status.startswith("2") else "error"
                self._tell(f"{kind}-status-added", new.id, status, f"{status} is new", new.node, way="response")

    def _response(
        self, operation: openapi.Operation, status: str, old: openapi.Response, new: openapi.Response
    ) -> None:
        def tell(code: str, message: str, path: str = status) -> None:
            self._tell(
                code,
                operation.id,
                path,
                message,
                operation.node,
                way="response",
                witness=f"{status}: {message}" if severity(code, "response") == "breaking" else NO_WITNESS,
            )

        if bool(old.content) != bool(new.content):
            tell(
                "response-body-added" if new.content else "response-body-removed",
                "has a body now" if new.content else "has no body any more",
            )
            return
        mine, theirs = by_media_type(old.content), by_media_type(new.content)
        for name in mine:
            if name not in theirs:
                tell("response-media-type-removed", f"{name} is not answered any more")
        for name in theirs:
            if name not in mine:
                tell("response-media-type-added", f"{name} may be asked for")
        self._contents(operation.id, "response", status, mine, theirs)
        names = {name.lower(): name for name in new.headers}
        for name, header in old.headers.items():
            path = f"{status}.headers.{name}"
            after = new.headers[names[name.lower()]] if name.lower() in names else None
            if after is None:
                tell("required-header-removed" if header.required else "header-removed", f"{name} is gone", path)
                continue
            if header.required != after.required:
                verb = "required" if after.required else "optional"
                tell(f"header-{verb}", f"became {verb}", path)
            self._root(operation.id, "response", path, header.schema, after.schema)
        for name in new.headers:
            if name.lower() not in {each.lower() for each in old.headers}:
                tell("header-added", f"{name} is new", f"{status}.headers.{name}")

    def _security(self, old: openapi.Operation, new: openapi.Operation) -> None:
        before, after = credentials(old), credentials(new)
        if not before or () in before:
            if after and () not in after:
                self._tell(
                    "security-required", new.id, "security", f"a credential became necessary: {said(after)}", new.node
                )
            return
        if not after or () in after:
            self._tell("security-dropped", new.id, "security", "no credential is necessary any more", new.node)
            return
        for way in before:
            if way not in after:
                self._tell("security-removed", new.id, "security", f"{said([way])} is not enough any more", new.node)
        for way in after:
            if way not in before:
                self._tell("security-added", new.id, "security", f"{said([way])} is enough", new.node)

    # --- schemas ---------------------------------------------------------------------------------

    def _root(self, operation: str, way: Way, path: str, old: Node | None, new: Node | None) -> None:
        if old is None and new is None:
            return
        try:
            before = self.old.schema(old, way or "any") if old else None
            after = self.new.schema(new, way or "any") if new else None
            mine, theirs = self.sides[way]
            parts = (mine.root(before),) if before else (), (theirs.root(after),) if after else ()
            pair = self.comparisons[way].pair(*parts)
            holder = Pair(*parts)
            self.comparisons[way].notes(holder, "", *parts)
        except (SpecError, RecursionError) as error:
            node = new or old
            self._tell(
                "operation-broken",
                operation,
                path,
                f"its schema cannot be read: {_why(error)}",
                node,
                way=way,
            )
            return
        holder.differences = [each for each in holder.differences if each.code == "default-changed"]
        for each in (pair, holder):
            self.roots.append(Root(operation, way, path, each, before, after))


def _why(error: Exception) -> str:
    found = f" ({error.found})" if isinstance(error, SpecError) and error.found else ""
    return str(error).splitlines()[0] + found
