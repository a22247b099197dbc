"""Documents that say the same in other words: no law of these may find a change of meaning."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaopenai._diff.diff import diff
from dynaopenai._document.document import load
from dynaopenai._document.overlay import apart

CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")
SOAK = os.environ.get("DYNAOPENAI_SOAK", "")
DOCUMENTS = sorted(Path(CORPUS).glob("*.yaml")) if CORPUS else []
SCHEMAS = ("schema", "items", "additionalProperties")  # keys that hold a schema
Root = dict[str, Any]


def rewritten(value: Any, change: Callable[[Root, Root], Any], root: Root, at: str = "") -> Any:
    """A document with every schema changed; names of properties are no schemas."""
    if isinstance(value, list):
        return [rewritten(item, change, root, at if at in ("allOf", "anyOf", "oneOf") else "") for item in value]
    if not isinstance(value, dict):
        return value
    if at in ("properties", "schemas"):
        return {name: rewritten(item, change, root, "schema") for name, item in value.items()}
    inner = {key: rewritten(item, change, root, key) for key, item in value.items()}
    return change(inner, root) if at in SCHEMAS else inner


def reordered(root: Root) -> Root:
    """Keys the other way round, but for those whose order is that of operations and servers."""

    def turned(value: Any) -> Any:
        if isinstance(value, list):
            return [turned(item) for item in value]
        return {key: turned(value[key]) for key in reversed(value)} if isinstance(value, dict) else value

    return turned(root)  # type: ignore[no-any-return]  # a mapping gives a mapping


def wrapped(root: Root) -> Root:
    """Every reference in an allOf of one."""
    return rewritten(root, lambda schema, _: {"allOf": [schema]} if set(schema) == {"$ref"} else schema, root)  # type: ignore[no-any-return]  # as above


def inlined(root: Root) -> Root:
    """References to schemas without references of their own, written out."""

    def out(schema: Root, whole: Root) -> Root:
        ref = schema.get("$ref", "")
        if set(schema) != {"$ref"} or not ref.startswith("#/components/schemas/"):
            return schema
        target = whole["components"]["schemas"].get(ref.rpartition("/")[2], schema)
        return schema if "$ref" in json.dumps(target) else target  # type: ignore[no-any-return]  # as above

    return rewritten(root, out, root)  # type: ignore[no-any-return]  # as above


def renamed(root: Root) -> Root:
    """Every schema under another name."""
    text = json.dumps(root).replace('"#/components/schemas/', '"#/components/schemas/New')
    new: Root = json.loads(text)
    held = new["components"]["schemas"]
    new["components"]["schemas"] = {f"New{name}": schema for name, schema in held.items()}
    return new


def said_again(root: Root) -> Root:
    """What is true of every schema, said."""

    def more(schema: Root, _: Root) -> Root:
        told = {"title": "T", "description": "D"} if "$ref" not in schema else {}
        return {**schema, **told, **({"minItems": 0} if schema.get("type") == "array" and "minItems" not in schema else {})}

    return rewritten(root, more, root)  # type: ignore[no-any-return]  # as above


def as_lists(root: Root) -> Root:
    """A type as a list of one."""
    return rewritten(root, lambda schema, _: {**schema, "type": [schema["type"]]} if isinstance(schema.get("type"), str) else schema, root)  # type: ignore[no-any-return]  # as above


LAWS = [reordered, wrapped, inlined, renamed, said_again, as_lists]
UNNOTICED = ("component-added", "component-removed", "component-changed")  # a name that nothing uses any more


@pytest.mark.skipif(not DOCUMENTS, reason="DYNAOPENAI_CORPUS names no folder of documents")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_does_not_differ_from_itself(path: Path) -> None:
    assert diff(path, path) == []


@pytest.mark.skipif(not DOCUMENTS, reason="DYNAOPENAI_CORPUS names no folder of documents")
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("path", DOCUMENTS if SOAK else DOCUMENTS[:1], ids=lambda path: path.stem)
def test_what_is_written_otherwise_is_no_change(path: Path, law: Callable[[Root], Root]) -> None:
    root = load(path).root
    new = law(root)

    for before, after in ((root, new), (new, root)):
        assert [str(each) for each in diff(before, after) if each.code not in UNNOTICED] == []


@pytest.mark.skipif(not DOCUMENTS, reason="DYNAOPENAI_CORPUS names no folder of documents")
def test_anchors_are_what_they_stand_for() -> None:
    root = apart(load(DOCUMENTS[0]).root)
    common = next(schema for schema in root["components"]["schemas"].values() if schema.get("properties"))
    shared = {**root, "components": {**root["components"], "schemas": {**root["components"]["schemas"], "A": common, "B": common}}}
    text = yaml.safe_dump(shared)

    assert "&id0" in text
    assert diff(text, json.loads(json.dumps(shared))) == []
