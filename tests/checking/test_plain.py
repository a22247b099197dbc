"""What a caller passes is taken as the JSON value that it is, or refused with its place; nothing becomes text silently."""

from __future__ import annotations

import collections
import dataclasses
import enum
import json
import types
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import pydantic
import pytest
from fault_server import FaultServer, answer
from hypothesis import given
from hypothesis import strategies as st
from small_api import client

from dynaopenai import RequestValidationError
from dynaopenai._checking.json import encode
from dynaopenai._checking.plain import NotJSONError, sound, taken


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another"


class Whole(int):
    def __int__(self) -> int:
        return -1


class Real(float):
    pass


class Object(dict[str, Any]):
    pass


class Colour(str, enum.Enum):
    RED = "red"


class Kind(enum.Enum):
    DEEP = types.MappingProxyType({"a": Colour.RED})


class Level(enum.IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    a: int
    b: str


@dataclasses.dataclass
class Point:
    x: int
    when: date | None = None
    inner: tuple[Text, ...] = ()


class Message(pydantic.BaseModel):
    role: str = "user"
    content: str
    name: str | None = None
    sent_at: datetime | None = pydantic.Field(None, alias="sentAt")
    replies: list[Message] = []


class Numbers:
    """numpy's, as far as it matters: most who test this have no numpy."""

    __module__ = "numpy"

    def __init__(self, value: Any) -> None:
        self.value = value

    def tolist(self) -> Any:
        return self.value


UTC = timezone.utc
TAKEN: list[tuple[Any, Any]] = [
    (Text("a"), "a"),
    (Whole(3), 3),
    (Real(1.5), 1.5),
    (Colour.RED, "red"),
    (Kind.DEEP, {"a": "red"}),
    (Level.HIGH, 3),
    (Object(a=Object(b=(1, 2))), {"a": {"b": [1, 2]}}),
    ({Text("k"): 1, Colour.RED: 2}, {"k": 1, "red": 2}),
    (types.MappingProxyType({"a": 1}), {"a": 1}),
    (collections.ChainMap({"a": 1}), {"a": 1}),
    (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    (Pair(1, Text("z")), [1, "z"]),
    (collections.deque([1]), [1]),
    (collections.UserList([1]), [1]),
    (Point(1, date(2025, 1, 2), (Text("a"),)), {"x": 1, "when": "2025-01-02", "inner": ["a"]}),
    (Point(1), {"x": 1, "when": None, "inner": []}),
    (Message(content="hi"), {"role": "user", "content": "hi", "replies": []}),
    (Message(content="hi", name=None), {"role": "user", "content": "hi", "name": None, "replies": []}),
    (Message(content="hi", sentAt=datetime(2025, 1, 2, tzinfo=UTC)), {"role": "user", "content": "hi", "sentAt": "2025-01-02T00:00:00Z", "replies": []}),
    (Message(content="a", replies=[Message(content="b")]), {"role": "user", "content": "a", "replies": [{"role": "user", "content": "b", "replies": []}]}),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (datetime(2025, 1, 2, 3, 4, 5, 6, UTC), "2025-01-02T03:04:05.000006+00:00"),
    (date(2025, 1, 2), "2025-01-02"),
    (Decimal("0.1"), 0.1),
    (Decimal(7), 7),
    (Numbers(0.7), 0.7),
    (Numbers([[1, 2.5]]), [[1, 2.5]]),
    (Numbers(True), True),
    (Numbers(datetime(2025, 1, 2, tzinfo=UTC)), "2025-01-02T00:00:00+00:00"),
]


@pytest.mark.parametrize(("value", "expected"), TAKEN, ids=lambda value: type(value).__name__)
def test_it_is_the_json_value_that_it_is(value: Any, expected: Any) -> None:
    for held, plain in ((value, expected), ({"a": [value]}, {"a": [expected]})):
        made = taken(held).value
        assert json.dumps(made) == json.dumps(plain)
        assert type(made) is type(plain)
        assert json.loads(encode(held)) == plain


REFUSED: list[tuple[Any, str, str]] = [
    (datetime(2025, 1, 2), "type datetime", "value.astimezone()"),  # noqa: DTZ001 - it has no zone, which is the point
    (time(1), "type time", "value.isoformat()"),
    (timedelta(1), "type timedelta", "value.total_seconds()"),
    (b"x", "type bytes", "base64"),
    ({1, 2}, "type set", "send a list"),
    (range(10**12), "type range", "send a list"),
    ((item for item in [1]), "type generator", "send a list"),
    (object(), "type object", ""),
    (Point, "type type", ""),
    (Message, "type ModelMetaclass", ""),
    ({1: 2}, "the key 1 (int)", "str(key)"),
    (Decimal("NaN"), "NaN", ""),
    (Numbers(float("nan")), "nan", ""),
    (Numbers(object()), "type Numbers", ""),
]


@pytest.mark.parametrize(("value", "says", "hint"), REFUSED, ids=lambda value: type(value).__name__)
def test_what_is_none_is_refused_with_its_place(value: Any, says: str, hint: str) -> None:
    with pytest.raises(NotJSONError) as caught:
        taken({"a": [0, value]})

    [(path, message, _, advice)] = caught.value.troubles
    assert path == "a[1]"
    assert says in message
    assert hint in advice


def test_the_hint_for_a_time_without_a_zone_works() -> None:
    naive = datetime(2025, 1, 2)  # noqa: DTZ001

    assert taken([naive.astimezone(), naive.replace(tzinfo=UTC)]).value[1] == "2025-01-02T00:00:00+00:00"


@pytest.mark.parametrize("text", ["0.1234567890123456789012345", "1E+400", "-3.50", "1e-400"])
def test_a_decimal_is_sent_to_its_last_digit(text: str) -> None:
    assert Decimal(encode({"a": Decimal(text)}).decode()[5:-1]) == Decimal(text)


def doubled(levels: int) -> Any:
    value: Any = [1]
    for _ in range(levels):
        value = [value, value]
    return value


ITSELF: list[Any] = []
ITSELF += [ITSELF, ITSELF]
IN_ITSELF: dict[str, Any] = {"b": []}
IN_ITSELF["b"].append(IN_ITSELF)


@pytest.mark.parametrize(
    ("value", "says"),
    [(ITSELF, "holds itself"), (IN_ITSELF, "holds itself"), (doubled(60), "unfolds to more than"), (doubled(250), "unfolds|deeper"), (Object(a=ITSELF), "itself")],
    ids=range(5),
)
def test_what_has_no_end_is_refused_at_once(value: Any, says: str) -> None:
    with pytest.raises(NotJSONError, match=says):
        taken(value)


def test_what_is_held_twice_is_no_circle() -> None:
    assert taken(doubled(10)).value == doubled(10)
    shared = Object(a=1)
    assert taken([shared, shared]).value == [{"a": 1}, {"a": 1}]


class Broken(Sequence[int]):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, _: Any) -> Any:
        raise RuntimeError("mine")


def test_a_class_that_fails_is_told_with_its_place() -> None:
    with pytest.raises(NotJSONError, match='a: found a value of type Broken that cannot be read: "mine"'):
        taken({"a": Broken()})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_a_plain_value_is_itself(value: Any) -> None:
    assert taken(value).value is value
    assert json.dumps(sound(value)) == json.dumps(value)


def disguised(value: Any) -> Any:
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, dict):
        return types.MappingProxyType({Text(key): disguised(item) for key, item in value.items()})
    return tuple(map(disguised, value)) if isinstance(value, list) else value


