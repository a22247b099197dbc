"""A mock server is told what to answer as a mock in process is, and says the same where that cannot be."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaopenai import APIConnectionError, APITimeoutError, Client, InternalServerError, NotFoundError, RateLimitError
from dynaopenai.errors import DynaOpenAIError, SpecError
from dynaopenai.testing import (
    Mock,
    MockServer,
    RegistrationError,
    UnmockedCallError,
    UnusedAnswersError,
)

CLIENT = Client()
ASK: dict[str, Any] = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(assert_all_used=False) as server:
        yield server


def client_of(server: MockServer, **options: Any) -> Client:
    return Client(base_url=server.url, api_key="sk-mock", max_retries=0, **options)


# --- both doors ----------------------------------------------------------------------------------


def _partial(mock: Any) -> Any:
    mock.createChatCompletion.returns({"choices": [{"message": {"content": "Hi!"}}]})
    return lambda client: client.createChatCompletion(**ASK).choices[0].message.content


def _stream(mock: Any) -> Any:
    mock.createChatCompletion.streams([{"choices": [{"delta": {"content": word}}]} for word in ("Hel", "lo")])
    return lambda client: [item.choices[0].delta.content for item in client.createChatCompletion(**ASK, stream=True)]


def _in_turn(mock: Any) -> Any:
    mock.retrieveModel.returns({"id": "a"}).returns({"id": "b"})
    return lambda client: [client.retrieveModel("x").id for _ in range(3)]


def _by_argument(mock: Any) -> Any:
    mock.retrieveModel.answers(lambda call: {"id": call.arguments["model"].upper()})
    mock.retrieveModel.when(model="mine").returns({"id": "yours"})
    return lambda client: [client.retrieveModel(name).id for name in ("mine", "other")]


def _file(mock: Any) -> Any:
    mock.downloadFile.returns(b"\x00\x01")
    return lambda client: client.downloadFile("file-1").read()


def _error(mock: Any) -> Any:
    mock.listModels.raises(429, "slow down", code="limit", retry_after=1)

    def ask(client: Client) -> Any:
        with pytest.raises(RateLimitError) as caught:
            client.listModels()
        assert caught.value.response is not None
        return caught.value.code, caught.value.body["error"]["message"], caught.value.response.headers["retry-after"]

    return ask


def _headers(mock: Any) -> Any:
    mock.listModels.returns(headers={"x-request-id": "req_7"})
    return lambda client: client.listModels.send().request_id


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (_partial, "Hi!"),
        (_stream, ["Hel", "lo"]),
        (_in_turn, ["a", "b", "b"]),
        (_by_argument, ["yours", "OTHER"]),
        (_file, b"\x00\x01"),
        (_error, ("limit", "slow down", "1")),
        (_headers, "req_7"),
    ],
)
def test_both_doors_answer_alike(register: Any, expected: Any) -> None:
    with Mock(CLIENT) as mock:
        assert register(mock)(mock.client) == expected
    with MockServer() as server:
        assert register(server)(client_of(server)) == expected


@pytest.mark.parametrize(
    "register",
    [
        lambda mock: mock.createChatCompletion.returns({"choises": []}),
        lambda mock: mock.createChatCompletion.returns(status=201),
        lambda mock: mock.createChatCompletion.when(modle="x"),
        lambda mock: mock.listModels.raises(200),
        lambda mock: mock.listModels.streams([]),
    ],
)
def test_both_doors_refuse_alike(register: Any, server: MockServer) -> None:
    told = []
    for mock in (Mock(CLIENT), server):
        with pytest.raises(RegistrationError) as caught:
            register(mock)
        told.append(str(caught.value))

    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda mock: setattr(mock.listModels, "return_value", 3), r"no return_value\n  remedy    say \.returns\("),
        (lambda mock: setattr(mock.listModels, "side_effect", 3), r"no side_effect\n  remedy    say \.answers\("),
        (lambda mock: setattr(mock.listModels, "returnz", 3), 'did you mean "returns"'),
        (lambda mock: mock.listModels.call_args_list, r"say \.calls"),
        (lambda mock: setattr(mock, "listModels", 3), r"listModels cannot be replaced\n.*\.listModels\.returns\("),
        (lambda mock: setattr(mock, "list_models", 3), "list_models cannot be replaced"),
    ],
)
def test_what_another_mock_library_takes_is_refused_with_our_word_for_it(change: Any, message: str) -> None:
    for mock in (Mock(CLIENT), MockServer()):
        with pytest.raises(AttributeError, match=message):
            change(mock)


def test_what_is_no_function_is_refused_where_it_is_given() -> None:
    for mock in (Mock(CLIENT), MockServer()):
        with pytest.raises(TypeError, match=r"found {.*}, expected a function of the call; \.returns\(\.\.\.\) gives a body"):
            mock.listModels.answers({"data": []})


# --- the server's own ----------------------------------------------------------------------------


def test_calls_are_remembered_whoever_makes_them(server: MockServer) -> None:
    body = json.dumps(ASK).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-x", "X-Mine": "yes"}
    urllib.request.urlopen(urllib.request.Request(f"{server.url}/chat/completions", body, headers)).close()

    server.createChatCompletion.assert_called_once_with(**ASK)
    (call,) = server.calls
    assert (call.request.method, call.request.body) == ("POST", body)
    assert call.request.url == f"{server.url}/chat/completions"
    assert call.request.headers["X-Mine"] == "yes"


def test_what_was_not_said_is_made_up(server: MockServer) -> None:
    server.retrieveModel.when(model="mine").returns({"id": "scripted"})

    assert [client_of(server).retrieveModel(name).id for name in ("mine", "other")] == ["scripted", "other"]


def test_a_strict_server_refuses_what_it_was_not_told() -> None:
    with MockServer(strict=True) as server:
        server.retrieveModel.when(model="mine").returns({"id": "mine"})
        client = client_of(server)

        assert client.retrieveModel("mine").id == "mine"
        with pytest.raises(NotFoundError, match="retrieveModel was called, and the server has no answer for it"):
            client.retrieveModel("other")
        with suppress(NotFoundError):
            client.listModels()
        with pytest.raises(UnmockedCallError) as caught:
            server.stop()
        server.reset()
    assert 'model: expected "mine", found "other"' in str(caught.value)
    assert "and 1 trouble more\nlistModels was called" in str(caught.value)


def test_what_nothing_asked_for_is_told_when_it_stops() -> None:
    with pytest.raises(UnusedAnswersError, match=r"listModels\(\.\.\.\): 1 answer of 1 never asked for"), MockServer() as server:
        server.listModels.returns()


def test_a_function_that_fails_is_told_when_it_stops() -> None:
    with MockServer() as server:
        server.listModels.answers(lambda _: 1 / 0)

        with pytest.raises(InternalServerError, match="ZeroDivisionError"):
            client_of(server).listModels()
        with pytest.raises(DynaOpenAIError, match="raised by what the test gave to answers") as caught:
            server.stop()
        server.reset()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_stream_that_was_not_said_is_told_when_it_stops() -> None:
    with pytest.raises(RegistrationError), MockServer() as server:  # noqa: PT012 - it is raised on leaving
        server.createChatCompletion.returns()
        with pytest.raises(InternalServerError, match="the call asks for a stream"):
            client_of(server).createChatCompletion(**ASK, stream=True)


@pytest.mark.parametrize(
    ("raised", "caught", "options"),
    [
        (ConnectionResetError, APIConnectionError, {}),
        (requests.ConnectionError("cut"), APIConnectionError, {}),
        (TimeoutError, APITimeoutError, {"timeout": 0.5}),
        (requests.ReadTimeout, APITimeoutError, {"timeout": 0.5}),
    ],
)
def test_a_failing_connection_fails_on_the_wire(raised: Any, caught: Any, options: Any, server: MockServer) -> None:
    server.listModels.raises(raised).returns()
    client = client_of(server, **options)

    with pytest.raises(caught):
        client.listModels()
    assert client.listModels().object == "list"
    assert server.listModels.call_count == 2


def test_answers_given_in_turn_are_given_once_each_to_many_threads(server: MockServer) -> None:
    registration = server.retrieveModel
    for number in range(40):
        registration.returns({"id": f"m{number}"})
    client, found = client_of(server), []

    def ask() -> None:
        found.extend(client.retrieveModel("x").id for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == sorted(f"m{number}" for number in range(40))


def test_an_event_loop_and_a_function_of_the_test_do_not_hinder_each_other(server: MockServer) -> None:
    server.retrieveModel.answers(lambda call: {"id": client_of(server).listModels().data[0].id + call.arguments["model"]})
    server.listModels.returns({"data": [{"id": "m-"}]})

    async def ask() -> str:
        return (await asyncio.to_thread(client_of(server).retrieveModel, "x")).id

    assert asyncio.run(ask()) == "m-x"


def test_what_is_remembered_is_bounded(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynaopenai._mock.script.MOST_CALLS", 3)
    client = client_of(server)
    for number in range(5):
        client.retrieveModel(f"m{number}")

    assert [call.arguments["model"] for call in server.calls] == ["m2", "m3", "m4"]
    assert server.retrieveModel.calls == server.calls


# --- answers in a file ---------------------------------------------------------------------------

ANSWERS = """
createChatCompletion:
  - returns: {choices: [{message: {content: first}}]}
  - raises: 429
    message: slow down
    retry_after: 2
  - when: {model: gpt-4-turbo}
    returns: {choices: [{message: {content: turbo}}]}
  - when: {stream: true}
    streams:
      - {choices: [{delta: {content: streamed}}]}
