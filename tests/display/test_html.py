"""What Jupyter shows: tables and trees, every text escaped, nothing that runs or is fetched."""

import copy
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import SHOP

from dynaopenai import Client
from dynaopenai._display.html import value
from dynaopenai._response.data import wrap

EVIL = "<script>alert(1)</script><img src=x onerror=y>\"'&"
ALLOWED = {"b", "code", "details", "div", "span", "summary", "table", "tbody", "td", "th", "thead", "tr"}
MARKDOWN = {"a", "blockquote", "br", "em", "h1", "h2", "hr", "li", "ol", "p", "pre", "strong", "ul"}


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(shown: Any) -> Page:
    found = Page(shown._repr_html_())
    assert found.open == []
    assert set(found.tags) <= ALLOWED | MARKDOWN
    assert found.attributes <= {"style", "open", "href", "rel"}
    return found


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(SHOP)


def test_a_client_is_its_operations_in_tables(client: Client) -> None:
    found = page(client)

    assert found.tags.count("table") == 3
    assert [text for text in ("Shop 7", "https://shop.example/v1", "createOrder", "/orders/{order_id}", "Place an order") if text not in found.text] == []


def test_an_operation_and_a_schema_fold(client: Client) -> None:
    operation, schema = page(client.createOrder), page(client.schema("Order"))

    assert operation.tags.count("details") >= 2
    assert "createOrder   POST /orders" in operation.text
    assert "returns a Stream of Piece" in operation.text
    assert schema.tags.count("details") >= 1
    assert "Order" in schema.text


def test_an_answer_folds_and_is_not_endless() -> None:
    found = page(wrap({"data": [{"vector": [0.5] * 1536, "text": "x" * 100_000}] * 500}))

    assert "… 1,528 more" in found.text
    assert "98,000 more characters" in found.text
    assert "… 400 more" in found.text
    assert len(found.text) < 400_000
    assert "… 400 more" in page(wrap({"data": [{"n": 1}] * 500})["data"]).text


def test_each_member_of_an_answer_is_a_line() -> None:
    shown = value({"choices": [{"message": {"content": "Hi"}}], "usage": {"tokens": 3}})

    assert re.findall(r"<summary>(.*?)</summary>", re.sub(r"<(span|/span|code|/code)[^>]*>", "", shown)) == [
        "{2}", "choices [1]", "0 {1}", "message {1}", "usage {1}",
    ]  # fmt: skip


def test_what_is_said_is_markdown() -> None:
    document = copy.deepcopy(SHOP)
    operation = document["paths"]["/orders"]["post"]
    operation["description"] = "**Now**\n\n- `one` [a](https://shop.example/a) [b](/logout) ![c](https://spy.example/c.png)\n\n```\ncode\n```"
    document["components"]["schemas"]["Order"]["properties"]["speed"]["description"] = "_Fast_ is [dear](https://shop.example)"
    client = Client(document)

    shown = page(client.createOrder)
    assert {"strong", "li", "code", "pre", "em"} <= set(shown.tags)
    assert "img" not in shown.tags
    assert shown.links == ["https://shop.example/a", "https://spy.example/c.png", "https://shop.example"]


def test_a_summary_that_is_a_description_is_told_in_brief() -> None:
    document = copy.deepcopy(SHOP)
    operation = document["paths"]["/orders"]["post"]
    operation["summary"] = "**New here?** Read [this](/docs).\n\n---\n\nPlaces an order. It is paid for at once."
    operation.pop("description")

    shown = page(Client(document).createOrder)
    head, _, rest = shown.text.partition("description")
    assert head == "createOrder   POST /orders Places an order."
    assert "It is paid for at once." in rest


def test_what_a_search_finds_is_a_table(client: Client) -> None:
    found, tag = page(client.find("piece")), page(client.orders)

    assert found.tags.count("table") == 1
    assert [text for text in ("createOrder", "/orders", "Place an order", "schemas: Piece") if text not in found.text] == []
    assert "3 operations" in tag.text
    assert "nothing fits" in page(client.find("zzzz")).text


def test_texts_of_a_document_are_escaped() -> None:
    document = copy.deepcopy(SHOP)
    document["info"]["title"] = EVIL
    operation = document["paths"]["/orders"]["post"]
    operation["summary"] = operation["description"] = EVIL
    operation["tags"] = [EVIL]
    document["components"]["schemas"]["Order"]["properties"][EVIL] = {"enum": [EVIL], "description": EVIL}
    client = Client(document)

    for shown in (client, client.createOrder, client.schema("Order")):
        assert EVIL in page(shown).text


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=15)


@given(JSON)
def test_any_answer_is_sound_html(item: Any) -> None:
    found = Page(value(item))

    assert found.open == []
    assert set(found.tags) <= ALLOWED
