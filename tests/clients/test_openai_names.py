"""The names that users of the official package type lead to the same requests here."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dynaopenai import AsyncClient, Client
from dynaopenai._client.grouping import grouped
from dynaopenai._client.inside import plan_of
from dynaopenai._client.operation import Operation

openai = pytest.importorskip("openai", reason="the official package is not installed: pip install 'dynaopenai[dev]'")
SPEC = Path(os.environ.get("DYNAOPENAI_CORPUS", "")) / "openai-2.3.0.yaml"
CORRECTIONS = Path(__file__).parents[2] / "dynaopenai" / "apis" / "openai.corrections.yaml"
NEEDS_SPEC = pytest.mark.skipif(not SPEC.is_file(), reason="DYNAOPENAI_CORPUS names no folder with openai-2.3.0.yaml")
SENT = re.compile(r'self\._(get_api_list|get|post|delete|put|patch)\(\s*(?:path_template\(\s*)?f?"([^"]+)"')
HELPERS = frozenset({"parse"})  # of the package: they send what another method sends, and read the answer into a class of the user's
NAMESPACES = ("admin.", "beta.")  # of the package: no fact of the document leads to them


def methods(resource: Any, name: str = "") -> Iterator[tuple[str, Any, str, str]]:
    """Every method of the package that sends one request, with that request's method and path."""
    for member in dir(type(resource)):
        found = inspect.getattr_static(type(resource), member)
        if member.startswith(("_", "with_")) or member in HELPERS:
            continue
        if not inspect.isfunction(found):
            inner = getattr(resource, member, None)
            if type(inner).__module__.startswith("openai.resources"):
                yield from methods(inner, f"{name}{member}.")
        elif name and (call := SENT.search(source := inspect.getsource(inspect.unwrap(found)))):
            method = ("post" if 'method="post"' in source else "get") if call[1] == "get_api_list" else call[1]
            yield name + member, inspect.unwrap(found), method.upper(), call[2]


@cache
def all_methods() -> list[tuple[str, Any, str, str]]:
    with openai.OpenAI(api_key="k", admin_api_key="k") as client:
        return list(methods(client))


def official() -> dict[str, tuple[str, str]]:
    """Method and path by name, parameters unnamed."""
    return {name: (method, re.sub(r"\{[^}]*\}", "{}", path)) for name, _, method, path in all_methods()}


def ours(client: Client) -> dict[tuple[str, str], set[str]]:
    """The names in groups by method and path."""
    found: dict[tuple[str, str], set[str]] = {}
    api = client._engine.contract.openapi
    for name, operation_id in grouped(api).items():
        entry = api.entries[operation_id]
        found.setdefault((entry.method, re.sub(r"\{[^}]*\}", "{}", entry.path)), set()).add(name)
    return found


def bare(name: str) -> str:
    return next((name.removeprefix(space) for space in NAMESPACES if name.startswith(space)), name)


@NEEDS_SPEC
def test_the_documents_facts_alone_lead_to_nine_names_of_ten() -> None:
    names = ours(Client(SPEC))
    known = {name: at for name, at in official().items() if at in names}
    same = [name for name, at in known.items() if {name, bare(name)} & names[at]]

    assert len(same) >= 220
    assert len(same) >= 0.9 * len(known), sorted(known.keys() - set(same))


@NEEDS_SPEC
def test_with_the_shipped_corrections_every_name_is_the_same() -> None:
    names = ours(Client(SPEC, overlays=[CORRECTIONS]))
    known = {name: at for name, at in official().items() if at in names}

    assert len(known) >= 245
    assert [name for name, at in known.items() if name not in names[at]] == []


@NEEDS_SPEC
def test_they_are_typed_as_there() -> None:
    client = Client(SPEC, overlays=[CORRECTIONS], api_key="sk-mock", base_url="http://127.0.0.1:1/v1")
    asynchronous = AsyncClient(SPEC, overlays=[CORRECTIONS])

    assert client.chat.completions.create is client.createChatCompletion
    assert client.beta.threads.runs.retrieve.prepare("run_1", thread_id="thread_1").url == "http://127.0.0.1:1/v1/threads/thread_1/runs/run_1"
    assert client.fine_tuning.jobs.cancel.prepare("ft-1").url == "http://127.0.0.1:1/v1/fine_tuning/jobs/ft-1/cancel"
    assert dir(client.files) == ["content", "create", "delete", "list", "retrieve", "retrieve_content"]
    assert asynchronous.vector_stores.files.list.id == client.vector_stores.files.list.id
    assert all(isinstance(client.operations.find(name), Operation) for name in grouped(client._engine.contract.openapi))


@NEEDS_SPEC
def test_path_parameters_are_taken_as_there() -> None:
    client = Client(SPEC, overlays=[CORRECTIONS])
    tried = 0
    for name, method, _, path in all_methods():
        operation = client.operations.find(name) if name in client._engine.grouped else None
        if isinstance(operation, Operation):
            signature, variables = inspect.signature(method), re.findall(r"\{([^{}]+)\}", path)
            by_position = [each for each, one in signature.parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD and each in variables]
            bound = plan_of(operation).writer.arguments.bind(by_position, {each: each for each in variables if each not in by_position})
            given = {argument.name: value for argument, value in bound.parameters.items()}
            assert given == dict(zip(re.findall(r"\{([^{}]+)\}", operation.path), variables, strict=True)), name
            assert by_position == variables[-1:]
            tried += len(variables) > 0

    assert tried > 150


def test_the_bundled_document_has_the_packages_names() -> None:
    names = ours(Client())
    known = {name: at for name, at in official().items() if at in names and not name.startswith(NAMESPACES)}

    assert len(known) > 15
    assert [name for name, at in known.items() if name not in names[at]] == []
