"""Recorded traffic is read whatever recorded it: the same exchange, in each form that it is found in."""

import gzip
import json
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaopenai import DynaOpenAIError
from dynaopenai._learn.recording import read

URL = "https://api.test/v1/things"
SENT, CAME = {"n": 1}, {"id": "a", "text": "\u00e9"}
SENT_TEXT, CAME_TEXT = json.dumps(SENT), json.dumps(CAME, ensure_ascii=False)
TYPE = {"Content-Type": ["application/json"]}


def vcr(request_body: Any, response_body: Any, *, headers: Any = TYPE, **facts: Any) -> dict[str, Any]:
    request = {"method": "POST", "uri": URL, "headers": TYPE, "body": request_body}
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": response_body, **facts}
    return {"version": 1, "interactions": [{"request": request, "response": response}]}


def parsed() -> dict[str, Any]:
    request = {"method": "POST", "uri": URL, "headers": {}, "parsed_body": SENT}
    return {"interactions": [{"request": request, "response": {"status": {"code": 200}, "headers": {}, "parsed_body": CAME}}]}


def zipped(coding: str) -> Any:
    return {**TYPE, "Content-Encoding": [coding]}


LINE = {"method": "POST", "path": "/things", "request": SENT, "status": 200, "content_type": "application/json", "answers": [CAME]}
PLAIN = CAME_TEXT.encode()
FORMS: dict[str, tuple[str, str]] = {
    "text.yaml": ("text", yaml.safe_dump(vcr(SENT_TEXT, {"string": CAME_TEXT}))),
    "bytes.yaml": ("bytes", yaml.safe_dump(vcr(SENT_TEXT.encode(), {"string": PLAIN}))),
    "gzip.yaml": ("gzip", yaml.safe_dump(vcr(SENT_TEXT, {"string": gzip.compress(PLAIN)}, headers=zipped("gzip")))),
    "deflate.yaml": ("deflate", yaml.safe_dump(vcr(SENT_TEXT, {"string": zlib.compress(PLAIN)}, headers=zipped("deflate")))),
    "unzipped.yaml": ("already decompressed", yaml.safe_dump(vcr(SENT_TEXT, {"string": CAME_TEXT}, headers=zipped("gzip")))),
    "parsed.yaml": ("parsed", yaml.safe_dump(parsed())),
    "old.yaml": ("with Python 2's tags", yaml.safe_dump(vcr(SENT_TEXT, {"string": "X"})).replace("string: X", f"string: !!python/unicode '{CAME_TEXT}'")),
    "text.json": ("JSON", json.dumps(vcr(SENT_TEXT, {"string": CAME_TEXT}))),
    "base64.json": ("base64", json.dumps(vcr(SENT_TEXT, {"base64_string": b64encode(PLAIN).decode()}))),
    "httpx.json": ("httpx's", json.dumps(vcr(SENT_TEXT, None, status_code=200, content=CAME_TEXT))),
    "traffic.jsonl": ("lines", json.dumps(LINE)),
    "both.jsonl": ("lines of requests and responses", json.dumps(vcr(SENT_TEXT, CAME)["interactions"][0])),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_the_same_exchange_is_read_from_each_form(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FORMS[name][1], "utf-8")

    (found,) = read(tmp_path / name)

    assert (found.method, found.status, found.where) == ("POST", 200, f"{name}#1")
    assert found.url.endswith("/things")
    assert json.loads(found.request.body) == SENT
    assert json.loads(found.response.body) == CAME
    assert (found.request.content_type, found.response.content_type) == ("application/json", "application/json")


def test_events_on_a_line_are_a_stream(tmp_path: Path) -> None:
    line = {**LINE, "content_type": "text/event-stream", "answers": [{"n": 1}, {"n": 2}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n\n" + json.dumps(LINE) + "\n")

    first, second = read(tmp_path / "a.jsonl")

    assert first.response.body == b'data: {"n":1}\n\ndata: {"n":2}\n\n'
    assert second.where == "a.jsonl#2"


@pytest.mark.parametrize("text", ["hello", "{}", '{"a": 1}\n{"b": 2}', "- 1", "interactions: 3", "!!python/object/apply:os.system [x]"])
def test_what_holds_no_traffic_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text)

    with pytest.raises(DynaOpenAIError, match="this holds no recorded traffic"):
        read(tmp_path / "a.yaml")


def test_an_interaction_that_lacks_what_it_needs_is_told_by_its_number(tmp_path: Path) -> None:
    whole = vcr(SENT_TEXT, {"string": CAME_TEXT})
    whole["interactions"].append({"request": {}})
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(whole))

    with pytest.raises(DynaOpenAIError, match=r"a\.yaml#2"):
        read(tmp_path / "a.yaml")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "unheard-of", "gzip, br"])
@pytest.mark.parametrize("text", ["plain", "[]", CAME_TEXT])
def test_a_body_whose_coding_the_recorder_undid_is_as_it_was_recorded(tmp_path: Path, coding: str, text: str) -> None:
    path = tmp_path / "kept.yaml"
    path.write_text(yaml.safe_dump(vcr(SENT_TEXT, {"string": text}, headers=zipped(coding))), "utf-8")

    assert read(path)[0].response.body == text.encode()
