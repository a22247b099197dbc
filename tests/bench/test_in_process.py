"""A mock answers in process with what the document allows, and with nothing else."""

import copy
import itertools
import json
import re
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
import requests
from jsonschema import Draft202012Validator

from dynaopenai import APIConnectionError, APITimeoutError, BadRequestError, Client, NotFoundError, RateLimitError
from dynaopenai._checking.schema import Schema
from dynaopenai._mock.given_answer import EXAMPLE
from dynaopenai.errors import DynaOpenAIError, DynaOpenAIWarning
from dynaopenai.testing import (
    InvalidCallError,
    Mock,
    MockServer,
    RegistrationError,
    UnmockedCallError,
    UnusedAnswersError,
)

HOME = "https://api.openai.com/v1"
CLIENT = Client()
ASK: dict[str, Any] = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(CLIENT, assert_all_used=False) as mock:
        yield mock


# --- answers -------------------------------------------------------------------------------------


def test_a_partial_answer_is_completed_from_the_document(mock: Mock) -> None:
    mock.createChatCompletion.returns({"choices": [{"message": {"content": "Hi!"}}]})

    answer = mock.client.createChatCompletion(**ASK)

    assert answer.choices[0].message == {"content": "Hi!", "role": "assistant"}
    assert CLIENT.createChatCompletion.validate_response(answer) == []


def test_what_was_given_is_never_changed(mock: Mock) -> None:
    given = {"data": [{"id": "a", "object": "model", "created": 1, "owned_by": "me"}], "object": "list"}
    before = copy.deepcopy(given)
    mock.listModels.returns(given)

    answer = mock.client.listModels()
    assert answer == given == before
    answer["data"][0]["id"] = "b"
    assert given == before


def test_an_answer_may_be_left_to_the_document(mock: Mock) -> None:
    mock.listModels.returns()

    assert CLIENT.listModels.validate_response(mock.client.listModels()) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("operation_id", list(CLIENT.operations))
def test_every_operation_can_be_mocked_without_a_word(operation_id: str, mock: Mock) -> None:
    mock[operation_id].returns()

    mock.client[operation_id](**CLIENT[operation_id].example())

    mock[operation_id].assert_called_once_with(**CLIENT[operation_id].example())


def test_a_body_read_as_it_comes_has_an_end(mock: Mock) -> None:
    mock.retrieveModel.returns({"id": "mine"})

    with requests.get(f"{HOME}/models/mine", headers={"Authorization": "Bearer x"}, stream=True, timeout=5) as response:
        pieces = list(itertools.islice(response.iter_content(chunk_size=None), 3))

    assert json.loads(b"".join(pieces))["id"] == "mine"


def test_code_that_uses_requests_needs_no_server(mock: Mock) -> None:
    mock.retrieveModel.returns({"id": "mine"})

    answer = requests.get(f"{HOME}/models/mine", headers={"Authorization": "Bearer x"}, timeout=5)

    assert answer.json()["id"] == "mine"
    assert mock.retrieveModel.calls[0].arguments == {"model": "mine"}


def test_a_stream_is_given_item_by_item(mock: Mock) -> None:
    mock.createChatCompletion.streams([{"choices": [{"delta": {"content": word}}]} for word in ("Hel", "lo")])

    with mock.client.createChatCompletion(**ASK, stream=True) as stream:
        assert [item.choices[0].delta.content for item in stream] == ["Hel", "lo"]


@pytest.mark.parametrize(
    ("register", "arguments", "message"),
    [
        (lambda mock: mock.returns({"choices": []}), {"stream": True}, r"found application/json, and the call asks for a stream\n.*\.streams\("),
        (lambda mock: mock.streams([]), {}, r"found text/event-stream, and the call asks for no stream\n.*\.returns\("),
    ],
)
def test_a_stream_answers_who_asked_for_one_and_nobody_else(register: Any, arguments: dict[str, Any], message: str) -> None:
    mock = Mock(CLIENT)
    register(mock.createChatCompletion)

    mock.start()
    with pytest.raises(RegistrationError, match=message):
        mock.client.createChatCompletion(**ASK, **arguments)
    with pytest.raises(RegistrationError, match=message):
        mock.stop()


