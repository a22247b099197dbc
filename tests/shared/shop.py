"""An invented vendor's document for the tests of what people see: small, with one of everything that is shown."""

from __future__ import annotations

from typing import Any

JSON = "application/json"


def body(schema: dict[str, Any], media: str = JSON) -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


def answer(schema: dict[str, Any], media: str = JSON, said: str = "Done.") -> dict[str, Any]:
    return {"description": said, "content": {media: {"schema": schema}}}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


ORDER = {
    "type": "object",
    "description": "What somebody wants.",
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "minItems": 1, "items": ref("Item"), "description": "What is ordered."},
        "speed": {"type": "string", "enum": ["slow", "fast"], "default": "slow"},
        "gift": {"type": "boolean"},
        "discount": {"type": "number", "minimum": 0, "maximum": 0.5},
        "labels": {"type": "array", "items": {"type": "string"}},
        "codes": {"type": "array", "items": {"type": "integer"}},
        "note": {"type": ["string", "null"], "maxLength": 20},
        "stream": {"type": "boolean"},
    },
}
ITEM = {
    "type": "object",
    "required": ["product", "count"],
    "properties": {"product": {"type": "string"}, "count": {"type": "integer", "minimum": 1}, "parts": {"type": "array", "items": ref("Item")}},
}
PLACED = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "speed": {"type": "string"}}}
PIECE = {
    "type": "object",
    "required": ["kind", "delta"],
    "properties": {
        "kind": {"type": "string"},
        "delta": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
    },
}

SHOP: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "7"},
    "servers": [{"url": "https://shop.example/v1"}],
    "tags": [{"name": "Orders"}, {"name": "Files"}],
    "paths": {
        "/orders": {
            "get": {
                "operationId": "listOrders",
                "tags": ["Orders"],
                "summary": "List the orders",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 20}},
                    {"name": "X-Region", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {"200": answer({"type": "array", "items": ref("Placed")})},
            },
            "post": {
                "operationId": "createOrder",
                "tags": ["Orders"],
                "summary": "Place an order",
                "description": "Places an order at once. It can be cancelled while nothing is packed.\n\n- one\n- two",
                "requestBody": body(ref("Order")),
                "responses": {
                    "201": {
                        "description": "Placed.",
                        "content": {JSON: {"schema": ref("Placed")}, "text/event-stream": {"schema": ref("Piece")}},
                    },
                    "422": answer(ref("Problem"), said="There is no such product. Or no such customer."),
                },
            },
        },
        "/orders/{order_id}": {
            "delete": {
                "operationId": "cancel-order",
                "tags": ["Orders"],
                "deprecated": True,
                "summary": "Cancel an order",
                "parameters": [{"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"204": {"description": "Cancelled."}},
            }
        },
        "/files": {
            "post": {
                "operationId": "upload",
                "tags": ["Files"],
                "requestBody": body(
                    {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}, "meta": {"type": "object"}, "title": {"type": "string"}},
                    },
                    "multipart/form-data",
                ),
                "responses": {"200": answer(ref("Placed"))},
            }
        },
        "/files/{file_id}/content": {
            "get": {
                "operationId": "download",
                "tags": ["Files"],
                "parameters": [{"name": "file_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"200": answer({"type": "string", "format": "binary"}, "application/octet-stream")},
            }
        },
        "/close": {"post": {"operationId": "close", "responses": {"204": {"description": "Closed."}}}},
    },
    "components": {
        "schemas": {
            "Order": ORDER,
            "Item": ITEM,
            "Placed": PLACED,
            "Piece": PIECE,
            "Problem": {"type": "object", "properties": {"message": {"type": "string"}}},
        }
    },
}
