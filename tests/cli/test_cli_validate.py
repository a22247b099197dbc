"""`dynaopenai validate`: what is wrong, at its line, in files of any size."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shop import SHOP

from dynaopenai._checking.json import member
from dynaopenai._cli import cli as _cli
from dynaopenai._cli.payload import around, reached, steps

GOOD = {"items": [{"product": "tea", "count": 1}]}
BAD = {"items": [{"product": "tea", "count": 0}], "speed": "fst"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), "utf-8")
    return ["--spec", "shop.json"]


def write(name: str, *values: Any, indent: int | None = None) -> str:
    Path(name).write_text("".join(json.dumps(value, indent=indent) + "\n" for value in values), "utf-8")
    return name


def test_a_valid_file_is_told(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["validate", "createOrder", write("a.json", GOOD), *shop]) == 0
    assert capsys.readouterr() == ("a.json: valid\n", "")
    assert _cli.run(["validate", "createOrder", write("a.jsonl", GOOD, GOOD), *shop]) == 0
    assert capsys.readouterr().out == "a.jsonl: valid, 2 values\n"


def test_a_problem_is_shown_at_its_line_with_what_is_around_it(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["validate", "createOrder", write("a.json", BAD, indent=2), *shop]) == 1

    assert capsys.readouterr().out.splitlines() == [
        "a.json:5: items[0].count: found 0, expected at least 1",
        "    declared at #/components/schemas/Item/properties/count/minimum (shop.json:1)",
        'a.json:8: speed: found "fst", expected "slow" or "fast"',
        '    did you mean "fast"?   declared at #/components/schemas/Order/properties/speed/enum (shop.json:1)',
        '    in {"product": "tea", "count": 0}',
        "a.json: 1 of 1 value invalid",
    ]


def test_yaml_has_lines_too(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_text("speed: fast\nitems:\n  - product: tea\n    count: 0\n", "utf-8")

    assert _cli.run(["validate", "createOrder", "a.yaml", *shop]) == 1
    assert capsys.readouterr().out.startswith("a.yaml:4: items[0].count: found 0")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '{"items": [\n  1,,\n]}', r"a\.json:2: found text that is no JSON: "),
        ("a.json", "", r"a\.json(:1)?: found text that is no JSON: "),
        ("a.yaml", "a: [1\nb: 2\n", r"a\.yaml:\d+: "),
        ("a.jsonl", '{"items": [{"product": "tea", "count": 1}]}\n\n{nope\n', r"a\.jsonl:3: found a line that is no JSON: "),
    ],
)
def test_what_cannot_be_read_is_a_problem_at_its_line(
    shop: list[str], capsys: pytest.CaptureFixture[str], name: str, text: str, said: str
) -> None:
    Path(name).write_text(text, "utf-8")

    assert _cli.run(["validate", "createOrder", name, *shop]) == 1
    assert re.match(said, capsys.readouterr().out)


def test_many_problems_are_counted_and_the_first_shown(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["validate", "createOrder", write("a.jsonl", GOOD, *[BAD] * 50), "--most", "2", *shop]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in lines if line.startswith("a.jsonl:")] == ["a.jsonl:2", "a.jsonl:2", "a.jsonl:3", "a.jsonl:3", "a.jsonl"]
    assert lines[-1] == "a.jsonl: 50 of 51 values invalid, 48 of them not shown (--most)"


def test_schemas_and_answers_are_checked(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    name = write("a.json", {"speed": 3})

    assert _cli.run(["validate", "--schema", "Placed", name, *shop]) == 1
    assert "id: missing" in capsys.readouterr().out
    assert _cli.run(["validate", "createOrder", "--response", "201", name, *shop]) == 1
    assert "id: missing" in capsys.readouterr().out
    assert _cli.run(["validate", "createOrder", "--response", "500", name, *shop]) == 1
    assert "found 500, which is not declared" in capsys.readouterr().out


def test_the_report_can_be_json(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["validate", "createOrder", write("a.jsonl", GOOD, BAD), write("b.json", GOOD), "--json", *shop]) == 1

    first, second = json.loads(capsys.readouterr().out)
    assert (first["values"], first["invalid"], [problem["line"] for problem in first["problems"]]) == (2, 1, [2, 2])
    assert second == {"file": "b.json", "values": 1, "invalid": 0, "problems": []}


def test_standard_input_is_read(shop: list[str]) -> None:
    words = [sys.executable, "-m", "dynaopenai", "validate", "createOrder", "-", "--format", "jsonl", *shop]

    done = subprocess.run(words, input=json.dumps(BAD) + "\n", capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stdout.startswith("-:1: items[0].count: found 0")


def peak(name: str) -> int:
    """The most memory that a check of the file takes, in KiB."""
    before = "import resource, sys; from dynaopenai._cli.cli import run; status = run(sys.argv[1:]); "
    source = before + "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(status)"
    words = [sys.executable, "-c", source, "validate", "createOrder", name, "--spec", "shop.json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    return int(done.stdout.splitlines()[-1])


def test_memory_does_not_grow_with_the_file(shop: list[str]) -> None:
    line = json.dumps({**GOOD, "labels": ["x" * 1000]}) + "\n"
    for name, lines in (("small.jsonl", 100), ("large.jsonl", 40_000)):
        with Path(name).open("w", encoding="utf-8") as file:
            file.writelines(line for _ in range(lines))

    grown = peak("large.jsonl") - peak("small.jsonl")

    assert Path("large.jsonl").stat().st_size > 40 << 20
    assert grown < 8 << 10


# --- places --------------------------------------------------------------------------------------


@given(st.lists(st.integers(min_value=0, max_value=99) | st.text(alphabet="ab_ .[]1", min_size=1, max_size=5), min_size=1, max_size=5))
@example(["[1]"])
def test_a_path_leads_back_to_the_keys_that_it_names(keys: list[int | str]) -> None:
    path = ""
    for key in ["root", *keys]:
        path = member(path, key)

    assert steps(path) == ["root", *keys]


@pytest.mark.parametrize(
    ("path", "way", "shown"),
    [
        ("a[1].b", ["a", 1, "b"], '{"b": 2}'),
        ("a[1].c", ["a", 1], '{"b": 2}'),
        ("a[7].c", ["a"], '{"a": [0, {"b": 2}]}'),
        ("z", [], '{"a": [0, {"b": 2}]}'),
        ("", [], ""),
    ],
)
def test_a_place_is_shown_with_what_is_around_it(path: str, way: list[Any], shown: str) -> None:
    value = {"a": [0, {"b": 2}]}

    assert [step for step, _ in reached(value, path)] == way
    assert around(value, path) == shown