def test_an_error_answers_who_asked_for_a_stream(mock: Mock) -> None:
    mock.createChatCompletion.raises(429)

    with pytest.raises(RateLimitError):
        mock.client.createChatCompletion(**ASK, stream=True)


def test_bytes_and_text_are_answers_too(mock: Mock) -> None:
    mock.downloadFile.returns(b"\x00\x01")
    mock.createTranscription.returns("Hello.")

    assert mock.client.downloadFile("file-1").read() == b"\x00\x01"
    assert mock.client.createTranscription(file=b"...", model="whisper-1") == "Hello."


@pytest.mark.parametrize(("status", "error"), [(400, BadRequestError), (404, NotFoundError), (429, RateLimitError)])
def test_an_error_status_has_the_shape_of_the_api(status: int, error: Any, mock: Mock) -> None:
    mock.listModels.raises(status, "no more", code="because")

    with pytest.raises(error) as caught:
        mock.client.listModels()

    assert (caught.value.code, caught.value.body["error"]["message"]) == ("because", "no more")


@pytest.mark.parametrize(
    ("raised", "caught"),
    [(requests.ConnectTimeout, APITimeoutError), (requests.ConnectionError("cut"), APIConnectionError)],
)
def test_a_failing_connection_can_be_asked_for(raised: Any, caught: Any, mock: Mock) -> None:
    mock.listModels.raises(raised)

    with pytest.raises(caught):
        mock.client.listModels()


def test_answers_are_given_in_order_and_the_last_one_stays(mock: Mock) -> None:
    mock.retrieveModel.returns({"id": "a"}).returns({"id": "b"})

    assert [mock.client.retrieveModel("x").id for _ in range(3)] == ["a", "b", "b"]


def test_answers_may_depend_on_the_arguments(mock: Mock) -> None:
    mock.retrieveModel.returns({"id": "other"})
    mock.retrieveModel.when(model="mine").returns({"id": "mine"})

    assert [mock.client.retrieveModel(name).id for name in ("mine", "yours", "mine")] == ["mine", "other", "mine"]


def test_answers_may_be_worked_out(mock: Mock) -> None:
    mock.retrieveModel.answers(lambda call: {"id": call.arguments["model"].upper()})

    assert mock.client.retrieveModel("mine").id == "MINE"


def test_an_answer_that_is_worked_out_wrongly_is_refused(mock: Mock) -> None:
    mock.retrieveModel.answers(lambda _: {"id": 3})

    with pytest.raises(RegistrationError, match="id: found 3"):
        mock.client.retrieveModel("mine")
    mock.reset()


def test_headers_travel(mock: Mock) -> None:
    mock.listModels.returns(headers={"x-request-id": "req_7"})

    assert mock.client.listModels.send().request_id == "req_7"


def test_operations_are_found_as_in_a_client(mock: Mock) -> None:
    assert mock.createChatCompletion is mock["createChatCompletion"]
    assert mock.createChatCompletion is mock.create_chat_completion
    assert mock.createChatCompletion is mock.chat.createChatCompletion
    with pytest.raises(AttributeError, match="did you mean createChatCompletion"):
        _ = mock.createChatCompletions


# --- refusals ------------------------------------------------------------------------------------


def _objects(schema: Schema, value: Any) -> Iterator[tuple[list[Any], Schema, dict[str, Any]]]:
    """Every object in a value: the way to it, what it must be, itself."""
    if isinstance(value, dict):
        yield [], schema, value
        for name, declared in schema.properties.items():
            for way, inner, item in _objects(declared, value.get(name)):
                yield [name, *way], inner, item
    elif isinstance(value, list) and schema.items is not None and value:
        for way, inner, item in _objects(schema.items, value[0]):
            yield [0, *way], inner, item


def _changed(value: Any, way: list[Any], change: Any) -> Any:
    whole = copy.deepcopy(value)
    at = whole
    for key in way:
        at = at[key]
    change(at)
    return whole


