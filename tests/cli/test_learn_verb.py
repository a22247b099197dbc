"""``dynaopenai learn``: traffic in, an overlay out, and in words what it rests on."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dynaopenai import Client
from dynaopenai._cli.cli import cli

ANSWER = {"type": "object", "properties": {"id": {"type": "string"}}}
CONTENT = {"200": {"description": "", "content": {"application/json": {"schema": ANSWER}}}}
ROOT = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/things": {"get": {"operationId": "getThing", "responses": CONTENT}}}}


def line(answer: Any, path: str = "/things") -> str:
    return json.dumps({"method": "GET", "path": path, "request": None, "status": 200, "content_type": "application/json", "answers": [answer]})


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "api.json").write_text(json.dumps(ROOT))
    (tmp_path / "traffic.jsonl").write_text("\n".join([line({"id": None}), line({"id": "a"}), line({}, "/else")]))
    return str(tmp_path / "api.json")


def run(*words: str) -> Any:
    return CliRunner().invoke(cli, ["learn", *words], standalone_mode=False)


def test_it_writes_the_overlay_and_says_what_it_rests_on(spec: str, tmp_path: Path) -> None:
    result = run(str(tmp_path / "traffic.jsonl"), "--spec", spec, "-o", str(tmp_path / "fix.yaml"))

    assert (result.return_value, result.output.splitlines()) == (0, [
        "2 actions from 2 bodies, 1 exchange of no operation",
        "  getThing answer.id: found null, expected a string (1x, first traffic.jsonl#1)",
    ])  # fmt: skip
    assert Client(spec, overlays=[tmp_path / "fix.yaml"]).getThing.validate_response({"id": None}) == []


def test_it_speaks_json_and_adds_nothing_the_second_time(spec: str, tmp_path: Path) -> None:
    traffic = str(tmp_path / "traffic.jsonl")
    run(traffic, "--spec", spec, "-o", str(tmp_path / "fix.json"))

    again = run(traffic, "--spec", spec, "--overlay", str(tmp_path / "fix.json"), "--json")

    assert json.loads(again.output)["actions"] == []


def test_what_was_seen_too_seldom_is_left_out(spec: str, tmp_path: Path) -> None:
    result = run(str(tmp_path / "traffic.jsonl"), "--spec", spec, "--min-seen", "2", "--json")

    assert json.loads(result.output)["actions"] == []


def test_what_streams_bring_is_told_apart_from_whole_answers(tmp_path: Path) -> None:
    events = {"text/event-stream": {"schema": ANSWER}}
    root = json.loads(json.dumps(ROOT))
    root["paths"]["/things"]["get"]["responses"]["200"]["content"] |= events
    (tmp_path / "api.json").write_text(json.dumps(root))
    streamed = json.loads(line({"id": None})) | {"content_type": "text/event-stream"}
    (tmp_path / "traffic.jsonl").write_text("\n".join([line({"id": None}), json.dumps(streamed)]))

    shown = run(str(tmp_path / "traffic.jsonl"), "--spec", str(tmp_path / "api.json")).output.splitlines()

    assert sorted(shown[1:]) == [
        "  getThing answer (text/event-stream).id: found null, expected a string (1x, first traffic.jsonl#2)",
        "  getThing answer.id: found null, expected a string (1x, first traffic.jsonl#1)",
    ]
