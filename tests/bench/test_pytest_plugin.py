"""The pytest plugin gives fixtures of the document in use, and costs nothing until one is asked for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # noqa: F401 - before pytester, which forgets what its tests import, and C code that cannot be forgotten

from dynaopenai.testing import MockServer

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


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading them takes longer than most tests here; what a test is about is named in its run."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "dynaopenai._pytest", "-p", "no:cacheprovider", *arguments)


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


# --- at home -------------------------------------------------------------------------------------


def test_folders_and_parameters_have_documents_of_their_own(shop: pytest.Pytester) -> None:
    test = "def test(openapi_client, openapi_mock, openapi_server):\n    assert {!r} in openapi_client\n    openapi_server[{!r}]\n"
    for folder, name in (("a", "fetchOrder"), ("b", "takeOrder")):
        shop.mkpydir(folder)
        (shop.path / folder / "shop.yaml").write_text(DOCUMENT.replace("getOrder", name))
        (shop.path / folder / "conftest.py").write_text(
            "import pytest, pathlib\n@pytest.fixture(scope='session')\n"
            "def openapi_document():\n    return pathlib.Path(__file__).with_name('shop.yaml')\n"
        )
        (shop.path / folder / f"test_{folder}.py").write_text(test.format(name, name))
    shop.makepyfile(test_z=f"""
        import pytest

        @pytest.fixture(params=["ask", "beg"])
        def openapi_document(request):
            import yaml
            return yaml.safe_load({DOCUMENT!r}.replace("getOrder", request.param))

        def test_parameters(openapi_document, openapi_client):
            assert list(openapi_client.operations) == [openapi_document["paths"]["/orders/{{id}}"]["get"]["operationId"]]

        @pytest.mark.parametrize("openapi_document", ["shop.yaml"], indirect=False)
        def test_parametrized(openapi_client):
            assert "getOrder" in openapi_client
    """)

    run(shop).assert_outcomes(passed=5)


def test_a_document_is_read_once_in_a_run(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        seen = []

        def test_a(openapi_client): seen.append(openapi_client._engine.contract)
        def test_b(openapi_client): seen.append(openapi_client._engine.contract)
        def test_c(): assert seen[0] is seen[1]
    """)

    run(shop).assert_outcomes(passed=3)


def test_a_swallowed_call_is_told_where_the_test_fails_for_it(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        import requests

        def code_under_test(url):
            try:
                return requests.get(url + "/orders/3").json()["id"]
            except Exception:
                return None

        def test_process(openapi_mock):
            assert code_under_test("https://shop.example/v1") == 3

        def test_several(openapi_mock):
            code_under_test("https://shop.example/v2")
            assert code_under_test("https://shop.example/v1") == 3
    """)

    result = run(shop)

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*- openapi_mock: what went wrong there -*",
            "getOrder was called, and the mock has no answer for it",
            "*- openapi_mock: what went wrong there -*",
            "GET https://shop.example/v2/orders/3 is no operation of the document",
            "getOrder was called, and the mock has no answer for it",
        ]
    )


def test_a_test_that_did_not_pass_owes_nothing(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        import pytest

        def test_skipped(openapi_mock, openapi_server):
            openapi_mock.getOrder.returns()
            openapi_server.getOrder.returns()
            pytest.skip("not today")

        @pytest.mark.xfail
        def test_expected_to_fail(openapi_mock):
            openapi_mock.getOrder.returns()
            assert False
    """)

    run(shop).assert_outcomes(skipped=1, xfailed=1)


def test_a_test_that_is_run_again_is_checked_again(shop: pytest.Pytester) -> None:
    pytest.importorskip("pytest_rerunfailures")
    shop.makepyfile("""
        runs = []

        def test(openapi_mock):
            runs.append(1)
            openapi_mock.getOrder.returns()
            assert len(runs) == 2
    """)

    run(shop, "-p", "pytest_rerunfailures", "--reruns", "1").assert_outcomes(passed=1, errors=1)


def test_fixtures_of_classes_modules_and_the_session_serve_those_of_the_same_scope(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        import os
        import pytest
        import requests

        @pytest.fixture(scope="class")
        def order(openapi_class_mock):
            openapi_class_mock.getOrder.returns({"id": 7})
            return requests.get("https://shop.example/v1/orders/7").json()

        class TestClass:
            def test_one(self, order): assert order == {"id": 7}
            def test_two(self, order, openapi_mock):
                openapi_mock.getOrder.returns({"id": 8})
                assert requests.get("https://shop.example/v1/orders/8").json() == {"id": 8}
            def test_three(self, order, openapi_class_mock):
                assert requests.get("https://shop.example/v1/orders/7").json() == {"id": 7}
                assert openapi_class_mock.getOrder.call_count == 2

        @pytest.fixture(scope="session")
        def base(openapi_session_server):
            openapi_session_server.getOrder.returns({"id": 9})
            return openapi_session_server.url

        def test_session(base):
            assert requests.get(base + "/orders/9").json() == {"id": 9}
            assert os.environ["OPENAI_BASE_URL"] == base

        def test_module(openapi_module_server, openapi_module_mock):
            assert os.environ["OPENAI_BASE_URL"] == openapi_module_server.url
    """)

    run(shop).assert_outcomes(passed=5)


def test_a_class_that_leaves_an_answer_unused_is_told(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        class TestClass:
            def test_one(self, openapi_class_mock): openapi_class_mock.getOrder.returns()
            def test_two(self, openapi_class_mock): pass
    """)

    result = run(shop)

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*UnusedAnswersError*"])


