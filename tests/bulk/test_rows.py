"""Rows, from wherever they come: read one at a time, and again from the start."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._bulk.rows import RowsError, rows

VALUES = [{"a": 1, "b": "ü"}, {"a": 2}]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def columns(source):
    return [dict(row.columns) for row in source.read()]


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(value) for value in VALUES))
    return path


def test_json_lines_of_a_path_are_read_as_often_as_asked(lines):
    source = rows(lines)
    assert columns(source) == columns(source) == VALUES
    assert source.place(next(source.read())) == f"{lines}:1"


@pytest.mark.parametrize("make", [list, iter, lambda values: (value for value in values), tuple])
def test_iterables_are_read_as_often_as_asked(make):
    with rows(make(VALUES)) as source:
        assert columns(source) == columns(source) == VALUES


@pytest.mark.parametrize("make", [list, iter])
def test_what_was_read_in_part_is_read_whole_from_the_start(make):
    with rows(make(VALUES)) as source:
        next(source.read())
        assert columns(source) == columns(source) == VALUES


def test_what_cannot_be_kept_is_a_row_with_a_problem_and_the_rest_goes_on():
    with rows(iter([{"a": 1}, {"a": lambda: 1}, {"a": 3}])) as source:
        for _ in range(2):
            first, second, third = source.read()
            assert (first.columns, third.columns) == ({"a": 1}, {"a": 3})
            assert (second.number, dict(second.columns)) == (2, {})
            assert "cannot be kept for a second reading" in second.problem


@pytest.mark.parametrize("file", [io.BytesIO(b'{"a": 1}\n\n{"a": 2}\n'), io.StringIO('{"a": 1}\n\n{"a": 2}\n')])
def test_an_open_file_is_kept_while_it_is_read_for_the_first_time(file):
    with rows(file) as source:
        assert [row.number for row in source.read()] == [row.number for row in source.read()] == [1, 3]


@given(st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=3), max_size=5))
def test_a_generator_s_values_come_back_as_they_were(values):
    with rows(value for value in values) as source:
        assert columns(source) == columns(source) == values


def test_objects_that_are_no_json_are_kept_too(tmp_path):
    with rows(iter([{"file": tmp_path, "data": b"\x00"}])) as source:
        assert columns(source) == columns(source) == [{"file": tmp_path, "data": b"\x00"}]


def test_csv_values_are_texts_and_empty_cells_are_left_out(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes('\ufeffa,b.0.c\r\n1,"two\nlines, ""quoted"""\r\n,x\r\n'.encode())
    found = list(rows(path).read())
    assert [dict(row.columns) for row in found] == [{"a": "1", "b.0.c": 'two\nlines, "quoted"'}, {"b.0.c": "x"}]
    assert [(row.number, row.is_text) for row in found] == [(2, True), (4, True)]


@pytest.mark.parametrize(
    ("name", "content", "number", "problem"),
    [
        ("x.jsonl", b'{"a": 1}\n{"a": \n', 2, "no JSON"),
        ("x.jsonl", b"[1]\n", 1, "found [1], expected an object of arguments"),
        ("x.jsonl", b'{"a": "\xff"}\n', 1, "no JSON"),
        ("x.csv", b"a\n1,2\n", 2, "found 2 cells, expected 1"),
        ("x.csv", b"a\n\xff\n", 2, "no UTF-8"),
        ("x.csv", b'a\n"1\n', 2, "no CSV"),
    ],
)
def test_a_line_that_cannot_be_read_is_a_row_with_a_problem(tmp_path, name, content, number, problem):
    path = tmp_path / name
    path.write_bytes(content)
    bad = [row for row in rows(path).read() if row.problem]
    assert bad[0].number == number
    assert problem in bad[0].problem


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("rows.txt", r'found the ending ".txt", expected .jsonl'),
        ("missing.jsonl", "cannot read missing.jsonl: No such file"),
        ({"a": 1}, "expected a path, an open file or an iterable of mappings"),
        (7, "found 7, expected a path"),
    ],
)
def test_what_holds_no_rows_is_refused(source, message):
    with pytest.raises(RowsError, match=message):
        rows(source)


def test_a_file_that_changes_between_two_readings_is_refused(lines):
    source = rows(lines)
    columns(source)
    lines.write_text('{"a": 3}\n')
    with pytest.raises(RowsError, match="has changed since the run began"):
        source.read()


def test_parquet_needs_a_package_or_is_read(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"")
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        with pytest.raises(RowsError, match=r"pip install 'dynaopenai\[parquet\]'"):
            list(rows(path).read())
        return
    pyarrow.parquet.write_table(pa.table({"a": [1, None], "b": [["x"], []]}), path)
    assert columns(rows(path)) == [{"a": 1, "b": ["x"]}, {"b": []}]


def test_many_rows_take_no_more_memory_than_few(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": "0123456789"}\n' * 50_000)
    source = rows(path)
    tracemalloc.start()
    assert sum(1 for _ in source.read()) == 50_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
