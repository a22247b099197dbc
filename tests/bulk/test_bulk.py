"""Bulk over real HTTP: every row answered once, paid for once, whatever the server, the disk and the user do."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from limit_server import DOCUMENT, limit_server, stats
from served_site import Page, Site

from dynaopenai import AsyncClient, Client, RequestValidationError
from dynaopenai._bulk.job import RefusedRowsError
from dynaopenai._bulk.ledger import LedgerError
from dynaopenai._bulk.pace import BURST

LONG = bool(os.environ.get("DYNAOPENAI_SOAK"))


@pytest.fixture
def files(tmp_path):
    class Files:
        rows, out, failed = tmp_path / "rows.jsonl", tmp_path / "out.jsonl", tmp_path / "out.failed.jsonl"

        def write(self, number):
            self.rows.write_text("".join(json.dumps({"prompt": f"q{n}"}) + "\n" for n in range(1, number + 1)))

        @property
        def answers(self):
            return [json.loads(line) for line in self.out.read_text().splitlines()]

    return Files()


def bulk(url, files, **options):
    with Client(DOCUMENT, base_url=url, timeout=(5, 1)) as client:
        return client.ask.map(files.rows, out=files.out, show=False, **options)


def test_every_row_is_answered_once_and_shared_arguments_are_sent(files):
    files.write(300)
    with limit_server() as url:
        run = bulk(url, files, model="m")
        assert stats(url)["answered"] == 300
    assert sorted(line["row"] for line in files.answers) == list(range(1, 301))
    assert {line["row"]: line["data"]["text"] for line in files.answers}[7] == "answer to q7"
    assert (run.done, run.failed, run.refused, run.tokens) == (300, 0, 0, 2100)
    assert str(run).startswith("300 done; ")
    assert list(run.results()) == files.answers
    assert not files.failed.exists()


def test_the_same_call_again_asks_for_nothing(files):
    files.write(50)
    with limit_server() as url:
        bulk(url, files)
        run = bulk(url, files)
        assert stats(url)["calls"] == 50
    assert (run.done, run.earlier, run.left) == (0, 50, 0)


def test_rows_that_were_added_later_are_asked_for_then(files):
    files.write(20)
    with limit_server() as url:
        bulk(url, files)
        files.write(30)
        run = bulk(url, files)
        assert stats(url)["calls"] == 30
    assert (run.done, run.earlier) == (10, 20)


@pytest.mark.parametrize(
    "options",
    [
        {"rate": 300, "burst": 50, "words": "headers"},
        {"rate": 300, "burst": 200, "words": "retry-after"},
        {"rate": 300, "burst": 200},
        {"errors": 0.05, "resets": 0.03, "slow": 0.02},
        {"stalls": 0.01},
    ],
    ids=["headers", "retry-after", "no word", "faults", "stalls"],
)
def test_limits_and_faults_fail_no_row_and_ask_for_none_twice(files, options):
    files.write(400)
    with limit_server(**options) as url:
        run = bulk(url, files)
        seen = stats(url)
    assert (run.done, run.failed) == (400, 0)
    assert sorted(line["row"] for line in files.answers) == list(range(1, 401))
    assert seen["answered"] == 400
    assert seen["limited"] + seen["faults"] > 0


def test_a_given_rate_is_kept(files):
    number, rate = 150, 50
    files.write(number)
    with limit_server() as url:
        began = time.monotonic()
        run = bulk(url, files, rpm=rate * 60)
        lasted = time.monotonic() - began  # at least; a busy machine only makes it longer
    assert run.done == number
    assert number <= rate * (lasted + BURST)


def test_rows_that_break_the_document_stop_everything_before_anything_is_sent(files):
    files.rows.write_text('{"prompt": "a"}\n{"promt": "b"}\n{"prompt": 3}\nnonsense\n')
    with limit_server() as url:
        with pytest.raises(RefusedRowsError, match="nothing was sent: 3 of 4 rows break the document") as caught:
            bulk(url, files)
        assert stats(url)["calls"] == 0
    words = str(caught.value).splitlines()
    assert words[1].startswith(f"  {files.rows}:2: promt: unknown argument")
    assert words[2].startswith(f"  {files.rows}:3: prompt: found 3 (an integer), expected a string")
    assert words[3].startswith(f"  {files.rows}:4: no JSON")
    assert [json.loads(line)["row"] for line in files.failed.read_text().splitlines()] == [2, 3, 4]


def test_or_are_skipped_and_noted(files):
    files.rows.write_text('{"prompt": "a"}\n{"prompt": 3}\n{"prompt": "c"}\n')
    with limit_server() as url:
        run = bulk(url, files, invalid="skip")
    assert (run.done, run.refused, run.left) == (2, 1, 0)
    [failure] = run.errors()
    assert failure["error"]["type"] == "RequestValidationError"
    assert failure["error"]["violations"][0]["path"] == "prompt"
    assert {path.stat().st_mode & 0o077 for path in (files.out, files.failed)} == {0}  # both quote what is the user's own


def test_an_answer_that_breaks_the_document_is_kept_with_its_violations(files):
    files.write(3)
    strict = json.loads(json.dumps(DOCUMENT).replace('"required": ["text"]', '"required": ["text", "author"]'))
    with limit_server() as url, Client(strict, base_url=url) as client:
        run = client.ask.map(files.rows, out=files.out, show=False)
    assert (run.done, run.invalid, run.failed) == (3, 3, 0)
    assert files.answers[0]["data"]["text"].startswith("answer to q")
    assert files.answers[0]["violations"][0]["path"] == "author"


def test_the_output_ends_in_the_order_of_the_rows_where_that_is_asked_for(files):
    files.write(200)
    with limit_server(slow=0.1) as url:
        bulk(url, files, ordered=True)
    assert [line["row"] for line in files.answers] == list(range(1, 201))


def test_another_document_or_other_arguments_are_another_run(files):
    files.write(5)
    with limit_server() as url:
        bulk(url, files, model="a")
        with pytest.raises(LedgerError, match=r"is the ledger of another run\n  shared: "):
            bulk(url, files, model="b")
        assert bulk(url, files, model="b", anew=True).done == 5  # other arguments are other calls
        assert stats(url)["calls"] == 10


def test_dry_run_sends_and_writes_nothing(files):
    files.write(3)
    with Client(DOCUMENT, base_url="http://127.0.0.1:9") as client:
        estimate = client.ask.map(files.rows, dry_run=True, model="m")
    assert (estimate.rows, estimate.refused) == (3, 0)
    assert estimate.bytes == 3 * len('{"prompt":"q1","model":"m"}')
    assert not files.out.exists()


def test_a_misspelt_option_is_told_before_any_row_is_read(files):
    files.write(1)
    with pytest.raises(TypeError, match=r"map\(\) has no option 'concurency'; did you mean \"concurrency\"\?"):
        bulk("http://127.0.0.1:9", files, concurency=3)


def test_under_asyncio_it_is_awaited_and_other_tasks_go_on(files):
    files.write(100)

    async def both():
        ticks = 0

        async def ticking():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        async with AsyncClient(DOCUMENT, base_url=url) as client:
            other = asyncio.create_task(ticking())
            run = await client.ask.map(files.rows, out=files.out, show=False, concurrency=4)
            other.cancel()
        return run, ticks

    with limit_server(latency=0.02) as url:
        run, ticks = asyncio.run(both())
    assert run.done == 100
    assert ticks > 20


def test_inside_a_running_loop_plain_code_can_call_it(files):
    files.write(10)

    async def notebook():
        return bulk(url, files)

    with limit_server() as url:
        assert asyncio.run(notebook()).done == 10


def test_without_aiohttp_it_goes_over_threads(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "dynaopenai._transport.over_aiohttp", None)
    files.write(60)
    with limit_server(errors=0.1, latency=0.01) as url:
        run = bulk(url, files, concurrency=8)
        assert stats(url)["answered"] == 60
    assert (run.done, run.failed) == (60, 0)


def test_a_disk_that_is_full_stops_it_with_a_word_and_loses_nothing(files):
    files.write(400)
    with limit_server() as url:
        words = program(url, files)
        limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)){words[-1]}"
        ended = subprocess.run([*words[:-1], limited], capture_output=True, text=True, check=False)
        assert ended.returncode == 1
        assert "LedgerError: cannot write " in ended.stderr
        assert "what was answered before is kept; make room, then the same line again goes on from here" in ended.stderr
        before = len(files.answers)
        run = bulk(url, files)
        seen = stats(url)
    assert 0 < before < 400
    assert (run.earlier, run.done) == (before, 400 - before)
    assert sorted(line["row"] for line in files.answers) == list(range(1, 401))
    assert seen["answered"] - 400 <= 16


# --- killed --------------------------------------------------------------------------------------

PROGRAM = """
import sys
sys.path.insert(0, {shared!r})
from limit_server import DOCUMENT
from dynaopenai import Client
with Client(DOCUMENT, base_url={url!r}) as client:
    client.ask.map({rows!r}, out={out!r}, show=False, concurrency=16)
