"""The bundled document keeps its promises: examples that hold, words for everything, corrections that say why."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
from openapi_spec_validator import OpenAPIV30SpecValidator
from referencing import Registry, Specification

from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import Node, load

PATH = Path(__file__).parents[2] / "openapi.yaml"
TEXT = PATH.read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = yaml.load(TEXT, Loader=yaml.CSafeLoader)
REGISTRY: Registry[Any] = Registry().with_resource("urn:document", Specification.OPAQUE.create_resource(DOCUMENT))

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
NAMES = {"properties", "schemas", "paths", "responses", "parameters", "securitySchemes", "content"}  # maps by name
PROSE = {"summary", "description", "title", "example", "examples"}
CORRECTION = re.compile(r"^ *# correction:(.*)$", re.MULTILINE)


def walk(node: Any, pointer: str = "", named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of the document that is not a map of names, with its pointer; values given as examples are left out."""
    if isinstance(node, list):
        for i, value in enumerate(node):
            yield from walk(value, f"{pointer}/{i}")
    elif isinstance(node, dict):
        if not named:
            yield pointer, node
        for key, value in node.items():
            if named or key not in {"example", "examples", "default", "enum"}:
                part = str(key).replace("~", "~0").replace("/", "~1")
                yield from walk(value, f"{pointer}/{part}", named=key in NAMES and not named)


OBJECTS = list(walk(DOCUMENT))
CONTRACT = Contract(load(PATH))


def at(pointer: str) -> Node:
    node = CONTRACT.document.node
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        node = node.child(int(key) if isinstance(node.value, list) else key)
    return node


def given_values() -> Iterator[tuple[str, str, Any]]:
    """Every example and default: its pointer, its schema's pointer, and the value."""
    for pointer, node in OBJECTS:
        schema = f"{pointer}/schema" if "schema" in node else pointer
        for key in ("example", "default"):
            if key in node:
                yield f"{pointer}/{key}", schema, node[key]
        for name, example in node.get("examples", {}).items():
            yield f"{pointer}/examples/{name}", schema, example["value"]


GIVEN = list(given_values())
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for path in DOCUMENT["paths"].values()
    for method, operation in path.items()
    if method in METHODS
]


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV30SpecValidator(DOCUMENT).validate()


def test_examples_and_defaults_are_many() -> None:
    kinds = [pointer.rsplit("/", 1)[1] for pointer, _, _ in GIVEN]

    assert kinds.count("example") > 150
    assert kinds.count("default") > 50


@pytest.mark.parametrize(("schema", "value"), [pytest.param(*given[1:], id=given[0]) for given in GIVEN])
def test_an_example_or_default_is_valid(schema: str, value: Any) -> None:
    judge = OAS30ReadValidator({"$ref": f"urn:document#{quote(schema)}"}, registry=REGISTRY)

    assert [f"{error.json_path}: {error.message}" for error in judge.iter_errors(value)] == []


NULLABLE = [pointer for pointer, node in OBJECTS if node.get("nullable") is True]


def test_null_may_be_said_in_many_places() -> None:
    assert len(NULLABLE) > 60


@pytest.mark.parametrize("pointer", NULLABLE)
def test_what_may_be_null_may_be_null_for_every_reader(pointer: str) -> None:
    """OAS 3.0.3 §4.7.24.1: ``nullable`` adds null to a type, and overrules neither an enum nor the branches beside it."""
    judge = OAS30WriteValidator({"$ref": f"urn:document#{quote(pointer)}"}, registry=REGISTRY)

    assert [f"{error.json_path}: {error.message}" for error in judge.iter_errors(None)] == []
    assert CONTRACT.schema(at(pointer), "request").is_valid(None)


@pytest.mark.parametrize("pointer", [pointer for pointer, node in OBJECTS if re.search(r"/schemas/[^/]+$", pointer)])
def test_a_named_schema_has_an_example(pointer: str) -> None:
    node = dict(OBJECTS)[pointer]
    multipart = any("binary" in repr(value) for value in node.get("properties", {}).values())

    assert "example" in node or multipart


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_says_what_it_does_takes_and_returns(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert all(parameter["description"] for parameter in operation.get("parameters", []))
    assert operation.get("requestBody", {"description": "none"})["description"]
    assert all(answer.get("description") or answer.get("$ref") for answer in operation["responses"].values())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_declares_its_errors(operation: dict[str, Any]) -> None:
    assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}


def test_every_schema_and_property_is_described() -> None:
    described = re.compile(r"/(schemas|properties)/[^/]+$")

    silent = [p for p, node in OBJECTS if described.search(p) and not node.get("description") and "$ref" not in node]

    assert silent == []


def test_every_correction_says_why() -> None:
    reasons = CORRECTION.findall(TEXT)

    assert len(reasons) >= 9
    assert [reason for reason in reasons if len(reason.split()) < 4] == []


def test_the_text_is_plain_yaml() -> None:
    assert [line for line in TEXT.splitlines() if len(line) > 110 or line != line.rstrip() or "\t" in line] == []
    assert not [e for e in yaml.parse(TEXT, Loader=yaml.CSafeLoader) if isinstance(e, yaml.AliasEvent)]


# --- against the published document, where there is one ------------------------------------------


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    folder = os.environ.get("DYNAOPENAI_CORPUS")
    if not folder or not (Path(folder) / "openai-2.0.0.yaml").exists():
        pytest.skip("DYNAOPENAI_CORPUS names no folder with openai-2.0.0.yaml")
    text = (Path(folder) / "openai-2.0.0.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return document


def operation_ids(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (path, method): operation["operationId"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def sentences(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for value in node:
            yield from sentences(value)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in PROSE and isinstance(value, str):
                for part in re.split(r"(?<=[.!?])\s+|\n", value):
                    words = re.findall(r"[a-z']+", part.lower())
                    if len(words) >= 6:
                        yield " ".join(words)
            else:
                yield from sentences(value)


def test_every_published_operation_is_here(published: dict[str, Any]) -> None:
    assert operation_ids(DOCUMENT) == operation_ids(published)


def test_every_published_schema_is_here(published: dict[str, Any]) -> None:
    assert set(published["components"]["schemas"]) - set(DOCUMENT["components"]["schemas"]) == set()


def test_no_published_sentence_is_here(published: dict[str, Any]) -> None:
    assert set(sentences(DOCUMENT)) & set(sentences(published)) == set()
