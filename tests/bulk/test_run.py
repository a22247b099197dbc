"""The run, with servers that are coroutines: what goes out, what comes again, what stops it."""

import asyncio
import json
import random

import pytest

from dynaopenai import APIConnectionError, APIStatusError
from dynaopenai._bulk.ledger import Ledger, key_of
from dynaopenai._bulk.outcome import Answered, Failed, Limited, of_error
from dynaopenai._bulk.pace import Pace
from dynaopenai._bulk.run import HOPELESS, Bounds, Run, Tally, Task

ANSWER = Answered({"text": "tea", "usage": {"total_tokens": 10}}, {})
LOST = Failed(APIConnectionError("brew: no answer", attempts=1), again=True, is_common=True)
WRONG = Failed(APIStatusError("brew", 400, {"error": "too hot"}), again=False, is_common=False)
DENIED = Failed(APIStatusError("brew", 401, {"error": "no key"}), again=False, is_common=True)
BUSY = Limited(APIStatusError("brew", 429, {"error": "slow down"}), {}, 0.01)


def tasks(number):
    return (Task(n, str(n), key_of(str(n)), f"key-{n}", {"n": n}) for n in range(1, number + 1))


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.jsonl"


@pytest.fixture(autouse=True)
def short_delays(monkeypatch):
    monkeypatch.setattr("dynaopenai._transport.retry.delay", lambda _attempt, _headers: 0.001)


def run(output, number, answer, bounds=None, pace=None, during=None):
    """Runs ``number`` rows against ``answer(n, attempt)``; the tally, the lines of the output, the failures, the calls."""
    calls, notes = [], []

    async def send(keywords, key):
        calls.append((keywords["n"], key))
        await asyncio.sleep(0)
        found = answer(keywords["n"], sum(1 for n, _ in calls if n == keywords["n"]))
        return await found if asyncio.iscoroutine(found) else found

    async def whole():
        with Ledger(output, {"operation": "brew"}) as ledger:
            running = Run(tasks(number), send, ledger, pace or Pace(8), bounds or Bounds(), Tally(number), notes.append)
            if during is not None:
                asyncio.get_running_loop().call_later(0.05, during, running)
            await running.run()
            return running.tally

    tally = asyncio.run(whole())
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    return tally, lines, [json.loads(note) for note in notes], calls


def test_every_row_is_answered_once(output):
    tally, lines, failures, calls = run(output, 200, lambda _n, _attempt: ANSWER)
    assert sorted(line["row"] for line in lines) == list(range(1, 201))
    assert (tally.done, tally.failed, tally.tokens, tally.stopped, failures) == (200, 0, 2000, "", [])
    assert lines[0] | {"row": 0, "id": ""} == {
        "row": 0, "id": "", "data": dict(ANSWER.data), "attempts": 1, "usage": {"total_tokens": 10},
    }  # fmt: skip
    assert len(calls) == 200


def test_what_fails_comes_again_with_the_same_key(output):
    tally, lines, _, calls = run(output, 20, lambda n, attempt: LOST if n % 2 and attempt < 3 else ANSWER)
    assert tally.done == 20
    assert {line["row"]: line["attempts"] for line in lines} == {n: 3 if n % 2 else 1 for n in range(1, 21)}
    assert {key for n, key in calls if n == 1} == {"key-1"}


def test_a_row_has_so_many_tries_and_is_then_noted(output):
    tally, lines, failures, _ = run(output, 20, lambda n, _attempt: LOST if n == 7 else ANSWER, Bounds(tries=3))
    assert (tally.done, tally.failed) == (19, 1)
    assert 7 not in {line["row"] for line in lines}
    assert [(note["row"], note["attempts"], note["error"]["type"]) for note in failures] == [(7, 3, "APIConnectionError")]


def test_a_refusal_of_the_row_is_noted_with_the_server_s_words(output):
    _, _, failures, calls = run(output, 3, lambda n, _attempt: WRONG if n == 2 else ANSWER)
    assert failures[0]["error"]["status"] == 400
    assert failures[0]["error"]["body"] == {"error": "too hot"}
    assert len(calls) == 3


def test_limits_cost_no_row_a_try(output):
    chance = random.Random(3)
    tally, _, failures, _ = run(output, 300, lambda _n, _attempt: BUSY if chance.random() < 0.05 else ANSWER, Bounds(tries=1))
    assert (tally.done, failures) == (300, [])


def test_a_limit_that_never_ends_stops_the_run_and_fails_no_row(output):
    tally, lines, failures, _ = run(output, 50, lambda _n, _attempt: BUSY)
    assert "cool-downs in a row without an answer; the last word was: brew: 429 Too Many Requests: slow down" in tally.stopped
    assert (lines, failures, tally.failed) == ([], [], 0)