def _wrong() -> Iterator[Any]:
    """Answers that break the document, made out of valid ones: one of each kind at each place that has one."""
    for operation in CLIENT.operations.values():
        reader = operation._plan.reader
        media = reader.declared(200).content.get("application/json")
        if media is None:
            continue
        schema = reader.schema(media)
        valid = json.loads(Mock(CLIENT)[operation.id].giver.answer(EXAMPLE).body)
        judge = Draft202012Validator(schema.bundle)
        yield pytest.param(operation.id, {"body": valid, "status": 299}, id=f"{operation.id}-status")
        for way, declared, at in _objects(schema, valid):
            place = "-".join(map(str, [operation.id, *way]))
            for name in sorted(declared.required & at.keys()):
                lacking = _changed(valid, way, lambda found, name=name: found.pop(name))
                yield pytest.param(operation.id, {"body": lacking, "completed": False}, id=f"{place}-without-{name}")
            for name, property_ in declared.properties.items():
                wrong: Any = {"no": "such"} if "object" not in property_.types else 3.5
                retyped = _changed(valid, way, lambda found, name=name, wrong=wrong: found.update({name: wrong}))
                if not judge.is_valid(retyped):  # it may be another kind of answer
                    yield pytest.param(operation.id, {"body": retyped}, id=f"{place}-type-of-{name}")
                if any("enum" in part for part in property_.in_place()):
                    unknown = _changed(valid, way, lambda found, name=name: found.update({name: "no-such-word"}))
                    yield pytest.param(operation.id, {"body": unknown}, id=f"{place}-enum-{name}")


WRONG = list(_wrong())


def test_there_are_enough_wrong_answers_of_each_kind() -> None:
    ids = [str(case.id) for case in WRONG]

    assert len(ids) >= 100
    assert {
        kind: sum(kind in name for name in ids) >= 5 for kind in ("-status", "-without-", "-type-of-", "-enum-")
    } == {
        "-status": True,
        "-without-": True,
        "-type-of-": True,
        "-enum-": True,
    }


@pytest.mark.parametrize(("operation_id", "answer"), WRONG)
def test_an_answer_that_breaks_the_document_is_refused(operation_id: str, answer: dict[str, Any], mock: Mock) -> None:
    with pytest.raises(RegistrationError) as caught:
        mock[operation_id].returns(answer.pop("body"), **answer)

    assert caught.value.violations
    assert str(caught.value).startswith(f"{operation_id} never answers so: ")


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (
            lambda mock: mock.createChatCompletion.returns({"choises": []}),
            'choises: not declared\n    did you mean "choices"?',
        ),
        (lambda mock: mock.createChatCompletion.returns(status=201), 'status: found 201, expected "200"'),
        (
            lambda mock: mock.createChatCompletion.returns(status="200"),
            'status: found "200", expected "200" or "default"',
        ),
        (lambda mock: mock.createChatCompletion.returns(status=True), "status: found true"),
        (lambda mock: mock.createChatCompletion.returns("Hi!"), 'found "Hi!" (a string), expected an object'),
        (lambda mock: mock.createChatCompletion.returns({"choices": {1}}), "choices: found"),
        (lambda mock: mock.createChatCompletion.returns(b"{"), "found bytes that are no JSON"),
        (lambda mock: mock.createChatCompletion.returns(b"{}"), "missing, expected since it is required"),
        (
            lambda mock: mock.listModels.returns(content_type="text/csv"),
            'Content-Type: found "text/csv", which is not declared',
        ),
        (lambda mock: mock.listModels.returns(headers={"x-a": 1}), "headers['x-a']: found 1, expected a string"),
        (lambda mock: mock.listModels.raises(200), "status: found 200, expected an error status from 400 to 599"),
        (lambda mock: mock.listModels.raises(600), "status: found 600, expected an error status from 400 to 599"),
        (lambda mock: mock.listModels.raises("429"), 'status: found "429", expected an error status'),
        (lambda mock: mock.listModels.raises(404, {"error": {"message": 1}}), "error.message: found 1"),
        (lambda mock: mock.listModels.raises(404, code=7), "error.code: found 7"),
        (lambda mock: mock.listModels.streams([]), "Content-Type: found text/event-stream, which is not declared"),
        (lambda mock: mock.createChatCompletion.streams([{}, {"choices": 3}]), "[1].choices: found 3"),
        (lambda mock: mock.createChatCompletion.streams("Hello"), 'found "Hello", expected a list of items'),
        (lambda mock: mock.createChatCompletion.when(modle="x"), 'modle: unknown argument\n    did you mean "model"?'),
        (lambda mock: mock.createChatCompletion.when(temperature=30), "temperature: found 30, expected at most 2"),
    ],
)
def test_a_refusal_says_where_and_why(register: Any, message: str, mock: Mock) -> None:
    with pytest.raises(RegistrationError) as caught:
        register(mock)

    assert message in str(caught.value)


