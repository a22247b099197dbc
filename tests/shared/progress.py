"""A run of the suite says where it is, at least once a minute, and at the end why tests were skipped."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter

import pytest

EVERY = 30.0  # seconds


class Progress:
    """Lines on standard output, from a thread of their own: a test may take longer than the pause between two of them, and what is printed
    while one runs is captured as its own, but for what goes to a copy of the descriptor that was made before."""

    def __init__(self) -> None:
        self.output = os.dup(1)
        self.began, self.total, self.done = time.monotonic(), 0, 0
        self.failed: set[str] = set()
        self.reasons: Counter[str] = Counter()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.tell, name="progress", daemon=True)

    def tell(self) -> None:
        while not self.ended.wait(EVERY):
            minutes, seconds = divmod(round(time.monotonic() - self.began), 60)
            line = f"\n{minutes}:{seconds:02} {self.done:,} of {self.total:,} tests, {len(self.failed)} failed\n"
            os.write(self.output, line.encode())

    def pytest_sessionstart(self) -> None:
        self.thread.start()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.total = max(self.total, len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.total = max(self.total, len(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.done += report.when == "teardown"
        if report.failed:
            self.failed.add(report.nodeid)
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.reasons:
            terminalreporter.section("why tests were skipped", "-")
            for reason, times in self.reasons.most_common():
                terminalreporter.write_line(f"{times:4}  {reason}")

    def pytest_unconfigure(self) -> None:
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
        os.close(self.output)
