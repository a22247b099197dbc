"""A client finds its operations, keeps its settings, and keeps its secrets."""

import copy
import pickle
from typing import Any

import pytest
from documents import document

import dynaopenai
from dynaopenai import Client, RequestValidationError, SpecError, UnknownOperationError

OPERATION = {"responses": {"200": {"description": ""}}}
API = document(
    {
        "/orders": {
            "get": {"operationId": "listOrders", "tags": ["Order desk"], **OPERATION},
            "post": {"operationId": "createOrder", "tags": ["Order desk", "Admin"], **OPERATION},
        },
        "/orders/{id}": {"delete": {"tags": ["Admin"], **OPERATION}},
        "/admin": {"get": {"operationId": "admin-keys-list", "tags": ["Admin"], **OPERATION}},
        "/close": {"post": {"operationId": "close", **OPERATION}},
    },
    info={"title": "Shop", "version": "7"},
    servers=[{"url": "https://shop.example/v1"}],
    security=[{"bearer": []}],
    components={
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {"Order": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}},
    },
)
CANARY = "sk-canary-31415926"


class Shop(Client):
    """A client of somebody's own."""


@pytest.fixture
def client() -> Client:
    return Client(API, api_key=CANARY)


def test_one_operation_has_many_names(client: Client) -> None:
    operation = client["listOrders"]

    assert operation is client.listOrders
    assert operation is client.list_orders
    assert operation is client.operations["listOrders"]
    assert operation is client.order_desk.listOrders
    assert operation is client.order_desk.list_orders


def test_ids_that_python_cannot_spell_are_reached_by_item_and_snake_case(client: Client) -> None:
    assert client["admin-keys-list"] is client.admin_keys_list
    assert client["delete_orders_id"].path == "/orders/{id}"


def test_a_clients_own_names_go_before_operations(client: Client) -> None:
    assert client.close() is None  # type: ignore[func-returns-value]
    assert client["close"].path == "/close"


def test_operations_come_in_document_order(client: Client) -> None:
    assert list(client.operations) == ["listOrders", "createOrder", "delete_orders_id", "admin-keys-list", "close"]
    assert len(client.operations) == 5
    assert "listOrders" in client


