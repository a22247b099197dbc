"""A document with what is hard to say in types, small enough to be checked in a moment."""

from __future__ import annotations

from typing import Any

from documents import OK, answer, body, document, parameter

REF = "#/components/schemas/"


def ref(name: str, **beside: Any) -> dict[str, Any]:
    return {"$ref": REF + name, **beside}


SCHEMAS: dict[str, Any] = {
    "Pet": {
        "type": "object",
        "description": 'A pet; \\ and """ and a "quotation"',
        "required": ["id", "name", "kind", "owner", "bytes", "tag", "secret"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
            "name": {"type": "string", "description": 'What it is called. It may be "Rex"'},
            "kind": {"type": "string", "enum": ["cat", "dog"]},
            "owner": {"anyOf": [ref("Owner"), {"type": "null"}]},
            "tag": {"type": ["string", "null"]},
            "bytes": {"type": "integer"},
            "content": {"type": "array", "items": {"type": "number"}},
            "class": {"type": "string"},
            "x-rank": {"type": "integer"},
            "items": {"type": "array", "items": {"type": "string"}},
            "born": {"type": "string", "format": "date"},
            "Pet": ref("Pet"),
            "mother": ref("Pet"),
            "size": {"type": "object", "properties": {"height": {"type": "number"}}, "required": ["height"]},
        },
    },
    "Owner": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "pets": {"type": "array", "items": ref("Pet")}}},
    "Tree": {"anyOf": [{"type": "string"}, {"type": "array", "items": ref("Tree")}]},
    "Level": {"type": "integer", "enum": [1, 2, None], "nullable": True},
    "Mixed": {"enum": ["a", 1, True, None, 1.5]},
    "Tags": {"type": "object", "additionalProperties": {"type": "string"}},
    "Open": {"type": "object", "properties": {"known": {"type": "integer"}}, "additionalProperties": True},
    "Anything": {},
    "Base": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}},
    "Circle": {"allOf": [ref("Base"), {"type": "object", "required": ["radius"], "properties": {"type": {"const": "circle"}, "radius": {"type": "number"}}}]},
    "Square": {"allOf": [ref("Base"), {"type": "object", "required": ["side"], "properties": {"type": {"const": "square"}, "side": {"type": "number"}}}]},
    "Shape": {"oneOf": [ref("Circle"), ref("Square")], "discriminator": {"propertyName": "type"}},
    "str": {"type": "object", "properties": {"value": {"type": "string"}}},
    "Client": {"type": "object", "properties": {"id": {"type": "string"}}},
    "Literal": {"type": "string", "enum": ["x"]},
    "_t": {"type": "object", "properties": {"Any": {"type": "string"}}},
    "Choice": {
        "type": "object",
        "required": ["shape", "tree", "level", "mixed", "tags", "open", "anything", "text", "client", "literal", "t", "empty"],
        "properties": {
            "shape": ref("Shape"), "tree": ref("Tree"), "level": ref("Level"), "mixed": ref("Mixed"), "tags": ref("Tags"), "open": ref("Open"),
            "anything": ref("Anything"), "text": ref("str"), "client": ref("Client"), "literal": ref("Literal"), "t": ref("_t"),
            "empty": {"type": "object"}, "bare": {"allOf": [ref("Owner")], "description": "with words beside"},
        },
    },
    "Node": {
        "type": "object",
        "required": ["label", "_t"],
        "properties": {
            "label": {"type": "string"},
            "_t": {"type": "string"},
            "inner": {"allOf": [ref("Node"), {"type": "object", "required": ["more"], "properties": {"more": {"type": "integer"}}}]},
            "beside": ref("Node", properties={"extra": {"type": "integer"}}),
        },
    },
    "Loose": {"type": "object", "required": ["more"], "properties": {"known": {"type": "integer"}}},
    "Event": {"type": "object", "required": ["delta"], "properties": {"delta": {"type": "string"}}},
}  # fmt: skip
EVENTS = {"text/event-stream": {"schema": ref("Event")}, "application/json": {"schema": ref("Owner")}}
FILES = {"type": "object", "required": ["files"], "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}, "note": {"type": "string"}}}
PATHS: dict[str, Any] = {
    "/pets": {
        "get": {
            "operationId": "listPets",
            "summary": "All pets",
            "tags": ["Pets"],
            "parameters": [parameter("from"), parameter("X-Rank", "header", {"type": "integer"}), parameter("kind", schema={"type": "string", "enum": ["cat", "dog"]})],
            **answer({"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": ref("Pet")}}}),
        },
        "post": {"operationId": "addPet", "tags": ["Pets"], **body(ref("Pet")), **answer(ref("Pet"))},
    },
    "/pets/{pet}": {"delete": {"operationId": "dropPet", "deprecated": True, "parameters": [parameter("pet", "path")], "responses": {"204": {"description": ""}}}},
    "/pets/{pet}/toys/{toy}": {"get": {"operationId": "getToy", "parameters": [parameter("pet", "path"), parameter("toy", "path")], **answer(ref("Choice"))}},
    "/choices": {"post": {"operationId": "choose", **body(ref("Choice")), **answer(ref("Choice"))}},
    "/talk": {
        "post": {
            "operationId": "talk",
            **body({"type": "object", "required": ["words"], "properties": {"words": {"type": "string"}, "stream": {"type": "boolean", "nullable": True}}}),
            "responses": {"200": {"description": "", "content": EVENTS}},
        }
    },
    "/speak": {
        "post": {
            "operationId": "speak",
            **body({"type": "object", "properties": {"form": {"type": "string", "enum": ["audio", "sse"], "default": "audio"}}}),
            "responses": {"200": {"description": "", "content": {"text/event-stream": {"schema": ref("Event")}, "audio/mpeg": {}}}},
        }
    },
    "/hear": {
        "post": {
            "operationId": "hear",
            **body({"type": "object", "properties": {"stream": {"type": "boolean", "default": True}}}),
            "responses": {"200": {"description": "", "content": EVENTS}},
        }
    },
    "/events": {"get": {"operationId": "watch", "responses": {"200": {"description": "", "content": {"text/event-stream": {"schema": ref("Event")}}}}}},
    "/open": {"post": {"operationId": "sendOpen", **body(ref("Open")), **OK}},
    "/upload": {"post": {"operationId": "upload", **body({"type": "string", "format": "binary"}, media="application/octet-stream"), **answer({"type": "string"}, media="text/plain")}},
    "/forms": {"post": {"operationId": "sendForm", **body(FILES, media="multipart/form-data"), **answer({"type": "string", "format": "binary"}, media="application/octet-stream")}},
    "/numbers": {"post": {"operationId": "count", **body({"type": "array", "items": {"type": "integer"}}), **answer({"type": "array", "items": {"type": "integer"}})}},
    "/odd/names": {"get": {"operationId": "odd/names.get", **answer(ref("Anything"))}, "put": {"operationId": "Any", **OK}, "delete": {"operationId": "class", **OK}},
    "/close": {"post": {"operationId": "close", **OK}},
    "/xml": {"get": {"operationId": "inXml", **answer(ref("Owner"), media="application/xml")}, "delete": {"operationId": "asXml", **answer({}, media="text/xml")}},
    "/nodes": {"get": {"operationId": "getNode", **answer(ref("Node"))}, "post": {"operationId": "addNode", **body(ref("Node")), **OK}},
    "/loose": {"post": {"operationId": "sendLoose", **body({"type": "object", "properties": {"loose": ref("Loose")}}), **answer(ref("Loose"))}},
    "/broken": {"post": {"operationId": "broken", **body({"$ref": "#/components/schemas/Nowhere"}), **OK}},
}
TYPED = document(PATHS, version="3.1.0", components={"schemas": SCHEMAS})
