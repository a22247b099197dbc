"""The tour: what the document lists is called, shown and ends as it says; a server that dies is an error, not a hang."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dynaopenai import Client, SpecError
from dynaopenai._checking.contract import Contract
from dynaopenai._cli.demo import faults, follow, steps
from dynaopenai._document.document import load
from dynaopenai._mock.server import MockServer
from dynaopenai.errors import APIStatusError, DynaOpenAIError

DEMO = [sys.executable, "-m", "dynaopenai", "demo"]


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return subprocess.run([*DEMO, *words], capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.fixture(scope="module")
def shown() -> str:
    done = demo()

    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    "line",
    [
        r">>> client = Client\(base_url=\"http://127\.0\.0\.1:\d+/v1\", api_key=\"sk-demo\"\)",
        r"1\. Ask a question",
        r"'content': 'The Moon raises a bulge",
        r">>> for item in _: print\(item\)",
        r"'delta': \{'content': ' side of the Earth\.'\}",
        r"'object': 'file'",
        r"'embedding': \[0\.0132, -0\.0271, 0\.0045\]",
        r"RequestValidationError: createChatCompletion was not sent: 2 problems",
        r"  temprature: unknown argument",
        r"    did you mean \"system\"\?",
        r"RateLimitError: createModeration: 429 Too Many Requests",
        r"all 6 calls ended as they should; the server is stopped",
    ],
)
def test_the_demo_shows_each_kind_of_call_and_what_came_of_it(shown: str, line: str) -> None:
    assert re.search(line, shown)


def test_settings_that_name_another_document_do_not_change_the_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAOPENAI_SPEC", "elsewhere.yaml")

    assert demo().returncode == 0


def test_the_server_is_gone_after_the_demo(shown: str) -> None:
    process = int(re.search(r"\(process (\d+)\)", shown)[1])  # type: ignore[index]

    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_program_reads_the_tour_as_lines_of_json() -> None:
    done = demo("--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0
    assert [step["operation"] for step in told] == [step.operation for step in steps(Contract(load()))]
    assert told[-1]["lines"][1].startswith("RateLimitError: ")


def test_a_server_killed_half_way_ends_the_demo_with_a_clear_error() -> None:
    with subprocess.Popen([*DEMO, "--pause", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        process = int(re.search(r"process (\d+)", running.stdout.readline())[1])  # type: ignore[index]
        for line in running.stdout:
            if line.startswith("}"):  # the first answer is there, the second call is two seconds away
                os.kill(process, signal.SIGKILL)
                break
        rest, problem = running.communicate(timeout=60)

    assert running.returncode == 2
    assert re.fullmatch(
        r"APIConnectionError: createChatCompletion: no answer from http://127\.0\.0\.1:\d+: .*\(3 tries\)\n", problem
    )
    assert "3. " not in rest


def document(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Tides", "version": "1"},
        "servers": [{"url": "http://localhost/"}],
        "paths": {
            "/tides": {
                "get": {
                    "operationId": "listTides",
                    "responses": {"200": {"description": "", "content": {"application/json": {"example": ["high", "low"]}}}},
                }
            }
        },
        "x-tour": [{"title": "See the tides", "operation": "listTides"}],
    }
    return {key: value for key, value in {**found, **changes}.items() if value is not None}


@pytest.fixture
def client() -> Iterator[Client]:
    contract = Contract(load(document()))
    with MockServer(contract) as server, Client(contract.document, base_url=server.url) as made:
        yield made


def test_any_document_can_have_a_tour(client: Client) -> None:
    said: list[str] = []

    follow(client, steps(Contract(load(document()))), said.append)

    assert said == ["\n1. See the tides", ">>> client.listTides()", "['high', 'low']"]


@pytest.mark.parametrize(
    ("tour", "says"),
    [
        (None, 'expected  a list "x-tour" of steps'),
        ("a walk", 'expected  a list "x-tour" of steps'),
        ([{"operation": "listTide"}], 'found     "listTide"'),
        (["listTides"], "found     null"),
    ],
)
def test_a_document_without_a_usable_tour_is_told_so(tour: Any, says: str) -> None:
    with pytest.raises(SpecError, match=re.escape(says)):
        steps(Contract(load(document(**{"x-tour": tour}))))


@pytest.mark.parametrize(("expect", "says"), [("refused", "found an answer, expected it to end as 'refused'"), (404, "404")])
def test_a_call_that_ends_otherwise_than_the_tour_says_is_an_error(client: Client, expect: Any, says: str) -> None:
    tour = steps(Contract(load(document(**{"x-tour": [{"operation": "listTides", "expect": expect}]}))))

    with pytest.raises(DynaOpenAIError, match=re.escape(says)):
        follow(client, tour, str)


def test_a_status_that_the_tour_does_not_expect_is_an_error() -> None:
    contract = Contract(load(document(**{"x-tour": [{"operation": "listTides", "expect": 404}]})))
    failing = {"listTides": 429}

    assert faults(steps(contract)) == {"listTides": 404}
    with (
        MockServer(contract, faults=failing) as server,
        Client(contract.document, base_url=server.url) as client,
        pytest.raises(APIStatusError, match="429"),
    ):
        follow(client, steps(contract), str)


def test_an_id_that_is_no_name_is_typed_as_an_item() -> None:
    renamed = json.loads(json.dumps(document()).replace('"listTides"', '"list-tides"'))
    contract = Contract(load(renamed))
    said: list[str] = []
    with MockServer(contract) as server, Client(contract.document, base_url=server.url) as made:
        follow(made, steps(contract), said.append)

    assert said[1] == '>>> client["list-tides"]()'
