"""However a document is broken, there is a client with diagnostics or a SpecError; nothing from below, and no hang."""

import copy
import json
import os
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import documents
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_places import places
from mutation import mutate

from dynaopenai import Client, RequestValidationError, SpecError
from dynaopenai._document.document import load

CORPUS = sorted(Path(os.environ["DYNAOPENAI_CORPUS"]).glob("*.yaml")) if os.environ.get("DYNAOPENAI_CORPUS") else []
MANY = int(os.environ.get("DYNAOPENAI_FUZZ", "150"))


def use(client: Client) -> None:
    """All that a person would look at; only what is broken may refuse, and only with a word of ours."""
    assert all(str(item) for item in client.diagnostics)
    for operation in client.operations.values():
        with suppress(SpecError, RequestValidationError):
            operation.prepare(**operation.example())
            operation.validate_response({"a": [1, None]})
            assert str(operation.__signature__).startswith("(")


@pytest.mark.parametrize("name", documents.ALL)
@settings(max_examples=MANY, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), count=st.integers(1, 6))
def test_a_mutated_document_is_a_client_or_a_spec_error(name: str, seed: int, count: int) -> None:
    root, chance = copy.deepcopy(documents.ALL[name]), random.Random(seed)
    for _ in range(count):
        if places(root):
            mutate(root, chance)
    with suppress(SpecError):
        use(Client(root, api_key="k", base_url="http://127.0.0.1:1"))


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
@settings(max_examples=max(3, MANY // 40), suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_a_mutated_real_document_is_a_client_or_a_spec_error(path: Path, seed: int, count: int) -> None:
    root, chance = copy.deepcopy(load(path).root), random.Random(seed)
    found = places(root)
    for _ in range(count):
        with suppress(LookupError):  # of a place that an earlier change took away
            mutate(root, chance, found)
    with suppress(SpecError):
        use(Client(root, api_key="k", base_url="http://127.0.0.1:1"))


@settings(max_examples=MANY)
@given(name=st.sampled_from(list(documents.ALL)), data=st.data())
def test_a_text_with_broken_bytes_is_a_client_or_a_spec_error(name: str, data: st.DataObject) -> None:
    text = bytearray(json.dumps(documents.ALL[name], indent=1).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3) | st.sampled_from([b"{", b"]", b"\n- ", b"\n  ? ", b"&a ", b"*a", b'"']))
    with suppress(SpecError):
        assert all(str(item) for item in Client(bytes(text)).diagnostics)


@settings(max_examples=MANY)
@given(text=st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_client_or_a_spec_error(text: Any) -> None:
    with suppress(SpecError):
        assert all(str(item) for item in Client(text + ("\n" if isinstance(text, str) else b"\n")).diagnostics)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 3_000_000,
        '{"a":' * 1_000_000,
        "- " * 20_000 + "x\n",
        "{a: " * 20_000,
        "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)),
        "openapi: 3.0.0\nx0: &x0 {a: 1}\n" + "".join(f"x{n}: &x{n} {{a: *x{n - 1}}}\n" for n in range(1, 400)),
    ],
    ids=["brackets", "json-mappings", "yaml-sequences", "flow-mappings", "alias-bomb", "alias-chain"],
)
def test_what_is_too_deep_or_unfolds_too_far_is_refused(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        Client(text)

    assert any(said in str(caught.value) for said in ("nested too deep", "unfold to too many nodes"))


def test_a_mapping_that_is_in_itself_is_refused() -> None:
    root: dict[str, Any] = {"openapi": "3.0.0"}
    root["paths"] = root

    with pytest.raises(SpecError) as caught:
        Client(root)

    assert "nested too deep, or in itself" in str(caught.value)


CIRCLE = {f"A{i}": {"anyOf": [{"$ref": f"#/components/schemas/A{j}"} for j in range(14) if j != i]} for i in range(14)}
CHAIN = {**{f"A{i}": {"$ref": f"#/components/schemas/A{i + 1}"} for i in range(500)}, "A500": {"type": "integer"}}


@pytest.mark.parametrize("schemas", [CIRCLE, CHAIN, {"A0": {"allOf": [{"$ref": "#/components/schemas/A0"}]}}], ids=["all-to-all", "long-chain", "itself"])
def test_schemas_that_refer_to_each_other_without_end_are_looked_through_once(schemas: dict[str, Any]) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A0"}}}}
    root = documents.document({"/a": {"post": {"operationId": "it", "requestBody": body, **documents.OK}}}, components={"schemas": schemas})

    use(Client(root, base_url="http://127.0.0.1:1"))