"""


def program(url, files):
    code = PROGRAM.format(shared=str(Path(__file__).parents[1] / "shared"), url=url, rows=str(files.rows), out=str(files.out))
    return [sys.executable, "-c", code]


def test_killed_at_random_moments_it_loses_no_answer_and_asks_for_none_again(files):
    rows, kills = (20_000, 30) if LONG else (700, 3)
    files.write(rows)
    chance = random.Random(11)
    with limit_server(latency=0.005) as url:
        for _ in range(kills):
            with subprocess.Popen(program(url, files)) as process:
                before = stats(url)["answered"]
                while process.poll() is None and stats(url)["answered"] < before + 20 + chance.randrange(80):
                    time.sleep(0.01)
                process.send_signal(signal.SIGKILL)
        ended = subprocess.run(program(url, files), check=False)
        seen = stats(url)
    assert ended.returncode == 0
    assert sorted(line["row"] for line in files.answers) == list(range(1, rows + 1))
    assert seen["answered"] - rows <= kills * 16
    assert seen["repeated"] == seen["answered"] - rows  # asked again with the same Idempotency-Key


def test_a_second_run_at_the_same_time_is_refused(files):
    files.write(30)
    with limit_server(latency=60) as url, subprocess.Popen(program(url, files)) as process:
        while not stats(url)["calls"]:
            time.sleep(0.02)
        with pytest.raises(LedgerError, match="is in use: another run writes"):
            bulk(url, files)
        process.kill()
    with limit_server() as url:
        assert bulk(url, files).left == 0


def test_an_interrupt_finishes_what_is_in_flight_and_says_how_to_go_on(files):
    files.write(5000)
    with limit_server(latency=0.2) as url:
        with subprocess.Popen(program(url, files), stderr=subprocess.PIPE, text=True) as process:
            while stats(url)["answered"] < 20:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            words = process.stderr.read()
        seen = stats(url)
    assert process.returncode == 0
    assert "waiting for what is in flight; once more to stop at once; the same line again goes on from here" in words
    assert len(files.answers) == seen["answered"]


class Answering(Page):
    """Answers with the content type and the body that a test gave."""

    protocol_version = "HTTP/1.1"
    given = ("application/json", b"{}")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        content_type, body = self.given
        self.answer(200, body, Content_Type=content_type)


@pytest.fixture
def answering(monkeypatch):
    """Starts to answer with a content type and a body; its URL."""
    with Site(Answering) as site:

        def start(content_type, body):
            monkeypatch.setattr(Answering, "given", (content_type, body))
            return site.url

        yield start


def test_half_a_character_in_an_answer_is_kept_as_it_came(files, answering):
    files.write(2)
    url = answering("application/json", b'{"text": "cut short: \\ud83d", "usage": {"total_tokens": 7}}')
    assert bulk(url, files).done == 2
    assert [line["data"]["text"] for line in files.answers] == ["cut short: \ud83d"] * 2
    again = bulk(url, files)
    assert (again.earlier, again.done) == (2, 0)


def test_a_stream_is_kept_whole_though_an_item_of_it_breaks_the_document(files, answering):
    files.write(1)
    document = json.loads(json.dumps(DOCUMENT))
    schema = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    document["paths"]["/ask"]["post"]["responses"]["200"]["content"] = {"text/event-stream": {"schema": schema}}
    url = answering("text/event-stream", b'data: {"text": "a"}\n\ndata: {"txt": "b"}\n\ndata: {"text": "c"}\n\ndata: [DONE]\n\n')
    with Client(document, base_url=url) as client:
        run = client.ask.map(files.rows, out=files.out, show=False)
    assert (run.done, run.invalid) == (1, 1)
    [answer] = files.answers
    assert answer["data"] == [{"text": "a"}, {"txt": "b"}, {"text": "c"}]
    assert answer["violations"][0]["path"] == "text"


def test_without_a_key_nothing_is_sent_and_no_row_fails(files):
    files.write(3)
    document = {
        **DOCUMENT,
        "components": {**DOCUMENT.get("components", {}), "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}],
    }
    with Client(document, base_url="https://api.example") as client:
        with pytest.raises(RequestValidationError, match="api_key: missing, expected a credential"):
            client.ask.map(files.rows, out=files.out, show=False)
    assert not files.failed.exists()


@pytest.mark.parametrize(
    "option",
    [{"concurrency": "3"}, {"concurrency": True}, {"rpm": -1}, {"tpm": "many"}, {"max_errors": "2"}, {"until": "18:30"}, {"ignore": [3]}, {"invalid": "no"}],
)
def test_an_option_that_makes_no_sense_is_told_before_anything_is_done(files, option):
    files.write(1)
    [name] = option
    with pytest.raises(ValueError, match=f"{name}: found .*, expected "):
        bulk("http://127.0.0.1:9", files, **option)
    assert not files.out.exists()


def test_one_text_is_one_word_and_a_moment_may_be_a_datetime(files):
    files.rows.write_text('{"question": "a", "note": "n"}\n')
    with limit_server() as url:
        run = bulk(url, files, words="prompt={question}", ignore="note", until=datetime.now().astimezone() + timedelta(hours=1))
    assert (run.done, run.stopped) == (1, "")


def test_a_second_interrupt_waits_for_no_thread(files):
    """Without aiohttp a call waits in a thread, which nothing wakes before its answer comes."""
    files.write(8)
    with limit_server(latency=60) as url:
        *command, source = program(url, files)
        hidden = "import sys; sys.modules['dynaopenai._transport.over_aiohttp'] = None\n"
        with subprocess.Popen([*command, hidden + source], stderr=subprocess.PIPE, text=True) as process:
            while not stats(url)["calls"]:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            assert "waiting for what is in flight" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            process.wait(20)
