"""What type checkers make of a stub: right uses are right, wrong ones are refused where they stand, and types are the document's."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from documents import OK, PAYMENTS, answer, body, document, parameter
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import blocks
from typed_api import TYPED

from dynaopenai import Client
from dynaopenai._client.describe import literal
from dynaopenai._stubs.stub import stub
from dynaopenai._stubs.text import quoted

PAGE = "docs/editor.md"
USES = ("use_stub.py", "use_without.py")
SPEC = Path(os.environ.get("DYNAOPENAI_CORPUS", "")) / "openai-2.3.0.yaml"
NEEDS_SPEC = pytest.mark.skipif(not SPEC.is_file(), reason="DYNAOPENAI_CORPUS names no folder with openai-2.3.0.yaml")
NEEDS_MYPY = pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed: pip install 'dynaopenai[dev]'")
NEEDS_PYRIGHT = pytest.mark.skipif(find_spec("pyright") is None, reason="pyright is not installed: pip install pyright")


def written(source: Any, module: str, folder: Path) -> Client:
    client = Client(source, api_key="k")
    (folder / f"{module}.pyi").write_text(stub(client._engine, module), "utf-8")
    return client


def with_examples(client: Client, module: str, path: Path) -> None:
    """Every operation called with the example that it gives of itself; what is a file is left out, since examples have texts there."""
    lines = [f"from {module} import Client", "client = Client()"]
    spelled = {operation_id: name for name, operation_id in reversed(client._engine.names.operations.items()) if name.isidentifier()}
    for operation_id, operation in client.operations.items():
        if not any(argument.schema.is_binary for argument in operation.arguments):
            parts = [f"{name}={literal(value)}" for name, value in operation.example().items()]
            lines.append(f"client.{spelled[operation_id]}({', '.join(parts)})")
    path.write_text("\n".join(lines), "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("stubs")
    written(TYPED, "typed_pets", found)
    with_examples(written(None, "openai_api", found), "openai_api", found / "examples.py")
    for name in USES:
        (found / name).write_text(Path(__file__).with_name(name).read_text("utf-8"), "utf-8")
    (found / "page.py").write_text(blocks(PAGE, "python")[0].text, "utf-8")
    (found / "refused.py").write_text("from openai_api import Client\n\nclient = Client()\n" + blocks(PAGE, "text")[0].text, "utf-8")
    return found


@pytest.fixture(scope="session")
def cache(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of what has not changed since the last run; no two processes share one."""
    kept = getattr(pytestconfig, "cache", None)
    name = f"mypy-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    return Path(kept.mkdir(name)) if kept is not None else tmp_path_factory.mktemp(name)


Told = dict[tuple[str, int], list[str]]


def mypy(folder: Path, cache: Path, *files: str) -> Told:
    """What mypy says, by file and line."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-error-codes", "--cache-dir", str(cache), *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert not done.stderr, done.stderr
    told: Told = {}
    for file, line, kind, message in re.findall(r"^(.+?):(\d+): (error|note): (.*)$", done.stdout, re.MULTILINE):
        told.setdefault((file, int(line)), []).append(f"{kind}: {message}")
    return told


def pyright(folder: Path, *files: str) -> Told:
    """What pyright says, by file and line."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    told: Told = {}
    for item in json.loads(done.stdout[done.stdout.index("{") :])["generalDiagnostics"]:
        if item.get("rule") != "reportMissingModuleSource":  # a stub has none
            place = Path(item["file"]).name, item["range"]["start"]["line"] + 1
            told.setdefault(place, []).append(f"{item['severity']}: {item['message']}")
    return told


def refused(told: Told) -> set[tuple[str, int]]:
    return {place for place, messages in told.items() if any(message.startswith("error") for message in messages)}


def marked() -> Iterator[tuple[tuple[str, int], str]]:
    for name in USES:
        for number, line in enumerate(Path(__file__).with_name(name).read_text("utf-8").splitlines(), 1):
            if (mark := re.search(r"  # (error|is .*)$", line)) is not None:
                yield (name, number), mark[1]


def bare(revealed: str) -> str:
    """A type as both checkers would write it: without modules, the values of a Literal together."""
    plain = re.sub(r"\b[\w.]+\.(?=\w)", "", revealed)
    values = re.findall(r"Literal\[([^\[\]]*)\]", plain)
    if len(values) > 1:
        plain = re.sub(r"Literal\[[^\[\]]*\]( \| )?", "", plain).strip(" |")
        plain = f"Literal[{', '.join(values)}]" + (f" | {plain}" if plain else "")
    return plain


