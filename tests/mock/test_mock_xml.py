"""An API that speaks XML, called over HTTP: written, judged, answered, read, recorded, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fault_server import FaultServer, answer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynaopenai import Client, ConflictError, NotFoundError, ResponseValidationError, learn
from dynaopenai._cli import cli as _cli
from dynaopenai.testing import (
    Mock,
    MockServer,
    RegistrationError,
    check_cassette,
    example_response,
    record,
    replay,
    strategies,
)

DOCUMENT = """
openapi: 3.0.3
info: {title: Shelter, version: "1"}
paths:
  /animals:
    post:
      operationId: admit
      requestBody: {required: true, content: {application/xml: {schema: {$ref: '#/components/schemas/Animal'}}}}
      responses:
        "201": {description: Admitted., content: {application/xml: {schema: {$ref: '#/components/schemas/Animal'}}}}
        default: {description: Refused., content: {application/xml: {schema: {$ref: '#/components/schemas/Fault'}}}}
    get:
      operationId: census
      responses:
        "200":
          description: All of them.
          content:
            text/xml:
              schema: {type: array, items: {$ref: '#/components/schemas/Animal'}, xml: {name: shelter, wrapped: true}}
              example: <shelter><animal id="1"><name>Rex</name></animal><animal id="2"><name>Tom</name><kind>cat</kind></animal></shelter>
  /animals/{id}:
    get:
      operationId: animal
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: It., content: {application/xml: {schema: {$ref: '#/components/schemas/Animal'}}}}
components:
  schemas:
    Animal:
      type: object
      xml: {name: animal}
      required: [id, name]
      properties:
        id: {type: integer, minimum: 1, xml: {attribute: true}}
        name: {type: string}
        kind: {type: string, enum: [dog, cat], xml: {namespace: 'urn:kinds', prefix: k}}
        vaccinated: {type: boolean}
        weights: {type: array, items: {type: number, xml: {name: kg}}, xml: {wrapped: true}}
        notes: {type: array, items: {$ref: '#/components/schemas/Note'}}
    Note: {type: object, xml: {name: note}, properties: {by: {type: string, xml: {attribute: true}}, said: {type: string, nullable: true}}}
    Fault: {type: object, xml: {name: fault}, properties: {code: {type: string}, message: {type: string}}}
