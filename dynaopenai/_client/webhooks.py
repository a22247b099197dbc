"""What an API sends of its own accord: its webhooks by name, each with its schema; and a delivery, verified and checked.

Signatures are Standard Webhooks' (standardwebhooks.com), verified by its own library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.example import example
from .._checking.schema import Schema
from .._checking.violation import violations
from .._display.words import one_of
from .._document.document import Node
from .._document.openapi import METHODS
from .._document.operation_ids import mapping_of, text_of
from .._request.media_type import kind_of
from .._response.data import wrap
from ..errors import ResponseValidationError, SpecError, UnknownOperationError, Violation

SECTIONS = ("webhooks", "x-webhooks")  # the second before OpenAPI 3.1


@dataclass(frozen=True, eq=False)
class Webhook:
    """One kind of delivery (OAS 3.1.1 §4.8.1).

    Attributes:
        name: as the document has it.
        summary, description: what the document says of it.
        schema: what the payload must be, None where the document does not say.
    """

    name: str
    summary: str
    description: str
    schema: Schema | None

    def __repr__(self) -> str:
        summary = self.summary or self.description.partition("\n")[0]
        return f"<Webhook {self.name}{': ' + summary if summary else ''}>"

    def validate(self, payload: Any) -> list[Violation]:
        """What is wrong with a decoded payload; empty when nothing is."""
        if self.schema is None:
            return []
        try:
            _json.survey(payload)
        except _json.NotJSONError as error:
            return error.violations()
        return violations(self.schema, payload)

    def example(self) -> Any:
        """A valid payload.

        Raises:
            SpecError: none can be made up.
        """
        return example(self.schema) if self.schema is not None else {}


class Webhooks(Mapping[str, Webhook]):
    """The document's webhooks by name."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    @cached_property
    def _declared(self) -> dict[str, tuple[Node, Node]]:
        """Path Item and operation of each."""
        root = self._contract.document.node
        found: dict[str, tuple[Node, Node]] = {}
        for section in SECTIONS:
            declared = root.part(section)
            for name, child in declared.children() if declared is not None else ():
                item = child.resolve()
                for method in METHODS:
                    operation = item.part(method)
                    if operation is not None:
                        found.setdefault(name, (item, operation))
        return found

    def __getitem__(self, name: str) -> Webhook:
        if name not in self._declared:
            raise UnknownOperationError(name, self._declared, "the document's webhooks")
        item, operation = self._declared[name]
        objects = [mapping_of(operation), mapping_of(item)]
        summary, description = (next(filter(None, (text_of(one, key) for one in objects)), "") for key in ("summary", "description"))
        return Webhook(name, summary, description, self._schema(operation))

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __repr__(self) -> str:
        return "\n".join([f"<Webhooks: {len(self)}>", *(f"  {name}" for name in self)])

    def _schema(self, operation: Node) -> Schema | None:
        """That of the JSON that is sent; what the API sends is an answer, as far as readOnly and writeOnly go."""
        body = operation.part("requestBody")
        content = body.part("content") if body is not None else None
        for name, media in content.children() if content is not None else ():
            schema = media.resolve().get("schema")
            if kind_of(name) == "json" and schema is not None:
                return self._contract.schema(schema, "response")
        return None

    def unwrap(self, body: bytes | str, headers: Mapping[str, str], *, secret: str | bytes) -> Any:
        """The payload of a delivery whose signature is right and whose schema it keeps to: `Data`.

        Args:
            body: as it came, not decoded and written again.
            headers: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` (Standard Webhooks 1.0).
            secret: as the API gave it, ``whsec_...``.

        Raises:
            ResponseValidationError: it is not signed with this secret, older than five minutes, no JSON, or breaks the document.
        """
        from standardwebhooks import Webhook as Verifier
        from standardwebhooks import WebhookVerificationError
        from standardwebhooks.webhooks import EmptyWebhookSecretError

        text = body.encode() if isinstance(body, str) else bytes(body)
        try:
            verifier = Verifier(secret)
        except (ValueError, RuntimeError, EmptyWebhookSecretError) as error:
            message = f"secret: {error}; expected the text that the API gave, whsec_..."
            raise ValueError(message) from None
        try:
            verifier.verify(text, {str(name): str(value) for name, value in headers.items()}, json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            reason = str(error)[:1].lower() + str(error)[1:] if isinstance(error, WebhookVerificationError) else "it cannot be read"
            raise _refused('headers["webhook-signature"]', f"found none that fits the body: {reason}") from None
        try:
            payload = _json.decode(text)
        except _json.DecodeError as error:
            raise _refused("", f"found a body that is no JSON: {error}", text) from None
        self._judge(payload)
        return wrap(payload)

    def _judge(self, payload: Any) -> None:
        """
        Raises:
            ResponseValidationError: it is none of the document's webhooks.
        """
        named = payload.get("type", payload.get("event")) if isinstance(payload, dict) else None
        if isinstance(named, str) and named in self:
            found = self[named].validate(payload)
            if found:
                raise ResponseValidationError(named, found, None, wrap(payload))
            return
        if any(self._takes(name, payload) for name in self):
            return
        if len(self):
            raise _refused("", f"found a payload that is none of {one_of(list(self))}", payload)

    def _takes(self, name: str, payload: Any) -> bool:
        try:
            return not self[name].validate(payload)
        except SpecError:
            return False


def _refused(path: str, message: str, data: Any = None) -> ResponseValidationError:
    return ResponseValidationError("webhooks", [Violation(path, message)], None, data)
