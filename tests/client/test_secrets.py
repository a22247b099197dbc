"""A canary key, planted wherever a credential may be, is looked for in everything that is said."""

from __future__ import annotations

import copy
import io
import logging
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, answer, stream
from small_api import API as SMALL

from dynaopenai import Client, DynaOpenAIError
from dynaopenai._transport import log as _log
from dynaopenai._transport import retry as _retry

CANARY = "canary-27182818284590452353"
PLACES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Strange-Name"},
    "query": {"type": "apiKey", "in": "query", "name": "strange"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "strange"},
}
OPTIONS: dict[str, Any] = {
    "a header beside": {"headers": {"X-Auth-Token": CANARY}},
    "a query beside": {"query": {"access_token": CANARY}},
    "user info of the base": {"base_url": "user info"},
    "the query of the base": {"base_url": "query"},
    "a header that the document alone names": {"headers": {"X-Strange-Name": CANARY}},
    "a query of the base that the document alone names": {"base_url": "strange"},
}


def planted(place: str, url: str, **more: Any) -> Client:
    """A client with the canary in one place."""
    if place in PLACES:
        api = {**SMALL, "security": [{place: []}], "components": {"securitySchemes": PLACES}}
        return Client(api, base_url=url, api_key=CANARY, **more)
    options = dict(OPTIONS[place])
    if options.get("base_url") == "user info":
        options["base_url"] = url.replace("http://", f"http://me:{CANARY}@")
    elif options.get("base_url") == "query":
        options["base_url"] = f"{url}?sig={CANARY}"
    elif options.get("base_url") == "strange":
        options["base_url"] = f"{url}?strange={CANARY}"
    api = {**SMALL, "components": {"securitySchemes": {**SMALL["components"]["securitySchemes"], **PLACES}}}
    return Client(api, base_url=url, api_key="plain", **more).with_options(**options)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any library logs."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


FAULTS: list[Any] = [
    answer({"id": "a"}),
    answer({"error": {"message": f"Incorrect key {CANARY}"}}, 401, f"Set-Cookie: session={CANARY}"),
    answer({"error": {"message": f"strange={CANARY}"}}, 503),
    answer({"id": 1}),
    answer(b"<p>", content_type="text/html"),
    [CLOSE],
    [answer({"id": "a"}, length=99), CLOSE],
    answer(b"", 302, "Location: /again"),
    answer(b"", 302, "Location: ftp://x/"),
    answer(b"", 302, f"Location: /again?access_token={CANARY}"),
    answer({"id": "a"}, 200, f'Link: <http://me:{CANARY}@x/?page=2&access_token={CANARY}>; rel="next"'),
    stream({"n": 1}),
    b"nonsense\r\n\r\n",
    answer({"id": "a"}, 200, "broken header line"),
]


def said(client: Client) -> Iterator[str]:
    """All that a client says of one call."""
    yield from (repr(client), repr(client._settings), str(client), repr(client.getThing), client.getThing.curl("a"))
    yield repr(pickle.dumps(client)) + repr(pickle.dumps(client.getThing))
    yield repr(copy.copy(client)) + repr(copy.deepcopy(client.getThing))
    try:
        response = client.getThing.send("a")
    except DynaOpenAIError as error:
        yield "".join(traceback.format_exception(error))
        yield repr(error) + str(error) + repr(vars(error)) + repr(pickle.dumps(error))
        context: Any = error
        while context is not None:
            yield repr(context) + str(context)
            context = context.__context__ or context.__cause__
        response = getattr(error, "response", None)
    if response is not None:
        yield repr(response) + repr(response.request) + repr(vars(response)["request"]) + repr(pickle.dumps(response))


@pytest.mark.parametrize("place", [*PLACES, *OPTIONS])
@pytest.mark.parametrize("fault", FAULTS, ids=range(len(FAULTS)))
def test_the_canary_is_never_heard(place: str, fault: Any, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)
    events: list[Any] = []
    with FaultServer(fault) as server, planted(place, server.url, on_retry=events.append, timeout=2) as client:
        heard = [text for text in said(client) if CANARY in text]
        assert CANARY in "".join(repr(request) for request in server.received) or place in ("basic", "user info of the base")

    assert heard == []
    assert CANARY not in "".join(map(str, events)) + "".join(map(repr, events))
    assert CANARY not in log.getvalue()
    assert "getThing > GET http://" in log.getvalue()


def test_the_canary_is_in_no_refusal() -> None:
    with planted("header", "http://127.0.0.1:9") as client:
        for wrong in ({"id": 3}, {"id": "a", "nonsense": 1}):
            with pytest.raises(DynaOpenAIError) as caught:
                client.getThing(**wrong)
            assert CANARY not in str(caught.value)


def test_the_canary_is_in_no_refusal_of_a_url() -> None:
    for url in (f"http://me:{CANARY}@host:99999", f"host/?sig={CANARY}"):
        with pytest.raises(ValueError, match="expected an absolute URL") as caught:
            Client(SMALL, base_url=url)
        assert CANARY not in str(caught.value)


class TestLog:
    def test_a_call_is_two_lines_and_a_retry_one(self, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)
        with FaultServer(answer({}, 503), answer({"id": "a"})) as server, planted("bearer", server.url) as client:
            client.createThing(id="a")
        lines = [line for line in log.getvalue().splitlines() if line.startswith("createThing")]
        assert [line.split()[1] for line in lines] == [">", "<", "try", ">", "<"] or [
            line.partition(" ")[0] for line in lines
        ] == ["createThing", "createThing", "createThing:", "createThing", "createThing"]
        assert f"createThing > POST {server.url}/things, 10 bytes, " in lines[0]
        assert "'Authorization': '***'" in lines[0]
        assert lines[1].startswith("createThing < 503 in ")
        assert lines[2] == "createThing: try 1 failed (status 503), the next in 0.00 s"

    @pytest.mark.parametrize(("level", "lines"), [("debug", 2), ("info", 0), ("", 0)])
    def test_a_variable_writes_it_to_standard_error(self, level: str, lines: int) -> None:
        code = (
            "import sys; sys.path.insert(0, 'tests/shared')\n"
            "from fault_server import *; from small_api import client\n"
            "with FaultServer(answer({'id': 'a'})) as server, client(server.url) as api: api.getThing('a'); client(server.url)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], env={"DYNAOPENAI_LOG": level, "PYTHONPATH": "."}, capture_output=True, text=True, check=True
        )
        assert len([line for line in run.stderr.splitlines() if " dynaopenai DEBUG getThing " in line]) == lines
        assert run.stdout == ""

    def test_a_level_that_does_not_exist_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DYNAOPENAI_LOG", "loud")

        with pytest.raises(ValueError, match="DYNAOPENAI_LOG: found 'loud', expected debug, info, warning or error"):
            _log.set_up()
