"""Overlays: each rule of the specification, what matches nothing, and the way from one document to another."""

import copy
import json
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import SpecError
from dynaopenai._cli.verbs.overlay import command
from dynaopenai._document.document import load
from dynaopenai._document.overlay import apply, make, select

BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/a": {"get": {"tags": ["x", "y"], "parameters": [{"name": "p", "in": "query"}, {"name": "q", "in": "query"}]}},
        "/b": {"get": {"tags": ["y"]}},
    },
}


def overlay(*actions: Any, version: str = "1.1.0") -> dict[str, Any]:
    return {"overlay": version, "info": {"title": "O", "version": "1"}, "actions": list(actions)}


def applied(*actions: Any) -> Any:
    return apply(load(BASE), [overlay(*actions)]).root


ACTIONS: list[tuple[str, list[Any], str, Any]] = [
    ("an object is merged", [{"target": "$.info", "update": {"x-a": 1, "title": "U"}}], "$.info", {"title": "U", "version": "1", "x-a": 1}),
    ("an object is merged at any depth", [{"target": "$", "update": {"info": {"x": {"y": 1}}}}], "$.info.x", {"y": 1}),
    ("a list is lengthened by a list", [{"target": "$.paths['/b'].get.tags", "update": ["z"]}], "$.paths['/b'].get.tags", ["y", "z"]),
    ("a list is lengthened by one item", [{"target": "$.paths['/b'].get.tags", "update": "z"}], "$.paths['/b'].get.tags", ["y", "z"]),
    ("a list inside an update is lengthened", [{"target": "$.paths['/b'].get", "update": {"tags": ["z"]}}], "$.paths['/b'].get.tags", ["y", "z"]),
    ("a scalar is replaced", [{"target": "$.info.title", "update": "U"}], "$.info.title", "U"),
    ("every match is updated", [{"target": "$.paths.*.get", "update": {"x-safe": True}}], "$.paths['/b'].get['x-safe']", True),
    ("a filter selects", [{"target": "$..parameters[?@.name=='q']", "update": {"in": "header"}}], "$.paths['/a'].get.parameters[1].in", "header"),
    ("a member is removed", [{"target": "$.paths['/b']", "remove": True}], "$.paths.length", None),
    ("items are removed, the last first", [{"target": "$.paths['/a'].get.parameters[*]", "remove": True}], "$.paths['/a'].get.parameters", []),
    ("a scalar item is removed", [{"target": "$.paths.*.get.tags[?@ == 'y']", "remove": True}], "$.paths['/a'].get.tags", ["x"]),
    ("remove goes before update", [{"target": "$.info.title", "remove": True, "update": "U"}], "$.info", {"version": "1"}),
    ("actions see what the one before left", [{"target": "$.info", "update": {"n": {}}}, {"target": "$.info.n", "update": {"m": 1}}], "$.info.n", {"m": 1}),
    ("copy goes before update", [{"target": "$.info", "copy": "$.paths['/a'].get.parameters[0]", "update": {"z": 1}}], "$.info", {"title": "T", "version": "1", "name": "p", "in": "query"}),
    ("a node is copied", [{"target": "$.paths['/b'].get", "copy": "$.paths['/a'].get.parameters[0]"}], "$.paths['/b'].get.name", "p"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "actions", "path", "expected"), ACTIONS, ids=[case[0] for case in ACTIONS])
def test_an_action(name: str, actions: list[Any], path: str, expected: Any) -> None:
    root = applied(*actions)
    found = [_at(root, place) for place in select(root, path)]

    assert found == ([expected] if expected is not None else []), name


def _at(root: Any, place: tuple[Any, ...]) -> Any:
    for token in place:
        root = root[token]
    return root


def test_the_document_itself_stays_as_it_was() -> None:
    document, before = load(BASE), copy.deepcopy(BASE)

    apply(document, [overlay({"target": "$.info", "remove": True})])

    assert document.root == before


def test_one_that_is_not_there_is_asked_for_as_what_it_is(tmp_path: Any) -> None:
    with pytest.raises(SpecError, match="cannot read") as caught:
        apply(load(BASE), [str(tmp_path / "nope.yaml")])

    assert caught.value.remedy == "give the path of an OpenAPI Overlay"


