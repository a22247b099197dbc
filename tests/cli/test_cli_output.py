"""What `call` prints of an answer: a part, rows, words, the items of all pages; and what it says where that cannot be."""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import SHOP

from dynaopenai import Client
from dynaopenai._cli import cli as _cli
from dynaopenai._cli.output import NothingThereError, picked, rows_of, written
from dynaopenai._cli.wording import WORDS, in_shell_words
from dynaopenai._client.describe import call_line
from dynaopenai._client.inside import plan_of
from dynaopenai._display.colour import plain
from dynaopenai._mock.server import MockServer
from dynaopenai._request.command_words import command_words
from dynaopenai._request.words import arguments_of
from dynaopenai._response.texts import words_of

HELLO = ["createChatCompletion", "model=gpt-4", "messages.0.role=user", "messages.0.content=Hello"]
ANSWER = {"data": [{"id": "a", "n": 1, "tags": ["x"]}, {"id": "b, c", "size": None}], "next": {"after": "b"}}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Client()._engine.contract) as running:
        yield running


@pytest.fixture
def call(server: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_BASE_URL", "DYNAOPENAI_SPEC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mock")

    def called(*words: str, status: int = 0) -> str:
        assert _cli.run(["call", *words, "--base-url", server.url]) == status
        shown = capsys.readouterr()
        return shown.out if status == 0 else shown.err

    return called


# --- parts and rows ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data[].id", ["a", "b, c"]),
        ("data[0].id", "a"),
        ("data[-1]", {"id": "b, c", "size": None}),
        ("next.after", "b"),
        ("data[].tags[]", ["x"]),
        ("$.data[?@.n == 1].id", ["a"]),
        ("data[].nothing", []),
        ("..id", ["a", "b, c"]),
    ],
)
def test_a_path_leads_to_a_part(path: str, found: Any) -> None:
    assert picked(ANSWER, path) == found


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("dta[].id", "the answer has nothing at dta[].id; did you mean 'data'?"),
        ("next.nothing", 'the answer has nothing at next.nothing; it has "data" or "next"'),
        ("data[7]", "nothing at data[7]"),
    ],
)
def test_what_is_not_there_leads_to_what_is(path: str, message: str) -> None:
    with pytest.raises(NothingThereError) as caught:
        picked(ANSWER, path)

    assert message in str(caught.value)


def test_what_is_no_path_is_told_as_that() -> None:
    with pytest.raises(ValueError, match=r"found 'a\[\[b', expected a path such as a.b\[\].c"):
        picked(ANSWER, "a[[b")


def test_rows_are_lines_in_each_form() -> None:
    rows = rows_of(ANSWER)

    assert list(written(rows, "csv", plain)) == ["id,n,tags,size", 'a,1,"[""x""]",', '"b, c",,,']
    assert list(written(rows, "table", plain)) == ["id    n  tags   size", 'a     1  ["x"]', "b, c"]
    assert [json.loads(line) for line in written(rows, "jsonl", plain)] == ANSWER["data"]
    assert list(written([{"id": "x" * 100, "n": 1}], "table", plain))[1] == f"{'x' * 100}  1"  # whole, where no terminal is
    assert list(written(["x", "y"], "csv", plain)) == ["value", "x", "y"]
    assert list(written(rows_of({"a": 1}), "csv", plain)) == ["a", "1"]
    assert list(written([], "table", plain)) == []
    assert list(written(rows_of([{"a": "x\0", "b": 'say "hi",\n'}, {"a": ""}]), "csv", plain)) == ["a,b", 'x\0,"say ""hi"",\n"', ","]


READ = st.characters(exclude_characters="" if sys.version_info >= (3, 11) else "\0")  # by Python's own csv
CELLS = st.none() | st.booleans() | st.integers() | st.text(READ)


@given(st.lists(st.dictionaries(st.text(READ, min_size=1, max_size=5), CELLS, max_size=4), max_size=4))
def test_any_rows_are_csv_that_is_read_back(rows: list[dict[str, Any]]) -> None:
    import csv

    lines = list(written(rows, "csv", plain))
    read = list(csv.reader(io.StringIO("".join(f"{line}\n" for line in lines), newline="")))

    assert len({len(line) for line in read if line}) <= 1
    list(written(rows, "table", plain))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}]}, ["a", "b"]),
        ({"text": "all", "segments": [{"text": "a"}, {"text": "ll"}]}, ["all"]),
        ({"text": {"format": {"type": "text"}}, "output": [{"type": "reasoning", "content": [{"text": "hm"}]}, {"type": "message", "content": [{"text": "Hi"}]}]}, ["Hi"]),
        ("plain", ["plain"]),
        ({"data": [1.0]}, []),
    ],
)  # fmt: skip
def test_the_words_of_an_answer_are_its_outermost_texts(answer: Any, words: list[str]) -> None:
    assert words_of(answer) == words


# --- at the command line -------------------------------------------------------------------------


def test_an_answer_is_printed_as_it_is_wanted(call: Any) -> None:
    assert call(*HELLO, "--text") == call(*HELLO, "--pick", "choices[0].message.content") == call(*HELLO, "--stream", "--text")
    assert call(*HELLO, "--text").startswith("The Moon")
    ids = call("listModels", "--pick", "data[].id").splitlines()
    assert len(ids) > 1
    assert [line.partition(",")[0] for line in call("listModels", "--output", "csv").splitlines()] == ["id", *ids]
    assert [json.loads(line)["id"] for line in call("listModels", "--output", "jsonl").splitlines()] == ids
    assert call("listModels", "--output", "table").splitlines()[1].startswith(ids[0])
    assert json.loads(call("listModels", "--pick", "data[].id", "--json")) == ids


