"""Which rows of a run are answered: SQLite beside the output, brought up to date from the output itself.

Rules of this file:
1. The output is the log, the ledger its index. A line that stands whole in the output is an answer that was paid for,
   whether or not the ledger had the time to say so; a line that broke off is cut away, and its row asked again.
2. A row is known by its identity: what ``--id`` names, or else a hash of operation and arguments with its occurrence.
3. A ledger with answers belongs to one run: the document, the operation and the shared arguments stand in it. Another
   run, or a second one at the same time, is refused. One without answers is anybody's.
4. Not in the ledger: arguments, answers, keys. A row takes some 40 bytes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .._display.words import short
from ..errors import DynaOpenAIError

VERSION = "1"
PENDING, REFUSED = -1, -2  # the place of an answer that is not there: still to be asked for, not to be asked for
_TABLES = """
CREATE TABLE IF NOT EXISTS run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rows (key BLOB PRIMARY KEY, number INTEGER NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID;
"""


class LedgerError(DynaOpenAIError):
    """A ledger that cannot serve this run."""


def key_of(identity: str) -> bytes:
    """What the ledger keeps of an identity: 16 bytes, however long it is."""
    return blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Ledger:
    """The ledger of one run, held for as long as it is open. ``path`` is the output's; the ledger stands beside it."""

    def __init__(self, output: Path, facts: Mapping[str, str], *, anew: bool = False) -> None:
        self.output = output
        self.path = output.with_name(output.name + ".ledger")
        _expect_place(output)
        is_new = not self.path.exists()
        self._database = _open(self.path)
        self._end = 0  # of the output
        self._is_broken = False
        self._is_closed = False
        self._lock = threading.Lock()
        self._committing = threading.Lock()  # for a whole commit: a later one must not overtake what an earlier one took up
        self._waiting: deque[tuple[bytes, int, int]] = deque()  # answers that are in the output and not yet in the ledger
        try:
            self._claim({"version": VERSION, **facts}, anew)
            self._file = _appending(output)
            with _closed_on_error(self._file):
                self.reconcile()
        except BaseException:
            self._database.close()
            if is_new:
                self.path.unlink(missing_ok=True)
            raise

    def _claim(self, facts: Mapping[str, str], anew: bool) -> None:
        for statement in filter(str.strip, _TABLES.split(";")):
            self._database.execute(statement)
        self._database.execute("CREATE TEMP TABLE seen (key BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID")
        found = dict(self._database.execute("SELECT name, value FROM run").fetchall())
        differing = [name for name, value in facts.items() if found.get(name, value) != value]
        if differing and not anew:
            if self._has_answers:
                raise LedgerError(_another(self.path, differing, found, facts))
            self._database.execute("DELETE FROM rows")
        if not found and self.output.exists() and self.output.stat().st_size:
            raise LedgerError(
                f"{self.output} is there already and has no ledger: it is not known which rows it answers; "
                "give another output, or move it away"
            )
        self._database.executemany("INSERT OR REPLACE INTO run VALUES (?, ?)", facts.items())
        self._database.execute("INSERT OR IGNORE INTO run VALUES ('end', '0')")

    @property
    def _has_answers(self) -> bool:
        return (self.output.exists() and self.output.stat().st_size > 0) or self.answered > 0

    # --- rows ------------------------------------------------------------------------------------

    def begin_pass(self) -> None:
        """The rows are read from the start: what occurs is counted anew."""
        self._ask("DELETE FROM temp.seen")

    def occurrence(self, key: bytes) -> int:
        """How often a key has come in this pass, this time included. On disk, so that many keys take no memory."""
        statement = "INSERT INTO temp.seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times"
        [[times]] = self._ask(statement, (key,))
        return int(times)

    def add(self, key: bytes, number: int, *, refused: bool) -> None:
        """A row of this run. An answer that is there stays."""
        with self._on_disk(self.path):
            self._ask(
                "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET number = excluded.number, "
                "place = CASE WHEN place >= 0 THEN place ELSE excluded.place END",
                (key, number, REFUSED if refused else PENDING),
            )

    def is_answered(self, key: bytes) -> bool:
        """Whether the output has the row's answer."""
        return self._place(key) >= 0

    def is_pending(self, key: bytes) -> bool:
        """Whether the row is still to be asked for."""
        return self._place(key) == PENDING

    def _place(self, key: bytes) -> int:
        found = self._ask("SELECT place FROM rows WHERE key = ?", (key,))
        return int(found[0][0]) if found else PENDING

    def _ask(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Whole, and one at a time: a statement in progress in one thread stands in the way of a commit in another."""
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    @property
    def answered(self) -> int:
        """How many rows are answered."""
        return int(self._ask("SELECT count(*) FROM rows WHERE place >= 0")[0][0])

    # --- answers ---------------------------------------------------------------------------------

    def write(self, key: bytes, number: int, line: bytes) -> None:
        """An answer, as a line: in the output at once and whole, so that nothing but the machine's end can lose it.

        Raises:
            LedgerError: the disk is full; the line is not in the output, not even in part.
        """
        place = self._end
        with self._on_disk(self.output):
            try:
                _write_all(self._file, line)
            except OSError:
                os.ftruncate(self._file, place)
                raise
        self._waiting.append((key, number, place))  # first, so that a commit which knows the new end knows the row
        self._end = place + len(line)

    def commit(self) -> None:
        """On the disk: the output first, then the ledger that speaks of it. May run beside `write`, in a thread."""
        with self._committing:
            if not self._is_closed:
                self._commit()

    def _commit(self) -> None:
        end = self._end
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        with self._on_disk(self.output):
            os.fsync(self._file)
            with self._lock:
                self._database.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", waiting)
                self._set_end(end)

    def _set_end(self, end: int) -> None:
        self._database.execute("UPDATE run SET value = ? WHERE name = 'end'", (str(end),))
        self._database.execute("COMMIT")
        self._database.execute("BEGIN")

    def reconcile(self, start: int | None = None) -> None:
        """Take up what the output has beyond what the ledger says; cut away a line that broke off."""
        size = os.lseek(self._file, 0, os.SEEK_END)
        known = int(self._database.execute("SELECT value FROM run WHERE name = 'end'").fetchall()[0][0])
        if start is None and size < known:
            raise LedgerError(
                f"{self.output} is {known - size:,} bytes shorter than when its run stopped: answers were taken out of it; "
                f"put them back, or begin again with another output"
            )
        place = known if start is None else start
        with self.output.open("rb") as file:
            file.seek(place)
            for line in file:
                if not line.endswith(b"\n"):
                    os.ftruncate(self._file, place)
                    break
                self._take(line, place)
                place += len(line)
        self._end = place
        self._set_end(place)

    def _take(self, line: bytes, place: int) -> None:
        try:
            answer = _json.decode(line)
            key, number = key_of(answer["id"]), int(answer["row"])
        except (_json.DecodeError, KeyError, TypeError, AttributeError, ValueError):
            raise LedgerError(f"{self.output}: found {short(line.decode('utf-8', 'replace'))}, expected a line of this run") from None
        self._database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (key, number, place))

    def lines(self) -> Iterator[bytes]:
        """The answers, in the order of their rows."""
        with self.output.open("rb") as file:
            for (place,) in self._database.execute("SELECT place FROM rows WHERE place >= 0 ORDER BY number"):
                file.seek(place)
                yield file.readline()

    def sort(self) -> None:
        """Put the output in the order of the rows: a new file in the place of the old, in one step."""
        self.commit()
        self._set_end(0)  # whatever happens from here on, every place is found anew from the file that is there
        ordered = self.output.with_name(self.output.name + ".ordered")
        with ordered.open("wb") as file:
            file.writelines(self.lines())
            file.flush()
            os.fsync(file.fileno())
        ordered.replace(self.output)
        os.close(self._file)
        self._file = _appending(self.output)
        self.reconcile(0)

    @contextmanager
    def _on_disk(self, path: Path) -> Iterator[None]:
        """What a disk refuses, in words: the run ends, and what was written before stays."""
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            self._is_broken = True  # it is brought up to date from the output when it is opened again
            reason = error.strerror if isinstance(error, OSError) else str(error)
            words = "what was answered before is kept; make room, then the same line again goes on from here"
            raise LedgerError(f"cannot write {path}: {reason}; {words}") from None

    def close(self) -> None:
        """Let go of the output and the ledger."""
        try:
            if not self._is_broken:
                self.commit()
        finally:
            with self._committing:
                self._is_closed = True
                os.close(self._file)
                with suppress(sqlite3.OperationalError):
                    self._database.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _expect_place(output: Path) -> None:
    if output.is_dir():
        raise LedgerError(f"{output} is a folder, expected a file for the answers")
    if not output.parent.is_dir():
        raise LedgerError(f"cannot write {output}: there is no folder {output.parent}")


def _open(path: Path) -> sqlite3.Connection:
    with suppress(OSError):  # SQLite would make it for all to read, and what it says of rows is the user's
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA temp_store = FILE")
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")  # held until the end: a transaction is open at all times
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise LedgerError(f"{path} is in use: another run writes beside it at this moment; wait for its end") from None
        raise LedgerError(f"{path} cannot serve as a ledger: {error}") from None
    return database


def _another(path: Path, differing: list[str], found: Mapping[str, str], facts: Mapping[str, str]) -> str:
    lines = [f"  {name}: {short(found[name])} then, {short(facts[name])} now" for name in differing]
    return "\n".join(
        (f"{path} is the ledger of another run", *lines, "  give another output, or say that it goes on all the same (--continue)")
    )


def _appending(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise LedgerError(f"cannot write {path}: {error.strerror}; give another output") from None


@contextmanager
def _closed_on_error(file: int) -> Iterator[None]:
    try:
        yield
    except BaseException:
        os.close(file)
        raise


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def facts_of(document: str, operation_id: str, shared: Any, identity: str) -> dict[str, str]:
    """What makes two runs the same: the document's hash, the operation, what all rows share, and how rows are told apart."""
    return {"document": document, "operation": operation_id, "shared": _digest(shared), "id": identity}


def _digest(value: Any) -> str:
    return blake2b(_json.encode(value), digest_size=16).hexdigest()