"""
REX = {"id": 7, "name": "Rex & Co", "kind": "dog", "vaccinated": True, "weights": [4.5, 5], "notes": [{"by": "me", "said": None}, {"said": ""}]}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(DOCUMENT) as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Client:
    return Client(DOCUMENT, base_url=server.url, max_retries=0)


def test_what_is_sent_is_understood_and_what_was_created_is_read_back(server: MockServer, client: Client) -> None:
    made = client.admit(**REX)
    sent = server.requests[-1]

    assert (made.id, made.name) == (7, "Rex & Co")
    assert (sent.verdict, sent.doubts) == ((), ())
    assert server.admit.calls[-1].arguments == REX
    assert client.animal(7).name == "Rex & Co"
    assert REX in client.census()


def test_an_example_written_out_as_xml_is_what_the_mock_answers_and_the_client_reads() -> None:
    with MockServer(DOCUMENT) as fresh:
        client = Client(DOCUMENT, base_url=fresh.url)
        whole = client.census.send()

    assert whole.data == [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom", "kind": "cat"}]
    assert whole.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<shelter><animal id="1">')
    assert example_response(client.census) == whole.data
    assert client.diagnostics == []


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("<animal id='0'><name>a</name></animal>", 400, "<message>id: found 0, expected at least 1</message></fault>"),
        ("<animal id='1'/>", 400, "name: missing"),
        ("<animal id='1'><name>a</name><weights><kg>5</kg><kg>heavy</kg></weights></animal>", 400, 'weights[1]: found "heavy" (a string)'),
        ("<animal", 400, "cannot be read as application/xml"),
        ("<!DOCTYPE animal [<!ENTITY a 'b'>]><animal id='1'><name>&a;</name></animal>", 400, "a document type declaration, which is not read"),
        ("<a:any xmlns:a='urn:a' id='1'><name>a</name></a:any>", 201, ""),
    ],
)
def test_what_others_send_is_judged_by_the_schema(server: MockServer, body: str, status: int, message: str) -> None:
    found = requests.post(f"{server.url}/animals", body, headers={"Content-Type": "application/xml"}, timeout=10)

    assert (found.status_code, message in found.text.replace('\\"', '"')) == (status, True)


def test_text_xml_and_application_xml_are_one(server: MockServer) -> None:
    body = "<animal id='1'><name>a</name></animal>"

    assert requests.post(f"{server.url}/animals", body, headers={"Content-Type": "text/xml; charset=utf-8"}, timeout=10).status_code == 201


@pytest.mark.parametrize("given_as", [{"id": 4, "name": "Tom"}, "<animal id='4'><name>Tom</name></animal>", b"<animal id='4'><name>Tom</name></animal>"])
def test_a_mock_is_told_what_to_answer_as_a_value_or_as_xml(given_as: Any) -> None:
    with Mock(DOCUMENT) as mock:
        mock.animal.returns(given_as)

        assert Client(DOCUMENT, base_url="http://mock.test").animal(4) == {"id": 4, "name": "Tom"}


def test_a_mock_fails_in_the_apis_own_xml() -> None:
    with Mock(DOCUMENT) as mock:
        mock.admit.raises(409, "Full house", code="full")
        with pytest.raises(ConflictError, match="409 Conflict: Full house") as caught:
            Client(DOCUMENT, base_url="http://mock.test", max_retries=0).admit(id=1, name="Rex")

    assert (caught.value.code, caught.value.response.text.partition("\n")[2]) == ("full", "<fault><code>full</code><message>Full house</message></fault>")


@pytest.mark.parametrize("given_as", [{"name": 4}, "<animal id='4'/>", b"<animal id='x'><name>Tom</name></animal>", "<animal"])
def test_a_mock_cannot_lie_in_xml(given_as: Any) -> None:
    with Mock(DOCUMENT) as mock, pytest.raises(RegistrationError):
        mock.animal.returns(given_as)


def test_an_answer_that_breaks_the_schema_is_refused_and_nothing_is_lost() -> None:
    body = b"<animal id='none'><name>Rex</name><name>Max</name></animal>"
    with FaultServer(answer(body, content_type="application/xml")) as broken:
        with pytest.raises(ResponseValidationError) as caught:
            Client(DOCUMENT, base_url=broken.url).animal(1)

    assert {violation.path for violation in caught.value.violations} == {"id", "name"}
    assert (caught.value.data, caught.value.response.content) == ({"id": "none", "name": ["Rex", "Max"]}, body)


def test_an_error_in_xml_is_said_in_its_own_words() -> None:
    body = b"<fault><code>no-room</code><message>All kennels are taken</message></fault>"
    with FaultServer(answer(body, 404, content_type="text/xml")) as full:
        with pytest.raises(NotFoundError, match=r"404 .*: All kennels are taken") as caught:
            Client(DOCUMENT, base_url=full.url, max_retries=0).admit(id=1, name="Rex")

    assert (caught.value.code, caught.value.data) == ("no-room", {"code": "no-room", "message": "All kennels are taken"})


def test_the_checks_without_a_call_take_values_and_documents(client: Client) -> None:
    check = client.animal.validate_response

    assert check({"id": 1, "name": "a"}, content_type="application/xml") == check("<animal id='1'><name>a</name></animal>", content_type="application/xml") == []
    assert [found.path for found in check("<animal id='1'/>", content_type="application/xml")] == ["name"]
    assert "no application/xml" in check("<animal", content_type="application/xml")[0].message
    assert [found.path for found in client.admit.validate_request(id=0, name=1)] == ["id", "name"]


def test_exchanges_in_xml_are_recorded_and_answered_again(client: Client, tmp_path: Path) -> None:
    with record(tmp_path / "shelter.yaml", client):
        first = client.admit(**REX)
    with replay(tmp_path / "shelter.yaml", client):
        again = client.admit(**REX)

    assert first == again
    assert "<animal id=" in (tmp_path / "shelter.yaml").read_text("utf-8")


def test_what_is_learned_from_xml_is_what_deviates(client: Client, tmp_path: Path) -> None:
    recording = tmp_path / "shelter.yaml"
    with record(recording, client):
        client.admit(**REX)
    text = recording.read_text("utf-8")
    request, _, response = text.partition("response:")
    recording.with_name("other.yaml").write_text(f"{request}response:{response.replace('>dog<', '>cow<')}", "utf-8")

    learned = [learn(DOCUMENT, path)["actions"] for path in (recording, recording.with_name("other.yaml"))]

    assert check_cassette(recording, client) == {}
    assert learned[0] == []
    assert "cow" in str(learned[1])


def test_what_is_secret_by_its_name_in_xml_is_not_recorded(client: Client, tmp_path: Path) -> None:
    with record(tmp_path / "shelter.yaml", client, validate="off"):
        client.with_options(validate_requests="off").admit("<animal id='1' api_key='sk-1234567890abcdef'><name>a</name><password>horse&amp;staple</password></animal>")

    text = (tmp_path / "shelter.yaml").read_text("utf-8")
    assert "<name>a</name><password>***</password>" in text
    assert "1234567890" not in text


def test_curl_and_the_command_line_write_and_read_it(
    server: MockServer, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "shelter.yaml"
    spec.write_text(DOCUMENT, "utf-8")
    words = ["call", "--spec", str(spec), "--base-url", server.url, "admit", "id=9", "name=Tom", "weights:=[3]"]
    assert _cli.run([*words, "--curl"]) == 0
    command = capsys.readouterr().out
    assert _cli.run([*words, "--json"]) == 0

    assert '<animal id="9"><name>Tom</name><weights><kg>3</kg></weights></animal>' in command
    assert json.loads(capsys.readouterr().out)["id"] == 9
    assert '<animal id="9">' in client.admit.curl(id=9, name="Tom")


def test_help_and_repr_say_what_comes_back_and_how(client: Client) -> None:
    assert "returns Animal (application/xml)" in repr(client.admit)


@given(st.data())
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_generated_calls_are_taken_and_answers_are_valid(server: MockServer, data: st.DataObject) -> None:
    api = Client(DOCUMENT, base_url=server.url, max_retries=0)
    arguments = data.draw(strategies.requests(api.admit))

    assert api.admit.send(**arguments).status_code == 201
    assert server.requests[-1].doubts == ()
