"""Python's garbage collector rests for a while, and is never left off: whoever turns it off for good is the user."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from dynaopenai import _collector
from dynaopenai._collector import resting


@pytest.fixture(autouse=True)
def switched_on() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_rests_and_comes_back_whatever_happens() -> None:
    def broken() -> None:
        with resting():
            raise ValueError(gc.isenabled())

    with pytest.raises(ValueError, match="False"):
        broken()

    assert gc.isenabled()


def test_where_it_is_off_it_stays_off() -> None:
    gc.disable()

    with resting():
        assert not gc.isenabled()

    assert not gc.isenabled()


def test_one_that_asks_while_it_rests_for_another_does_not_keep_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    first_rests, second_asked, first_is_done = threading.Event(), threading.Event(), threading.Event()

    def is_enabled() -> bool:
        found = gc.isenabled()
        if threading.current_thread().name == "second":
            second_asked.set()
            assert first_is_done.wait(10)
        return found

    def first() -> None:
        with resting():
            first_rests.set()
            assert second_asked.wait(10)
        first_is_done.set()

    def second() -> None:
        assert first_rests.wait(10)
        with resting():
            pass

    monkeypatch.setattr(_collector, "gc", SimpleNamespace(isenabled=is_enabled, disable=gc.disable, enable=gc.enable))
    threads = [threading.Thread(target=each, name=each.__name__) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_has_it_back() -> None:
    rests, forked = threading.Event(), threading.Event()

    def rest() -> None:
        with resting():
            rests.set()
            assert forked.wait(10)

    thread = threading.Thread(target=rest)
    thread.start()
    assert rests.wait(10)
    child = os.fork()
    if not child:
        os._exit(0 if gc.isenabled() else 1)
    forked.set()
    thread.join(20)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
