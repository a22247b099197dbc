"""What a project says of changes: severities of its own, an ignore file; and the changelog."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dynaopenai import SpecError
from dynaopenai._cli.changelog import BOTH, GOT, SENT, as_changelog
from dynaopenai._cli.policy import exceptions, severities
from dynaopenai._cli.verbs.diff import command
from dynaopenai._diff.change import CODES
from dynaopenai._diff.diff import diff


def document(maximum: int, *operations: str) -> dict[str, Any]:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": maximum}}
    paths = {f"/{name}": {"get": {"operationId": name, "parameters": [limit], "responses": {}}} for name in operations}
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths}


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    for name, root in (("old", document(9, "getPet", "oldPet")), ("new", document(5, "getPet"))):
        (tmp_path / f"{name}.json").write_text(json.dumps(root), "utf-8")
    return [str(tmp_path / "old.json"), str(tmp_path / "new.json")]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize("form", ["maximum-lowered: safe\noperation-removed: none\n", "maximum-lowered info  # why\n\noperation-removed none\n"])
def test_severities_are_a_projects_to_say(pair: list[str], tmp_path: Path, form: str) -> None:
    (tmp_path / "levels").write_text(form, "utf-8")

    assert run(*pair, "--fail-on", "breaking").exit_code == 1
    for words in (["--severity", str(tmp_path / "levels")], ["--severity", "maximum-lowered=safe", "--severity", "operation-removed=none"]):
        result = run(*pair, *words, "--fail-on", "breaking")
        assert result.exit_code == 0
        assert result.output.splitlines()[0] == "old.json → new.json: 1 safe"


@pytest.mark.parametrize(
    ("word", "message"), [("maximum-lowerd=safe", "did you mean maximum-lowered?"), ("maximum-lowered=mild", "dangerous"), ("nowhere", "cannot read")]
)
def test_a_severity_that_there_is_not_is_refused(word: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        severities([word])

    assert message in f"{caught.value} {caught.value.remedy}"


def test_what_is_known_is_passed_over_counted_and_ends(pair: list[str], tmp_path: Path) -> None:
    ignored = tmp_path / "known.yaml"
    ignored.write_text(
        "- {code: maximum-lowered, operation: get*, reason: agreed, until: 2999-01-01}\n"
        "- {code: operation-removed, reason: long ago, until: 2020-01-01}\n"
        "- {path: body.x, reason: gone}\n",
        "utf-8",
    )

    result = run(*pair, "--ignore", str(ignored), "--fail-on", "breaking")

    assert result.exit_code == 1
    assert "old.json → new.json: 1 breaking" in result.output
    assert "ignored 1: maximum-lowered get* (agreed, until 2999-01-01)" in result.output
    assert "operation-removed ended on 2020-01-01 and does not count any more (long ago)" in result.output
    assert "body.x meets nothing: take it out (gone)" in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {code: type-changed}", "for a reason"),
        ("- {reason: why}", "names what it ignores"),
        ("- {code: type-changd, reason: why}", "no such kind"),
        ("- {code: type-changed, reason: why, until: soon}", "until is a date"),
        ("- {code: type-changed, reason: why, who: me}", "no such field"),
        ("code: type-changed", "is a list"),
    ],
)
def test_an_exception_that_says_too_little_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "known.yaml").write_text(text, "utf-8")

    with pytest.raises(SpecError, match=message):
        exceptions(tmp_path / "known.yaml")


# --- the changelog -------------------------------------------------------------------------------


def body(**schema: Any) -> dict[str, Any]:
    media = {"content": {"application/json": {"schema": {"type": "object", **schema}}}}
    operation = {"operationId": "op", "requestBody": media, "responses": {"200": {"description": "", **media}}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}}


def test_the_changelog_speaks_to_who_calls() -> None:
    old = body(properties={"a": {"type": "string"}, "kind": {"enum": ["x"]}})
    new = body(properties={"a": {"type": "string"}, "kind": {"enum": ["x", "y", "z"]}, "b": {}}, required=["a"])
    new["paths"]["/b"] = {"get": {"operationId": "more", "responses": {}}}

    assert as_changelog("1.0", "1.1", diff(old, new)).splitlines() == [
        "# From 1.0 to 1.1", "",
        "## What you must change", "",
        "- `op`:",
        "  - you must send `a`, which was optional; `{}` is refused now", "",
        "## What may surprise you", "",
        "- `op`:",
        '  - `kind` may come as "y" and "z"', "",
        "## What is new", "",
        "- `op`:",
        "  - you can send `b`",
        '  - `kind` may be "y" and "z"',
        "  - answers have `b`",
        "  - answers always have `a`",
        "- `more` is new: GET /b",
    ]  # fmt: skip


def test_what_no_caller_notices_is_counted() -> None:
    old, new = body(), {**body(), "components": {"schemas": {"Unused": {}}}}

    assert as_changelog("1", "2", diff(old, new)).splitlines()[-3:] == ["Nothing changed for who calls.", "", "1 change that no caller notices."]


def test_the_changelog_has_words_for_codes_that_there_are() -> None:
    assert {*BOTH, *SENT, *GOT} <= CODES.keys()


def test_the_verb_writes_it(pair: list[str]) -> None:
    assert run(*pair, "--changelog").output.splitlines()[0] == "# From old.json to new.json"
