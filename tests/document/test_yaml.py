"""YAML and JSON are read as OpenAPI authors mean them; what had to be mended is told with its line."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._document import lines
from dynaopenai._document.document import Node, load
from dynaopenai._document.lines import Lines
from dynaopenai._document.syntax import parse
from dynaopenai.errors import SpecError

SCALARS: list[tuple[str, Any]] = [
    *(("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("NO", "NO")),
    *(("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None)),
    *(("2024-01-31", "2024-01-31"), ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"), ("12:30", "12:30"), ("1:30:00", "1:30:00")),
    *(("1_000", "1_000"), ("010", 10), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"), ("+5", 5), ("-7", -7)),
    *(("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("-0.0", -0.0), ("1.2.3", "1.2.3"), ("3.0.3", "3.0.3"), ("=", "=")),
    *(("'5'", "5"), ('"true"', "true"), ("!!str 5", "5"), ("! 5", "5"), ("!!int '5'", 5), ("!!float 1", 1.0)),
    *(("!!binary aGk=", "aGk="), ("!!python/object:os.system x", "x"), ("123456789012345678901234567890", 123456789012345678901234567890)),
    *((".inf", ".inf"), ("-.INF", "-.INF"), (".nan", ".nan"), ("1e999", "1e999"), ("inf", "inf")),
]


@pytest.mark.parametrize(("text", "value"), SCALARS, ids=[case[0] for case in SCALARS])
def test_a_scalar_is_what_its_author_meant(text: str, value: Any) -> None:
    found = parse(f"a: {text}\n").value["a"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("key", ["200", "no", "null", "2024-01-31", "1.0", "true", "010"])
def test_a_key_is_a_string_as_it_is_spelled(key: str) -> None:
    assert parse(f"{key}: 1\n").value == {key: 1}


DIAGNOSED: list[tuple[str, Any, list[tuple[str, int | None]]]] = [
    ("a: 1\nb: 2\na: 3\n", {"a": 3, "b": 2}, [("duplicate-key", 3)]),
    ('{"a": 1,\n "a": 2}', {"a": 2}, [("duplicate-key", 2)]),
    ('{"a": {"b": 1, "b": 2}, "c": "\\ud83d\\ude00"}', {"a": {"b": 2}, "c": "😀"}, [("duplicate-key", 1)]),
    ("a: .inf\n", {"a": ".inf"}, [("no-json-number", 1)]),
    ('{"a": 1e999}', {"a": "1e999"}, [("no-json-number", None)]),
    ('{"a": NaN}', {"a": "NaN"}, [("no-json-number", None)]),
    ('{"a": "x1e999"}', {"a": "x1e999"}, []),
    ('{"a": "\\ud800"}', {"a": "\ufffd"}, [("lone-surrogate", None)]),
    ('a: "\\ud83d\\ude00"\n', {"a": "😀"}, [("mended-characters", None)]),
    ('a: "\\ud800"\n', {"a": "\ufffd"}, [("mended-characters", None)]),
    ("a: x\x07y\n", {"a": "x\ufffdy"}, [("mended-characters", None)]),
    ('{"a": "x\ty"}', {"a": "x\ty"}, []),
    ("---\na: 1\n---\nb: 2\n", {"a": 1}, [("several-documents", 3)]),
    ("a: !odd 5\n", {"a": 5}, [("unknown-tag", 1)]),
    ("a: !!int x\n", {"a": "x"}, [("wrong-tag", 1)]),
    ("? [1, 2]\n: 3\nb: 4\n", {"b": 4}, [("complex-key", 1)]),
    ("a: {<<: 5, b: 1}\n", {"a": {"b": 1}}, [("broken-merge", 1)]),
    ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", {"a": 1, "b": 1, "c": 2, "d": 2}, []),
    ("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n", {"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}}, []),
    ("a: {'<<': 1}\n", {"a": {"<<": 1}}, []),
    ("# only\n{a: 1,\n b: [x, 'y']}\n", {"a": 1, "b": ["x", "y"]}, []),
]


@pytest.mark.parametrize(("text", "value", "told"), DIAGNOSED, ids=range(len(DIAGNOSED)))
def test_what_had_to_be_mended_is_told_with_its_line(text: str, value: Any, told: list[tuple[str, int | None]]) -> None:
    parsed = parse(text)

    assert parsed.value == value
    assert [(item.code, item.line) for item in parsed.diagnostics] == told


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        (b"a: \xff\n", "no Unicode text", 1),
        ("a: 1\n\tb: 2\n", "this is no YAML", 2),
        ("a: [1\n", "this is no YAML", 2),
        ("a: *nowhere\n", "*nowhere names nothing", 1),
        ("a: &a\n  b: *a\n", "is inside the value", 2),
        ("", "the document is empty", None),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str | bytes, said: str, line: int | None) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "x.yaml")

    assert said in str(caught.value)
    assert (caught.value.source, caught.value.line) == ("x.yaml", line)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_in_each_of_its_encodings(encoding: str) -> None:
    assert parse("title: größe\n".encode(encoding)).value == {"title": "größe"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
)


@given(values, st.sampled_from([None, 1]))
def test_json_is_read_exactly(value: Any, indent: int | None) -> None:
    text = json.dumps({"v": value}, indent=indent)

    assert json.dumps(parse(text).value) == json.dumps({"v": value})
    assert parse(text).diagnostics == ()


TEXT = """\
# a comment
openapi: 3.0.3
paths:
  /a/{b}:  # with a comment
    get: &g
      tags: [x,
        "y"]
      parameters:
        - name: q
          in: query
        - $ref: '#/x'
  "/quoted~": {get: {responses: {"200": {description: >-
     text: not a key
     }}}}