def test_a_refusal_is_worded_whole(mock: Mock) -> None:
    with pytest.raises(RegistrationError) as caught:
        mock.createChatCompletion.returns({"choices": [{"message": {"content": 1}}]})

    assert re.sub(r"openapi.yaml:\d+", "openapi.yaml:N", str(caught.value)).splitlines() == [
        "createChatCompletion never answers so: 1 problem",
        "  choices[0].message.content: found 1 (an integer), expected a string or null",
        "    declared at #/components/schemas/ChatCompletionResponseMessage/properties/content/type (openapi.yaml:N)",
    ]


DECLARED: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "getOrder",
                "parameters": [
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "X-Depth", "in": "header", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"X-Left": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                    "404": {"description": ""},
                },
            },
            "delete": {"operationId": "deleteOrder", "responses": {"204": {"description": ""}}},
        }
    },
}


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (lambda mock: mock.getOrder.returns(headers={"X-Left": "many"}), 'found "many", expected integer'),
        (lambda mock: mock.getOrder.raises(409), 'status: found 409, expected "404"'),
        (lambda mock: mock.deleteOrder.returns({"id": 1}), "expected no body for 204"),
        (lambda mock: mock.deleteOrder.returns(status=200), 'status: found 200, expected "204"'),
    ],
)
def test_what_a_document_declares_in_full_is_held_to(register: Any, message: str) -> None:
    with pytest.raises(RegistrationError) as caught:
        register(Mock(DECLARED))

    assert message in str(caught.value)


def test_any_api_may_be_overloaded() -> None:
    with Mock(DECLARED) as mock:
        mock.getOrder.raises(429)

        with pytest.raises(RateLimitError):
            mock.client.getOrder(3)


# --- calls ---------------------------------------------------------------------------------------


def test_arguments_are_decoded_from_where_they_travelled() -> None:
    with Mock(DECLARED) as mock:
        mock.getOrder.returns()
        requests.get(f"{mock.base_url}/orders/7?fields=a&fields=b", headers={"x-depth": "2"}, timeout=5)

        assert mock.getOrder.calls[0].arguments == {"id": 7, "fields": ["a", "b"], "X_Depth": 2}
        mock.getOrder.assert_called_once_with(7, fields=["a", "b"], X_Depth=2)


def test_files_are_their_content_with_a_name(mock: Mock, tmp_path: Path) -> None:
    mock.createFile.returns()
    (tmp_path / "a.jsonl").write_bytes(b"{}\n")
    mock.client.createFile(file=tmp_path / "a.jsonl", purpose="fine-tune")

    file = mock.createFile.calls[0].arguments["file"]
    assert (file, file.filename) == (b"{}\n", "a.jsonl")
    mock.createFile.assert_called_with(file=b"{}\n", purpose="fine-tune")


def test_a_difference_is_told_at_its_place(mock: Mock) -> None:
    mock.createChatCompletion.returns()
    mock.client.createChatCompletion(**ASK, n=2)

    with pytest.raises(AssertionError) as caught:
        mock.createChatCompletion.assert_called_with(
            model="gpt-4", messages=[{"role": "system", "content": ANY}], top_p=1
        )

    assert str(caught.value).splitlines() == [
        "the call of createChatCompletion differs from what was expected",
        '  messages[0].role: expected "system", found "user"',
        "  top_p: expected 1, found nothing",
        "  n: expected nothing, found 2",
    ]


def test_an_expectation_that_no_call_can_meet_is_refused(mock: Mock) -> None:
    mock.createChatCompletion.returns()
    mock.client.createChatCompletion(**ASK)

    with pytest.raises(AssertionError, match=r"cannot be called so\n  modle: unknown argument"):
        mock.createChatCompletion.assert_called_with(modle="gpt-4")


