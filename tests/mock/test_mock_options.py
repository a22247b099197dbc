"""A mock server fails, dawdles and lets pass as it was told to, the same way for the same seed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from small_api import API, KEY

from dynaopenai import Client, UnknownOperationError
from dynaopenai._cli.cli import cli
from dynaopenai._mock.server import MockServer

CORRECTION = {
    "overlay": "1.0.0",
    "info": {"title": "Fix", "version": "1"},
    "actions": [{"target": "$.info", "update": {"title": "Corrected"}}],
}
HEADERS = {"Authorization": f"Bearer {KEY}"}


def statuses(server: MockServer, path: str, times: int) -> list[int]:
    with requests.Session() as session:
        return [session.get(f"{server.url}{path}", headers=HEADERS, timeout=10).status_code for _ in range(times)]


def seen(path: str = "/things", times: int = 100, **options: Any) -> list[int]:
    with MockServer(API, **options) as server:
        return statuses(server, path, times)


def test_an_operation_fails_by_chance() -> None:
    counted = Counter(seen(faults={"listThings": {429: 0.2, 503: 0.1}}))

    assert set(counted) == {200, 429, 503}
    assert 8 <= counted[429] <= 35
    assert 2 <= counted[503] <= 22


def test_other_operations_are_not_concerned() -> None:
    assert set(seen("/text", 20, faults={"listThings": 500})) == {200}


def test_any_request_may_fail() -> None:
    counted = Counter(seen(error_rate=0.5))

    assert set(counted) == {200, 429, 500, 503}
    assert 30 <= counted[200] <= 70
    assert set(seen(times=10, error_rate=1.0)) <= {429, 500, 503}


def test_the_same_seed_meets_the_same_faults() -> None:
    assert seen(times=40, error_rate=0.5, seed=1) == seen(times=40, error_rate=0.5, seed=1)
    assert seen(times=40, error_rate=0.5, seed=1) != seen(times=40, error_rate=0.5, seed=2)


def test_an_answer_may_be_late(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    with MockServer(API, latency=(0.1, 0.2)) as server:
        monkeypatch.setattr("dynaopenai._mock.mock.time.sleep", pauses.append)
        statuses(server, "/things", 20)
        monkeypatch.undo()

    assert len(pauses) >= 20
    assert all(0.1 <= pause <= 0.2 for pause in pauses if pause > 0.06)
    assert len(set(pauses)) > 10


def test_events_may_dawdle() -> None:
    with MockServer(API, stream_delay=0.05) as server:
        began = time.monotonic()
        with Client(API, base_url=server.url, api_key=KEY) as api:
            items = list(api.streamItems())
        taken = time.monotonic() - began

    assert len(items) > 1
    assert taken >= 0.05 * (len(items) - 1)


def test_what_breaks_the_document_may_be_let_pass() -> None:
    with MockServer(API, validate="warn") as server:
        reply = requests.post(f"{server.url}/things", json=[1], headers=HEADERS, timeout=5)

    assert reply.status_code == 200
    assert server.requests[0].verdict == ("body: found [1] (an array), expected an object",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"error_rate": 2}, "error_rate: found 2, expected a probability from 0 to 1"),
        ({"latency": -1}, "latency: found -1, expected seconds"),
        ({"latency": (2, 1)}, "latency: found (2, 1), expected seconds, or the least and the most of them"),
        ({"stream_delay": -1}, "stream_delay: found -1, expected seconds"),
        ({"validate": "off"}, 'validate: found \'off\', expected "strict" or "warn"'),
        ({"faults": {"listThings": {429: 1.5}}}, "faults: listThings: found 1.5, expected a probability"),
        ({"faults": {"listThings": {429: 0.6, 500: 0.6}}}, "found probabilities of more than 1 in all"),
        ({"faults": {"listThings": {42: 0.5}}}, "faults: listThings: found 42, expected a status from 200 to 599"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        MockServer(API, **options)


def test_a_fault_of_no_operation_is_refused() -> None:
    with pytest.raises(UnknownOperationError, match="did you mean listThings"):
        MockServer(API, faults={"listThing": {429: 0.1}})


class TestCommandLine:
    @contextmanager
    def running(self, *words: str, **options: Any) -> Iterator[tuple[str, subprocess.Popen[str]]]:
        command = [sys.executable, "-m", "dynaopenai", "mock", "--port", "0", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield line if "--json" in words else line.split(" at ")[1].split()[0], process
            process.kill()

    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_each_request_is_a_line_with_its_verdict_until_it_is_stopped(self, name: str) -> None:
        with self.running(
            "--status", "listModels=429:1.0", "--seed", "7", "--latency", "0.001-0.002", "--validate", "warn"
        ) as (url, process):
            requests.get(f"{url}/models", headers=HEADERS, timeout=10)
            requests.get(f"{url}/models/a", headers=HEADERS, timeout=10)
            requests.post(f"{url}/moderations", json={}, headers=HEADERS, timeout=10)
            requests.get(f"{url}/nothing", headers=HEADERS, timeout=10)
            process.send_signal(getattr(signal, name))
            assert process.stdout is not None
            assert process.stderr is not None
            said, complaint = process.stdout.read(), process.stderr.read()
            process.wait(30)

        assert said.splitlines()[2:] == [
            "429 GET /v1/models  listModels  valid",
            "200 GET /v1/models/a  retrieveModel  valid",
            "200 POST /v1/moderations  createModeration  input: missing, expected since it is required",
            "404 GET /v1/nothing  -  no operation",
        ]
        assert (complaint, process.returncode) == ("stopped\n", 0)

    @pytest.mark.parametrize("told", ["settings", "environment", "--spec"])
    def test_the_document_is_the_one_that_other_verbs_speak_of(self, told: str, tmp_path: Path) -> None:
        (tmp_path / "api.json").write_text(json.dumps(API), "utf-8")
        (tmp_path / "fix.json").write_text(json.dumps(CORRECTION), "utf-8")
        if told == "settings":
            (tmp_path / "dynaopenai.toml").write_text('spec = "api.json"', "utf-8")
        root = str(Path(__file__).parents[2])
        environment = {**os.environ, "PYTHONPATH": root}
        environment |= {"DYNAOPENAI_SPEC": "api.json"} if told == "environment" else {}
        words = ["--overlay", "fix.json", *(["--spec", "api.json"] if told == "--spec" else [])]

        with self.running("--json", *words, cwd=tmp_path, env=environment) as (line, _):
            assert json.loads(line)["title"] == "Corrected"

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--status", "listModels"], "expected an operationId, a status and perhaps a rate"),
            (["--status", "listModels=429:often"], "expected an operationId, a status and perhaps a rate"),
            (["--latency", "slow"], "found 'slow', expected seconds (0.2)"),
            (["--latency", "0.5-0.1"], "found '0.5-0.1', expected seconds"),
            (["--error-rate", "2"], "2.0 is not in the range 0<=x<=1"),
            (["--validate", "off"], "'off' is not one of 'strict', 'warn'"),
        ],
    )
    def test_words_that_make_no_sense_are_refused(self, words: list[str], message: str) -> None:
        result = CliRunner().invoke(cli, ["mock", *words])

        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
