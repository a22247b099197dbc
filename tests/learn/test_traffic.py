"""Recorded traffic, as HAR files and cassettes, is judged by openapi-core."""

import copy
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_api import API, KEY

from dynaopenai import Client, DynaOpenAIError
from dynaopenai._cli.cli import cli
from dynaopenai.testing import MockServer, judge_traffic, record

THING = {"id": "a", "size": 3}


def entry(
    method: str, url: str, status: int = 200, answer: Any = None, sent: Any = None, **more: Any
) -> dict[str, Any]:
    """An entry of a HAR file as browsers write them."""
    request: dict[str, Any] = {
        "method": method,
        "url": url,
        "headers": [{"name": "host", "value": "x"}],
        "queryString": [],
    }
    if sent is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(sent)}
    content = {"mimeType": "application/json", "text": json.dumps(answer)}
    response = {
        "status": status,
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": content,
    }
    return {"request": request, "response": {**response, **more}}


def har(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": list(entries)}}))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "traffic.har"


@pytest.mark.parametrize(
    ("exchange", "request_", "answer"),
    [
        (entry("GET", "https://x.test/things", answer=[THING]), [], []),
        (entry("GET", "https://x.test/things", answer=[{"size": 3}]), [], ["[0].id: missing, expected since it is required"]),
        (entry("GET", "https://x.test/things", answer=[{**THING, "size": "big"}]), [], ['[0].size: found "big" (a string), expected an integer']),
        (entry("POST", "https://x.test/things", answer=THING, sent={"a": 1}), [], []),
        (entry("POST", "https://x.test/things", answer=THING, sent=[1]), ["found [1] (an array), expected an object"], []),
        (entry("POST", "https://x.test/things", answer=THING), ["found no body, expected one"], []),
        (entry("GET", "https://x.test/things/a%2Fb", answer=THING), [], []),
        (entry("GET", "https://x.test/things", status=500, answer={"any": "thing"}), [], []),
    ],
)  # fmt: skip
def test_each_side_is_judged(exchange: Any, request_: list[str], answer: list[str], path: Path) -> None:
    (verdict,) = judge_traffic(har(path, exchange), API)

    assert [str(problem) for problem in verdict.request] == request_
    assert [str(problem) for problem in verdict.response] == answer
    assert verdict.is_valid is not bool(request_ or answer)


def test_a_status_that_is_not_declared_is_told(path: Path) -> None:
    (verdict,) = judge_traffic(har(path, entry("GET", "https://x.test/things", status=203, answer=[])), API)

    assert not verdict.is_valid


@pytest.mark.parametrize("status", [0, 304])
def test_an_answer_that_did_not_come_is_not_judged(status: int, path: Path) -> None:
    """A browser writes 0 where it gave up waiting, and 304 for what it had already."""
    (verdict,) = judge_traffic(har(path, entry("GET", "https://x.test/things", status=status, content={})), API)

    assert (verdict.operation_id, verdict.is_valid) == ("listThings", True)


def test_a_form_is_judged_by_its_fields_where_its_text_was_not_recorded(path: Path) -> None:
    exchange = entry("POST", "https://api.openai.com/v1/files", status=0)
    fields = [{"name": "purpose", "value": "fine-tune"}, {"name": "file", "fileName": "a.jsonl", "contentType": "text/plain"}]
    exchange["request"]["postData"] = {"mimeType": "multipart/form-data; boundary=x", "params": fields}
    (whole,) = judge_traffic(har(path, exchange))
    fields[:] = fields[1:]
    (partial,) = judge_traffic(har(path, exchange))

    assert list(map(str, whole.request)) == []
    assert list(map(str, partial.request)) == ["purpose: missing, expected since it is required"]


def test_traffic_of_other_apis_is_passed_over(path: Path) -> None:
    verdicts = judge_traffic(
        har(path, entry("GET", "https://cdn.test/logo.png"), entry("GET", "https://x.test/things", answer=[])), API
    )

    assert [(verdict.operation_id, verdict.is_valid) for verdict in verdicts] == [(None, True), ("listThings", True)]


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_paths_stand_below_the_documents_server_or_alone(prefix: str, path: Path) -> None:
    document = {**API, "servers": [{"url": "https://api.test/v1"}]}

    (verdict,) = judge_traffic(har(path, entry("GET", f"https://x.test{prefix}/things", answer=[])), document)

    assert verdict.operation_id == "listThings"


def test_a_base_url_may_be_told(path: Path) -> None:
    exchange = entry("GET", "https://proxy.test/a/b/things", answer=[])

    assert judge_traffic(har(path, exchange), API)[0].operation_id is None
    assert judge_traffic(path, API, base_url="https://proxy.test/a/b/")[0].operation_id == "listThings"


def test_each_event_of_a_stream_is_judged(path: Path) -> None:
    body = 'data: {"n": 1}\n\ndata: {"n": "two"}\n\ndata: [DONE]\n\n'
    exchange = entry(
        "POST", "https://x.test/stream", content={"mimeType": "text/event-stream", "text": body}, headers=[]
    )

    (verdict,) = judge_traffic(har(path, exchange), API)

    assert [str(problem) for problem in verdict.response] == ['[1].n: found "two" (a string), expected an integer']


def test_files_are_judged_too(path: Path) -> None:
    content = {"mimeType": "application/octet-stream", "text": b64encode(b"\x00\xff").decode(), "encoding": "base64"}

    (verdict,) = judge_traffic(har(path, entry("GET", "https://x.test/file", content=content, headers=[])), API)

    assert verdict.is_valid


def test_what_our_client_sends_and_a_mock_answers_is_valid_to_openapi_core(tmp_path: Path) -> None:
    cassette = tmp_path / "calls.yaml"
    with MockServer(API) as server:
        api = Client(API, base_url=server.url, api_key=KEY)
        with record(cassette, api):
            api.listThings(q="a b")
            api.createThing({"size": 3})
            list(api.streamItems())
            api.getFile().read()
            api.sendFile(file=("a.bin", b"\x00\xff"), purpose="x")
            api.putFile(b"\x00\xff")

    verdicts = judge_traffic(cassette, API)

    assert [str(verdict) for verdict in verdicts if not verdict.is_valid or verdict.operation_id is None] == []
    assert len(verdicts) == 6


class TestCommandLine:
    @pytest.fixture
    def spec(self, tmp_path: Path) -> str:
        (tmp_path / "small.json").write_text(json.dumps(copy.deepcopy(API)))
        return str(tmp_path / "small.json")

    def run(self, *words: str) -> Any:
        return CliRunner().invoke(cli, ["traffic", *words], standalone_mode=False)

    def test_it_says_what_is_wrong_where(self, spec: str, path: Path) -> None:
        har(
            path,
            entry("GET", "https://x.test/things", answer=[{}]),
            entry("GET", "https://x.test/things", answer=[]),
            entry("GET", "https://y.test/"),
        )

        result = self.run(str(path), "--spec", spec, "--each")

        assert result.return_value == 1
        assert result.output.splitlines() == [
            "3 exchanges: 1 valid, 1 invalid, 1 of no operation",
            "  1x listThings answer.[].id: missing, expected since it is required (first traffic.har#1)",
            "traffic.har#1 GET /things 200: listThings: invalid",
            "  answer   [0].id: missing, expected since it is required",
            "traffic.har#2 GET /things 200: listThings: valid",
            "traffic.har#3 GET / 200: no operation of the document",
        ]

    @pytest.mark.parametrize(("entries", "fail_on", "status"), [
        ([[{}]], "invalid", 1), ([[{}]], "never", 0), ([[]], "invalid", 0), ([None], "invalid", 0), ([None], "unknown", 1), ([[]], "unknown", 0),
    ])  # fmt: skip
    def test_it_fails_on_what_it_is_told_to(self, entries: list[Any], fail_on: str, status: int, spec: str, path: Path) -> None:
        urls = [f"https://x.test/{'else' if answer is None else 'things'}" for answer in entries]
        har(path, *(entry("GET", url, answer=answer) for url, answer in zip(urls, entries, strict=True)))

        assert self.run(str(path), "--spec", spec, "--fail-on", fail_on).return_value == status

    def test_it_speaks_json(self, spec: str, path: Path) -> None:
        har(path, entry("GET", "https://x.test/things", answer=[]))

        result = self.run(str(path), "--spec", spec, "--json")

        assert result.return_value == 0
        assert json.loads(result.output)[0]["operation"] == "listThings"

    def test_a_file_that_is_none_is_refused(self, spec: str, path: Path) -> None:
        path.write_text("hello")

        with pytest.raises(DynaOpenAIError, match="this holds no recorded traffic"):
            raise self.run(str(path), "--spec", spec).exception
