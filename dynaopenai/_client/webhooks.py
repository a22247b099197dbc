"""What an API sends of its own accord: its webhooks by name, each with its schema; and a delivery, verified and checked.

Signatures are Standard Webhooks' (standardwebhooks.com), verified by its own library. A payload is read as its type says: JSON, XML by
the schema's XML Objects, a form. Which webhook it is of, its ``type`` or ``event`` says, or its root where it is XML; else what it fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from .._checking import json as _json
from .._checking.check import violations
from .._checking.contract import Contract
from .._checking.example import example
from .._checking.schema import Schema
from .._display.words import one_of
from .._document.document import Node
from .._document.objects import request_body_from
from .._document.openapi import METHODS, MediaType
from .._document.operation_ids import mapping_of, text_of
from .._request import xml_reading
from .._request.body_reading import body_of
from .._request.checked import without_uploads
from .._request.media_type import ANY, PREFERENCE, essence, is_xml_text, kind_for, kind_of, match
from .._response.data import wrap
from ..errors import DynaOpenAIError, ResponseValidationError, SpecError, UnknownOperationError, Violation

SECTIONS = ("webhooks", "x-webhooks")  # the second before OpenAPI 3.1
NAMING = ("type", "event")  # members by which a payload says what it is
FORMS = frozenset({"form", "multipart"})
JSON = MediaType("application/json")


@dataclass(frozen=True, eq=False)
class Webhook:
    """One kind of delivery (OAS 3.1.1 §4.8.1).

    Attributes:
        name: as the document has it.
        summary, description: what the document says of it.
        schema: what the payload must be, None where the document does not say; of several media types, in JSON.
    """

    name: str
    summary: str
    description: str
    schema: Schema | None
    _media: MediaType = field(default=JSON, repr=False)
    _others: tuple[str, ...] = field(default=(), repr=False)  # other media types that it may come in
    _in: Callable[[str], Webhook] | None = field(default=None, repr=False)  # the same as it comes in one of them

    def __repr__(self) -> str:
        summary = self.summary or self.description.partition("\n")[0]
        return f"<Webhook {self.name}{': ' + summary if summary else ''}>"

    def validate(self, payload: Any) -> list[Violation]:
        """What is wrong with a payload, decoded, or bytes or XML as they came; empty when nothing is."""
        as_xml = next((other for other in self._others if kind_of(other) == "xml"), "")
        if as_xml and self._in is not None and self._kind != "xml" and is_xml_text(payload.decode("utf-8", "replace") if isinstance(payload, bytes) else payload):
            return self._in(as_xml).validate(payload)
        try:
            if isinstance(payload, bytes) or (self._kind == "xml" and is_xml_text(payload)):
                payload = self.read(payload)
            if self.schema is None or isinstance(payload, bytes):
                return []
            judged = without_uploads(payload, self.schema)[0] if self._kind in FORMS and isinstance(payload, dict) else payload
            _json.survey(judged)
        except ResponseValidationError as error:
            return error.violations
        except _json.NotJSONError as error:
            return error.violations()
        return violations(self.schema, judged)

    def read(self, body: bytes | str, content_type: str = "") -> Any:
        """The payload of a delivery: JSON, what the schema makes of XML or of a form, or a text; not checked.

        Args:
            content_type: what the delivery says it is; without, or where the document does not have it, what the document says.

        Raises:
            ResponseValidationError: it is not what its type says.
        """
        if self._in is not None and match(dict.fromkeys(self._others, JSON), content_type):
            return self._in(content_type).read(body, content_type)
        media_type = _type_of(self._media, content_type)
        try:
            return body_of(media_type, body.encode() if isinstance(body, str) else body, self._media, self.schema)
        except ValueError as error:
            raise _refused("", f"found a body that cannot be read as {essence(media_type)}: {error}", body) from None

    @property
    def _kind(self) -> str:
        return kind_for(self._media.name, None)

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
        return self._of(name)

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __repr__(self) -> str:
        return "\n".join([f"<Webhooks: {len(self)}>", *(f"  {name}" for name in self)])

    def _of(self, name: str, content_type: str = "") -> Webhook:
        """A webhook as it comes in this type; what the API sends is an answer, as far as readOnly and writeOnly go."""
        item, operation = self._declared[name]
        objects = [mapping_of(operation), mapping_of(item)]
        summary, description = (next(filter(None, (text_of(one, key) for one in objects)), "") for key in ("summary", "description"))
        media = self._media(name, content_type)
        schema = self._contract.schema(media.schema, "response") if media.schema is not None else None
        others = tuple(other for other in self._content(name) if other != media.name)
        return Webhook(name, summary, description, schema, media, others, partial(self._of, name))

    def _media(self, name: str, content_type: str) -> MediaType:
        """What is declared of this type; where nothing is, of the first by preference."""
        content = self._content(name)
        preferred = min(content.values(), key=lambda media: PREFERENCE.index(kind_for(media.name, None)), default=JSON)
        return match(content, content_type) or preferred

    def _content(self, name: str) -> Mapping[str, MediaType]:
        body = request_body_from(self._declared[name][1].part("requestBody"))
        return body.content if body is not None else {}

    def unwrap(self, body: bytes | str, headers: Mapping[str, str], *, secret: str | bytes) -> Any:
        """The payload of a delivery whose signature is right and which keeps to its schema: `Data` where it has members.

        Args:
            body: as it came, not decoded and written again.
            headers: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` (Standard Webhooks 1.0), and ``content-type``.
            secret: as the API gave it, ``whsec_...``.

        Raises:
            ResponseValidationError: it is not signed with this secret, older than five minutes, cannot be read, or breaks the document.
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
        payload = self._judged(text, next((str(value) for name, value in headers.items() if str(name).lower() == "content-type"), ""))
        return wrap(payload)

    def _judged(self, body: bytes, content_type: str) -> Any:
        """The payload of a delivery, by the webhook that it names, or else by the first that it fits.

        Raises:
            ResponseValidationError: it cannot be read, or is none of the document's webhooks.
        """
        if not len(self):
            return Webhook("", "", "", None).read(body)
        names = [name for name in self if match(self._content(name), content_type)] or list(self)
        named = self._named(names, body, content_type)
        said = {name: self._reading(name, body, content_type) for name in named or names}
        read = {name: payload for name, payload in said.items() if not isinstance(payload, DynaOpenAIError)}
        for name, payload in read.items():
            with suppress(*() if named else (SpecError,)):
                found = self._of(name, content_type).validate(payload)
                if not found:
                    return payload
                if len(named) == 1:
                    raise ResponseValidationError(name, found, None, wrap(payload))
        if not read:
            raise next(iter(said.values()))
        raise _refused("", f"found a payload that is none of {one_of(names)}", next(iter(read.values())))

    def _reading(self, name: str, body: bytes, content_type: str) -> Any:
        """What a delivery says to a webhook, or why it says nothing."""
        try:
            return self._of(name, content_type).read(body, content_type)
        except (ResponseValidationError, SpecError) as error:
            return error

    def _named(self, names: Sequence[str], body: bytes, content_type: str) -> list[str]:
        """The webhooks that a delivery says it is of: by its ``type`` or ``event``, or by its root where it is XML."""
        says, root = _said(body, {_type_of(self._media(name, content_type), content_type) for name in names})
        return [name for name in names if name in says] or [name for name in names if root and root == self._root(name, content_type)]

    def _root(self, name: str, content_type: str) -> str:
        schema = self._of(name, content_type).schema
        return schema.markup.root if schema is not None else ""


def _type_of(media: MediaType, content_type: str) -> str:
    """What a delivery is read as: what it says that it is, where that is declared."""
    own = "application/json" if media.name in ANY else media.name
    return content_type if content_type and match({media.name: media}, content_type) else own


def _said(body: bytes, media_types: Iterable[str]) -> tuple[list[str], str]:
    """What a delivery calls itself before any schema is asked, and the name of its root where it is XML."""
    members: dict[str, Any] = {}
    root = ""
    for media_type in media_types:
        with suppress(ValueError):
            if kind_of(media_type) == "xml":
                element = xml_reading.parsed(body)
                members |= {**element.attributes, **{child.name: child.text.strip() for child in element.children}}
                root = element.name
            else:
                said = body_of(media_type, body, None, None)
                members |= said if isinstance(said, dict) else {}
    return [members[name] for name in NAMING if isinstance(members.get(name), str)], root


def _refused(path: str, message: str, data: Any = None) -> ResponseValidationError:
    return ResponseValidationError("webhooks", [Violation(path, message)], None, data)
