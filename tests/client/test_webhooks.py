"""What an API sends of its own accord is verified by its signature, then checked like any answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from standardwebhooks import Webhook as Signer

from dynaopenai import Client, Data
from dynaopenai.errors import ResponseValidationError, SpecError, UnknownOperationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def kind(name: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": ["type", *properties], "properties": {"type": {"const": name}, **properties}}
    return {"post": {"summary": f"{name} happened", "requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {},
    "webhooks": {
        "order.paid": kind("order.paid", id={"type": "string", "readOnly": True}, amount={"type": "integer"}),
        "order_gone": {"$ref": "#/components/pathItems/gone"},
    },
    "components": {"pathItems": {"gone": kind("gone", id={"type": "string"})}},
}
PAID = {"type": "order.paid", "id": "o", "amount": 3}


def signed(payload: Any, secret: str = SECRET, age: timedelta = timedelta()) -> tuple[bytes, dict[str, str]]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    at = datetime.now(timezone.utc) - age
    signature = Signer(secret).sign("msg_1", at, body.decode("utf-8", "replace"))
    return body, {"Webhook-Id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_they_are_found_by_name() -> None:
    webhooks = Client(DOCUMENT).webhooks

    assert list(webhooks) == ["order.paid", "order_gone"]
    assert repr(webhooks["order.paid"]) == "<Webhook order.paid: order.paid happened>"
    with pytest.raises(UnknownOperationError, match=r"did you mean order\.paid"):
        webhooks["order.payed"]
    assert len(Client({**DOCUMENT, "openapi": "3.0.3", "x-webhooks": DOCUMENT["webhooks"], "webhooks": {}}).webhooks) == 2


def test_a_payload_is_checked_and_made_up() -> None:
    webhook = Client(DOCUMENT).webhooks["order.paid"]

    assert webhook.validate(PAID) == []
    assert [violation.path for violation in webhook.validate({**PAID, "amount": "3"})] == ["amount"]
    assert webhook.validate({**PAID, "amount": float("nan")}) != []
    assert webhook.validate(webhook.example()) == []


@pytest.mark.parametrize("payload", [PAID, {"type": "gone", "id": "o"}])
def test_a_delivery_is_unwrapped(payload: dict[str, Any]) -> None:
    body, headers = signed(payload)

    for given in (body, body.decode()):
        found = Client(DOCUMENT).webhooks.unwrap(given, headers, secret=SECRET)
        assert (found, type(found)) == (payload, Data)


OLD = timedelta(minutes=6)
DELIVERIES: dict[str, tuple[Callable[[], tuple[bytes, dict[str, str]]], str]] = {  # signed when they are needed, or they would be old
    "another's": (lambda: signed(PAID, "whsec_b3RoZXJzZWNyZXQ="), "no matching signature found"),
    "too old": (lambda: signed(PAID, age=OLD), "message timestamp too old"),
    "not signed": (lambda: (b"{}", {}), "missing required headers"),
    "nonsense": (lambda: (b"{}", {**signed(b"{}")[1], "webhook-signature": "nonsense"}), "it cannot be read"),
    "no JSON": (lambda: signed(b"{"), "found a body that cannot be read as application/json: "),
    "a broken one": (lambda: signed({**PAID, "amount": "3"}), "amount: found"),
    "another kind": (lambda: signed({"type": "other"}), 'none of "order.paid" or "order_gone"'),
    "no object": (lambda: signed([1]), "found a payload that is none of"),
}


@pytest.mark.parametrize("kind", DELIVERIES)
def test_what_is_not_signed_or_not_declared_is_refused(kind: str) -> None:
    make, says = DELIVERIES[kind]
    with pytest.raises(ResponseValidationError) as caught:
        Client(DOCUMENT).webhooks.unwrap(*make(), secret=SECRET)

    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


ORDER = {
    "type": "object",
    "required": ["id", "sum"],
    "xml": {"name": "order"},
    "properties": {"id": {"type": "string", "xml": {"attribute": True}}, "sum": {"type": "integer"}, "items": {"type": "array", "items": {"type": "string"}}},
}
EVENT = {"type": "object", "required": ["type", "n"], "xml": {"name": "event"}, "properties": {"type": {"type": "string"}, "n": {"type": "integer"}}}


def sent(schema: Any, *types: str) -> dict[str, Any]:
    return {"post": {"requestBody": {"content": {each: {"schema": schema} for each in types}}, "responses": {}}}


MIXED = {
    **DOCUMENT,
    "webhooks": {
        "ordered": sent(ORDER, "application/xml"),
        "first": sent(EVENT, "application/xml", "application/x-www-form-urlencoded", "application/json"),
        "second": sent({**EVENT, "required": ["type"]}, "application/xml"),
        "note": sent({"type": "string", "maxLength": 5}, "text/plain"),
    },
}


@pytest.mark.parametrize(
    ("body", "content_type", "payload"),
    [
        (b'<order id="o1"><sum>3</sum><items>a</items></order>', "application/xml", {"id": "o1", "sum": 3, "items": ["a"]}),
        ("<order id='\u00e9'><sum>3</sum></order>".encode(), "text/xml; charset=utf-8", {"id": "\u00e9", "sum": 3}),
        (b"<event><type>second</type></event>", "application/xml", {"type": "second"}),
        (b"<event><type>another</type><n>1</n></event>", "application/xml", {"type": "another", "n": 1}),
        (b"type=first&n=4", "application/x-www-form-urlencoded", {"type": "first", "n": 4}),
        (b'{"type": "first", "n": 4}', "application/json; charset=utf-8", {"type": "first", "n": 4}),
        (b'{"type": "first", "n": 4}', "", {"type": "first", "n": 4}),
        (b"hello", "text/plain", "hello"),
    ],
)
def test_a_delivery_of_any_type_is_read_as_its_schema_says(body: bytes, content_type: str, payload: Any) -> None:
    text, headers = signed(body)

    assert Client(MIXED).webhooks.unwrap(text, {**headers, "Content-type": content_type}, secret=SECRET) == payload


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        (b'<order id="o1"><sum>many</sum></order>', "application/xml", 'sum: found "many"'),
        (b"<event><type>first</type></event>", "application/xml", "n: missing"),
        (b"<event><type>first</type>", "application/xml", "found a body that cannot be read as application/xml: no element found"),
        (b"<!DOCTYPE order><order/>", "application/xml", "a document type declaration, which is not read"),
        (b"type=first&n=x", "application/x-www-form-urlencoded", 'n: found "x"'),
        (b"<other/>", "application/xml", 'none of "ordered", "first" or "second"'),
    ],
)
def test_of_any_type_what_breaks_the_document_is_refused(body: bytes, content_type: str, says: str) -> None:
    text, headers = signed(body)

    with pytest.raises(ResponseValidationError) as caught:
        Client(MIXED).webhooks.unwrap(text, {**headers, "content-type": content_type}, secret=SECRET)

    assert says in str(caught.value)


def test_a_webhook_whose_schema_cannot_be_found_hides_no_other() -> None:
    broken = sent({"$ref": "#/components/schemas/Gone"}, "application/json")
    webhooks = Client({**DOCUMENT, "webhooks": {"broken": broken, "any": sent({"type": "object"}, "application/json")}}).webhooks

    assert webhooks.unwrap(*signed({"a": 1}), secret=SECRET) == {"a": 1}
    with pytest.raises(SpecError):
        webhooks.unwrap(*signed({"type": "broken"}), secret=SECRET)


def test_a_payload_in_xml_is_read_without_a_signature_too() -> None:
    webhook = Client(MIXED).webhooks["ordered"]
    text = '<order id="o1"><sum>3</sum></order>'

    assert webhook.read(text) == webhook.read(text.encode(), "text/xml") == {"id": "o1", "sum": 3}
    assert webhook.validate(text) == webhook.validate(text.encode()) == webhook.validate(webhook.example()) == []
    assert [violation.path for violation in webhook.validate("<order><sum>x</sum></order>")] == ["id", "sum"]
    assert "cannot be read as application/xml" in str(webhook.validate("<order>")[0])
    with pytest.raises(ResponseValidationError, match="cannot be read as application/xml"):
        webhook.read("<order>")


def test_a_webhook_of_several_types_reads_each() -> None:
    webhook = Client(MIXED).webhooks["first"]
    xml = "<event><type>first</type><n>4</n></event>"

    read = [webhook.read(xml, "text/xml"), webhook.read(b"type=first&n=4", "application/x-www-form-urlencoded"), webhook.read('{"type": "first", "n": 4}')]

    assert read == [{"type": "first", "n": 4}] * 3
    assert webhook.validate(xml) == webhook.validate(xml.encode()) == webhook.validate(read[0]) == []
    assert [violation.path for violation in webhook.validate(b"<event><type>first</type><n>x</n></event>")] == ["n"]


@pytest.mark.parametrize("secret", ["", "whsec_"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="secret: webhook secret may not be empty"):
        Client(DOCUMENT).webhooks.unwrap(*signed(PAID), secret=secret)


def test_a_document_without_webhooks_has_none() -> None:
    webhooks = Client({**DOCUMENT, "webhooks": {}}).webhooks

    assert (len(webhooks), webhooks.unwrap(*signed([1]), secret=SECRET)) == (0, [1])


def test_the_library_is_loaded_when_it_is_used() -> None:
    script = "import sys, dynaopenai; dynaopenai.Client().webhooks; print('standardwebhooks' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
