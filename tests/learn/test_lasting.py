"""Drift that lasts: a file that threads and processes share, without payloads, from which a document can learn."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault_server import FaultServer, answer

from dynaopenai import Client, DynaOpenAIError
from dynaopenai._cli.cli import cli
from dynaopenai._learn.deviation import Deviation
from dynaopenai._learn.lasting import MOST, Seen, add, read

THING = {
    "type": "object", "required": ["kind"],
    "properties": {"kind": {"type": "string", "enum": ["a", "b"]}, "name": {"type": "string"}, "size": {"type": "integer"}},
}  # fmt: skip
CONTENT = {"200": {"description": "", "content": {"application/json": {"schema": THING}}}}
ROOT = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/things": {"get": {"operationId": "getThing", "responses": CONTENT}}}}
PRIVATE = "Dear Alice, the password is hunter2"


def called(path: Path, *bodies: Any) -> None:
    for body in bodies:
        with FaultServer(answer(body)) as server, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Client(ROOT, base_url=server.url, validate_responses="warn", drift=path) as client:
                client.getThing()
                client.getThing()


def test_what_clients_saw_is_added_up(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "drift.json"
    called(path, {"kind": "a", "size": None}, {"kind": "a", "size": None}, {"kind": "c"}, {"kind": "a"})

    seen = read(path)

    assert str(seen).splitlines() == [
        "2 deviations in 8 answers",
        "  getThing 200.size: found null, expected an integer (4x, null)",
        '  getThing 200.kind: found "c", expected "a" or "b" (2x, "c")',
    ]


def test_no_payload_reaches_the_file_and_the_document_learns_from_it_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    called(path, {"kind": "c", "name": PRIVATE, "size": None, "more": PRIVATE})

    result = CliRunner().invoke(cli, ["drift", "overlay", str(path), "--spec", _spec(tmp_path), "-o", str(tmp_path / "fix.yaml")], standalone_mode=False)

    assert "hunter2" not in path.read_text("utf-8")
    assert "Dear Alice, the password" not in json.dumps(json.loads(path.read_text("utf-8"))["samples"])
    assert result.return_value == 0
    corrected = Client(ROOT, overlays=[tmp_path / "fix.yaml"])
    assert corrected.getThing.validate_response({"kind": "c", "name": "b", "size": None, "more": "x"}) == []
    assert corrected.getThing.validate_response({"kind": "d"}) != []


def test_the_overlay_is_printed_where_no_file_is_given(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    called(path, {"kind": "c"})

    result = CliRunner().invoke(cli, ["drift", "overlay", str(path), "--spec", _spec(tmp_path)], standalone_mode=False)
    (tmp_path / "printed.yaml").write_text(result.stdout, "utf-8")

    assert "1 action from" in result.stderr
    assert Client(ROOT, overlays=[tmp_path / "printed.yaml"]).getThing.validate_response({"kind": "c"}) == []


def _spec(folder: Path) -> str:
    (folder / "api.json").write_text(json.dumps(ROOT))
    return str(folder / "api.json")


def deviation(path: str, times: int = 1) -> Deviation:
    return Deviation("invalid", "getThing", 200, path, "found null, expected an integer", times, None, "#/x")


def test_a_file_that_cannot_be_written_costs_no_answer_and_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "drift.json"
    with FaultServer(answer({"kind": "c"})) as server, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with Client(ROOT, base_url=server.url, validate_responses="warn", drift=path) as client:
            path.parent.write_text("in the way")
            assert client.getThing().kind == "c"
            path.parent.unlink()
            assert client.getThing().kind == "c"

    assert [str(each.message).partition(": ")[0] for each in told if "cannot be written" in str(each.message)] == [f"{path} cannot be written"]
    assert read(path).answers == 2


def test_threads_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    threads = [threading.Thread(target=lambda: [add(path, Seen(1, (deviation("size"),))) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (read(path).answers, [each.count for each in read(path).deviations]) == (80, [80])


def test_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    code = (
        "from dynaopenai._learn.lasting import Seen, add\nfrom dynaopenai._learn.deviation import Deviation\n"
        f"for _ in range(20): add({str(path)!r}, Seen(1, (Deviation('invalid', 'a', 200, 'p', 'm', 1, None, '#'),)))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]

    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert (read(path).answers, read(path).deviations[0].count) == (60, 60)


def test_a_file_is_bounded(tmp_path: Path) -> None:
    add(tmp_path / "drift.json", Seen(1, tuple(deviation(f"a{number}") for number in range(MOST))))

    assert len(add(tmp_path / "drift.json", Seen(1, tuple(deviation(f"b{number}", 2) for number in range(10)))).deviations) == MOST


@pytest.mark.parametrize("text", ["hello", "[]", '{"drift": 2}', '{"drift": 1, "deviations": [{"a": 1}]}'])
def test_a_file_that_is_none_is_refused_and_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "drift.json").write_text(text)

    with pytest.raises(DynaOpenAIError, match="this holds no drift"):
        Client(ROOT, drift=tmp_path / "drift.json")
    assert (tmp_path / "drift.json").read_text() == text


class TestCommandLine:
    def run(self, *words: str) -> Any:
        return CliRunner().invoke(cli, ["drift", *words], standalone_mode=False)

    def test_files_are_shown_merged_and_cleared(self, tmp_path: Path) -> None:
        one, two, both = (str(tmp_path / name) for name in ("one.json", "two.json", "both.json"))
        add(one, Seen(2, (deviation("size"),)))
        add(two, Seen(3, (deviation("size", 2), deviation("id"))))

        self.run("merge", one, two, "-o", both)
        shown = self.run("show", both, "--fail")
        self.run("clear", both)

        assert shown.return_value == 1
        assert [line.strip() for line in shown.output.splitlines()] == [
            "2 deviations in 5 answers",
            "getThing 200.size: found null, expected an integer (3x, null)",
            "getThing 200.id: found null, expected an integer (1x, null)",
        ]
        assert self.run("show", both).output == "0 deviations in 0 answers\n"

    def test_a_setting_names_the_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "dynaopenai.toml").write_text('drift = "seen.json"\nvalidate_responses = "warn"\n')
        monkeypatch.chdir(tmp_path)
        with FaultServer(answer({"kind": "c"})) as server:
            CliRunner().invoke(cli, ["call", "getThing", "--spec", _spec(tmp_path), "--base-url", server.url], standalone_mode=False)

        assert [each.path for each in read(tmp_path / "seen.json").deviations] == ["kind"]