def test_the_items_of_all_pages_come_one_by_one(call: Any) -> None:
    ids = call("listModels", "--pick", "data[].id").splitlines()

    assert [json.loads(line)["id"] for line in call("listModels", "--all").splitlines()] == ids
    assert call("listModels", "--max-items", "1", "--pick", "id").splitlines() == ids[:1]
    assert [item["id"] for item in json.loads(call("listModels", "--all", "--json"))] == ids
    assert call("listModels", "--all", "--output", "csv").splitlines()[0].startswith("id,")


def test_what_is_saved_is_what_was_wanted(call: Any, tmp_path: Path) -> None:
    call("listModels", "--output", "csv", "--save", "models.csv")
    call(*HELLO, "--text", "--save", "words.txt")
    call("listModels", "--all", "--pick", "id", "--save", "ids.txt")

    assert (tmp_path / "models.csv").read_text("utf-8").startswith("id,")
    assert (tmp_path / "words.txt").read_text("utf-8").startswith("The Moon")
    assert len((tmp_path / "ids.txt").read_text("utf-8").splitlines()) > 1


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["listModels", "--text"], 1, "--text: the answer has no words; it is {"),
        (["listModels", "--pick", "dta"], 1, "did you mean 'data'?"),
        (["listModels", "--pick", "a[[b"], 2, "expected a path such as a.b[].c"),
        (["listModels", "--json", "--output", "csv"], 2, "found --json and --output, expected one of them"),
        (["listModels", "--text", "--pick", "data"], 2, "found --text and --pick, expected one of them"),
        ([*HELLO, "--stream", "--all"], 2, "--stream is one answer in pieces"),
        (["downloadFile", "file-1", "--output", "csv", "--mock"], 2, "the answer is a file"),
        (["createFile", "file@-", "purpose@-"], 2, "standard input asked for twice, expected once"),
        (["createFile", "file=up.jsonl", "purpose=fine-tune"], 1, 'file: found "up.jsonl" (a string), expected a file: file@up.jsonl'),
    ],
)
def test_what_cannot_be_is_told_in_the_shells_words(call: Any, words: list[str], status: int, message: str) -> None:
    assert message in call(*words, status=status)


def test_a_missing_key_names_the_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    assert _cli.run(["call", "listModels"]) == 1
    assert "set OPENAI_API_KEY, or name another variable: --key-env NAME" in capsys.readouterr().err


def test_a_value_comes_on_standard_input(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(text: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))

    typed(b"High tide?")
    sent = json.loads(call(*HELLO[:3], "messages.0.content@-", "--dry-run", "--json"))
    assert sent["body"]["messages"] == [{"role": "user", "content": "High tide?"}]
    typed(b'[{"role": "user", "content": "Hi"}]')
    assert json.loads(call(*HELLO[:2], "messages@-", "--dry-run", "--json"))["body"]["messages"][0]["content"] == "Hi"
    typed(b'{"prompt": "a", "completion": "b"}\n')
    assert json.loads(call("createFile", "file@-", "purpose=fine-tune", "--json"))["bytes"] == 35


# --- in the shell's words ------------------------------------------------------------------------


def test_no_error_speaks_python_to_a_shell() -> None:
    client = Client(SHOP)
    raised = []
    for wrong in (
        lambda: client.createOrder(itms=1),
        lambda: client.createFile,
        lambda: client.createOrder.with_options(base_url="https://elsewhere.example", api_key="x")(items=[]),
        lambda: Client().createFile(file="x", purpose="y"),
        lambda: Client(api_key=None).listModels(),
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
            wrong()
        raised.append(in_shell_words(str(caught.value)))

    assert [text for text in raised if "Client(" in text or "Path(" in text or "client." in text] == []


def test_each_wording_is_of_something_that_is_said() -> None:
    said = "".join(path.read_text("utf-8") for path in Path(_cli.__file__).parents[1].glob("_*/*.py") if path.name != "wording.py")
    said += (Path(_cli.__file__).parents[1] / "errors.py").read_text("utf-8")
    for python, _ in WORDS:
        literal = max(re.findall(r"[A-Za-z_ ]+", python.pattern.replace("\\n", "")), key=len)
        assert literal in said, python.pattern


ARGUMENTS = plan_of(Client().createChatCompletion).writer.arguments
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(["user", "system"]), "content": st.text()})


@given(st.fixed_dictionaries({"model": st.text(), "messages": st.lists(MESSAGE, min_size=1, max_size=3)}, optional={"n": st.integers(1, 9), "user": st.text()}))
def test_arguments_are_spelled_so_that_they_are_read_back(arguments: dict[str, Any]) -> None:
    import shlex

    words = [word for text in command_words(arguments, ARGUMENTS) for word in shlex.split(text)]

    assert arguments_of(words, ARGUMENTS, bytes, is_file=False).keywords == arguments


def test_an_example_is_a_line_that_runs(call: Any, capsys: pytest.CaptureFixture[str]) -> None:
    import shlex

    for name in ("createChatCompletion", "createImage", "listModels", "createEmbedding"):
        line = call_line(plan_of(Client()[name]).writer)
        assert _cli.run(["show", name]) == 0
        assert "dynaopenai call" in capsys.readouterr().out
        call(*shlex.split(line.replace("\\\n", ""))[2:])