@given(JSON)
def test_a_disguised_value_is_the_same(value: Any) -> None:
    assert json.dumps(taken(disguised(value)).value) == json.dumps(value)


def test_it_holds_in_every_place_of_a_call() -> None:
    with FaultServer(answer({"id": "a"})) as server, client(server.url, validate_responses="off") as api:
        api.getThing(UUID(int=1), X_Note=Colour.RED)
        api.listThings(q=Text("a b"))
        api.createThing(Message(content="hi"))
        api.createThing(a=Point(1), b=Decimal("0.12345678901234567890123"), c=Numbers([1.5]))
        api.sendFile(file=("a.txt", b"x"), purpose=Colour.RED)

    sent = server.received
    assert (sent[0].target, sent[0].header("X-Note")) == ("/things/00000000-0000-0000-0000-000000000001", "red")
    assert sent[1].target == "/things?q=a%20b"
    assert sent[2].json == {"role": "user", "content": "hi", "replies": []}
    assert sent[3].body == b'{"a":{"x":1,"when":null,"inner":[]},"b":0.12345678901234567890123,"c":[1.5]}'
    assert b"\r\n\r\nred\r\n--" in sent[4].body


def test_a_refusal_names_the_argument() -> None:
    with client("http://127.0.0.1:9") as api, pytest.raises(RequestValidationError) as caught:
        api.createThing(when=datetime(2025, 1, 2))  # noqa: DTZ001

    assert str(caught.value) == (
        "createThing was not sent: 1 problem\n"
        "  when: found a value of type datetime, which JSON does not know\n"
        "    it has no time zone: send value.astimezone() for local time, value.replace(tzinfo=timezone.utc) for UTC"
    )
