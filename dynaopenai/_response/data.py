"""What the caller holds of JSON: `Data`, a dict that also reads as attributes.

Nested objects become `Data` when they are first looked at, so a large answer costs what is read of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import ItemsView, ValuesView
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .._collector import resting
from .._display.words import nearest, short

if TYPE_CHECKING:
    from .._display.colour import Paint
    from .sse import Event

__all__ = ["Data"]

MANY = 1000  # items


class Shown:
    """What the prompt shows of JSON folds what is long; ``str`` is all of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        from .._display.pretty import pretty

        return pretty(self)

    def _repr_painted_(self, paint: Paint) -> str:
        from .._display.pretty import pretty

        return pretty(self, paint=paint)

    def _repr_html_(self) -> str:
        from .._display.html import value

        return value(self)

    def __str__(self) -> str:
        return repr(plain(self))


class Data(Shown, dict[str, Any]):
    """A JSON object: a real dict whose keys are attributes too, at any depth.

    A key that is also a method (``items``, ``keys``, ``get``, ``to_dict``) is reached as ``data["items"]``. ``str(data)``
    is all of it; ``repr(data)``, which the prompt shows, folds what is long.
    """

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        kind = type(value)
        if kind is dict or kind is list:
            value = wrap(value)
            super().__setitem__(key, value)
        return value

    def __getattribute__(self, name: str) -> Any:
        # Not __getattr__: what Python does before it comes to that takes four times as long as all of this.
        if name in _METHODS:
            return _native(self, name)
        try:
            value = _item(self, name)
        except KeyError:
            __tracebackhide__ = True
            return _declared(self, name)
        kind = type(value)
        if kind is dict:
            value = Data(value)
            _keep(self, name, value)
        elif kind is list:
            value = _listed(value)
            _keep(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise _no_attribute(self, name) from None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dicts and lists, for what asks for these exactly (PyYAML, pickles for others)."""
        return {key: plain(value) for key, value in dict.items(self)}

    def __dir__(self) -> list[str]:
        return [*(key for key in self if key.isidentifier()), *super().__dir__()]

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 - get() is what this defines

    def pop(self, key: str, *default: Any) -> Any:
        return wrap(super().pop(key, *default))

    def setdefault(self, key: str, default: Any = None) -> Any:
        super().setdefault(key, default)
        return self[key]

    def popitem(self) -> tuple[str, Any]:
        key, value = super().popitem()
        return key, wrap(value)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # the builtin types its own view class
        self._wrap_all()
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # as above
        self._wrap_all()
        return super().items()

    def copy(self) -> Data:
        return Data(self)

    def _wrap_all(self) -> None:
        for key in self:
            self[key]

    def __reduce__(self) -> tuple[Any, ...]:
        return Data, (dict(self),)


_METHODS = frozenset(dir(Data))
_OBJECTS = {dict}
_native, _item, _keep = object.__getattribute__, dict.__getitem__, dict.__setitem__


class EventData(Data):
    """An item that came in an event with a name or an id: ``item.event``, ``item.id``, where it has no such keys itself."""

    __slots__ = ("_sse",)

    @property
    def event(self) -> str:
        """The name of the event."""
        return str(_native(self, "_sse").event)

    @property
    def id(self) -> str:
        """The id of the event, the last that was given."""
        return str(_native(self, "_sse").id)


_NAME = attrgetter("event")
_keep_event = EventData.__dict__["_sse"].__set__


def all_named(values: list[dict[str, Any]], events: list[Event]) -> list[Data]:
    """Items, each with what its event says beside it."""
    if "message" in map(_NAME, events):
        return list(map(named, values, events))
    made: list[Data] = list(map(EventData, values))
    deque(map(_keep_event, made, events), maxlen=0)
    return made


def named(value: dict[str, Any], event: Event) -> Data:
    """An item, with what its event says beside it."""
    if event.event == "message" and not event.id:
        return Data(value)
    made = EventData(value)
    _keep_event(made, event)
    return made


class DataList(Shown, list[Any]):
    """A list whose objects are `Data` already."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return DataList, (list(self),)


def wrap(value: Any) -> Any:
    """``value`` with its outermost objects readable as attributes."""
    kind = type(value)
    return Data(value) if kind is dict else _listed(value) if kind is list else value


def _listed(value: list[Any]) -> DataList:
    if len(value) == 1 and type(value[0]) is dict:  # as most are that hold what is streamed
        return DataList((Data(value[0]),))
    if len(value) > MANY:
        with resting():
            return _each_wrapped(value)
    return _each_wrapped(value)


def _each_wrapped(value: list[Any]) -> DataList:
    kinds = set(map(type, value))
    if kinds == _OBJECTS:
        return DataList(map(Data, value))
    return DataList(map(wrap, value)) if dict in kinds or list in kinds else DataList(value)


def plain(value: Any) -> Any:
    """``value`` with plain dicts and lists at any depth."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _declared(data: Data, name: str) -> Any:
    """What a subclass declares."""
    __tracebackhide__ = True
    try:
        return _native(data, name)
    except AttributeError:
        raise _no_attribute(data, name) from None


def _no_attribute(data: Data, name: str) -> AttributeError:
    close = nearest(name, data)
    hint = f'; did you mean "{close[0]}"?' if close else f"; it has {short(list(data))}"
    return AttributeError(f"the answer has no {short(name)}{hint}")
