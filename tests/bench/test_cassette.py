"""Exchanges are recorded readably and without secrets, answered again, and checked against the document both times."""

import copy
import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from hypothesis import given
from hypothesis import strategies as st
from small_api import API, KEY

from dynaopenai import Client, RateLimitError
from dynaopenai._learn.exchange import Exchange, Message, write
from dynaopenai._learn.recording import read
from dynaopenai.errors import DynaOpenAIError, DynaOpenAIWarning
from dynaopenai.testing import CassetteError, MockServer, check_cassette, record, replay

URL = "http://mock.test"


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(API) as server:
        yield server


@pytest.fixture
def api(server: MockServer) -> Client:
    return Client(API, base_url=server.url, api_key=KEY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "calls.yaml"


def exercise(api: Client) -> list[Any]:
    """A call of every kind."""
    return [
        api.listThings(q="a b"),
        api.createThing({"size": 3, "note": "two\nlines: yes"}),
        api.getThing("x/y"),
        list(api.streamItems()),
        api.getText(),
        api.getFile().read(),
        api.sendFile(file=("a.bin", b"\x00\xff"), purpose="fine-tune"),
        api.putFile(b"\x00\x01"),
    ]


def test_what_was_recorded_is_answered_again_without_a_server(server: MockServer, api: Client, path: Path) -> None:
    with record(path, api):
        first = exercise(api)
    server.stop()

    with replay(path, api):
        assert exercise(api) == first


def test_a_cassette_reads_well(api: Client, path: Path) -> None:
    with record(path, api):
        api.createThing({"note": "two\nlines"})
        list(api.streamItems())
        api.sendFile(file=("a.txt", b"hello"), purpose="x")

    created, streamed, sent = yaml.safe_load(path.read_text("utf-8"))["exchanges"]
    assert created["operation"] == "createThing"
    assert created["request"]["json"] == {"note": "two\nlines"}
    assert "note: |-\n        two\n        lines\n" in path.read_text("utf-8")
    assert all(set(event) == {"n"} for event in streamed["response"]["events"][:-1])
    assert sent["request"]["parts"] == [
        {"name": "purpose", "text": "x"},
        {"name": "file", "filename": "a.txt", "content_type": "text/plain", "text": "hello"},
    ]


def test_no_secret_reaches_the_disk(api: Client, path: Path) -> None:
    canary = "tok-31415926535"
    with record(path, api, scrub=["X-Note"], validate="off"):
        api.with_options(headers={"X-Session-Token": canary}).getThing("a", X_Note="private-note")
        api.with_options(query={"api_key": canary}).createThing({"client_secret": canary, "said": f"my key is {KEY}"})

    text = path.read_text("utf-8")
    assert [secret for secret in (KEY, canary, "private-note") if secret in text] == []
    assert text.count("***") >= 6


def test_recording_does_not_disturb_what_is_recorded(api: Client, path: Path) -> None:
    with record(path, api) as recording:
        assert requests.get(f"{api.base_url}/things", headers={"Authorization": "Bearer x"}, timeout=5).json()
        with api.streamItems() as stream:
            assert next(stream)

    assert [exchange.where for exchange in recording.exchanges] == ["calls.yaml#1", "calls.yaml#2"]


def test_exchanges_are_answered_in_order_and_once(api: Client, path: Path) -> None:
    with record(path, api):
        api.getThing("a")
        api.getThing("b")
        api.getThing("a")

    with replay(path, api):
        assert [api.getThing(name).id for name in ("b", "a", "a")] == ["b", "a", "a"]
        with pytest.raises(CassetteError, match=r"holds no answer to GET /things/a \(getThing\)"):
            api.getThing("a")


def test_a_request_that_is_not_there_is_told_with_the_nearest(api: Client, path: Path) -> None:
    with record(path, api):
        api.createThing({"size": 3, "kind": "tea"})

    with replay(path, api, assert_all_used=False), pytest.raises(CassetteError) as caught:
        api.createThing({"size": 4, "kind": "tea"})

    assert str(caught.value).splitlines()[1:] == [
        "  nearest   calls.yaml#1, which differs",
        "  size: expected 3, found 4",
        "  remedy    record it again",
    ]


def test_exchanges_that_nothing_asked_for_are_told(api: Client, path: Path) -> None:
    with record(path, api):
        api.getText()

    with pytest.raises(CassetteError, match=r"1 exchange never asked for\n  calls.yaml#1 getText"), replay(path, api):
        pass


def test_errors_are_recorded_too(path: Path) -> None:
    with MockServer(API, faults={"getText": 429}) as server:
        api = Client(API, base_url=server.url, api_key=KEY, max_retries=0)
        with record(path, api), pytest.raises(RateLimitError):
            api.getText()

    with replay(path, api), pytest.raises(RateLimitError):
        api.getText()


class TestStaleCassettes:
    @pytest.fixture
    def changed(self, api: Client) -> Client:
        """The same API after its document has changed."""
        document: Any = copy.deepcopy(API)
        answer = document["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer["items"] = {**answer["items"], "required": ["id", "colour"]}
        del document["paths"]["/text"]
        return Client(document, base_url=api.base_url, api_key=KEY)

    @pytest.fixture
    def stale(self, api: Client, path: Path) -> Path:
        with record(path, api):
            api.listThings()
            api.getThing("a")
            api.getText()
        return path

    def test_they_are_told_before_anything_is_answered(self, stale: Path, changed: Client) -> None:
        with pytest.raises(CassetteError) as caught:
            replay(stale, changed)

        assert str(caught.value).splitlines() == [
            f"{stale}: is stale: 2 of 3 exchanges break Small 1",
            "  calls.yaml#1 GET /things",
            "    answer: [0].colour: missing, expected since it is required",
            "  calls.yaml#3 GET /text",
            "    request: GET /text is no operation of the document",
            '  remedy    record it again, or validate="warn"',
        ]

    def test_they_may_be_let_pass(self, stale: Path, changed: Client) -> None:
        with pytest.warns(DynaOpenAIWarning, match="is stale: 2 of 3 exchanges") as told:
            replay(stale, changed, validate="warn")
        assert told[0].filename == __file__
        assert replay(stale, changed, validate="off").exchanges

    def test_they_can_be_looked_for(self, stale: Path, changed: Client, api: Client) -> None:
        assert list(check_cassette(stale, changed)) == ["calls.yaml#1", "calls.yaml#3"]
        assert check_cassette(stale, api) == {}

    def test_a_deviation_is_told_when_it_is_recorded_and_kept(self, changed: Client, path: Path) -> None:
        changed = changed.with_options(validate_responses="off")
        with pytest.raises(CassetteError, match="was recorded: 1 of 1 exchange break"), record(path, changed):
            changed.listThings()

        assert len(read(path)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this holds no recorded traffic"),
        ("{", "found text that cannot be read"),
        ("a: [", "found text that cannot be read"),
        ("exchanges: [1]", "found an exchange that lacks what it needs: calls.yaml#1"),
        ('{"log": {"entries": [{"request": {}}]}}', "found an exchange that lacks what it needs: calls.yaml#1"),
    ],
)
def test_a_file_that_is_no_cassette_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "calls.yaml").write_text(text)

    with pytest.raises(DynaOpenAIError, match=r"calls.yaml") as caught:
        read(tmp_path / "calls.yaml")

    assert message in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAME = st.text(string.ascii_letters, min_size=1)


@given(st.lists(JSON, min_size=1, max_size=3))
def test_json_reads_back_as_it_was(values: list[Any]) -> None:
    exchanges = [_exchange(json.dumps(value).encode(), "application/json") for value in values]

    assert [json.loads(found.response.body) for found in _read_back(exchanges)] == values


@given(st.binary(), st.sampled_from(["application/json", "text/plain", "text/event-stream", "image/png", ""]))
def test_any_bytes_read_back_as_they_were(body: bytes, content_type: str) -> None:
    (found,) = _read_back([_exchange(body, content_type)])

    same = found.response.body == body
    assert same or (content_type == "application/json" and json.loads(found.response.body) == json.loads(body))


def test_a_form_that_was_cut_off_is_kept_as_it_came() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf'

    [read] = _read_back([_exchange(body, "multipart/form-data; boundary=b")])

    assert read.response.body == body


def _exchange(body: bytes, content_type: str) -> Exchange:
    return Exchange("GET", URL, Message(), 200, Message({"Content-Type": content_type}, body))


def _read_back(exchanges: list[Exchange]) -> list[Exchange]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "a.yaml", "t", "1", [(None, exchange) for exchange in exchanges])
        return read(Path(folder) / "a.yaml")
