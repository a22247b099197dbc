"""What a mock server makes a client meet: jobs that take their time, quotas, streams that break; and what it says of the client."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from dynaopenai import Client
from dynaopenai._cli.verbs.mock import command
from dynaopenai._mock.conduct import Attempt, Conduct
from dynaopenai._mock.quota import Quota
from dynaopenai._mock.server import MockServer

TEXT = {"type": "string"}
JOB = {
    "type": "object",
    "required": ["id", "status", "results"],
    "properties": {
        "id": TEXT,
        "status": {"enum": ["failed", "running", "pending", "cancelled", "succeeded"]},
        "results": {"type": "array", "items": TEXT},
        "finished_at": {"type": ["integer", "null"]},
        "background": {"type": "boolean"},
    },
}
LAZY = {**JOB, "required": ["id"]}
ID = {"name": "id", "in": "path", "required": True, "schema": TEXT}


def answers(schema: Any, **more: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}, **more}}}}


BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
EVENT = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
API = {
    "openapi": "3.1.0",
    "info": {"title": "Jobs", "version": "1"},
    "security": [{"key": []}],
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/jobs": {"post": {"operationId": "begin", **BODY, **answers(JOB)}},
        "/jobs/{id}": {"parameters": [ID], "get": {"operationId": "look", **answers(JOB)}},
        "/jobs/{id}/cancel": {"parameters": [ID], "post": {"operationId": "cancel", **answers(JOB)}},
        "/lazy": {"post": {"operationId": "ask", **BODY, **answers(LAZY)}},
        "/lazy/{id}": {"parameters": [ID], "get": {"operationId": "lookAgain", **answers(LAZY)}},
        "/events": {"get": {"operationId": "follow", "responses": {"200": {"description": "", "content": {"text/event-stream": {"schema": EVENT}}}}}},
    },
}


@pytest.fixture
def mock() -> Iterator[Any]:
    with ExitStack() as stack:

        def start(**options: Any) -> tuple[MockServer, Client]:
            server = stack.enter_context(MockServer(API, **options))
            return server, Client(API, base_url=server.url, api_key="k", max_retries=0, timeout=0.5)

        yield start


@pytest.mark.parametrize(
    ("looks", "seen"),
    [
        (1, ["pending", "running", "succeeded", "succeeded"]),
        (2, ["pending", "pending", "running", "running"]),
        (0, ["succeeded"] * 4),
    ],
)
def test_a_job_moves_on_at_each_look(looks: int, seen: list[str], mock: Any) -> None:
    _, client = mock(job_looks=looks)
    job = client.begin()

    assert [job.status, *(client.look(job.id).status for _ in range(3))] == seen


def test_a_job_has_its_results_when_it_is_done(mock: Any) -> None:
    _, client = mock()
    job = client.begin()
    client.look(job.id)

    assert (job.results, job.finished_at if "finished_at" in job else None) == ([], None)
    assert client.look(job.id).results


def test_a_job_that_is_cancelled_goes_no_further(mock: Any) -> None:
    _, client = mock()
    job = client.begin()

    assert client.cancel(job.id).status == "cancelled"
    assert [client.look(job.id).status for _ in range(3)] == ["cancelled"] * 3


def test_what_need_not_say_how_far_it_is_is_a_job_in_the_background_alone(mock: Any) -> None:
    _, client = mock()

    assert client.ask(body={}).get("status", "succeeded") == "succeeded"
    assert client.ask(body={"background": True}).status == "pending"


class TestQuota:
    def test_requests_are_counted_down_and_refused(self, mock: Any) -> None:
        server, _ = mock(rpm=3)
        replies = [self.get(server) for _ in range(4)]

        assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
        assert [reply.headers["x-ratelimit-remaining-requests"] for reply in replies] == ["2", "1", "0", "0"]
        assert {reply.headers["x-ratelimit-limit-requests"] for reply in replies} == {"3"}
        assert 1 <= int(replies[-1].headers["Retry-After"]) <= 20
        assert "3 requests a minute" in replies[-1].text

    def test_each_caller_has_a_quota_of_its_own(self, mock: Any) -> None:
        server, _ = mock(rpm=1)

        assert [self.get(server, key).status_code for key in ("a", "b", "a")] == [200, 200, 429]

    def get(self, server: MockServer, key: str = "k") -> requests.Response:
        return requests.get(f"{server.url}/jobs/1", headers={"Authorization": f"Bearer {key}"}, timeout=5)

    def test_it_refills_evenly(self) -> None:
        now = [0.0]
        quota = Quota(rpm=60, tpm=600, clock=lambda: now[0])
        taken = [quota.take("a", 400).wait for _ in range(7)]
        assert taken[:6] == [0.0] * 6
        assert math.isclose(taken[6], 10.0)

        now[0] += taken[6]
        assert quota.take("a", 400).wait == 0.0
        assert quota.take("a", 400).wait > 0

    def test_without_limits_nothing_is_told(self) -> None:
        assert quota_headers(Quota()) == {}


def quota_headers(quota: Quota) -> Any:
    return quota.take("a", 1).headers


class TestStreams:
    def test_truncated_it_ends_early_as_if_it_were_whole(self, mock: Any) -> None:
        _, whole = mock()
        _, client = mock(stream_faults={"truncate": 1.0})

        assert 0 < len(list(client.follow())) < len(list(whole.follow()))

    @pytest.mark.parametrize(("fault", "error"), [("corrupt", "no JSON"), ("drop", "before|closed|broke|ended"), ("stall", "silen|time|wait")])
    def test_broken_it_is_an_error_after_what_came(self, fault: str, error: str, mock: Any) -> None:
        _, client = mock(stream_faults={fault: 1.0}, seed=2)
        seen: list[Any] = []
        with pytest.raises(Exception, match=error) as caught:
            seen.extend(client.follow())

        assert type(caught.value).__module__ == "dynaopenai.errors"
        assert seen

    def test_chance_has_a_seed(self, mock: Any) -> None:
        found = []
        for _ in range(2):
            _, client = mock(stream_faults={"truncate": 0.5}, seed=5)
            found.append([len(list(client.follow())) for _ in range(12)])

        assert found[0] == found[1]
        assert len(set(found[0])) > 1

    @pytest.mark.parametrize("options", [{"stream_faults": {"explode": 1}}, {"stream_faults": {"drop": 2}}, {"rpm": -1}, {"job_looks": -1}])
    def test_options_that_make_no_sense_are_refused(self, options: Any) -> None:
        with pytest.raises(ValueError, match=next(iter(options))):
            MockServer(API, **options)


class TestConduct:
    def test_who_retries_too_early_is_told(self, mock: Any) -> None:
        server, _ = mock(rpm=1)
        for _ in range(3):
            requests.get(f"{server.url}/jobs/1", headers={"Authorization": "Bearer k"}, timeout=5)

        assert [len(record.conduct) for record in server.requests] == [0, 0, 1]
        assert "retried too early" in server.requests[2].conduct[0]

    def test_who_waits_is_not(self) -> None:
        now = [0.0]
        conduct, attempt = Conduct(clock=lambda: now[0]), Attempt.of("a", "GET", "/", b"")
        conduct.refused(attempt, 10.0)
        now[0] = 10.0

        assert conduct.seen(attempt) == ()

    def test_who_takes_a_cut_stream_for_whole_is_told(self, mock: Any) -> None:
        server, client = mock(stream_faults={"truncate": 1.0})
        list(client.follow())
        list(client.follow())
        client.look("1")

        assert [record.conduct for record in server.requests[:2]] == [(), ()]
        assert "truncated stream for whole" in server.requests[2].conduct[0]


def test_one_key_may_be_the_only_one_that_is_known(mock: Any) -> None:
    server, client = mock(api_key="k")

    assert client.look.send("1").status_code == 200
    refused = requests.get(f"{server.url}/jobs/1", headers={"Authorization": "Bearer other"}, timeout=5)
    assert (refused.status_code, "does not know" in refused.text) == (401, True)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [("--status", "listModels=999", "expected a status from 200 to 599"), ("--stream-fault", "drop:2", "expected a probability from 0 to 1")],
)
def test_the_command_line_refuses_what_cannot_be(option: str, value: str, message: str) -> None:
    told = CliRunner().invoke(command, [option, value])

    assert told.exit_code == 2
    assert message in " ".join(told.output.split())


@pytest.mark.parametrize("text", ["explode", "drop:x", "drop:", ""])
def test_the_command_line_refuses_a_fault_that_there_is_not(text: str) -> None:
    told = CliRunner().invoke(command, ["--stream-fault", text])

    assert told.exit_code == 2
    assert "truncate" in told.output
