"""Where an operation leads on stands in its help: links with their targets and expressions, callbacks with theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai._cli import cli as _cli

DOCUMENT = """
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /users:
    post:
      operationId: addUser
      responses:
        "201":
          description: Made.
          links:
            itself: {operationId: getUser, parameters: {id: '$response.body#/id'}, description: The user. As it was made.}
            files: {operationRef: '#/paths/~1users~1{id}~1files/get', parameters: {path.id: '$response.body#/id', query.since: '{$request.header.Date}'}}
            far: {operationRef: 'https://far.example/api.yaml#/paths/~1a/get', requestBody: {a: '$response.body#/id'}}
            shared: {$ref: '#/components/links/Shared'}
            lost: {operationId: nowhere}
            strange: {operationId: getUser, parameters: {idd: 1}}
        default: {description: Else., links: {again: {operationId: addUser}}}
      callbacks:
        changed:
          '{$request.query.hook}?event={$request.query.event}':
            summary: About all of them.
            post:
              summary: The user changed.
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Event'}}, text/plain: {}}}
              responses: {"204": {description: Taken.}, "410": {description: No more.}}
            put: {responses: {default: {description: Any.}}}
        gone: {$ref: '#/components/callbacks/Gone'}
        broken: {$ref: '#/components/callbacks/None'}
  /users/{id}:
    get: {operationId: getUser, parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {"200": {description: It.}}}
  /users/{id}/files:
    get:
      operationId: files
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}, {name: since, in: query, schema: {type: string}}]
      responses: {"200": {description: Them.}}
components:
  schemas: {Event: {type: object, properties: {kind: {type: string}}}}
  links: {Shared: {operationId: getUser, parameters: {id: 7}}}
  callbacks: {Gone: {'$request.body#/hook': {description: The user is gone., delete: {}}}}
"""
HELP = """
Links, called as reply.links.NAME() of a reply that send(...) gave:
  itself (of 201): getUser(id=$response.body#/id)
      The user.
  files (of 201): files(id=$response.body#/id, since={$request.header.Date})
  far (of 201): https://far.example/api.yaml#/paths/~1a/get(body={"a":
      "$response.body#/id"})
  shared (of 201): getUser(id=7)
  strange (of 201): getUser(idd=1)
  again (of default): addUser()

Callbacks, which the API sends to you:
  changed: PUT {$request.query.hook}?event={$request.query.event}
      About all of them.
      expects default
  changed: POST {$request.query.hook}?event={$request.query.event}
      The user changed.
      sends application/json: Event, text/plain; expects 204, 410
  gone: DELETE $request.body#/hook
      The user is gone.
"""


def test_help_tells_links_and_callbacks_in_the_width_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynaopenai._display.width.terminal", lambda: 80)

    assert HELP in str(Client(DOCUMENT).addUser.__doc__)
    assert "Links" not in str(Client(DOCUMENT).getUser.__doc__)


def test_show_tells_the_same_to_programs(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "users.yaml").write_text(DOCUMENT, "utf-8")
    assert _cli.run(["show", "addUser", "--json", "--spec", str(tmp_path / "users.yaml")]) == 0
    shown = json.loads(capsys.readouterr().out)

    assert [(link["name"], link["operation"]) for link in shown["links"]][:3] == [
        ("itself", "getUser"),
        ("files", "files"),
        ("far", "https://far.example/api.yaml#/paths/~1a/get"),
    ]
    assert shown["callbacks"][-1] == {
        "name": "gone",
        "method": "DELETE",
        "url": "$request.body#/hook",
        "description": "The user is gone.",
        "sends": [],
        "expects": [],
    }


def test_links_that_lead_nowhere_or_pass_on_what_is_not_taken_are_defects() -> None:
    found = {one.code: (one.severity, one.message) for one in Client(DOCUMENT).diagnostics if one.pointer.startswith("#/paths/~1users/post/responses")}

    assert found == {
        "lost-link": ("error", 'a link leads to no operation of this document, found "nowhere"'),
        "unknown-link-argument": ("warning", 'the link "strange" passes on "idd", which getUser does not take'),
    }