def test_calls_are_counted(mock: Mock) -> None:
    operation = mock.retrieveModel.returns().operation
    operation.assert_not_called()
    with pytest.raises(AssertionError, match="never called"):
        operation.assert_called()

    for name in ("a", "b"):
        mock.client.retrieveModel(name)

    operation.assert_any_call("a")
    assert (operation.called, operation.call_count) == (True, 2)
    with pytest.raises(AssertionError, match="was called twice, expected once"):
        operation.assert_called_once()
    with pytest.raises(AssertionError, match="was called twice, expected never"):
        operation.assert_not_called()
    with pytest.raises(AssertionError, match='the nearest differs\n  model: expected "c"'):
        operation.assert_any_call("c")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda mock: mock.client.listModels(), "listModels was called, and the mock has no answer for it"),
        (lambda _: requests.get(f"{HOME}/modles", timeout=5), 'GET https://api.openai.com/v1/modles is no operation of the document\n  nearest   "/v1/models"'),
        (lambda _: requests.put(f"{HOME}/models", timeout=5), "is no operation of the document\n  expected  GET"),
        (lambda _: requests.get("http://elsewhere.test/", timeout=5), "GET http://elsewhere.test/ leads elsewhere"),
    ],
)  # fmt: skip
def test_a_call_without_an_answer_fails_the_test(call: Any, message: str) -> None:
    mock = Mock(CLIENT).start()
    with pytest.raises(UnmockedCallError) as caught:
        call(mock)

    assert message in str(caught.value)
    with pytest.raises(UnmockedCallError):
        mock.stop()


def test_a_failure_that_the_code_swallows_is_told_at_the_end() -> None:
    with pytest.raises(UnmockedCallError), Mock(CLIENT) as mock, suppress(DynaOpenAIError):
        mock.client.listModels()


def test_the_answer_that_did_not_fit_says_why(mock: Mock) -> None:
    mock.retrieveModel.when(model="a").returns()

    with pytest.raises(UnmockedCallError, match='does not fit\n  model: expected "a", found "b"'):
        mock.client.retrieveModel("b")
    mock.reset()


def test_a_request_that_breaks_the_document_fails_the_test() -> None:
    mock = Mock(CLIENT, assert_all_used=False).start()
    mock.createEmbedding.returns()
    with pytest.raises(InvalidCallError) as caught:
        requests.post(f"{HOME}/embeddings", json={"model": "ada", "inputs": "x"}, timeout=5)
    mock.stop(check=False)

    assert [violation.path for violation in caught.value.violations] == ["inputs", "input"]


def test_a_request_that_breaks_the_document_may_be_let_pass() -> None:
    for policy, warned in (("warn", 1), ("off", 0)):
        with Mock(CLIENT, validate=policy) as mock, pytest.warns(DynaOpenAIWarning) if warned else nullcontext() as told:  # type: ignore[arg-type]
            mock.createEmbedding.returns()
            answer = requests.post(f"{HOME}/embeddings", json={"model": "ada"}, timeout=5)

        assert answer.status_code == 200
        assert [warning.filename for warning in told or ()] == [__file__] * warned
        assert mock.createEmbedding.calls[0].violations


def test_an_answer_that_nothing_asked_for_is_told() -> None:
    with pytest.raises(UnusedAnswersError) as caught, Mock(CLIENT) as mock:  # noqa: PT012
        mock.retrieveModel.returns().returns()
        mock.listModels.returns()
        mock.client.retrieveModel("a")

    assert str(caught.value).splitlines() == [
        "answers were given that nothing asked for",
        "  retrieveModel(...): 1 answer of 2 never asked for",
        "  listModels(...): 1 answer of 1 never asked for",
        "  called: retrieveModel",
    ]


def test_a_failing_test_is_not_hidden_by_unused_answers() -> None:
    with pytest.raises(ZeroDivisionError), Mock(CLIENT) as mock:  # noqa: PT012
        mock.listModels.returns()
        raise ZeroDivisionError


def test_what_is_passed_through_is_sent_for_real() -> None:
    with MockServer(DECLARED) as server, Mock(CLIENT, passthrough=[server.url]):
        assert requests.get(f"{server.url}/orders/1", timeout=5).status_code == 200


def test_after_the_block_requests_are_sent_again() -> None:
    with Mock(DECLARED):
        pass
    with MockServer(DECLARED) as server:
        assert requests.get(f"{server.url}/orders/1", timeout=5).status_code == 200


def test_a_policy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="validate: found 'strickt'"):
        Mock(CLIENT, validate="strickt")  # type: ignore[arg-type]
