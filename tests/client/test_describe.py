"""Operations and schemas are told in the document's own words."""

import ast
import inspect
import pydoc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import SHOP

from dynaopenai import Client
from dynaopenai._checking.outline import grow, words
from dynaopenai._checking.schema import Schema
from dynaopenai._client.describe import expression, literal
from dynaopenai._display.tree import drawn


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(SHOP)


def test_a_repr_has_an_argument_a_line(client: Client) -> None:
    assert repr(client.createOrder).splitlines() == [
        "createOrder   POST /orders",
        "Place an order",
        "",
        "  items     array of Item (at least 1 item)          required",
        '  speed     "slow" or "fast"                         = "slow"',
        "  gift      boolean",
        "  discount  number 0 to 0.5",
        "  labels    array of string",
        "  codes     array of integer",
        "  note      string of at most 20 characters or null",
        "  stream    boolean",
        "",
        "  returns Placed",
        "  returns a Stream of Piece",
    ]


def test_a_repr_of_what_takes_and_gives_nothing_is_short(client: Client) -> None:
    assert repr(client["close"]).splitlines() == ["close   POST /close", "", "  returns nothing"]


def test_a_string_of_it_is_one_line(client: Client) -> None:
    assert str(client.createOrder) == "<Operation createOrder POST /orders>"


def test_a_broken_description_does_not_break_the_prompt() -> None:
    broken = {**SHOP, "paths": {"/x": {"get": {"operationId": "x", "parameters": [{"in": "query"}], "responses": {}}}}}
    operation = Client(broken).x

    assert repr(operation) == "<Operation x GET /x>"
    assert "a parameter needs a name and a place" in str(operation.__doc__)


def test_help_says_everything(client: Client) -> None:
    shown = pydoc.render_doc(client.createOrder, renderer=pydoc.plaintext)

    assert "createOrder(*,items:list[dict]" in "".join(shown.split())  # Python 3.13 writes an argument a line
    for said in (
        "Places an order at once. It can be cancelled while nothing is packed.",
        "- one\n    - two",
        "items: array of Item (at least 1 item), required",
        'speed: "slow" or "fast", = "slow"',
        "201 application/json: Placed",
        "└─ speed  string",
        "422 Problem: There is no such product.",
        'client.createOrder(items=[{"product": "product", "count": 1}])',
    ):
        assert said in shown


def test_help_tells_of_deprecation_and_of_other_names(client: Client) -> None:
    assert "Deprecated: the API's document advises against new uses" in str(client["cancel-order"].__doc__)
    assert 'client["cancel-order"](order_id="text")' in str(client["cancel-order"].__doc__)
    assert "X_Region: string (in the header); the API calls it X-Region" in str(client.listOrders.__doc__)
    assert "None: the answer has no body." in str(client["close"].__doc__)


def test_a_name_that_the_client_has_for_itself_is_reached_as_an_item(client: Client) -> None:
    assert 'Example:\n    client["close"]()' in str(client["close"].__doc__)


def test_the_class_keeps_a_docstring_of_its_own(client: Client) -> None:
    assert str(type(client.createOrder).__doc__).startswith("One operation of the document")
    assert list(inspect.signature(client.createOrder).parameters) == [
        "items", "speed", "gift", "discount", "labels", "codes", "note", "stream",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("operation_id", "called"),
    [("createOrder", "client.createOrder"), ("a-b", 'client["a-b"]'), ("close", 'client["close"]'), ("class", 'client["class"]')],
)
def test_an_operation_is_called_by_what_reaches_it(operation_id: str, called: str) -> None:
    assert expression(operation_id, dir(Client)) == called


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({}, "anything"),
        (False, "nothing"),
        ({"type": "string", "format": "uri"}, "string (uri)"),
        ({"type": "string", "minLength": 1, "maxLength": 64}, "string of 1 to 64 characters"),
        ({"type": "string", "minLength": 1}, "string of at least 1 character"),
        ({"type": "string", "minLength": 4, "maxLength": 4}, "string of 4 characters"),
        ({"type": "string", "pattern": "^a+$"}, "string matching ^a+$"),
        ({"type": "integer", "exclusiveMinimum": 0}, "integer above 0"),
        ({"type": ["integer", "null"], "maximum": 9}, "integer at most 9 or null"),
        ({"const": "x"}, '"x"'),
        ({"enum": ["a", None, 3]}, '"a", 3 or null'),
        ({"enum": list("abcdefghijk")}, '"a", "b", "c", "d", "e", "f", "g", "h" … (11 in all)'),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}, "array of (string or integer)"),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "string or array of string"),
        ({"allOf": [{"type": "boolean"}]}, "boolean"),
        ({"type": "string", "x-binary": True}, "file"),
    ],
)
def test_a_schema_is_said_in_words(schema: Any, said: str) -> None:
    assert words(Schema(schema, {}, {})) == said


def test_a_schema_is_shown_as_a_tree_that_ends(client: Client) -> None:
    assert repr(client.schema("Item")).splitlines() == [
        "Item: object",
        "├─ product  string  required",
        "├─ count    integer at least 1  required",
        "└─ parts    array of Item",
        "   ├─ product  string  required",
        "   ├─ count    integer at least 1  required",
        "   └─ parts    array of Item",
    ]


def test_branches_are_shown_by_name() -> None:
    cat, dog = ({"type": "object", "properties": {name: {"type": "string"}}} for name in ("purr", "bark"))
    document = {**SHOP, "components": {"schemas": {"Cat": cat, "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, dog]}}}}

    shown = repr(Client(document).schema("Pet")).splitlines()

    assert shown[0] == "Pet: Cat or object"
    assert shown[1:] == [
        "├─ Cat       object",
        "│  └─ purr  string",
        "└─ object 2  object",
        "   └─ bark  string",
    ]


def test_a_tree_stays_on_the_screen() -> None:
    wide = {"type": "object", "properties": {f"p{n}": {"type": "string", "description": "x" * 500} for n in range(1000)}}

    lines = drawn(grow(Schema(wide, {}, {}))).splitlines()

    assert len(lines) <= 121
    assert max(map(len, lines)) <= 110


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
    max_leaves=20,
)


@given(JSON)
def test_an_example_reads_back_as_what_it_is(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value
    assert ast.literal_eval(literal(("name", value))) == ("name", value)
