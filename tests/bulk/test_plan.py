"""The plan: every row checked and named before anything is sent."""

import pytest
from documents import OK, body, document

from dynaopenai import Client
from dynaopenai._bulk.ledger import Ledger, key_of
from dynaopenai._bulk.plan import Plan
from dynaopenai._bulk.rows import rows
from dynaopenai._bulk.template import Template, words_of

TEA = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["green", "black"]}, "cups": {"type": "integer"}}}
DOCUMENT = document({"/brew": {"post": {"operationId": "brew", **body(TEA), **OK}}}, "3.1.0")
BREW = Client(DOCUMENT).brew
VALUES = [{"kind": "green"}, {"kind": "green"}, {"kind": "blue"}, {"kind": "black", "cups": "2"}, {"kind": "black"}]


def plan(ledger, values, identity="", words=(), salt=b"salt"):
    template = Template(BREW._plan.writer.arguments, {}, words_of(words), identity)
    return Plan("brew", rows(values), template, lambda keywords: BREW.validate_request(**keywords), ledger, salt)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "out.jsonl", {"operation": "brew"}) as ledger:
        yield ledger


def test_every_row_is_checked_and_only_valid_ones_are_to_be_sent(ledger):
    tested = plan(ledger, VALUES)
    refused = [row for row in tested.survey() if row.error]
    assert [(row.row.number, row.words.partition(":")[0]) for row in refused] == [(3, "kind"), (4, "cups")]
    assert [task.number for task in tested.tasks()] == [1, 2, 5]


def test_equal_rows_have_identities_of_their_own_the_same_on_every_reading(ledger):
    tested = plan(ledger, VALUES)
    list(tested.survey())
    first, second, _ = (task.identity for task in tested.tasks())
    assert second == f"{first}-2"
    assert [task.identity for task in tested.tasks()][:2] == [first, second]


def test_the_order_of_members_does_not_make_another_row(ledger):
    tested = plan(ledger, [{"kind": "black", "cups": 1}, {"cups": 1, "kind": "black"}])
    list(tested.survey())
    first, second = (task.identity for task in tested.tasks())
    assert second == f"{first}-2"


def test_what_is_answered_is_neither_checked_nor_sent_again(ledger):
    tested = plan(ledger, VALUES)
    list(tested.survey())
    answered = next(tested.tasks())
    ledger.write(answered.key, 1, b'{"row": 1, "id": "%b"}\n' % answered.identity.encode())
    ledger.commit()
    assert [(row.is_answered, row.error is None) for row in tested.survey()] == [
        (True, True), (False, True), (False, False), (False, False), (False, True),
    ]  # fmt: skip
    assert [task.number for task in tested.tasks()] == [2, 5]


def test_a_column_names_the_rows(ledger):
    values = [{"name": "a", "kind": "green"}, {"name": 7, "kind": "green"}, {"name": "a", "kind": "black"}, {"kind": "black"}]
    tested = plan(ledger, values, identity="name")
    refused = [row for row in tested.survey() if row.error]
    assert [row.words for row in refused] == [
        'name: found "a" again, expected a value of its own in every row',
        'the row has no "name", which names the rows',
    ]
    assert [(task.identity, task.key) for task in tested.tasks()] == [("a", key_of("a")), ("7", key_of("7"))]


def test_a_row_is_the_same_request_in_every_run_and_another_in_another_run(ledger):
    def keys(salt):
        tested = plan(ledger, VALUES, salt=salt)
        list(tested.survey())
        return [task.idempotency_key for task in tested.tasks()]

    assert keys(b"one") == keys(b"one")
    assert not set(keys(b"one")) & set(keys(b"two"))
    assert len(set(keys(b"one"))) == 3
