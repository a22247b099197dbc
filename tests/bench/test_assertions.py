"""Payload assertions print every violation, and work in any framework."""

import unittest
from typing import Any

import pytest

from dynaopenai import Client, SpecError, UnknownOperationError
from dynaopenai.testing import assert_valid, assert_valid_request, assert_valid_response

SHOP = {"name": "shop", "in": "path", "required": True, "schema": {"type": "string"}}
API: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders/{shop}": {
            "post": {
                "operationId": "createOrder",
                "parameters": [SHOP],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {
                    "201": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                    "200": {"description": "", "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                },
            },
            "put": {
                "operationId": "putOrders",
                "parameters": [SHOP],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}},
                },
                "responses": {"200": {"description": ""}},
            },
        }
    },
    "components": {
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["size", "kind"],
                "properties": {"size": {"type": "integer", "minimum": 1}, "kind": {"enum": ["tea", "cake"]}},
            }
        }
    },
}  # fmt: skip
SHOP = Client(API)
ORDER = {"size": 1, "kind": "tea"}


class TestUnderUnittest(unittest.TestCase):
    def test_valid_payloads_pass(self) -> None:
        assert_valid_request(SHOP.createOrder, ORDER, shop="x")
        assert_valid_request(SHOP.createOrder, {**ORDER, "shop": "x"})
        assert_valid_request("createOrder", ORDER, shop="x", client=SHOP)
        assert_valid_request(SHOP.putOrders, [ORDER], shop="x")
        assert_valid_response(SHOP.createOrder, ORDER, status=201)
        assert_valid_response(SHOP.createOrder, ORDER, content_type="text/event-stream")
        assert_valid("Order", ORDER, client=SHOP)
        assert_valid(SHOP.schema("Order"), ORDER)

    def test_a_failure_prints_every_violation_with_its_path(self) -> None:
        with self.assertRaises(AssertionError) as caught:  # noqa: PT027
            assert_valid_request(SHOP.createOrder, {"size": 0, "kind": "tee"}, shop="x")

        self.assertEqual(  # noqa: PT009
            str(caught.exception).splitlines(),
            [
                "the request of createOrder is invalid: 2 problems",
                "  size: found 0, expected at least 1",
                "    declared at #/components/schemas/Order/properties/size/minimum",
                '  kind: found "tee", expected "tea" or "cake"; did you mean "tea"?',
                "    declared at #/components/schemas/Order/properties/kind/enum",
            ],
        )


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: assert_valid_request(SHOP.createOrder, ORDER), "shop: missing, expected since it is required"),
        (lambda: assert_valid_request(SHOP.createOrder), "missing, expected since"),
        (lambda: assert_valid_request(SHOP.putOrders, [{}], shop="x"), "[0].size: missing"),
        (lambda: assert_valid_response(SHOP.createOrder, ORDER, status=404), 'status: found 404, which is not declared, expected "201" or "200"'),
        (lambda: assert_valid_response(SHOP.createOrder, {"size": 1}, status=201), "kind: missing, expected since it is required"),
        (lambda: assert_valid_response(SHOP.createOrder, ORDER, status=201, content_type="text/csv"), 'Content-Type: found "text/csv"'),
        (lambda: assert_valid("Order", {**ORDER, "size": {1}}, client=SHOP), "size: found"),
        (lambda: assert_valid(SHOP.schema("Order"), []), "expected an object"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(check: Any, message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check()

    assert message in str(caught.value)


def test_more_than_a_handful_is_told_in_full() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_valid_request(SHOP.putOrders, [{"size": 0, "kind": "tea"}] * 12, shop="x")

    assert sum("expected at least 1" in line for line in str(caught.value).splitlines()) == 12


def test_the_bundled_document_is_meant_where_none_is_named() -> None:
    assert_valid_request("listModels")
    with pytest.raises(AssertionError, match="input: missing"):
        assert_valid_request("createModeration", {"inputs": "x"})


def test_names_that_do_not_exist_are_no_failed_assertions() -> None:
    with pytest.raises(UnknownOperationError, match="did you mean createOrder"):
        assert_valid_request("createOrders", ORDER, client=SHOP)
    with pytest.raises(SpecError, match="no schema is called"):
        assert_valid("Ordr", ORDER, client=SHOP)
