"""``dynaopenai bulk``, as a shell runs it."""

import json
import re
import subprocess
import sys
import time

import click
import pytest
from limit_server import DOCUMENT, limit_server, stats

from dynaopenai._cli.verbs.bulk import Moment


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "rows.csv").write_text("question\nWhy?\nHow?\n")
    (tmp_path / "rows.jsonl").write_text('{"prompt": "a"}\n{"prompt": 3}\n')
    return tmp_path


def run(folder, *words, stdin=None):
    command = [sys.executable, "-m", "dynaopenai", "bulk", *words, "--spec", "api.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, input=stdin, check=False)


def test_a_table_s_columns_fill_the_words(folder):
    with limit_server() as url:
        ended = run(folder, "ask", "rows.csv", "-o", "out.jsonl", "prompt={question}", "model=m", "--base-url", url)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(r"2 done; \d+ s; 14 tokens\n", ended.stdout)
    texts = {json.loads(line)["data"]["text"] for line in (folder / "out.jsonl").read_text().splitlines()}
    assert texts == {"answer to Why?", "answer to How?"}


def test_standard_input_is_read_as_json_lines(folder):
    with limit_server() as url:
        ended = run(folder, "ask", "-", "-o", "out.jsonl", "--base-url", url, stdin='{"prompt": "a"}\n')
        assert stats(url)["answered"] == 1
    assert ended.returncode == 0


def test_bad_rows_stop_it_with_status_2_and_are_skipped_with_status_1(folder):
    with limit_server() as url:
        ended = run(folder, "ask", "rows.jsonl", "-o", "out.jsonl", "--base-url", url)
        assert ended.returncode == 2
        assert "rows.jsonl:2: prompt: found 3 (an integer), expected a string" in ended.stderr
        ended = run(folder, "ask", "rows.jsonl", "-o", "out.jsonl", "--invalid", "skip", "--base-url", url)
    assert ended.returncode == 1
    assert ended.stdout.startswith("1 done, 1 refused before sending; ")
    assert ended.stderr == "in out.failed.jsonl; the first, row 2: prompt: found 3 (an integer), expected a string\n"


def test_a_dry_run_says_what_would_be_sent(folder):
    ended = run(folder, "ask", "rows.csv", "prompt={question}", "--dry-run", "--json")
    facts = json.loads(ended.stdout)
    assert (ended.returncode, facts["rows"], facts["refused"], facts["bytes"]) == (0, 2, 0, 2 * len('{"prompt":"Why?"}'))
    assert not (folder / "out.jsonl").exists()


def test_counts_for_a_program(folder):
    with limit_server() as url:
        ended = run(folder, "ask", "rows.csv", "-o", "out.jsonl", "prompt={question}", "--base-url", url, "--json")
    assert json.loads(ended.stdout) | {"seconds": 0} == {
        "output": "out.jsonl", "failures": "out.failed.jsonl", "total": 2, "earlier": 0, "done": 2, "invalid": 0, "refused": 0,
        "failed": 0, "tokens": 14, "seconds": 0, "stopped": "", "left": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ask", "rows.csv", "prompt={question}"], "expected -o FILE, where the answers go"),
        (["aks", "rows.csv", "-o", "x.jsonl"], 'has no operation "aks"\n  did you mean ask?'),
        (["ask", "rows.xls", "-o", "x.jsonl"], 'found the ending ".xls", expected .jsonl'),
        (["ask", "rows.csv", "-o", "x.jsonl", "prompt={quest}"], 'the row has no column "quest"'),
        (["ask", "rows.csv", "-o", "x.jsonl", "--until", "soon"], "expected a time such as 18:30"),
    ],
)
def test_what_cannot_be_done_is_told_with_status_2(folder, words, message):
    ended = run(folder, *words)
    assert ended.returncode == 2
    assert message in ended.stderr


@pytest.mark.parametrize(("text", "seconds"), [("2h30m", 9000), ("90s", 90)])
def test_a_time_may_be_a_while_from_now(text, seconds):
    assert Moment().convert(text, None, None) - time.time() == pytest.approx(seconds, abs=5)


def test_a_time_of_day_is_the_next_one():
    moment = Moment().convert(time.strftime("%H:%M", time.localtime(time.time() - 120)), None, None)
    assert 23 * 3600 < moment - time.time() < 24 * 3600
    with pytest.raises(click.BadParameter):
        Moment().convert("25:00", None, None)
