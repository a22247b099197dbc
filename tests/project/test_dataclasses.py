"""A dataclass of this package is one as `dataclasses` makes them, and making it imports nothing and compiles one function."""

from __future__ import annotations

import ast
import copy
import dataclasses
import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import _dataclasses

PACKAGE = Path(__file__).parents[2] / "dynaopenai"
OURS = SimpleNamespace(dataclass=_dataclasses.dataclass, field=_dataclasses.field)


def plain(maker: Any) -> type:
    @maker.dataclass(frozen=True)
    class Made:
        one: int
        two: Any = "two"
        three: list[int] = maker.field(default_factory=list)

    return Made


def partly_compared(maker: Any) -> type:
    @maker.dataclass(frozen=True)
    class Made:
        one: Any
        two: Any = maker.field(default=2, compare=False)
        three: Any = maker.field(default=3, repr=False)

    return Made


def mutable(maker: Any) -> type:
    @maker.dataclass
    class Made:
        one: Any
        two: Any = 2
        three: Any = maker.field(default=3, repr=False)

    return Made


def not_compared(maker: Any) -> type:
    @maker.dataclass(frozen=True, eq=False)
    class Made:
        one: Any
        two: Any = None
        three: Any = None
        shared: ClassVar[dict[str, int]] = {}

    return Made


def not_shown(maker: Any) -> type:
    @maker.dataclass(frozen=True, repr=False)
    class Made:
        one: Any
        two: Any = 2
        three: Any = 3

    return Made


def slotted(maker: Any) -> type:
    @maker.dataclass(frozen=True, slots=True)
    class Made:
        one: Any
        two: Any = 2
        three: Any = maker.field(default_factory=tuple)

    return Made


def with_words_of_its_own(maker: Any) -> type:
    @maker.dataclass(frozen=True)
    class Made:
        one: Any
        two: Any = 2
        three: Any = 3

        def __repr__(self) -> str:
            return f"<{self.one}>"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and repr(other) == repr(self)

        def __hash__(self) -> int:
            return hash(self.one)

    return Made


def worked_out(maker: Any) -> type:
    @maker.dataclass
    class Made:
        one: Any
        two: Any = maker.field(init=False)
        three: Any = maker.field(default_factory=dict, init=False)

        def __post_init__(self) -> None:
            self.two = (self.one, self.three)

    return Made


def extended(maker: Any) -> type:
    @maker.dataclass(frozen=True)
    class Base:
        one: Any
        two: Any = 2

    @maker.dataclass(frozen=True)
    class Made(Base):
        two: Any = 22
        three: Any = 3

    return Made


def of_nothing(maker: Any) -> type:
    @maker.dataclass(frozen=True)
    class Made:
        """It has no fields."""

    return Made


KINDS = [plain, partly_compared, mutable, not_compared, not_shown, slotted, with_words_of_its_own, worked_out, extended, of_nothing]
WAYS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}), ((1,), {}), ((), {"one": 1}), ((1, 2), {"three": 3}), ((1, 2, 3), {}), ((), {"three": 3, "one": 1}),
    ((1, 2, 3, 4), {}), ((1,), {"one": 1}), ((1,), {"four": 4}), ((), {"two": 2}), (([],), {"two": {}}),
]  # fmt: skip


def outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whichever it is
        return type(error).__name__, str(error)


def every_fact(cls: type, *values: Any, **named: Any) -> Any:
    """All that can be seen of one of it: words, equality, hashes, what may be changed, its parts by `dataclasses`."""
    one, other = cls(*values, **named), cls(*values, **named)
    names = [name for name in ("one", "two", "three") if hasattr(one, name)]
    return {
        "repr": re.sub("0x[0-9a-f]+", "0x", repr(one)),
        "equal": (one == other, one != other, one == copy.copy(one), one == copy.deepcopy(one), one == "one"),
        "hash": outcome(lambda: hash(one) == hash(other)),
        "values": [getattr(one, name) for name in names],
        "fields": [(item.name, item.init, item.repr, item.compare, item.type) for item in dataclasses.fields(one)],
        "asdict": dataclasses.asdict(one),
        "is one": dataclasses.is_dataclass(one) and dataclasses.is_dataclass(cls),
        "replaced": outcome(lambda: re.sub("0x[0-9a-f]+", "0x", repr(dataclasses.replace(one, one=[7])))),
        "match": cls.__match_args__,
        "signature": str(inspect.signature(cls)),
        "slots": hasattr(one, "__dict__"),
        "assigned": outcome(lambda: setattr(other, "one", 7)),
        "deleted": outcome(lambda: delattr(other, "one")),
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("values", "named"), WAYS)
def test_it_is_a_dataclass_as_any_other(kind: Callable[[Any], type], values: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, theirs = kind(OURS), kind(dataclasses)

    assert outcome(lambda: every_fact(ours, *values, **named)) == outcome(lambda: every_fact(theirs, *values, **named))


@given(st.lists(st.integers() | st.text() | st.none(), min_size=1, max_size=3), st.integers())
def test_a_replacement_is_as_one_made_anew(values: list[Any], two: int) -> None:
    for kind in (plain, partly_compared, mutable, slotted, extended):
        before = kind(OURS)(*values)

        after = _dataclasses.replace(before, two=two)

        assert (after.one, after.two, after.three) == (before.one, two, before.three)
        assert type(after) is type(before)
        assert [item.name for item in _dataclasses.fields(after)] == ["one", "two", "three"]


@_dataclasses.dataclass(frozen=True, slots=True)
class Place:
    file: str
    line: int = 1


def test_one_with_slots_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Place("a.yaml", 3))) == Place("a.yaml", 3)


