"""`import dynaopenai` is light."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from fault_server import CHAT_ANSWER, FaultServer, answer


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = "import sys, dynaopenai; print(*sorted(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    heavy = {"requests", "urllib3", "jsonschema", "jsonschema_rs", "openapi_core", "yaml", "jiter", "werkzeug", "click", "rich"}
    assert heavy & set(loaded) == set()


def test_importing_it_warns_of_nothing() -> None:
    code = "from dynaopenai import AsyncClient, Client, testing; from dynaopenai._cli.cli import cli"

    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_a_call_needs_no_explainer_and_no_second_reading() -> None:
    code = (
        "import sys; from dynaopenai import Client; client = Client(api_key='x');"
        "op = next(iter(client.operations.values())); op.prepare(**op.example()); print(*sorted(sys.modules))"
    )

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert {"jsonschema", "openapi_core", "werkzeug", "rich", "click"} & set(loaded) == set()


FIRST_ANSWER = """
import sys
before = set(sys.modules)
from dynaopenai import Client
client = Client(base_url=sys.argv[1], api_key="k")
assert client.createChatCompletion(model="m", messages=[{"role": "user", "content": "Why?"}]).choices[0].message.content
print(*sorted(set(sys.modules) - before))
"""


def test_a_first_answer_needs_nothing_that_writes_or_explains_or_nobody_has_asked_for() -> None:
    with FaultServer(answer(CHAT_ANSWER)) as server:
        command = [sys.executable, "-c", FIRST_ANSWER, server.url]
        loaded = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())

    ours = {name.removeprefix("dynaopenai.") for name in loaded if name.startswith("dynaopenai")}
    explaining = {"_checking.fault", "_checking.violation", "_checking.known", "_checking.example", "_display.tree", "_display.pretty"}
    of_other_answers = {"_response.stream", "_response.binary", "_response.pagination", "_response.link", "_transport.failure"}
    of_other_requests = {"_request.multipart", "_request.xml_writing", "_client.async_operation", "_client.group", "_document.swagger"}
    assert (explaining | of_other_answers | of_other_requests | {"_document.yaml", "_learn.deviation"}) & ours == set()
    assert {"logging", "traceback", "ssl", "http.client", "zipfile", "shutil", "yaml", "requests"} & loaded == set()
    assert len(ours) <= 102  # to raise it takes a reason, as in `test_speed_guard`


FIRST_AWAITED_ANSWER = """
import asyncio, sys
from dynaopenai import AsyncClient
async def main():
    async with AsyncClient(base_url=sys.argv[1], api_key="k") as client:
        assert (await client.createChatCompletion(model="m", messages=[{"role": "user", "content": "Why?"}])).choices[0].message.content
asyncio.run(main())
print(*sorted(sys.modules))
"""


def test_an_awaited_answer_over_a_connection_of_our_own_needs_no_aiohttp() -> None:
    pytest.importorskip("aiohttp")
    with FaultServer(answer(CHAT_ANSWER)) as server:
        command = [sys.executable, "-c", FIRST_AWAITED_ANSWER, server.url]
        loaded = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())

    assert {"aiohttp", "yarl", "requests", "urllib3", "dynaopenai._transport.aiohttp_wire"} & loaded == set()


def test_without_aiohttp_it_is_said_at_once() -> None:
    code = "import sys; sys.modules['aiohttp'] = None; from dynaopenai import AsyncClient; AsyncClient(api_key='k')"

    told = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert told.stderr.splitlines()[-1] == "ImportError: AsyncClient needs aiohttp: pip install 'dynaopenai[async]'"


def test_the_bundled_document_is_found_in_a_zip(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    with ZipFile(tmp_path / "bundle.zip", "w") as bundle:
        for path in (root / "dynaopenai").rglob("*.py"):
            bundle.write(path, path.relative_to(root))
        bundle.write(root / "openapi.yaml", "dynaopenai/openapi.yaml")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import dynaopenai; print(dynaopenai.__file__, len(dynaopenai.Client().operations))"

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bundle.zip")], check=True, capture_output=True, text=True, cwd=tmp_path
    )

    assert done.stdout.split() == [str(tmp_path / "bundle.zip" / "dynaopenai" / "__init__.py"), "28"]