downloadFile: {file: answer.bin}
retrieve_model:
  returns: {id: mine}
  headers: {x-request-id: req_9}
"""


def test_a_script_in_a_file_says_what_a_test_would(server: MockServer, tmp_path: Path) -> None:
    from dynaopenai._mock.script_file import register

    (tmp_path / "answers.yaml").write_text(ANSWERS)
    (tmp_path / "answer.bin").write_bytes(b"\xff\x00")
    register(tmp_path / "answers.yaml", server)
    client = client_of(server)

    assert client.createChatCompletion(**ASK).choices[0].message.content == "first"
    with pytest.raises(RateLimitError, match="slow down"):
        client.createChatCompletion(**ASK)
    assert client.createChatCompletion(**{**ASK, "model": "gpt-4-turbo"}).choices[0].message.content == "turbo"
    assert [item.choices[0].delta.content for item in client.createChatCompletion(**ASK, stream=True)] == ["streamed"]
    assert client.downloadFile("file-1").read() == b"\xff\x00"
    answer = client.retrieveModel.send("x")
    assert (answer.data.id, answer.request_id) == ("mine", "req_9")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("createChatCompletio: {returns: {}}", r"answers.yaml:1: .*did you mean createChatCompletion"),
        ("listModels:\n  - returns: {}\n  - says: 3\n", r"answers.yaml:3: found .* expected one of"),
        ("listModels:\n  returns: {data: 3}\n", r"answers.yaml:1: listModels never answers so: 1 problem\n.*data: found 3"),
        ("listModels: {raises: 429, mesage: x}", r'"mesage" says nothing beside raises\n.*did you mean "message"'),
        ("listModels: {raises: 200}", "expected an error status"),
        ("downloadFile: {file: nowhere.bin}", r'answers.yaml:1: cannot read "nowhere.bin": No such file'),
        ("listModels: {raises: 429, retry_after: soon}", 'retry_after: found "soon", expected seconds'),
        ("", "answers.yaml: this is no file of answers.*expected  operations by their names"),
        ("- listModels", "answers.yaml: this is no file of answers.*found .*listModels"),
        ("chat: {returns: {}}", '"chat" is a tag, expected an operation'),
        ("retrieveModel: {when: {mdoel: x}, returns: {}}", 'did you mean "model"'),
    ],
)
def test_what_is_wrong_with_a_script_is_told_with_its_line(text: str, message: str, server: MockServer, tmp_path: Path) -> None:
    from dynaopenai._mock.script_file import register

    (tmp_path / "answers.yaml").write_text(text)

    with pytest.raises(SpecError, match=f"(?s){message}"):
        register(tmp_path / "answers.yaml", server)


def test_the_verb_serves_a_script_and_tells_what_it_lacked(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("retrieveModel: {returns: {id: mine}}\nlistModels: {returns: {}}\n")
    command = [sys.executable, "-m", "dynaopenai", "mock", "--port", "0", "--json", "--strict", "--script", "answers.yaml"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        url = json.loads(running.stdout.readline())["url"]
        client = Client(base_url=url, api_key="sk-mock", max_retries=0)
        assert client.retrieveModel("x").id == "mine"
        with pytest.raises(NotFoundError):
            client.listFiles()
        client.close()
    finally:
        running.terminate()
        _, told = running.communicate(timeout=20)

    assert running.returncode == 1
    assert "UnmockedCallError: listFiles was called, and the server has no answer for it" in told


def test_no_port_is_held_after_a_server_that_was_told_what_to_answer() -> None:
    with MockServer() as server:
        port = int(server.url.split(":")[2].split("/")[0])
        server.listModels.raises(TimeoutError)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n")
            while not server.requests and not server.listModels.calls:
                pass
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), 1):
        pass