def test_a_class_of_the_standard_library_may_extend_one() -> None:
    @dataclasses.dataclass(frozen=True)
    class Extended(plain(OURS)):  # type: ignore[misc]
        four: int = 4

    assert [item.name for item in dataclasses.fields(Extended)] == ["one", "two", "three", "four"]
    assert Extended(1, four=5) == Extended(1, "two", [], 5)


def point(base: Any) -> type:
    class Point(base):
        """Where it is."""

        x: int
        y: Any = 2
        label: str = ""

        @property
        def size(self) -> Any:
            return self.x + self.y

        def __str__(self) -> str:
            return f"{self.label}@{self.x}"

        @classmethod
        def origin(cls) -> Any:
            return cls(0, 0)

    return Point


@pytest.mark.parametrize(("values", "named"), [((1,), {}), ((), {"x": 1}), ((1, 2, "a"), {}), ((1,), {"label": "b"}), ((), {}), ((1, 2, 3, 4), {}), ((1,), {"z": 1})])
def test_a_named_tuple_is_one_as_any_other(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    def every_fact(cls: Any) -> Any:
        one = cls(*values, **named)
        return {
            "tuple": (tuple(one), isinstance(one, tuple), one == tuple(one), hash(one) == hash(tuple(one)), [*one], len(one)),
            "words": (repr(one), str(one), cls.__doc__, cls.__name__, cls.__qualname__, cls.__module__),
            "parts": (cls._fields, cls._field_defaults, one._asdict(), one._replace(y=7), cls._make([1, 2, 3]), cls.__match_args__),
            "own": (outcome(lambda: one.size), cls.origin(), outcome(lambda: setattr(one, "x", 1)), hasattr(one, "__dict__")),
            "signature": re.sub(r"ForwardRef\('(\w+)'[^)]*\)", r"'\1'", str(inspect.signature(cls))),
            "bases": (cls.__bases__, cls.__mro__[1:]),
        }

    ours, theirs = outcome(lambda: every_fact(point(_dataclasses.NamedTuple))), outcome(lambda: every_fact(point(NamedTuple)))

    assert ours == theirs


class Spot(_dataclasses.NamedTuple):
    x: int
    y: int = 0


def test_a_named_tuple_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Spot(1))) == Spot(1, 0)


@pytest.mark.skipif(not hasattr(copy, "replace"), reason="Python 3.13 has it")
@pytest.mark.parametrize("made", [Place("a.yaml", 3), Spot(1)], ids=repr)
def test_copy_replaces_in_it(made: Any) -> None:
    name, last = made.__match_args__

    assert copy.replace(made, **{name: 5}) == type(made)(5, getattr(made, last))  # type: ignore[attr-defined]


def test_making_one_imports_nothing() -> None:
    code = (
        "import sys; from dynaopenai._dataclasses import dataclass, field, replace\n"
        "@dataclass(frozen=True)\n"
        "class Made:\n    one: int\n    two: list = field(default_factory=list)\n"
        "assert replace(Made(1), one=2) == Made(one=2) and repr(Made(1)) and hash(Made) and not {'dataclasses', 'inspect'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_package_has_no_other_dataclasses() -> None:
    importers = {
        path.stem
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and {"dataclass", "NamedTuple"} & {alias.name for alias in node.names} and not node.level
    }

    assert importers == {"_dataclasses"}  # for a type checker


def test_two_threads_may_ask_for_a_description_at_once() -> None:
    made = plain(OURS)
    asked = made.__dict__["__dataclass_fields__"]

    first, second = asked.__get__(None, made), asked.__get__(None, made)  # both had found that there was none

    assert list(first) == list(second) == list(made.__dataclass_fields__)  # type: ignore[attr-defined]  # it is a dataclass