def test_a_target_that_matches_nothing_is_told() -> None:
    (found,) = apply(load(BASE), [overlay({"target": "$.paths['/c']", "remove": True})]).diagnostics

    assert (found.code, found.severity) == ("overlay-matches-nothing", "warning")
    assert "action 1 of the overlay matches nothing: \"$.paths['/c']\"" in str(found)


WRONG: list[tuple[Any, str]] = [
    ({"openapi": "3.1.0"}, "this is no overlay"),
    ({"overlay": "2.0.0", "actions": [{"target": "$"}]}, "this is no overlay"),
    ({**overlay(), "actions": None}, "actions"),
    (overlay({"update": {}}), "a mapping with a target"),
    (overlay({"target": "$[", "update": {}}), "a JSONPath"),
    (overlay({"target": "paths", "update": {}}), "a JSONPath"),
    (overlay({"target": "$.info", "update": "x"}), "expected  an object"),
    (overlay({"target": "$.info", "update": {"title": {}}}), "remove it in an action before"),
    (overlay({"target": "$.info.title", "update": {}}), "expected  a scalar"),
    (overlay({"target": "$.info.*", "update": "x"}, {"target": "$[?@ == '3.1.0' || @.title]", "update": {}}), "nodes of one kind"),
    (overlay({"target": "$", "remove": True}), "a part of it"),
    (overlay({"target": "$.info", "copy": "$.paths.*"}), "selects 2 nodes"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "message"), WRONG)