def test_what_fails_for_all_rows_alike_stops_the_run(output):
    tally, _, failures, calls = run(output, 1000, lambda _n, _attempt: DENIED)
    assert "tries in a row came to nothing; the last: brew: 401 Unauthorized: no key" in tally.stopped
    assert (failures, tally.failed) == ([], 0)
    assert len(calls) < HOPELESS + 8
    tally, lines, _, _ = run(output, 1000, lambda _n, _attempt: ANSWER)
    assert (tally.done, len(lines)) == (1000, 1000)


def test_a_few_rows_that_all_fail_alike_are_noted_at_the_end(output):
    tally, _, failures, _ = run(output, 6, lambda _n, _attempt: DENIED)
    assert (tally.failed, len(failures), tally.stopped) == (6, 6, "")
    tally, _, failures, _ = run(output, 60, lambda n, _attempt: ANSWER if n % 3 else DENIED)
    assert (tally.failed, len(failures), tally.stopped) == (20, 20, "")


def test_rows_that_are_wrong_each_for_itself_do_not_stop_it(output):
    tally, _, failures, _ = run(output, 100, lambda n, _attempt: WRONG if n <= 60 else ANSWER)
    assert (tally.done, tally.failed, len(failures), tally.stopped) == (40, 60, 60, "")


@pytest.mark.parametrize(
    ("bounds", "stopped"),
    [
        (Bounds(errors=5), "rows failed, which is as many as may"),
        (Bounds(tokens=100), "tokens are spent, of 100"),
        (Bounds(until=0.0), "the time is up"),
    ],
)
def test_a_bound_stops_the_run(output, bounds, stopped):
    tally, lines, _, calls = run(output, 500, lambda n, _attempt: WRONG if n % 2 else ANSWER, bounds)
    assert stopped in tally.stopped
    assert len(lines) == tally.done
    assert len(calls) < 60


def test_time_that_runs_out_during_a_cool_down_ends_it(output):
    import time

    busy = Limited(BUSY.error, {}, 3600.0)
    tally, *_ = run(output, 5, lambda _n, _attempt: busy, Bounds(until=time.time() + 0.2))
    assert tally.stopped == "the time is up"


def test_stopping_waits_for_what_is_in_flight(output):
    async def slow():
        await asyncio.sleep(0.3)
        return ANSWER

    tally, lines, _, calls = run(output, 500, lambda _n, _attempt: slow(), during=lambda running: running.stop("interrupted"))
    assert tally.stopped == "interrupted"
    assert len(lines) == len(calls) == 8


def test_cancelling_waits_for_nothing_and_loses_nothing_that_came(output):
    async def slow():
        await asyncio.sleep(60)
        return ANSWER

    answers = {1: ANSWER, 2: ANSWER}
    tally, lines, _, _ = run(output, 500, lambda n, _attempt: answers.get(n) or slow(), during=lambda running: running.cancel())
    assert {line["row"] for line in lines} == {1, 2}
    assert tally.stopped == "interrupted"


def test_a_disk_that_is_full_stops_the_run_with_its_word_and_keeps_what_was_written(output, monkeypatch):
    real = Ledger.write

    def full(self, key, number, line):
        if number == 30:
            raise OSError(28, "No space left on device", str(self.output))
        real(self, key, number, line)

    monkeypatch.setattr(Ledger, "write", full)
    with pytest.raises(OSError, match="No space left on device"):
        run(output, 500, lambda _n, _attempt: ANSWER)
    kept = [json.loads(line)["row"] for line in output.read_text().splitlines()]
    assert 20 <= len(kept) < 60
    assert 30 not in kept


def test_no_more_than_so_many_are_in_flight(output):
    now, most = 0, 0

    async def counted():
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return ANSWER

    run(output, 300, lambda _n, _attempt: counted(), pace=Pace(5))
    assert most == 5


@pytest.mark.parametrize(
    ("error", "kind", "again"),
    [
        (APIStatusError("op", 429, {}), Limited, None),
        (APIStatusError("op", 503, {}), Limited, None),
        (APIStatusError("op", 500, {}), Failed, True),
        (APIStatusError("op", 400, {}), Failed, False),
        (APIConnectionError("op: gone", attempts=1), Failed, True),
        (APIConnectionError("op: gone", attempts=1, retryable=False), Failed, False),
    ],
)
def test_what_an_error_amounts_to(error, kind, again):
    outcome = of_error(error)
    assert type(outcome) is kind
    assert getattr(outcome, "again", None) is again


def test_a_server_that_asks_to_wait_for_days_stops_it(output):
    away = Limited(BUSY.error, {}, 31_000_000.0)
    tally, _, failures, _ = run(output, 5, lambda _n, _attempt: away)
    assert tally.stopped == "the server asks to wait 31,000,000 s; the last word was: brew: 429 Too Many Requests: slow down"
    assert failures == []
