"""Every method of every resource of the official package, called with what the API's document gives for it."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai._mock.server import MockServer

openai = pytest.importorskip("openai", reason="the official package is not installed: pip install 'dynaopenai[dev]'")
SPEC = Path(os.environ.get("DYNAOPENAI_CORPUS", "")) / "openai-2.3.0.yaml"
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not SPEC.is_file(), reason="DYNAOPENAI_CORPUS names no folder with openai-2.3.0.yaml"),
    pytest.mark.filterwarnings("ignore"),
]
SENT = re.compile(r'self\._(get_api_list|get|post|delete|put|patch)\(\s*(?:path_template\(\s*)?f?"([^"]+)"')
HELPERS = ("create_and_", "upload_and_", "upload_chunked", "submit_tool_outputs_and", "poll", "parse", "stream", "wait_for", "create_and_run_")


def methods(resource: Any, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The methods of a resource and of those below it, each with the way to it."""
    for name, member in inspect.getmembers(type(resource)):
        if name.startswith("_") or name in ("with_raw_response", "with_streaming_response"):
            continue
        if isinstance(member, property) or hasattr(member, "func"):
            inner = getattr(resource, name)
            if type(inner).__module__.startswith("openai.resources"):
                yield from methods(inner, (*seen, name))
        elif inspect.isfunction(member) and seen and not name.startswith(HELPERS):
            yield ".".join((*seen, name)), getattr(resource, name)


FILES = {"file": False, "image": False, "mask": False, "video": False, "files": True, "input_reference": False}


def is_upload(signature: inspect.Signature, name: str) -> bool:
    kind = str(signature.parameters[name].annotation)
    return "FileTypes" in kind or "FileContent" in kind or (name == "video" and "_params." in kind)


def call(method: Any, example: dict[str, Any], variables: list[str], path: str) -> Any:
    """Call it with the example of its operation, as far as it takes it by name."""
    signature = inspect.signature(method)
    given = dict(example)
    names = re.findall(r"\{([^{}]+)\}", path)
    for own, declared in zip(names, variables, strict=True):
        given[own] = example[declared]
    for name, several in FILES.items():
        if name in signature.parameters and is_upload(signature, name):
            given[name] = [("a.bin", b"x")] if several else ("a.bin", b"x")
    taken = {name: value for name, value in given.items() if name in signature.parameters}
    answer = method(**taken)
    if hasattr(answer, "__stream__"):
        return list(answer)
    if hasattr(answer, "data") and hasattr(answer, "has_next_page"):
        return answer.data
    return answer


def _last_of_all(named: tuple[str, Any]) -> tuple[bool, int]:
    """Deleting comes last, and first of what is inside."""
    is_deletion = named[0].endswith("delete")
    return is_deletion, -len(re.findall(r"\{", inspect.getsource(named[1]))) if is_deletion else 0


def test_none_is_refused_that_the_document_has() -> None:
    told = Client(SPEC, api_key="sk-mock")
    by_place = {(op.method, re.sub(r"\{[^}]*\}", "{}", op.path)): op for op in told.operations.values()}
    refused: dict[str, str] = {}
    tried = 0
    with MockServer(SPEC) as server, openai.OpenAI(base_url=server.url, api_key="sk-mock", admin_api_key="sk-mock", max_retries=0) as client:
        once = {inspect.unwrap(method.__func__): (name, method) for name, method in methods(client)}
        for name, method in sorted(once.values(), key=_last_of_all):
            source = inspect.getsource(method)
            sent = SENT.search(source)
            listed = "post" if 'method="post"' in source else "get"
            verb = {"get_api_list": listed}.get(sent[1], sent[1]) if sent else ""
            operation = by_place.get((verb.upper(), re.sub(r"\{[^}]*\}", "{}", sent[2]))) if sent else None
            if sent is None or operation is None:
                continue
            tried += 1
            try:
                call(method, operation.example(), re.findall(r"\{([^{}]+)\}", operation.path), sent[2])
            except Exception as error:  # noqa: BLE001 - all of them are told at the end
                refused[name] = f"{operation.id}: {type(error).__name__}: {str(error)[:300]}"

    assert tried > 100
    assert not refused, "\n".join(f"{name}: {why}" for name, why in refused.items())