def check(told: Told) -> None:
    assert refused(told) == {place for place, mark in marked() if mark == "error"}
    for place, mark in marked():
        if mark.startswith("is "):
            (revealed,) = told[place]
            found = re.findall(r'(?:Revealed type is|Type of ".*" is) "(.*)"$', revealed)
            assert [bare(found[0])] == [mark.removeprefix("is ")], place


def test_there_is_something_to_hold_checkers_to() -> None:
    assert sum(mark == "error" for _, mark in marked()) > 15
    assert sum(mark != "error" for _, mark in marked()) > 25


@NEEDS_MYPY
def test_mypy_takes_right_uses_and_refuses_wrong_ones(folder: Path, cache: Path) -> None:
    files = ["typed_pets.pyi", "openai_api.pyi", "examples.py", *USES]

    told = mypy(folder, cache, *files)

    check(told)


@NEEDS_MYPY
def test_the_page_about_editors_is_taken_and_what_it_says_is_refused_is(folder: Path, cache: Path) -> None:
    told = mypy(folder, cache, "page.py", "refused.py")

    lines = (folder / "refused.py").read_text("utf-8").splitlines()
    wanted = {("refused.py", number): line.partition("    # ")[2] for number, line in enumerate(lines, 1) if "    # " in line}
    assert refused(told) == wanted.keys()
    for place, text in wanted.items():
        assert all(part in told[place][0] for part in text.split("; ")), told[place]


@NEEDS_PYRIGHT
def test_pyright_takes_right_uses_and_refuses_wrong_ones(folder: Path) -> None:
    check(pyright(folder, "typed_pets.pyi", "openai_api.pyi", "examples.py", *USES))


LARGE = """
from openai_api import Client
client = Client()
reply = client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "Hello"}])
reveal_type(reply.choices[0].message.content)
client.createChatCompletion(model="gpt-5", mesages=[{"role": "user", "content": "Hello"}])
client.doesNotExist()
"""


@NEEDS_SPEC
@NEEDS_MYPY
def test_a_large_document_is_taken_by_mypy_strict_as_are_its_own_examples(tmp_path: Path, cache: Path) -> None:
    with_examples(written(SPEC, "openai_api", tmp_path), "openai_api", tmp_path / "examples.py")
    (tmp_path / "large.py").write_text(LARGE, "utf-8")

    told = mypy(tmp_path, cache, "openai_api.pyi", "examples.py", "large.py")

    assert refused(told) == {("large.py", 6), ("large.py", 7)}
    assert told["large.py", 5] == ['note: Revealed type is "str | None"']
    assert "did you mean" in told["large.py", 6][0]


@NEEDS_SPEC
@NEEDS_PYRIGHT
def test_a_large_document_is_taken_by_pyright(tmp_path: Path) -> None:
    written(SPEC, "openai_api", tmp_path)
    (tmp_path / "large.py").write_text(LARGE, "utf-8")

    told = pyright(tmp_path, "openai_api.pyi", "large.py")

    assert refused(told) == {("large.py", 6), ("large.py", 7)}


# --- the text ------------------------------------------------------------------------------------


def classes(text: str) -> dict[str, dict[str, str]]:
    """The members of every class with their types."""
    return {
        node.name: {item.target.id: ast.unparse(item.annotation) for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)}
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    }  # fmt: skip


@pytest.mark.parametrize("source", [None, TYPED, PAYMENTS], ids=["bundled", "typed", "payments"])
def test_every_name_that_a_client_has_is_in_its_stub(source: Any) -> None:
    engine = Client(source)._engine
    found = classes(stub(engine, "api"))

    for name, operation_id in engine.names.operations.items():
        if name.isidentifier() and name != "class":
            assert found["Client"][name] == found["AsyncClient"][name].replace("Async", "")
            assert found["Client"][name].replace("_dynaopenai.", "") in {*found, "Operation"}, operation_id
    spelled = {word: name for name, word in engine.names.groups.items()}
    for dotted, operation_id in engine.grouped.items():
        first, *rest = dotted.split(".")
        reached = "Client" if rest else ""
        for word in [spelled[first], *rest] if rest else ():
            reached = found[reached][word]
        same = [name for name, each in engine.names.operations.items() if each == operation_id and name in found["Client"]]
        assert not rest or reached == found["Client"][same[0]]


def test_a_deprecated_operation_and_every_description_are_in_the_stub() -> None:
    text = stub(Client(TYPED)._engine, "api")

    assert text.count("@_te.deprecated(\"DELETE /pets/{pet} is deprecated by the API's document\")") == 4
    assert '"""What it is called."""' in text
    assert '"""GET /pets\n\n    All pets"""' in text
    assert ast.get_docstring(next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "Pet")) == (
        "A pet; \\ and ''' and a \"quotation\""
    )


