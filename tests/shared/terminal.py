"""A real terminal for the tests: a child process on a pseudo-terminal, typed into and read from."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

DYNAOPENAI = (sys.executable, "-m", "dynaopenai")
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>78cDEHM])|[\x00\x08\x0e\x0f]")


class Terminal:
    """A command on a terminal of its own. ``text``: all that it showed, ``plain``: the same without escapes."""

    def __init__(self, *words: str, home: Path, program: tuple[str, ...] = DYNAOPENAI, columns: int = 100, **environment: str) -> None:
        self.text = ""
        self.status: int | None = None
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "DYNAOPENAI_", "NO_COLOR", "PYTHON", "COLUMNS", "LINES"))}
        variables = {**kept, "HOME": str(home), "TERM": "xterm-256color", "PYTHONUTF8": "1", **environment}
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))  # before anything asks for it
            os.chdir(home)
            os.execve(program[0], [*program, *words], variables)

    @property
    def plain(self) -> str:
        return ESCAPES.sub("", self.text).replace("\r\n", "\n").replace("\r", "")

    def type(self, text: str) -> None:
        os.write(self._file, text.encode())

    def interrupt(self) -> None:
        os.kill(self._pid, signal.SIGINT)

    def read_until(self, wanted: str, timeout: float = 30) -> str:
        """What is shown until ``wanted`` is."""
        start, until = len(self.plain), time.monotonic() + timeout
        while wanted not in self.plain[start:]:
            if not self._read(until - time.monotonic()):
                raise AssertionError(f"{wanted!r} was not shown, but {self.plain[start:]!r}")
        return self.plain[start:]

    def wait(self, timeout: float = 30) -> int:
        """Read to the end; the exit status."""
        until = time.monotonic() + timeout
        while self._read(until - time.monotonic()):
            pass
        _, status = os.waitpid(self._pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def _read(self, timeout: float) -> bool:
        """Whether there was something more before the time was over."""
        ready, _, _ = select.select([self._file], [], [], max(timeout, 0))
        if not ready:
            return False
        try:
            piece = os.read(self._file, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self.text += piece.decode("utf-8", "replace")
        return bool(piece)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._file)