def test_unittest_classes_ask_for_fixtures_by_mark(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        import unittest
        import pytest
        import requests

        class TestCase(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _mock(self, openapi_mock):
                self.mock = openapi_mock

            def test(self):
                self.mock.getOrder.returns({"id": 3})
                self.assertEqual(requests.get("https://shop.example/v1/orders/3").json(), {"id": 3})
    """)

    run(shop).assert_outcomes(passed=1)


def test_the_option_is_read_where_it_was_typed(shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.makepyfile("def test(openapi_client):\n    assert 'fetchOrder' in openapi_client\n")
    other = shop.mkdir("inner") / "other.yaml"
    other.write_text(DOCUMENT.replace("getOrder", "fetchOrder"))
    monkeypatch.setenv("HOME", str(shop.path / "inner"))
    monkeypatch.setenv("USERPROFILE", str(shop.path / "inner"))

    run(shop, "--openapi-document=~/other.yaml").assert_outcomes(passed=1)
    monkeypatch.chdir(shop.path / "inner")
    run(shop, "--openapi-document=other.yaml", "--rootdir=..", "-c", "../tox.ini", "..").assert_outcomes(passed=1)


def test_a_base_url_in_the_shell_does_not_move_the_mock_away(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://shell.example:8000/api")
    pytester.makepyfile("""
        import requests
        from dynaopenai import Client

        def test(openapi_mock):
            openapi_mock.listModels.returns()
            for place in ("https://api.openai.com/v1", "http://shell.example:8000/api"):
                assert requests.get(place + "/models", headers={"Authorization": "Bearer x"}).ok
            assert Client(api_key="sk-x").listModels().object == "list"
            assert openapi_mock.client.listModels().object == "list"
    """)

    run(pytester).assert_outcomes(passed=1)


def test_cassettes_of_different_tests_are_different_files(shop: pytest.Pytester) -> None:
    with MockServer(shop.path / "shop.yaml") as server:
        shop.makepyfile(f"""
            import pytest
            from dynaopenai import Client

            def ask(number):
                return Client("shop.yaml", base_url={server.url!r}).getOrder(number)

            class TestA:
                def test_it(self, openapi_cassette): ask(1)

            class TestB:
                def test_it(self, openapi_cassette): ask(2)

            @pytest.mark.parametrize("text", ["a/b", "a-b", "a b", "a+b"])
            def test_it(openapi_cassette, text): ask(len(text) + ord(text[1]))
        """)
        run(shop, "--openapi-record").assert_outcomes(passed=6)

    run(shop).assert_outcomes(passed=6)
    assert len(list(shop.path.rglob("cassettes/*/*.yaml"))) == 6


@pytest.mark.parametrize("plugin", ["xdist", "pytest_asyncio"])
def test_servers_work_beside_other_plugins(plugin: str, shop: pytest.Pytester) -> None:
    pytest.importorskip(plugin)
    shop.makepyfile("""
        import asyncio, os, subprocess, sys
        import pytest

        CODE = "import json, os, urllib.request as r; print(json.load(r.urlopen(os.environ['OPENAI_BASE_URL'] + '/orders/3'))['id'])"

        @pytest.mark.parametrize("number", range(2))
        def test_a_program(openapi_server, number):
            openapi_server.getOrder.returns({"id": number})
            assert subprocess.check_output([sys.executable, "-c", CODE]).decode().strip() == str(number)

        async def ask():
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", CODE, stdout=subprocess.PIPE)
            return (await process.communicate())[0].decode().strip()

        ASYNC = "asyncio" in sys.modules and "pytest_asyncio" in sys.modules
        if ASYNC:
            @pytest.mark.asyncio
            async def test_async(openapi_server):
                openapi_server.getOrder.returns({"id": 9})
                assert await ask() == "9"
    """)
    options = {"xdist": ["-p", "xdist.plugin", "-n", "2"], "pytest_asyncio": ["-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function"]}

    run(shop, *options[plugin]).assert_outcomes(passed=2 if plugin == "xdist" else 3)


def test_a_report_shows_the_lines_of_the_test_and_none_of_ours(shop: pytest.Pytester) -> None:
    shop.makepyfile("""
        from dynaopenai.testing import assert_valid_response

        def test_registration(openapi_mock): openapi_mock.getOrder.returns({"id": "x"})
        def test_assertion(openapi_mock): openapi_mock.getOrder.assert_called_once_with(3)
        def test_payload(openapi_client): assert_valid_response(openapi_client.getOrder, {"id": "x"})
        def test_call(openapi_client): openapi_client.getOrder("x")
        def test_unmocked(openapi_client): openapi_client.getOrder(3)
    """)

    result = run(shop)

    assert result.parseoutcomes()["failed"] == 5
    assert [line for line in result.outlines if "dynaopenai/_" in line.replace("\\", "/")] == []
    result.stdout.fnmatch_lines(["*never answers so*", "*was called never, expected once*", "*is invalid: 1 problem*", "*was not sent*", "*has no answer for it*"])
