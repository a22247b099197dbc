"""Small documents that between them use what real ones of many vendors use."""

from typing import Any

OK = {"responses": {"200": {"description": "done"}}}


def answer(schema: Any, status: str = "200", media: str = "application/json", **more: Any) -> dict[str, Any]:
    return {"responses": {status: {"description": "", "content": {media: {"schema": schema}}, **more}}}


def document(paths: dict[str, Any], version: str = "3.0.3", **more: Any) -> dict[str, Any]:
    info = {"title": "Small", "version": "1"}
    return {"openapi": version, "info": info, "servers": [{"url": "https://api.example/v1"}], "paths": paths, **more}


def body(schema: Any, *, required: bool = True, media: str = "application/json") -> dict[str, Any]:
    return {"requestBody": {"required": required, "content": {media: {"schema": schema}}}}


def parameter(name: str, in_: str = "query", schema: Any = None, **more: Any) -> dict[str, Any]:
    required = {"required": True} if in_ == "path" else {}
    return {"name": name, "in": in_, "schema": schema or {"type": "string"}, **required, **more}


PAYMENTS = document(  # forms, deepObject, expandable fields that are an id or the whole object
    {
        "/customers": {
            "get": {
                "operationId": "GetCustomers",
                "parameters": [
                    parameter(
                        "created",
                        schema={"anyOf": [{"type": "object", "properties": {"gt": {"type": "integer"}}}, {"type": "integer"}]},
                        style="deepObject",
                        explode=True,
                    ),
                    parameter("expand[]", schema={"type": "array", "items": {"type": "string"}}),
                ],
                **answer({"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/customer"}}}}),
            },
            "post": {
                "operationId": "PostCustomers",
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "encoding": {"metadata": {"style": "deepObject", "explode": True}},
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "email": {"type": "string"},
                                    "metadata": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "string", "enum": [""]}]},
                                },
                            },
                        }
                    }
                },
                **answer({"$ref": "#/components/schemas/customer"}),
            },
        }
    },
    components={
        "schemas": {
            "customer": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "maxLength": 5000},
                    "source": {"nullable": True, "anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/card"}]},
                },
            },
            "card": {"type": "object", "properties": {"owner": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/customer"}]}}},
        },
        "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}, "token": {"type": "http", "scheme": "bearer"}},
    },
    security=[{"basic": []}, {"token": []}],
)
FORGE = document(  # slashes in ids, vendor media types, shared everything, conditional requests
    {
        "/repos/{owner}/{repo}/contents/{path}": {
            "parameters": [{"$ref": "#/components/parameters/owner"}, parameter("repo", "path")],
            "get": {
                "operationId": "repos/get-content",
                "tags": ["Repos and forks"],
                "parameters": [parameter("path", "path"), parameter("If-None-Match", "header")],
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"Link": {"$ref": "#/components/headers/link"}},
                        "content": {
                            "application/vnd.forge.object+json": {
                                "schema": {"oneOf": [{"type": "array", "items": {"type": "object"}}, {"type": "object", "required": ["type"]}]},
                                "examples": {"one": {"$ref": "#/components/examples/file"}},
                            }
                        },
                    },
                    "304": {"$ref": "#/components/responses/not_modified"},
                    "4XX": {"$ref": "#/components/responses/error"},
                },
            },
        },
        "/markdown/raw": {
            "post": {
                "operationId": "markdown/render-raw",
                "requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}, "text/x-markdown": {"schema": {"type": "string"}}}},
                **answer({"type": "string"}, media="text/html"),
            }
        },
    },
    components={
        "parameters": {"owner": parameter("owner", "path")},
        "headers": {"link": {"schema": {"type": "string"}}},
        "examples": {"file": {"value": {"type": "file"}}},
        "responses": {
            "not_modified": {"description": ""},
            "error": {"description": "", "content": {"application/json": {"schema": {"type": "object", "properties": {"message": {"type": "string"}}}}}},
        },
    },
)
TELEPHONY = document(  # suffixes and verbs in templates, names that only punctuation tells apart, regular expressions
    {
        "/Accounts/{AccountSid}/Calls.json": {
            "get": {
                "operationId": "ListCall",
                "parameters": [
                    parameter("AccountSid", "path", {"type": "string", "pattern": "^AC[0-9a-fA-F]{32}$", "minLength": 34, "maxLength": 34}),
                    parameter("StartTime<", schema={"type": "string", "format": "date-time"}),
                    parameter("StartTime>", schema={"type": "string", "format": "date-time"}),
                    parameter("StartTime", schema={"type": "string", "format": "date-time"}),
                ],
                **OK,
            }
        },
        "/calls/{id}:cancel": {"post": {"operationId": "calls.cancel", "parameters": [parameter("id", "path", {"type": "integer"})], **OK}},
        "/compare/{base}...{head}": {"get": {"parameters": [parameter("base", "path"), parameter("head", "path")], **OK}},
    }
)
EVERYTHING = document(  # 3.1 and 3.2: type arrays, const, boolean schemas, dynamic references, streams, new methods
    {
        "/find": {
            "query": {
                "operationId": "find",
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Filter"}}}},
                **answer({"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Node"}}),
            },
            "additionalOperations": {"COPY": {"operationId": "copy", **OK}},
        },
        "/events": {
            "get": {
                "operationId": "events",
                "parameters": [parameter("sid", "cookie", {"type": "array", "items": {"type": "string"}}, style="cookie")],
                "responses": {
                    "200": {
                        "summary": "as they happen",
                        "content": {
                            "text/event-stream": {"itemSchema": {"type": "object", "required": ["data"], "properties": {"data": {"type": "string"}}}},
                            "application/jsonl": {"itemSchema": {"$ref": "#/components/schemas/Node"}},
                        },
                    }
                },
            }
        },
        "/search": {
            "get": {
                "operationId": "search",
                "parameters": [
                    {
                        "name": "q",
                        "in": "querystring",
                        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}},
                    }
                ],
                **OK,
            }
        },
        "/files": {
            "post": {
                "operationId": "upload",
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {"type": "object", "required": ["file"], "properties": {"file": {"contentMediaType": "application/octet-stream"}, "note": {"const": "x"}}},
                            "encoding": {"file": {"contentType": "image/png, image/jpeg"}},
                        }
                    }
                },
                **OK,
            }
        },
    },
    "3.2.0",
    components={
        "schemas": {
            "Filter": {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "never": False, "any": True}, "unevaluatedProperties": False},
            "Node": {
                "type": "object",
                "required": ["kind"],
                "discriminator": {"propertyName": "kind", "mapping": {"leaf": "Leaf"}},
                "properties": {"kind": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
            },
            "Leaf": {"allOf": [{"$ref": "#/components/schemas/Node"}, {"properties": {"kind": {"const": "leaf"}, "size": {"type": "integer", "exclusiveMinimum": 0}}}]},
        }
    },
    webhooks={"arrived": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Leaf"}}}}}}},
)
CLUSTER: dict[str, Any] = {  # Swagger 2.0, with dots in names and bodies of any type
    "swagger": "2.0",
    "info": {"title": "Cluster", "version": "v1"},
    "host": "cluster.example",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "produces": ["application/json", "application/yaml"],
    "securityDefinitions": {"BearerToken": {"type": "apiKey", "name": "authorization", "in": "header"}},
    "security": [{"BearerToken": []}],
    "paths": {
        "/api/v1/namespaces/{namespace}/pods": {
            "parameters": [{"name": "namespace", "in": "path", "type": "string", "required": True, "uniqueItems": True}],
            "post": {
                "operationId": "createNamespacedPod",
                "consumes": ["*/*"],
                "tags": ["core_v1"],
                "parameters": [{"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/io.cluster.v1.Pod"}}],
                "responses": {"201": {"description": "Created", "schema": {"$ref": "#/definitions/io.cluster.v1.Pod"}}},
            },
        },
        "/upload": {
            "post": {
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                    {"name": "labels", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"},
                ],
                "responses": {"200": {"description": "", "schema": {"type": "file"}}},
            }
        },
    },
    "definitions": {
        "io.cluster.v1.Pod": {
            "type": "object",
            "properties": {"kind": {"type": "string"}, "port": {"$ref": "#/definitions/io.cluster.util.IntOrString"}, "status": {"type": "string", "readOnly": True}},
        },
        "io.cluster.util.IntOrString": {"type": "string", "format": "int-or-string"},
    },
}
ALL = {"payments": PAYMENTS, "forge": FORGE, "telephony": TELEPHONY, "everything": EVERYTHING, "cluster": CLUSTER}
