"""The ledger: every answer once, whatever happens to the process or the disk."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaopenai._bulk.ledger import Ledger, LedgerError, facts_of, key_of

FACTS = facts_of("d0c", "createThing", {"size": 1}, "")


def line(identity, number):
    return json.dumps({"row": number, "id": identity, "data": {"text": "ü" * number}}).encode() + b"\n"


def write(ledger, identity, number):
    ledger.write(key_of(identity), number, line(identity, number))


def identities(output):
    return [json.loads(text)["id"] for text in output.read_bytes().splitlines()]


def test_an_answer_is_known_to_the_next_run(tmp_path):
    output = tmp_path / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        ledger.add(key_of("a"), 1, refused=False)
        ledger.add(key_of("b"), 2, refused=False)
        write(ledger, "b", 2)
    with Ledger(output, FACTS) as ledger:
        assert (ledger.is_answered(key_of("a")), ledger.is_answered(key_of("b"))) == (False, True)
        assert ledger.answered == 1


def test_a_line_in_the_output_counts_though_the_ledger_did_not_hear_of_it(tmp_path):
    output = tmp_path / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        write(ledger, "a", 1)
    with output.open("ab") as file:
        file.write(line("b", 2))
    with Ledger(output, FACTS) as ledger:
        assert ledger.is_answered(key_of("b"))


@given(cut=st.integers(1, 60))
@settings(max_examples=30)
def test_a_line_that_broke_off_is_cut_away_and_asked_again(tmp_path_factory, cut):
    output = tmp_path_factory.mktemp("ledger") / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        write(ledger, "a", 1)
    whole = output.read_bytes()
    broken = line("b", 20)
    with output.open("ab") as file:
        file.write(broken[: min(cut, len(broken) - 1)])
    with Ledger(output, FACTS) as ledger:
        assert not ledger.is_answered(key_of("b"))
        assert output.read_bytes() == whole
        write(ledger, "b", 2)
    assert identities(output) == ["a", "b"]


def test_a_run_that_is_killed_keeps_every_answer_that_was_written(tmp_path):
    output = tmp_path / "out.jsonl"
    code = f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from test_ledger import FACTS, Ledger, write
        ledger = Ledger(Path({str(output)!r}), FACTS)
        for number in range(1, 100):
            write(ledger, str(number), number)
            if number == 50:
                ledger.commit()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert ended.returncode == -signal.SIGKILL
    with Ledger(output, FACTS) as ledger:
        assert ledger.answered == 99


def test_a_second_run_at_the_same_time_is_refused(tmp_path):
    with Ledger(tmp_path / "out.jsonl", FACTS), pytest.raises(LedgerError, match="is in use: another run"):
        Ledger(tmp_path / "out.jsonl", FACTS)
    with Ledger(tmp_path / "out.jsonl", FACTS):
        pass


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (facts_of("0ther", "createThing", {"size": 1}, ""), 'document: "d0c" then, "0ther" now'),
        (facts_of("d0c", "createOther", {"size": 1}, ""), 'operation: "createThing" then, "createOther" now'),
        (facts_of("d0c", "createThing", {"size": 2}, ""), "shared: "),
        (facts_of("d0c", "createThing", {"size": 1}, "name"), 'id: "" then, "name" now'),
    ],
)
def test_another_run_is_refused_unless_told(tmp_path, facts, message):
    output = tmp_path / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        write(ledger, "a", 1)
    with pytest.raises(LedgerError, match=message):
        Ledger(output, facts)
    with Ledger(output, facts, anew=True) as ledger:
        assert ledger.answered == 1


def test_an_output_of_unknown_origin_is_left_alone(tmp_path):
    output = tmp_path / "out.jsonl"
    output.write_bytes(line("a", 1))
    with pytest.raises(LedgerError, match="has no ledger"):
        Ledger(output, FACTS)
    assert output.read_bytes() == line("a", 1)


def test_an_output_that_lost_answers_is_told(tmp_path):
    output = tmp_path / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        write(ledger, "a", 1)
    output.write_bytes(b"")
    with pytest.raises(LedgerError, match="shorter than when its run stopped"):
        Ledger(output, FACTS)


def test_a_file_that_is_no_ledger_is_told(tmp_path):
    (tmp_path / "out.jsonl.ledger").write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError, match="cannot serve as a ledger"):
        Ledger(tmp_path / "out.jsonl", FACTS)


@given(st.permutations(range(1, 9)))
@settings(max_examples=20)
def test_sorted_answers_stand_in_the_order_of_their_rows_and_stay_known(tmp_path_factory, order):
    output = tmp_path_factory.mktemp("ledger") / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        for number in order:
            write(ledger, str(number), number)
        ledger.sort()
        assert identities(output) == [str(number) for number in range(1, 9)]
        write(ledger, "9", 9)
    with Ledger(output, FACTS) as ledger:
        assert ledger.answered == 9
        assert [json.loads(text)["row"] for text in ledger.lines()] == list(range(1, 10))


def test_a_disk_that_is_full_leaves_no_half_line(tmp_path, monkeypatch):
    output = tmp_path / "out.jsonl"
    real = os.write

    def full(file, data):
        if len(data) > 40:
            return real(file, data[:17])
        raise OSError(28, "No space left on device")

    with Ledger(output, FACTS) as ledger:
        write(ledger, "a", 1)
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(LedgerError, match="No space left on device; what was answered before is kept; make room"):
            write(ledger, "b", 2)
        monkeypatch.undo()
        write(ledger, "c", 3)
    assert identities(output) == ["a", "c"]


def test_a_row_takes_few_bytes(tmp_path):
    with Ledger(tmp_path / "out.jsonl", FACTS) as ledger:
        for number in range(20_000):
            ledger.add(key_of(str(number)), number, refused=False)
        ledger.commit()
    assert (tmp_path / "out.jsonl.ledger").stat().st_size < 20_000 * 100


def test_a_row_is_pending_until_it_is_answered_unless_it_is_refused(tmp_path):
    with Ledger(tmp_path / "out.jsonl", FACTS) as ledger:
        ledger.add(key_of("a"), 1, refused=False)
        ledger.add(key_of("b"), 2, refused=True)
        assert (ledger.is_pending(key_of("a")), ledger.is_pending(key_of("b"))) == (True, False)
        write(ledger, "a", 1)
        ledger.commit()
        ledger.add(key_of("a"), 1, refused=False)
        ledger.add(key_of("b"), 2, refused=False)
        assert (ledger.is_pending(key_of("a")), ledger.is_pending(key_of("b"))) == (False, True)


def test_what_occurs_is_counted_in_each_pass_anew(tmp_path):
    with Ledger(tmp_path / "out.jsonl", FACTS) as ledger:
        for _ in range(2):
            ledger.begin_pass()
            assert [ledger.occurrence(key) for key in (b"a", b"b", b"a", b"a")] == [1, 1, 2, 3]


def test_answers_are_written_and_asked_for_while_others_are_being_committed(tmp_path):
    with Ledger(tmp_path / "out.jsonl", FACTS) as ledger:
        over = threading.Event()

        def committing():
            while not over.is_set():
                ledger.commit()

        thread = threading.Thread(target=committing)
        thread.start()
        try:
            ledger.begin_pass()
            for number in range(1500):
                key = key_of(str(number))
                assert ledger.occurrence(key) == 1
                ledger.add(key, number, refused=False)
                assert ledger.is_pending(key)
                write(ledger, str(number), 3)
        finally:
            over.set()
            thread.join()
        ledger.commit()
        assert ledger.answered == 1500


def test_a_commit_that_is_overtaken_by_the_end_loses_nothing(tmp_path, monkeypatch):
    output, syncing, go_on = tmp_path / "out.jsonl", threading.Event(), threading.Event()
    fsync = os.fsync

    def slow(file):
        if threading.current_thread().name == "slow":
            syncing.set()
            assert go_on.wait(10)
        fsync(file)

    monkeypatch.setattr(os, "fsync", slow)
    ledger = Ledger(output, FACTS)
    write(ledger, "a", 1)
    committing = threading.Thread(target=ledger.commit, name="slow")
    committing.start()
    assert syncing.wait(10)
    write(ledger, "b", 2)
    closing = threading.Thread(target=ledger.close)
    closing.start()
    closing.join(0.1)
    go_on.set()
    committing.join(10)
    closing.join(10)
    ledger.commit()  # one that comes too late is none
    with Ledger(output, FACTS) as ledger:
        assert (ledger.is_answered(key_of("a")), ledger.is_answered(key_of("b"))) == (True, True)


def test_a_ledger_without_answers_is_anybody_s(tmp_path):
    output = tmp_path / "out.jsonl"
    with Ledger(output, FACTS) as ledger:
        ledger.add(key_of("a"), 1, refused=True)
    with Ledger(output, facts_of("d0c", "createThing", {"size": 2}, "")) as ledger:
        assert ledger.is_pending(key_of("a"))
        write(ledger, "a", 1)
    with pytest.raises(LedgerError, match="another run"):
        Ledger(output, FACTS)


@pytest.mark.parametrize(
    ("output", "message"),
    [("", "is a folder, expected a file"), ("gone/out.jsonl", "there is no folder .*gone"), ("rows.jsonl", "has no ledger")],
)
def test_an_output_that_cannot_be_is_told_and_leaves_nothing_behind(tmp_path, output, message):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "rows.jsonl").write_bytes(line("a", 1))
    with pytest.raises(LedgerError, match=message):
        Ledger(folder / output, FACTS)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["rows.jsonl"]


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_what_a_run_writes_is_the_users_alone(tmp_path):
    with Ledger(tmp_path / "out.jsonl", FACTS) as ledger:
        write(ledger, "a", 1)

        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
