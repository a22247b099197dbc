"""Requests go out once each over few connections, keep their time, and leave nothing behind."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import io
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from fault_server import CLOSE, DRIP, STALL, FaultServer, Received, answer, chunked, stream
from small_api import API, KEY
from small_api import client as plain_client

from dynaopenai import (
    APIConnectionError,
    APITimeoutError,
    Client,
    InternalServerError,
    Limits,
    NotFoundError,
    RateLimitError,
    ResponseValidationError,
    Retry,
)
from dynaopenai._transport import over_requests as _transport
from dynaopenai._transport import retry as _retry

GOOD = answer({"id": "a"})
BUSY = answer({"error": {"message": "busy"}}, 503)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)


class TestConnections:
    @pytest.mark.parametrize("reply", [GOOD, chunked(b'{"id"', b':"a"}'), answer({"error": {}}, 404)])
    def test_one_serves_many_calls(self, client: Any, reply: bytes) -> None:
        with FaultServer(reply) as server, client(server.url, validate_responses="off") as api:
            for _ in range(10):
                with contextlib.suppress(NotFoundError):
                    api.getThing("a")
            assert (len(server.received), server.connections) == (10, 1)

    def test_calls_uploads_and_downloads_share_one(self, tmp_path: Path) -> None:
        (tmp_path / "up").write_bytes(bytes(300_000))
        file = answer(b"x" * 70_000, content_type="application/octet-stream")
        with FaultServer(GOOD, file, GOOD, GOOD, GOOD) as server, plain_client(server.url) as api:
            api.getThing("a")
            assert len(api.getFile().read()) == 70_000
            api.putFile(tmp_path / "up")
            api.sendFile(file=(tmp_path / "up"))
            api.getThing("a")

            assert [len(each.body) > 299_999 for each in server.received] == [False, False, True, True, False]
            assert server.connections == 1

    def test_close_closes_them_and_the_next_call_opens_new_ones(self, client: Any) -> None:
        with FaultServer(GOOD) as server, client(server.url) as api:
            api.getThing("a")
            api.close()
            api.getThing("a")

            assert server.connections == 2

    @pytest.mark.parametrize("leave", ["break", "close", "with"])
    def test_a_stream_that_is_left_early_frees_its_connection(self, leave: str) -> None:
        gc.disable()
        try:
            with FaultServer([stream({"n": 1}, end=False), STALL]) as server, plain_client(server.url) as api:
                items = api.streamItems()
                assert next(items).n == 1
                if leave == "close":
                    items.close()
                elif leave == "with":
                    with items:
                        pass
                del items
                _until(lambda: server.open == 0)
        finally:
            gc.enable()

    def test_a_file_that_is_never_read_frees_its_connection(self, client: Any) -> None:
        with FaultServer([answer(b"x" * 10, content_type="application/octet-stream", length=20), STALL]) as server:
            with client(server.url) as api:
                api.getFile().close()
                _until(lambda: server.open == 0)

    @pytest.mark.parametrize("items", [[{"n": 1}], [{"n": 1}, "[DONE]"]])
    def test_a_stream_read_to_its_end_keeps_the_connection_for_the_next_call(self, client: Any, items: list[Any]) -> None:
        with FaultServer(stream(*items)) as server, client(server.url) as api:
            for _ in range(3):
                assert [item.n for item in api.streamItems()] == [1]
            assert server.connections == 1

    def test_a_stream_whose_end_is_said_is_not_waited_for(self, client: Any) -> None:
        with FaultServer([stream({"n": 1}, "[DONE]", end=False), STALL]) as server, client(server.url, timeout=60) as api:
            assert [item.n for item in api.streamItems()] == [1]
            _until(lambda: server.open == 0)

    def test_an_interim_answer_is_passed_over_with_its_headers(self, client: Any) -> None:
        interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
        with FaultServer(interim + answer({"id": "1"}), answer({"id": "2"})) as server, client(server.url) as api:
            assert [api.getThing("a").id, api.getThing("a").id] == ["1", "2"]

    @pytest.mark.parametrize(
        "endless",
        [[b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500, STALL], [chunked(b'{"id": "a"}', end=False), b"0\r\n", b"X: y\r\n" * 5000, STALL]],
        ids=["interim answers", "trailers"],
    )
    def test_what_never_ends_is_not_waited_for(self, client: Any, endless: Any) -> None:
        with FaultServer(endless) as server, client(server.url, timeout=60, max_retries=0) as api:
            with pytest.raises(APIConnectionError):
                api.getThing("a")

    def test_no_thread_is_left_behind(self) -> None:
        with FaultServer(GOOD) as server, plain_client(server.url, timeout=(1, 1, 5)) as api:
            before = threading.active_count()
            api.getThing("a")
            assert threading.active_count() <= before + 1  # the server's own


def _until(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it never came true")


class TestInterruption:
    @pytest.mark.parametrize("reply", [[STALL], [stream({"n": 1}, end=False), STALL]], ids=["call", "stream"])
    def test_ctrl_c_ends_it_and_frees_the_connection(self, reply: Any) -> None:
        with FaultServer(reply) as server, plain_client(server.url, timeout=30) as api:
            timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                list(api.streamItems())
            timer.join()
            assert len(server.received) == 1
            _until(lambda: server.open == 0)


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class TestTimeouts:
    def test_a_silent_server(self, client: Any) -> None:
        with FaultServer([STALL]) as server, client(server.url, timeout=0.1, max_retries=0) as api:
            with pytest.raises(APITimeoutError) as caught:
                api.getThing("a")
        assert str(caught.value) == f"getThing: no answer from {server.url}: timed out"

    def test_a_call_can_have_its_own(self, client: Any) -> None:
        with FaultServer([STALL]) as server, client(server.url, timeout=None, max_retries=0) as api:
            with pytest.raises(APITimeoutError):
                api.getThing.with_options(timeout=(1, 0.1))("a")

    def test_a_stalled_stream_times_out_between_events(self, client: Any) -> None:
        with FaultServer([stream({"n": 1}, {"n": 2}, end=False), STALL]) as server, client(server.url, timeout=0.2) as api:
            items = api.streamItems()
            assert [next(items).n, next(items).n] == [1, 2]
            with pytest.raises(APITimeoutError, match="streamItems: the answer broke off after 32 bytes: timed out") as caught:
                next(items)
        assert caught.value.received == 32
        assert caught.value.response is not None
        assert caught.value.response.status_code == 200

    @pytest.mark.parametrize(
        "script",
        [
            [b"HTTP/1.1 200 OK\r\nX: ", *[b"a", 0.05] * 200],
            [answer({"id": "a"}, length=400), *[b" ", 0.05] * 200],
            [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", *[b" ", 0.05] * 200],
        ],
        ids=["headers", "body", "body without a length"],
    )
    def test_a_total_ends_what_drips_on(self, client: Any, script: Any) -> None:
        with FaultServer(script) as server, client(server.url, timeout=(5, 5, 0.4)) as api:
            with pytest.raises(APITimeoutError, match="timed out"):
                api.getThing("a")
            assert len(server.received) == 1

    def test_a_total_ends_a_stream_that_goes_on(self, client: Any) -> None:
        events = [stream({"n": 1}, end=False), *[b'd\r\ndata: {"n":1}\r\n', 0.0] * 0, STALL]
        with FaultServer(events) as server, client(server.url, timeout=(5, None, 0.3)) as api:
            items = api.streamItems()
            assert next(items).n == 1
            with pytest.raises(APITimeoutError):
                next(items)

    def test_a_total_leaves_no_time_for_another_try(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_retry, "FIRST_DELAY", 5.0)
        with FaultServer(BUSY) as server, client(server.url, timeout=(5, 5, 3)) as api:
            with pytest.raises(InternalServerError):
                api.getThing("a")
            assert len(server.received) == 1

    def test_a_total_does_not_follow_the_connection_to_the_next_call(self, client: Any) -> None:
        slow: list[Any] = [0.3, GOOD]
        with FaultServer(GOOD, slow) as server, client(server.url) as api:
            api.getThing.with_options(timeout=(5, 5, 0.2))("a")
            assert api.getThing("a").id == "a"
            assert server.connections == 1


class TestRetries:
    def test_all_tries_of_an_unsafe_request_have_one_key(self, client: Any) -> None:
        with FaultServer(BUSY, [CLOSE], GOOD, GOOD) as server, client(server.url) as api:
            response = api.createThing.send(id="a")
            api.createThing(id="a")
        keys = [request.header("Idempotency-Key") for request in server.received]

        assert response.attempts == 3
        assert len(set(keys[:3])) == 1
        assert keys[0] != keys[3]
        assert keys[0] is not None
        assert keys[0].startswith("dynaopenai-")

    def test_the_users_own_key_is_kept_and_safe_requests_have_none(self, client: Any) -> None:
        with FaultServer(GOOD) as server, client(server.url) as api:
            api.createThing.with_options(headers={"idempotency-KEY": "mine"})(id="a")
            api.createThing.with_options(max_retries=0)(id="a")
            api.getThing("a")
        assert [request.header("Idempotency-Key") for request in server.received] == ["mine", None, None]

    def test_a_file_is_sent_whole_each_time(self, client: Any, tmp_path: Path) -> None:
        path = tmp_path / "f.bin"
        path.write_bytes(b"x" * 1000)
        with FaultServer(BUSY, [CLOSE], GOOD) as server, client(server.url) as api:
            api.sendFile(file=path)
            with path.open("rb") as file:
                file.seek(990)
                api.putFile(file)
        assert [request.body.count(b"x" * 10) for request in server.received] == [100, 100, 100, 1]
        assert server.received[-1].body == b"x" * 10

    @pytest.mark.parametrize(("fault", "error"), [([CLOSE], APIConnectionError), (BUSY, InternalServerError)])
    def test_what_cannot_be_sent_twice_is_not_and_says_so(self, client: Any, fault: Any, error: type[Exception]) -> None:
        class Pipe(io.BytesIO):
            def seekable(self) -> bool:
                return False

        with FaultServer(fault) as server, client(server.url) as api:
            with pytest.raises(error, match="not tried again: the body cannot be sent a second time"):
                api.putFile(Pipe(b"once"))
            assert len(server.received) == 1
            assert server.received[0].body == b"once"

    def test_the_server_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        waits: list[float] = []
        monkeypatch.setattr(_transport.time, "sleep", waits.append)
        busy = answer({}, 429, "Retry-After: 7")
        with FaultServer(busy, answer({}, 429, "retry-after-ms: 1500"), GOOD) as server, plain_client(server.url) as api:
            api.getThing("a")
        assert waits == [7, 1.5]

    @pytest.mark.parametrize(("limit", "asked", "waits"), [(120.0, "120", [120]), (120.0, "121", []), (600.0, "599", [599]), (0.0, "1", [])])
    def test_a_server_that_asks_for_too_long_is_not_waited_for(
        self, monkeypatch: pytest.MonkeyPatch, limit: float, asked: str, waits: list[float]
    ) -> None:
        waited: list[float] = []
        monkeypatch.setattr(_transport.time, "sleep", waited.append)
        busy = answer({"error": {"message": "quota"}}, 429, f"Retry-After: {asked}")
        with FaultServer(busy) as server, plain_client(server.url, max_retries=1) as api:
            with pytest.raises(RateLimitError) as caught:
                api.with_options(max_retry_after=limit).getThing("a")
        assert waited == waits
        told = f"not tried again: the server asks to wait {asked} s, max_retry_after allows {limit:g} s"
        assert (told in str(caught.value)) is (not waits)

    def test_how_often_is_set_per_call(self, client: Any) -> None:
        with FaultServer(BUSY) as server, client(server.url, max_retries=1) as api:
            for call in (api.getThing, api.getThing.with_options(max_retries=4), api.getThing.with_options(max_retries=0)):
                with pytest.raises(InternalServerError):
                    call("a")
            assert len(server.received) == 2 + 5 + 1

    def test_the_error_tells_how_often(self, client: Any) -> None:
        with FaultServer(answer({"error": {"message": "slow down"}}, 429, "x-request-id: r7")) as server, client(server.url) as api:
            with pytest.raises(RateLimitError) as caught:
                api.getThing("a")
        assert str(caught.value) == 'getThing: 429 Too Many Requests: slow down\n  request id "r7", 3 tries'
        assert (caught.value.attempts, caught.value.response.attempts) == (3, 3)  # type: ignore[union-attr]

    def test_nobody_there_is_tried_again(self, client: Any) -> None:
        events: list[Retry] = []
        with client(f"http://127.0.0.1:{_closed_port()}", on_retry=events.append, max_retries=1) as api:
            with pytest.raises(APIConnectionError, match=r"connection refused \(2 tries\)"):
                api.getThing("a")
        assert [event.attempt for event in events] == [1]


class TestUploads:
    def test_a_file_that_shrinks_while_it_is_sent_is_told_as_that(self, client: Any, tmp_path: Path) -> None:
        path = tmp_path / "f.bin"
        path.write_bytes(b"x" * 1_000_000)

        def cut(_: Any) -> None:
            path.write_bytes(b"x" * 10)

        with FaultServer(GOOD) as server, client(server.url, on_request=cut) as api:
            with pytest.raises(APIConnectionError) as caught:
                api.putFile(path)
        assert str(caught.value) == (
            "putFile: the body broke off after 10 bytes: f.bin ended 999,990 bytes early: it was changed while it was sent"
        )
        assert len(server.received) <= 1

    def test_a_file_that_is_gone_when_it_is_sent(self, client: Any, tmp_path: Path) -> None:
        path = tmp_path / "f.bin"
        path.write_bytes(b"x")
        with FaultServer(GOOD) as server, client(server.url, on_request=lambda _: path.unlink()) as api:
            with pytest.raises(APIConnectionError, match="the body broke off after 0 bytes: No such file or directory"):
                api.putFile(path)

    def test_a_pipe_is_sent_in_chunks(self, client: Any) -> None:
        class Pipe(io.BytesIO):
            def seekable(self) -> bool:
                return False

        with FaultServer(GOOD) as server, client(server.url) as api:
            api.putFile(Pipe(b"y" * 300_000))
        assert server.received[0].header("Transfer-Encoding") == "chunked"
        assert server.received[0].header("Content-Length") is None
        assert server.received[0].body == b"y" * 300_000

    def test_progress_is_told(self, client: Any, tmp_path: Path) -> None:
        path = tmp_path / "f.bin"
        path.write_bytes(b"x" * 600_000)
        told: list[tuple[int, int | None]] = []
        with FaultServer(GOOD) as server, client(server.url) as api:
            api.putFile.with_options(progress=lambda done, total: told.append((done, total)))(path)
        assert told == [(262_144, 600_000), (524_288, 600_000), (600_000, 600_000)]

    def test_a_bar_is_shown_where_there_is_a_terminal(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "f.bin"
        path.write_bytes(b"x" * 600_000)
        for is_terminal in (False, True):
            monkeypatch.setattr("sys.stderr.isatty", lambda is_terminal=is_terminal: is_terminal)
            with FaultServer(GOOD) as server, plain_client(server.url) as api:
                api.putFile.with_options(progress=True)(path)
            assert ("sending" in capsys.readouterr().err) is is_terminal

    def test_an_answer_in_the_middle_of_the_body_is_heard(self, client: Any) -> None:
        def early(request: Received) -> Any:
            return [answer({"error": {"message": "too large"}}, 413, "Connection: close"), CLOSE]

        with FaultServer(early) as server, client(server.url, max_retries=0) as api:
            with pytest.raises(Exception, match=r"413 .*: too large"):
                api.putFile(b"z" * 100_000)


class TestHooks:
    def test_they_see_each_try_each_wait_and_the_answer(self, client: Any) -> None:
        seen: list[Any] = []
        hooks: dict[str, Any] = {
            "on_request": lambda request: seen.append(("request", request.method)),
            "on_retry": lambda event: seen.append(("retry", event.attempt, event.status_code, event.operation_id)),
            "on_response": lambda response: seen.append(("response", response.status_code, response.data)),
        }
        with FaultServer(BUSY, GOOD) as server, client(server.url, **hooks) as api:
            api.getThing("a")
        assert seen == [
            ("request", "GET"),
            ("retry", 1, 503, "getThing"),
            ("request", "GET"),
            ("response", 200, {"id": "a"}),
        ]

    def test_a_request_can_still_be_changed(self, client: Any) -> None:
        def sign(request: requests.PreparedRequest) -> None:
            request.headers["X-Signature"] = "s"

        with FaultServer(GOOD) as server, client(server.url) as api:
            api.getThing.with_options(on_request=sign)("a")
        assert server.received[0].header("X-Signature") == "s"

    def test_refusals_and_streams_are_answers_too(self, client: Any) -> None:
        seen: list[Any] = []
        with FaultServer(answer({}, 404), stream({"n": 1})) as server, client(server.url, on_response=seen.append) as api:
            with pytest.raises(Exception, match="404"):
                api.getThing("a")
            list(api.streamItems())
        assert [response.status_code for response in seen] == [404, 200]

    def test_what_a_hook_raises_the_call_raises_and_the_connection_is_free(self, client: Any) -> None:
        def refuse(_: Any) -> None:
            raise KeyError("mine")

        with FaultServer([answer(b"x", content_type="application/octet-stream")]) as server:
            with client(server.url, on_response=refuse) as api, pytest.raises(KeyError, match="mine"):
                api.getFile()
            _until(lambda: server.open == 0)


class TestRedirects:
    def test_credentials_stay_at_home(self, client: Any) -> None:
        with FaultServer(GOOD) as other:
            with FaultServer(answer(b"", 307, f"Location: {other.url}/x")) as server, client(server.url) as api:
                assert api.createThing.with_options(headers={"X-Auth-Token": "t", "X-Plain": "p"})(id="a").id == "a"
        went = other.received[0]
        assert (went.line, went.json) == (b"POST /x HTTP/1.1", {"id": "a"})
        assert (went.header("Authorization"), went.header("X-Auth-Token"), went.header("X-Plain")) == (None, None, "p")

    def test_a_sessions_own_credentials_stay_at_home_too(self) -> None:
        with requests.Session() as session, FaultServer(GOOD) as other:
            session.auth = ("me", "password")
            session.headers["X-Api-Key"] = "k"
            with FaultServer(answer(b"", 302, f"Location: {other.url}/x")) as server:
                with Client(API, base_url=server.url, api_key=KEY, session=session) as api:
                    api.getThing("a")
        assert server.received[0].header("X-Api-Key") == "k"
        assert (other.received[0].header("Authorization"), other.received[0].header("X-Api-Key")) == (None, None)

    def test_they_do_not_come_back_by_a_detour(self, client: Any) -> None:
        with FaultServer() as other:
            with FaultServer(lambda request: GOOD if request.target == "/back" else answer(b"", 302, f"Location: {other.url}/")) as server:
                other.script = [answer(b"", 302, f"Location: {server.url}/back")]
                with client(server.url) as api:
                    api.getThing("a")
        assert [request.header("Authorization") for request in server.received] == [f"Bearer {KEY}", None]

    @pytest.mark.parametrize(
        ("status", "method", "body"),
        [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b'{"id":"a"}'), (308, "POST", b'{"id":"a"}')],
    )
    def test_the_method_follows_the_status(self, client: Any, status: int, method: str, body: bytes) -> None:
        with FaultServer(answer(b"", status, "Location: ../x?y=\xfc z"), GOOD) as server, client(f"{server.url}/v1") as api:
            api.createThing(id="a")
        last = server.received[-1]
        assert (last.line.decode(), last.body) == (f"{method} /x?y=%FC%20z HTTP/1.1", body)
        assert last.header("Authorization") == f"Bearer {KEY}"


class TestSessions:
    def test_the_users_own_is_used_as_it_is(self) -> None:
        with requests.Session() as session, FaultServer(answer({"id": "a"}, 200, "Set-Cookie: visit=1")) as server:
            session.headers["X-Mine"] = "1"
            session.cookies.set("flavour", "oat")
            session.auth = lambda request: request.headers.update({"X-Auth": "signed"}) or request
            with Client(API, base_url=server.url, api_key=KEY, session=session) as api:
                api.getThing("a")
                api.getThing("a")
            first, second = server.received
            assert (first.header("X-Mine"), first.header("X-Auth")) == ("1", "signed")
            assert first.header("Cookie") == "flavour=oat"
            assert sorted(str(second.header("Cookie")).split("; ")) == ["flavour=oat", "visit=1"]
            assert first.header("Authorization") == f"Bearer {KEY}"
            assert session.get(server.url).json() == {"id": "a"}  # closing the client has left it open

    def test_its_adapters_are_used(self) -> None:
        class Canned(requests.adapters.BaseAdapter):
            def send(self, request: Any, **_: Any) -> requests.Response:
                response = requests.Response()
                response.status_code, response.request, response.url = 200, request, request.url
                response.headers["Content-Type"] = "application/json"
                response.raw = io.BytesIO(b'{"id": "canned"}')
                return response

            def close(self) -> None:
                pass

        with requests.Session() as session:
            session.mount("http://canned", Canned())
            api = Client(API, base_url="http://canned", api_key=KEY, session=session)
            assert api.getThing("a").id == "canned"

    def test_our_own_keeps_no_cookies(self) -> None:
        with FaultServer(answer({"id": "a"}, 200, "Set-Cookie: visit=1")) as server, plain_client(server.url) as api:
            api.getThing("a")
            api.getThing("a")
        assert [request.header("Cookie") for request in server.received] == [None, None]

    @pytest.mark.parametrize("given", [False, True])
    def test_responses_answers_in_our_place(self, given: bool) -> None:
        session = requests.Session() if given else None
        api = Client(API, base_url="http://mocked.example", api_key=KEY, session=session)
        with responses.RequestsMock() as mock:
            mock.get("http://mocked.example/things/a", json={"id": "m"})
            mock.post("http://mocked.example/stream", body='data: {"n": 1}\n\n', content_type="text/event-stream")
            assert api.getThing("a").id == "m"
            assert [item.n for item in api.streamItems()] == [1]
            assert mock.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize("given", [False, True])
    def test_requests_mock_answers_in_our_place(self, given: bool) -> None:
        requests_mock = pytest.importorskip("requests_mock")
        session = requests.Session() if given else None
        api = Client(API, base_url="http://mocked.example", api_key=KEY, session=session)
        with requests_mock.Mocker() as mock:
            mock.get("http://mocked.example/things/a", json={"id": "m"}, headers={"Content-Type": "application/json"})
            mock.post("http://mocked.example/stream", text='data: {"n": 1}\n\n', headers={"Content-Type": "text/event-stream"})
            assert api.getThing("a").id == "m"
            assert [item.n for item in api.streamItems()] == [1]

    def test_a_proxy_of_the_environment_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with FaultServer(GOOD) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://me:pw@"))
            monkeypatch.setenv("no_proxy", "")
            with plain_client("http://far.example/v1") as api:
                api.getThing("a")
        assert proxy.received[0].line == b"GET http://far.example/v1/things/a HTTP/1.1"
        assert proxy.received[0].header("Proxy-Authorization") == "Basic bWU6cHc="

    @pytest.mark.skipif(importlib.util.find_spec("socks") is not None, reason="PySocks is installed")
    def test_what_a_socks_proxy_needs_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "")
        with plain_client("http://far.example/v1") as api, pytest.raises(APIConnectionError, match=r"SOCKS.*'requests\[socks\]'"):
            api.getThing("a")

    def test_a_ca_bundle_of_the_environment_is_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
        with plain_client("https://127.0.0.1:1") as api, pytest.raises(APIConnectionError, match=r"REQUESTS_CA_BUNDLE, .* names no file"):
            api.getThing("a")


class TestLimits:
    @pytest.mark.parametrize(
        ("reply", "limits", "error", "says"),
        [
            (answer({"id": "a" * 100}), Limits(answer=50), APIConnectionError, "the answer is larger than 50 bytes; see Limits(answer=...)"),
            (answer({"id": "a"}, 200, *["X: y"] * 20), Limits(headers=10), APIConnectionError, "22 headers, more than 10"),
            (answer({"id": "a", "x": [[[1]]]}), Limits(depth=3), ResponseValidationError, "nested deeper than 3 levels"),
            (answer(b'{"id": "a", "x": ' + b"[" * 300 + b"]" * 300 + b"}"), Limits(), ResponseValidationError, "nested deeper than 200 levels"),
        ],
        ids=["answer", "headers", "depth", "default depth"],
    )
    def test_more_is_refused(self, client: Any, reply: bytes, limits: Limits, error: type[Exception], says: str) -> None:
        with FaultServer(reply) as server, client(server.url, limits=limits) as api:
            with pytest.raises(error) as caught:
                api.getThing("a")
            assert says in str(caught.value)
            assert len(server.received) == 1

    def test_an_event_that_is_too_large(self, client: Any) -> None:
        with FaultServer(stream({"n": 1}, {"n": 2, "pad": "x" * 100})) as server, client(server.url, limits=Limits(event=50)) as api:
            items = api.streamItems()
            assert next(items).n == 1
            with pytest.raises(APIConnectionError, match=r"more than 50 bytes.*see Limits\(event=...\)"):
                next(items)

    def test_all_are_lifted(self, client: Any) -> None:
        deep = b'{"id": "a", "x": ' + b"[" * 300 + b"]" * 300 + b"}"
        free = Limits(answer=None, event=None, headers=None, depth=None)
        with FaultServer(answer(deep, 200, *["X: y"] * 150), stream({"n": 1})) as server, client(server.url, limits=free) as api:
            assert api.getThing("a").id == "a"
            assert [item.n for item in api.streamItems()] == [1]

    def test_a_bomb_of_zeros_stops_at_the_limit(self, client: Any) -> None:
        from fault_server import gzip

        bomb = answer(gzip(b"0" * 50_000_000), 200, "Content-Encoding: gzip")
        with FaultServer(bomb) as server, client(server.url, limits=Limits(answer=100_000)) as api:
            with pytest.raises(APIConnectionError, match="larger than 100,000 bytes") as caught:
                api.getThing("a")
        assert caught.value.received < 300_000


def test_elapsed_is_measured_and_bytes_that_drip_are_whole(client: Any) -> None:
    with FaultServer([DRIP, GOOD]) as server, client(server.url) as api:
        response = api.getThing.send("a")
    assert response.elapsed.total_seconds() > 0
    assert response.content == b'{"id": "a"}'