def test_the_same_document_gives_the_same_text_in_every_process(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(TYPED), "utf-8")
    command = [sys.executable, "-m", "dynaopenai", "stubs", "api.json"]
    texts = {
        subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60).stdout
        for seed in ("1", "2")
    }

    assert len(texts) == 1


def test_a_long_way_of_references_has_an_end() -> None:
    schemas = {f"S{number}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/S{(number + 1) % 1500}"}}} for number in range(1500)}
    client = Client(document({"/s": {"get": {"operationId": "getS", **answer({"$ref": "#/components/schemas/S0"})}}}, components={"schemas": schemas}))

    assert {f"S{number}" for number in range(1500)} <= classes(stub(client._engine, "api")).keys()


def test_the_async_class_of_one_operation_is_not_the_class_of_another() -> None:
    ids = ["foo", "asyncFoo", "AsyncFoo", "asyncAsyncFoo"]
    paths = {f"/{name}": {"get": {"operationId": name, "tags": [tag], **OK}} for name, tag in zip(ids, ["bar", "asyncBar", "AsyncBar", "async bar"], strict=True)}
    text = stub(Client(document(paths))._engine, "api")
    declared = re.findall(r"^class (\w+)", text, re.MULTILINE)
    found = classes(text)

    assert sorted(set(declared)) == sorted(declared)
    assert len({found["Client"][name] for name in ids}) == len({found["AsyncClient"][name] for name in ids}) == len(ids)
    assert all(found["AsyncClient"][name] == f"Async{found['Client'][name]}" for name in ids)


@pytest.mark.parametrize("name", ["File", "Content", "Answer", "Group", "Call", "AnyGroup", "StreamOf", "None"])
def test_the_other_name_of_a_class_is_none_of_the_files_own(name: str) -> None:
    thing = {"type": "object", "properties": {name: {"$ref": f"#/components/schemas/{name}"}, "id": {"type": "string"}}, "required": [name]}
    source = document({"/x": {"get": {"operationId": "x", **answer({"$ref": f"#/components/schemas/{name}"})}}}, components={"schemas": {name: thing}})
    body_of_file = ast.parse(stub(Client(source)._engine, "api")).body
    declared = [node.name for node in body_of_file if isinstance(node, ast.ClassDef)]
    declared += [node.target.id for node in body_of_file if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]

    assert sorted(set(declared)) == sorted(declared)


@pytest.mark.parametrize("text", ["\U0001f600", "\u65e5", "\ud83d", '"\\\n', "\x7f\x00'"])
@given(more=st.text())
def test_a_text_in_a_stub_is_that_text(text: str, more: str) -> None:
    for each in (text, more):
        assert quoted(each).isascii()
        assert ast.literal_eval(quoted(each)) == each


def test_a_value_of_any_plane_is_a_literal_of_itself() -> None:
    reply = {"type": "object", "properties": {"mood": {"enum": ["\U0001f600", "\u65e5"]}}, "required": ["mood"]}
    text = stub(Client(document({"/x": {"get": {"operationId": "x", **answer(reply)}}}))._engine, "api")

    assert classes(text)["XResponse"]["mood"] == ast.unparse(ast.parse("_t.Literal['\U0001f600', '\u65e5']"))


names = st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(["self", "properties", "arguments", "stream", "body", "str", "Thing", "_t", "None"]))


@settings(max_examples=80)
@given(names, names, names, names, st.booleans())
def test_whatever_things_are_called_the_stub_is_python(name: str, other: str, about: str, value: str, is_open: bool) -> None:
    schemas = {
        "Thing": {"type": "object", "description": about, "properties": {name: {"enum": [value, 1]}, other: {"$ref": "#/components/schemas/Thing"}}},
        "Open": {"type": "object", "properties": {name: {"type": "boolean"}}, "additionalProperties": is_open},
    }
    thing, sent = {"$ref": "#/components/schemas/Thing"}, {"$ref": "#/components/schemas/Open"}
    operation = {"operationId": name, "summary": about, "tags": [other], "parameters": [parameter(other)], **body(sent), **answer(thing)}
    variables = [re.sub("[{}/?#]", "", text) or "x" for text in (name, other)]
    path = "".join(f"/{{{variable}}}" for variable in variables)
    get = {"operationId": other, "deprecated": True, "parameters": [parameter(each, "path") for each in dict.fromkeys(variables)], **OK}
    paths = {"/things": {"post": operation}, f'/{variables[0]}"{path}': {"get": get, "put": {**get, **body(sent), "operationId": about}}}
    info = {"title": about, "version": "1"}

    compile(stub(Client(document(paths, info=info, components={"schemas": schemas}))._engine, "api"), "api.pyi", "exec")
