"""What `dynaopenai diff` writes: one line for one edit, a comment that fits a pull request, a page that stands alone."""

import itertools
import json
import os
import random
import re
from copy import deepcopy
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from click.testing import CliRunner

from dynaopenai._checking.contract import Contract
from dynaopenai._cli.diff_page import as_page
from dynaopenai._cli.markdown import MOST_CHARACTERS, as_markdown
from dynaopenai._cli.report import as_text
from dynaopenai._cli.verbs.diff import command
from dynaopenai._diff.change import Change
from dynaopenai._diff.diff import diff
from dynaopenai._document.document import load

CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")
SOAK = os.environ.get("DYNAOPENAI_SOAK", "")


def document(schemas: dict[str, Any], uses: dict[str, str]) -> dict[str, Any]:
    """Operations by name, each of which asks for a schema and answers with it."""
    paths = {}
    for name, used in uses.items():
        media = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{used}"}}}}
        answers = {"200": {"description": "", **media}}
        paths[f"/{name}"] = {"post": {"operationId": name, "requestBody": media, "responses": answers}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": schemas}}


def shared(*values: str, **more: Any) -> dict[str, Any]:
    """A schema that forty operations reach, each through one of its own."""
    uses = {f"op{number}": f"Holder{number}" for number in range(40)}
    holders = {
        holder: {"type": "object", "properties": {"role": {"$ref": "#/components/schemas/Role"}, f"own{holder}": {}}}
        for holder in uses.values()
    }
    return document({"Role": {"type": "string", "enum": list(values)}, **holders, **more}, uses)


def text(old: Any, new: Any, **options: Any) -> list[str]:
    return as_text("old", "new", diff(old, new), everything=False, **options).splitlines()


def test_one_edit_of_a_shared_schema_is_one_line_with_all_that_it_reaches() -> None:
    assert text(shared("a", "b"), shared("b", *(f"v{number}" for number in range(11))))[:6] == [
        "old → new: 1 breaking, 11 dangerous, 12 safe",
        "",
        "Role  reaches 40 operations: op0, op1, op2, op3 and 36 more",
        '  breaking  "a" is gone  [enum-value-removed]',
        '            was valid: {"role": "a"}',
        '  dangerous "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9" and "v10" are new  [enum-value-added]',
    ]


def test_groups_by_operation_tell_the_way_to_it() -> None:
    found = text(shared("a", "b"), shared("b"), by="operation")

    assert found[2:4] == ["op0, op1, op2, op3 and 36 more", '  breaking  body.role: "a" is gone  [enum-value-removed]']


def test_what_had_a_name_is_not_named_now() -> None:
    old, new = {"type": "string", "enum": ["a", "b"]}, {"anyOf": [{"type": "string"}, {"enum": ["a", "b", "c"]}]}

    changes = diff(document({"S": old}, {"op": "S"}), document({"S": new}, {"op": "S"}))

    assert {change.message for change in changes if change.code == "known-value-added"} == {'"c" is named now'}


def test_operations_that_came_and_went_are_a_list() -> None:
    old, new = document({"S": {}}, {f"a{number}": "S" for number in range(9)}), document({"S": {}}, {"b": "S"})

    assert text(old, new)[2:5] == [
        "operations", "  breaking  POST /a0 is gone  [operation-removed]", "  breaking  POST /a1 is gone  [operation-removed]",
    ]  # fmt: skip


def changes(number: int, severity: Any) -> list[Change]:
    long = {"value": "x" * 400}
    return [
        Change("type-changed", severity, "request", (f"op{each}",), f"body.p{each}", "string → integer", witness=long)
        for each in range(number)
    ]


def test_a_long_report_is_cut_and_says_so() -> None:
    found = as_text("old", "new", changes(900, "breaking"), everything=False).splitlines()

    assert len(found) <= 400
    assert re.fullmatch(r"… and more, \d+ in all from here on \(all of them: --all, or --json\)", found[-1])
    assert len(as_text("old", "new", changes(900, "breaking"), everything=True).splitlines()) > 2000


@pytest.mark.parametrize("number", [1, 50, 5_000])
def test_a_comment_fits_and_what_matters_least_goes_first(number: int) -> None:
    mixed = [*changes(3, "breaking"), *changes(number, "dangerous"), *changes(number, "safe")]

    comment = as_markdown("old", "new", mixed)

    assert len(comment) <= MOST_CHARACTERS
    assert "`body.p0`" in comment
    assert ("did not fit into a comment" in comment) == (number == 5_000)
    assert ("safe change" in comment) or number == 5_000


def page(old: dict[str, Any], new: dict[str, Any]) -> str:
    contracts = Contract(load(old)), Contract(load(new))
    return as_page(*contracts, diff(*contracts))


def test_the_page_stands_alone_and_shows_both_sides() -> None:
    found = page(shared("a", "b"), shared("b", "c"))

    assert "<script" not in found
    assert "http" not in found
    assert re.findall(r"<h2>(.*?)</h2>", found)[0] == "Role"
    assert found.count('<div class="sides">') >= 2
    assert 'class="row gone"' in found
    assert 'class="row new"' in found


def test_the_page_runs_nothing_that_a_document_says() -> None:
    evil = "<script>alert(1)</script>"
    old, new = document({evil: {"enum": [evil, "a"]}}, {"op": evil}), document({evil: {"enum": ["a"]}}, {"op": evil})
    for each in (old, new):
        each["info"]["title"] = evil

    assert evil not in page(old, new)
    assert "&lt;script&gt;" in page(old, new)


def test_lines_of_a_text_are_numbered_as_the_text_has_them(tmp_path: Path) -> None:
    for name, limit in (("old", 9), ("new", 5)):
        root = document({"S": {"type": "string", "maxLength": limit}}, {"op": "S"})
        (tmp_path / f"{name}.json").write_text(json.dumps(root, indent=2), "utf-8")

    result = CliRunner().invoke(command, [*(str(tmp_path / f"{each}.json") for each in ("old", "new")), "--html", str(tmp_path / "page.html")])

    found = (tmp_path / "page.html").read_text("utf-8")
    line = (tmp_path / "old.json").read_text("utf-8").splitlines().index('      "S": {') + 1
    assert result.exit_code == 0
    assert f"<header>old.json:{line}</header>" in found
    assert "&quot;maxLength&quot;: 9" in found
    assert "&quot;maxLength&quot;: 5" in found


# --- revisions as they come ----------------------------------------------------------------------


def revised(root: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A revision as an API has them: values, properties and operations added, now and then one taken away."""
    new = deepcopy(root)
    schemas = new["components"]["schemas"]
    for _ in range(dice.choice([1, 2, 3, 5, 8])):
        name = dice.choice(list(schemas))
        held = schemas[name].get("properties") if isinstance(schemas[name], dict) else None
        if not isinstance(held, dict) or not held:
            continue
        kind, chosen = dice.random(), dice.choice(list(held))
        if kind < 0.4 and isinstance(held[chosen], dict) and isinstance(held[chosen].get("enum"), list):
            held[chosen]["enum"] = [*held[chosen]["enum"], *(f"value-{dice.randrange(999)}" for _ in range(dice.choice([1, 11])))]
        elif kind < 0.7:
            held[f"new_{dice.randrange(999)}"] = {"$ref": f"#/components/schemas/{dice.choice(list(schemas))}"}
        elif kind < 0.75:
            del held[chosen]
        elif kind < 0.8:
            schemas[name]["required"] = [each for each in schemas[name].get("required", []) if each != chosen]
        elif kind < 0.95:
            answer = {"description": "", "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
            new["paths"][f"/new/{dice.randrange(9999)}"] = {"get": {"responses": {"200": answer}}}
        else:
            del new["paths"][dice.choice(list(new["paths"]))]
    return new


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
def test_revisions_in_a_row_can_be_read() -> None:
    dice, roots = random.Random(7), [load(Path(CORPUS) / "openai-2.1.0.yaml").root]  # the same on every run
    for _ in range(60 if SOAK else 4):
        roots.append(revised(roots[-1], dice))
    lengths = []
    for old, new in itertools.pairwise(roots):
        found = diff(old, new)
        lengths.append(len(as_text("old", "new", found, everything=False).splitlines()))
        assert len(as_markdown("old", "new", found)) <= MOST_CHARACTERS

    assert median(lengths) <= 40
    assert max(lengths) <= 400


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
@pytest.mark.parametrize(("old", "new"), [("2.0.0", "2.1.0"), ("2.1.0", "2.3.0")])
def test_published_revisions_can_be_read(old: str, new: str) -> None:
    found = diff(*(Path(CORPUS) / f"openai-{version}.yaml" for version in (old, new)))

    assert len(as_text(old, new, found, everything=False).splitlines()) <= 400
    assert len(as_markdown(old, new, found)) <= MOST_CHARACTERS
