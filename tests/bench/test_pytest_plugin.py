"""The pytest plugin gives fixtures of the document in use, and costs nothing until one is asked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = "pytester"

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example/v1"}]
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: ""
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}
"""


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".yaml", shop=DOCUMENT)
    pytester.makeini("[pytest]\nopenapi_document = shop.yaml\nfilterwarnings = error")
    return pytester


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:cacheprovider", *arguments)


def test_a_client_and_a_mock_of_the_document_in_use(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        import requests

        def test_client(openapi_client, openapi_mock):
            openapi_mock.getOrder.returns({"id": 3})
            assert openapi_client.getOrder(3).id == 3

        def test_requests(openapi_mock):
            openapi_mock.getOrder.returns()
            assert requests.get("https://shop.example/v1/orders/3").ok
            openapi_mock.getOrder.assert_called_once_with(3)

        def test_server(openapi_server):
            assert requests.get(f"{openapi_server.url}/orders/3").json()
            assert openapi_server.requests[0].operation_id == "getOrder"
    """)

    run(shop).assert_outcomes(passed=3)


def test_the_bundled_document_is_used_where_none_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test(openapi_client):
            assert "createChatCompletion" in openapi_client
    """)

    run(pytester).assert_outcomes(passed=1)


def test_the_document_may_be_named_on_the_command_line_or_by_a_fixture(shop: pytest.Pytester) -> None:
    shop.makefile(".yaml", other=DOCUMENT.replace("getOrder", "fetchOrder"))
    shop.makepyfile("""
        def test(openapi_client):
            assert "fetchOrder" in openapi_client
    """)

    run(shop, "--openapi-document=other.yaml").assert_outcomes(passed=1)
    shop.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def openapi_document():
            return "other.yaml"
    """)
    run(shop).assert_outcomes(passed=1)


def test_what_a_test_left_unused_or_unmocked_fails_it(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        def test_unused(openapi_mock):
            openapi_mock.getOrder.returns()

        def test_unmocked(openapi_client):
            try:
                openapi_client.getOrder(3)
            except Exception:
                pass

        def test_failing(openapi_mock):
            openapi_mock.getOrder.returns()
            assert False
    """)

    result = run(shop)

    result.assert_outcomes(passed=2, errors=2, failed=1)
    result.stdout.fnmatch_lines(
        ["*UnusedAnswersError: answers were given that nothing asked for", "*UnmockedCallError*"]
    )


def test_a_cassette_is_recorded_when_asked_for_and_replayed_otherwise(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        import pytest
        from dynaopenai import Client

        @pytest.mark.parametrize("number", [3])
        def test_it(openapi_cassette, number):
            assert Client("shop.yaml", base_url=URL).getOrder(number).id >= 1
    """)
    from dynaopenai.testing import MockServer

    source = Path(shop.path / "test_a_cassette_is_recorded_when_asked_for_and_replayed_otherwise.py")
    with MockServer(shop.path / "shop.yaml") as server:
        source.write_text(f"URL = {server.url!r}\n" + source.read_text())
        missing = run(shop)
        run(shop, "--openapi-record").assert_outcomes(passed=1)
    missing.assert_outcomes(errors=1)
    missing.stdout.fnmatch_lines(["*test_it-3.yaml is not there", "  remedy    pytest --openapi-record *"])

    run(shop).assert_outcomes(passed=1)
    (cassette,) = shop.path.rglob("cassettes/*/*.yaml")
    cassette.write_text(re.sub(r"id: \d+", "id: three", cassette.read_text()))
    stale = run(shop)

    stale.assert_outcomes(errors=1)
    stale.stdout.fnmatch_lines(['*answer: id: found "three" (a string), expected an integer'])


def test_loading_it_imports_nothing_of_weight() -> None:
    script = (
        "import pytest, sys; before = set(sys.modules); import dynaopenai._pytest; print(*(set(sys.modules) - before))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)

    heavy = {
        "requests",
        "responses",
        "yaml",
        "jsonschema",
        "jsonschema_rs",
        "openapi_core",
        "werkzeug",
        "hypothesis",
        "urllib3",
    }
    assert heavy & {name.partition(".")[0] for name in told.stdout.split()} == set()
    ours = {name.split(".")[1] for name in told.stdout.split() if name.startswith("dynaopenai.")}
    assert ours <= {"_pytest", "errors", "_problem", "_refusal", "_display", "_secrecy"}