def test_what_cannot_be_done_is_said(source: Any, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        apply(load(BASE), [source])

    assert message in str(caught.value)


FINE = {"overlay": "1.0.0", "info": {"title": "O", "version": "1"}, "actions": [{"target": "$", "update": {}}]}
INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("no info", {"info": None}, "info"),
    ("info without title", {"info": {"version": "1"}}, "info.title"),
    ("info without version", {"info": {"title": "O"}}, "info.version"),
    ("a title that is no text", {"info": {"title": 1, "version": "1"}}, "info.title"),
    ("a version that is no text", {"info": {"title": "O", "version": 1.0}}, "info.version"),
    ("info with another field", {"info": {"title": "O", "version": "1", "name": "x"}}, "info.name"),
    ("a version of the specification that there is not", {"overlay": "1.7.0"}, "this is no overlay"),
    ("a version of the specification in part", {"overlay": "1.0"}, "this is no overlay"),
    ("a version of the specification that is no text", {"overlay": 1.0}, "this is no overlay"),
    ("extends that is no text", {"extends": 1}, "extends"),
    ("extends that is no reference", {"extends": "a b"}, "extends"),
    ("another field", {"action": []}, "action"),
    ("actions that are no list", {"actions": {}}, "actions"),
    ("an action that is no mapping", {"actions": ["x"]}, "actions[0]"),
    ("a target that is no text", {"actions": [{"target": 1}]}, "actions[0].target"),
    ("a target that does not begin with $", {"actions": [{"target": "info"}]}, "actions[0].target"),
    ("remove that is no flag", {"actions": [{"target": "$.info", "remove": "yes"}]}, "actions[0].remove"),
    ("a description that is no text", {"actions": [{"target": "$.info", "description": 1}]}, "actions[0].description"),
    ("a field that is misspelt", {"actions": [{"target": "$.info", "updat": {}}]}, "actions[0].updat"),
    ("an action twice", {"actions": [{"target": "$.info", "update": {}}] * 2}, "actions[1]"),
    ("copy, which 1.0 has not", {"actions": [{"target": "$.info", "copy": "$.info"}]}, "actions[0].copy"),
    ("a copy that is no text", {"overlay": "1.1.0", "actions": [{"target": "$.info", "copy": 1}]}, "actions[0].copy"),
    ("a description, which 1.0 has not", {"info": {"title": "O", "version": "1", "description": "d"}}, "info.description"),
    ("a description of the wrong type", {"overlay": "1.1.0", "info": {"title": "O", "version": "1", "description": 1}}, "info.description"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changed", "place"), INVALID, ids=[case[0] for case in INVALID])
def test_what_the_specification_calls_invalid_is_refused_with_its_place(name: str, changed: Any, place: str) -> None:
    apply(load(BASE), [FINE])

    with pytest.raises(SpecError) as caught:
        apply(load(BASE), [FINE | changed])

    assert place in str(caught.value), name


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0"])
def test_extensions_are_anybodys(version: str) -> None:
    action = {"target": "$.info", "description": "why", "update": {"x": 1}, "x-by": "me"}
    info = {"title": "O", "version": "1", "x-on": 2}

    apply(load(BASE), [{"overlay": version, "info": info, "extends": "api.yaml", "actions": [action], "x-more": []}])


SHARED = """
openapi: 3.1.0
info: &info {title: T, version: '1'}
x-copy: *info
paths:
  /a: &item {get: {tags: [x]}}
  /b: *item
"""


@pytest.mark.parametrize("new", [{"info": {"title": "U"}}, {"x-copy": {}}, {"paths": {"/a": {"get": {"tags": []}}, "/b": {"get": {"tags": ["x"]}}}}])
def test_what_anchors_share_is_changed_in_one_place(new: Any) -> None:
    old, wanted = load(SHARED), load(load(SHARED).root | new)

    made = apply(old, [make(old, wanted)])

    assert made.root == wanted.root
    assert [each.code for each in made.diagnostics if each.code == "overlay-matches-nothing"] == []


KEYS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=3) | st.sampled_from(["a", "b", "it's", "\\", '"'])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(0, 1) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
ROOTS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(old=ROOTS, new=ROOTS)
def test_what_is_made_from_two_leads_from_one_to_the_other(old: Any, new: Any) -> None:
    mine, theirs = load(old), load(new)

    made = apply(mine, [make(mine, theirs)])

    assert made.root == theirs.root
    assert [each for each in made.diagnostics if each.code == "overlay-matches-nothing"] == []


@pytest.mark.parametrize("form", [["--format", "json"], ["--json"]])
def test_the_verbs_write_and_apply(tmp_path: Any, form: list[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.yaml"
    old.write_text('{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}', "utf-8")
    new.write_text("openapi: 3.1.0\ninfo: {title: U, version: '1'}\npaths: {}\n", "utf-8")
    made = tmp_path / "fix.yaml"

    assert CliRunner().invoke(command, ["make", str(old), str(new), "-o", str(made)]).exit_code == 0
    result = CliRunner().invoke(command, ["apply", str(old), str(made), *form])

    assert json.loads(result.output) == load(new).root


def test_the_verbs_write_what_a_remembered_document_has_not_read_yet(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAOPENAI_CACHE", str(tmp_path / "cache"))
    old, new, made = (tmp_path / name for name in ("old.json", "new.json", "fix.yaml"))
    old.write_text(json.dumps(BASE), "utf-8")
    new.write_text(json.dumps({**BASE, "components": {"schemas": {"A": {"type": "string"}}}, "x-large": "x" * 20_000}), "utf-8")
    whole = load(new).root

    assert CliRunner().invoke(command, ["make", str(old), str(new), "-o", str(made)]).exit_code == 0
    result = CliRunner().invoke(command, ["apply", str(old), str(made)])

    assert load(result.output).root == whole == load(new).root


def test_strict_refuses_an_idle_action(tmp_path: Any) -> None:
    (tmp_path / "doc.yaml").write_text("openapi: 3.1.0\n", "utf-8")
    (tmp_path / "fix.yaml").write_text("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- {target: $.x, remove: true}\n", "utf-8")
    paths = [str(tmp_path / "doc.yaml"), str(tmp_path / "fix.yaml")]

    assert CliRunner().invoke(command, ["apply", *paths]).exit_code == 0
    assert CliRunner().invoke(command, ["apply", "--strict", *paths]).exit_code == 1


def test_an_action_that_does_not_fit_another_version_is_told_and_passed_over() -> None:
    """Corrections outlive the version that they were made for."""
    root = {"openapi": "3.1.0", "info": {"title": "T", "version": "2"}, "paths": {}, "x-list": [1]}
    actions = [{"target": "$.paths", "update": [1]}, {"target": "$.info", "update": {"title": "U"}}]
    overlay = {"overlay": "1.1.0", "info": {"title": "O", "version": "1"}, "x-made-for": "1", "actions": actions}

    made = apply(load(root), [overlay])

    assert made.root["info"]["title"] == "U"
    assert [each.code for each in made.diagnostics] == ["overlay-matches-nothing"]
    with pytest.raises(SpecError):
        apply(load(root), [{**overlay, "x-made-for": "2"}])