@pytest.mark.parametrize(
    ("look", "message"),
    [
        (lambda client: client.listOrder, 'Shop has no operation "listOrder"\n  did you mean listOrders'),
        (lambda client: client["listorders"], 'Shop has no operation "listorders"\n  did you mean listOrders'),
        (lambda client: client.admin.list_order, 'client.admin has no operation "list_order"'),
        (lambda client: client.zzzzzz, "it has 5 operations: list(client.operations)"),
        (lambda client: client.orders_create, "did you mean createOrder"),
        (lambda client: client["api.keys.admin.list"], "did you mean admin-keys-list"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(client: Client, look: Any, message: str) -> None:
    with pytest.raises(UnknownOperationError) as caught:
        look(client)

    assert message in str(caught.value)
    assert isinstance(caught.value, AttributeError)


def test_dir_lists_each_operation_once_and_tags(client: Client) -> None:
    assert {"listOrders", "admin_keys_list", "order_desk", "orders", "with_options"} <= set(dir(client))
    assert not {"admin-keys-list", "list_orders"} & set(dir(client))
    assert "listOrders" in dir(client.order_desk)


def test_hasattr_and_copies_behave(client: Client) -> None:
    assert not hasattr(client, "nothing_like_it")
    assert copy.copy(client).listOrders.id == "listOrders"
    assert copy.deepcopy(client).listOrders.id == "listOrders"


def test_the_repr_says_what_there_is(client: Client) -> None:
    assert repr(client).splitlines() == [
        "<Client Shop 7 at https://shop.example/v1, 5 operations, checks strict/strict, key set>",
        "  Order desk 2  Admin 2  (no tag) 1",
        '  client.find("words")   client.OPERATION   help(client.OPERATION)   client.schema("NAME")',
    ]


def test_options_make_a_copy(client: Client) -> None:
    other = client.with_options(timeout=3, headers={"X-A": "1"}).with_options(headers={"X-B": "2"})

    prepared = other.listOrders.prepare()
    assert (prepared.headers["X-A"], prepared.headers["X-B"]) == ("1", "2")
    assert "X-A" not in client.listOrders.prepare().headers
    assert "X-C" in client.listOrders.with_options(headers={"X-C": "3"}).prepare().headers


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validate_requests": "strictly"}, 'validate_requests: found \'strictly\', expected "strict", "warn" or "off"'),
        ({"max_retries": -1}, "max_retries: found -1, expected a count, 0 for none"),
        ({"timeout": 0}, "timeout: found 0, expected seconds, (connect, read) or (connect, read, total) seconds, or None"),
        ({"base_url": "localhost:80"}, "base_url: found"),
        ({"base_url": "https://a b"}, "base_url: found"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Client(API, **options)

    assert message in str(caught.value)


def test_an_option_that_does_not_exist_is_refused(client: Client) -> None:
    with pytest.raises(TypeError, match=r"with_options\(\) has no option 'timout'; did you mean .?timeout"):
        client.with_options(timout=3)


ANY = ': any text where the server does not look, "" to send none'


class TestEnvironment:
    def test_a_key_is_not_sent_to_somebody_elses_api(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", CANARY)

        assert "Authorization" not in Client(API).listOrders.prepare().headers

    @pytest.mark.parametrize("url", ["https://api.openai.com/v1", "http://127.0.0.1:8080/v1", "http://localhost/v1"])
    def test_a_key_is_sent_home_and_on_loopback(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", CANARY)

        client = Client({**API, "servers": [{"url": url}]})

        assert client.listOrders.prepare().headers["Authorization"] == f"Bearer {CANARY}"

    def test_a_key_is_sent_where_the_user_points(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", CANARY)

        client = Client(API, base_url="https://proxy.example")

        assert client.listOrders.prepare().headers["Authorization"] == f"Bearer {CANARY}"

    def test_the_base_url_of_the_environment_is_for_the_api_it_names(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/")

        assert Client(API).base_url == "https://shop.example/v1"
        assert Client({**API, "servers": [{"url": "https://api.openai.com/v1"}]}).base_url == "http://127.0.0.1:9/v1"

    @pytest.mark.parametrize(
        ("url", "key", "hint"),
        [
            ("https://api.openai.com/v1", None, "set OPENAI_API_KEY, or give Client(api_key=...)"),
            ("https://shop.example/v1", None, f"give Client(api_key=...){ANY}"),  # where the environment's would not be sent
            ("https://shop.example/v1", CANARY, f"OPENAI_API_KEY is not sent to https://shop.example: give Client(api_key=...){ANY}"),
        ],
    )
    def test_a_missing_key_is_told_before_anything_is_sent(
        self, url: str, key: str | None, hint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        if key:
            monkeypatch.setenv("OPENAI_API_KEY", key)

        with pytest.raises(RequestValidationError) as caught:
            Client({**API, "servers": [{"url": url}]}).listOrders()

        assert str(caught.value).splitlines() == [
            "listOrders was not sent: 1 problem",
            "  api_key: missing, expected a credential for bearer (bearer)",
            f"    {hint}",
        ]


class TestSecrets:
    def test_they_are_in_no_repr(self, client: Client) -> None:
        client = client.with_options(headers={"Authorization": CANARY, "api-key": CANARY}, query={"key": CANARY})
        shown = [repr(client), repr(client.listOrders), repr(client._settings), repr(client.operations)]

        assert [text for text in shown if CANARY in text] == []

    def test_they_do_not_travel(self, client: Client) -> None:
        client = client.with_options(headers={"Authorization": CANARY, "X-Kept": "1"})

        assert CANARY.encode() not in pickle.dumps(client) + pickle.dumps(client.listOrders)
        revived = pickle.loads(pickle.dumps(client))
        assert revived.listOrders.prepare().headers["X-Kept"] == "1"

    def test_they_are_not_in_a_curl_line(self, client: Client) -> None:
        shown = client.with_options(headers={"api-key": CANARY}).listOrders.curl()

        assert CANARY not in shown
        assert '-H "Authorization: Bearer $OPENAI_API_KEY"' in shown

    def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(self) -> None:
        with pytest.raises(RequestValidationError) as caught:
            Client(API, api_key=f"{CANARY}\n").listOrders()

        assert CANARY not in str(caught.value)
        assert "was it copied with a line end?" in str(caught.value)


def test_a_schema_is_checked_by_name(client: Client) -> None:
    assert client.validate("Order", {"id": 1}) == []
    assert [violation.path for violation in client.validate("Order", {"id": "1"})] == ["id"]
    assert [violation.path for violation in client.validate("Order", {"id": {1}})] == ["id"]
    with pytest.raises(SpecError) as caught:
        client.validate("Ordr", {})
    assert caught.value.remedy == "did you mean Order?"


def test_public_names_are_listed_once_and_are_there() -> None:
    assert dynaopenai.__all__ == sorted(set(dynaopenai.__all__))
    assert [name for name in dynaopenai.__all__ if not hasattr(dynaopenai, name)] == []
    assert set(dynaopenai.errors.__all__) <= set(dynaopenai.__all__)


def test_a_subclass_stays_one_in_copies_and_pickles() -> None:
    shop = Shop(API, api_key=CANARY)

    assert [type(each) for each in (shop.with_options(), copy.copy(shop), pickle.loads(pickle.dumps(shop)))] == [Shop] * 3