components:
  get: *g
"""
LINES = {
    "": 1,
    "#": 1,
    "/openapi": 2,
    "#/paths/~1a~1{b}": 4,
    "/paths/~1a~1{b}/get": 5,
    "/paths/~1a~1{b}/get/tags/1": 7,
    "/paths/~1a~1{b}/get/parameters/0": 9,
    "/paths/~1a~1{b}/get/parameters/0/in": 10,
    "/paths/~1a~1{b}/get/parameters/1/$ref": 11,
    "/paths/~1quoted~0/get/responses/200/description": 12,
    "/components/get": 16,
    "/components/get/tags": 16,
    "/paths/nowhere/at/all": 3,
}


@pytest.fixture(params=["narrowed", "read whole"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to a line: by indentation as far as that is sure, and by the parser's marks alone."""
    monkeypatch.setattr(lines, "SMALL", 0 if request.param == "narrowed" else 1 << 30)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("pointer", "line"), LINES.items())
def test_a_pointer_has_the_line_of_its_key_or_of_what_is_above_it(pointer: str, line: int) -> None:
    text = TEXT.replace(">-\n     text: not a key\n     ", "x\n\n")

    assert Lines(text).at(pointer) == line


@pytest.mark.usefixtures("way")
def test_many_lines_are_found_together_and_what_is_broken_has_a_line_too() -> None:
    text = TEXT.replace(">-\n     text: not a key\n     ", "x\n\n")

    assert Lines(text).of(LINES) == LINES
    assert Lines("a: [").of(["/a", "/b"]) == {"/a": 1, "/b": 1}


@pytest.mark.usefixtures("way")
def test_json_has_lines_too() -> None:
    value = {"openapi": "3.1.0", "paths": {"/a": {"get": {"tags": ["x", "y"]}}, "/b~": {}}, "components": {"a b": [{"c": 1}]}}
    pointers = {"/paths": 3, "/paths/~1a/get": 5, "/paths/~1a/get/tags/1": 8, "/paths/~1b~0": 12, "/components/a b/0/c": 17}

    assert Lines(json.dumps(value, indent=2)).of(pointers) == pointers
    assert Lines(json.dumps(value)).of(pointers) == dict.fromkeys(pointers, 1)


def test_both_ways_to_a_line_agree_on_every_place_of_the_bundled_document(monkeypatch: pytest.MonkeyPatch) -> None:
    document = load()
    assert document.text is not None
    pointers = [node.pointer for node in walk(document.node)][::7]
    monkeypatch.setattr(lines, "SMALL", 0)
    narrowed = Lines(document.text).of(pointers)
    monkeypatch.setattr(lines, "SMALL", 1 << 30)

    assert narrowed == Lines(document.text).of(pointers)
    assert len(set(narrowed.values())) > 500


def walk(node: Node) -> Iterator[Node]:
    yield node
    for _, child in node.children():
        yield from walk(child)
