"""Rows, wherever they are: JSON Lines, CSV, Parquet, any iterable of mappings; one at a time, as often as asked.

Rules of this file:
1. A row is read when it is needed: ten million of them take no more memory than one.
2. What can be read only once (standard input, a generator) is kept on disk while it is read for the first time.
3. A line that cannot be read is a row with a problem: it has a number, and the rest goes on.
"""

from __future__ import annotations

import csv
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .._checking import json as _json
from .._display.words import short
from ..errors import DynaOpenAIError

LONGEST = 1 << 28  # bytes of one line; more is not a row but the wrong file
LINES = (".jsonl", ".ndjson", ".json")


class RowsError(DynaOpenAIError, ValueError):
    """Rows that cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: counted from 1; for files, the line that it starts on.
        columns: what stands in it, by name.
        is_text: whether its values are texts that the schema has yet to type, as in CSV.
        problem: why it could not be read, empty where it could.
    """

    number: int
    columns: Mapping[str, Any] = field(default_factory=dict)
    is_text: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Rows:
    """Rows that can be read from the start again, until they are closed. ``name``: what they are called in messages."""

    name: str
    read: Callable[[], Iterator[Row]]
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def place(self, row: Row) -> str:
        """Where a row stands, as an editor opens it."""
        return f"{self.name}:{row.number}"


def rows(source: Any) -> Rows:
    """The rows of a path, an open file of JSON Lines, or an iterable of mappings.

    Raises:
        RowsError: it is none of them, or it cannot be opened.
    """
    if isinstance(source, (str, Path)):
        return _of_path(Path(source))
    if hasattr(source, "read"):
        return _once(str(getattr(source, "name", "") or "rows"), _json_lines(source))
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise RowsError(f"rows: found {short(source)}, expected a path, an open file or an iterable of mappings")
    if isinstance(source, Iterator):
        return _once("row", _of_values(source))
    return Rows("row", lambda: _of_values(source))


def _of_path(path: Path) -> Rows:
    readers: dict[str, Callable[[Path], Iterator[Row]]] = {
        **dict.fromkeys(LINES, _of_lines),
        ".csv": lambda path: _of_csv(path, ","),
        ".tsv": lambda path: _of_csv(path, "\t"),
        ".parquet": _of_parquet,
    }
    read = readers.get(path.suffix.lower())
    if read is None:
        raise RowsError(f"{path}: found the ending {short(path.suffix)}, expected .jsonl, .ndjson, .csv, .tsv or .parquet")
    try:
        before = _stamp(path)
    except OSError as error:
        raise RowsError(f"cannot read {path}: {error.strerror or error}") from None

    def unchanged() -> Iterator[Row]:
        if _stamp(path) != before:
            raise RowsError(f"{path} has changed since the run began; start it again, what is answered stays answered")
        return read(path)

    return Rows(str(path), unchanged)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


# --- kinds of source -----------------------------------------------------------------------------


def _of_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        yield from _json_lines(file)


def _json_lines(file: IO[Any]) -> Iterator[Row]:
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if isinstance(line, str):  # a file that was opened as text
            line = line.encode("utf-8", "surrogateescape")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield _of_line(number, line)


def _of_line(number: int, line: bytes) -> Row:
    try:
        value = _json.decode(line)
    except _json.DecodeError as error:
        return Row(number, problem=f"no JSON: {error}")
    return _of_value(number, value)


def _of_values(values: Iterable[Any]) -> Iterator[Row]:
    for number, value in enumerate(values, 1):
        yield _of_value(number, value)


def _of_value(number: int, value: Any) -> Row:
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return Row(number, value)
    return Row(number, problem=f"found {short(value)}, expected an object of arguments")


def _of_csv(path: Path, delimiter: str) -> Iterator[Row]:
    """An empty cell is an argument left out; a column's name may lead inwards: ``messages.0.content``."""
    with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            header = next(reader, [])
            start = reader.line_num
            for cells in reader:
                if cells:
                    yield _of_cells(start + 1, header, cells)
                start = reader.line_num
        except csv.Error as error:
            yield Row(reader.line_num, problem=f"no CSV: {error}")


def _of_cells(number: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header):
        return Row(number, problem=f"found {len(cells)} cells, expected {len(header)}, as many as the first line names")
    for cell in cells:
        if not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
            return Row(number, problem="found bytes that are no UTF-8 text")
    return Row(number, {name: cell for name, cell in zip(header, cells, strict=False) if cell != ""}, is_text=True)


def _of_parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow.parquet
    except ImportError:
        raise RowsError(f"{path}: Parquet needs one more package: pip install 'dynaopenai[parquet]'") from None
    number = 0
    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1024):
            for record in batch.to_pylist():
                number += 1
                yield _of_value(number, {name: value for name, value in record.items() if value is not None})


# --- what can be read only once ------------------------------------------------------------------


def _once(name: str, source: Iterator[Row]) -> Rows:
    """Reads ``source`` as far as it is asked for, and from then on what was kept of it first."""
    kept = tempfile.TemporaryFile(prefix="dynaopenai-rows-")  # noqa: SIM115 - lives as long as the rows

    def read() -> Iterator[Row]:
        kept.seek(0)
        with suppress(EOFError):
            while True:
                yield Row(*pickle.load(kept))  # noqa: S301 - written below, in a file that nobody else can open
        for row, data in map(_pickled, source):
            kept.write(data)
            yield row

    return Rows(name, read, kept.close)


def _pickled(row: Row) -> tuple[Row, bytes]:
    """A row, and what is kept of it; one that cannot be kept is a row with a problem."""
    try:
        return row, pickle.dumps((row.number, dict(row.columns), row.is_text, row.problem))
    except Exception as error:  # noqa: BLE001 - whatever a caller's own class raises
        problem = f"cannot be kept for a second reading ({type(error).__name__}: {error}); give a list, which is there twice"
        return _pickled(Row(row.number, problem=problem))
