"""`dataclasses` and `typing.NamedTuple`, as much of them as is used here, for a process that starts: little is compiled for a class.

Rules of this file:
1. To a type checker, to its callers and to `dataclasses` itself (`fields`, `replace`, `asdict`), a class is a dataclass like any other.
2. What classes can share they share: how one is compared, hashed, shown, and kept from being changed. Only ``__init__`` is written
   and compiled for each, since calls make some; `dataclasses` compiles six functions.
3. What describes a class to others is made when it is asked for; until then, `dataclasses` and what it imports are not needed.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["NamedTuple", "dataclass", "field", "fields", "replace"]

T = TypeVar("T")


class _Missing:
    def __repr__(self) -> str:
        return "<factory>"  # as a signature shows what a factory makes


_MISSING = _Missing()
_FIELDS = "__declared_fields__"
_put = object.__setattr__


class _Field:
    """What is declared of a field; the parameters are those of `dataclasses.field`."""

    __slots__ = ("annotation", "compare", "default", "default_factory", "init", "name", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - its name in `dataclasses`
        compare: bool = True,
    ) -> None:
        self.name, self.annotation = "", ""
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare


def _dataclass(
    cls: type[T] | None = None, *, frozen: bool = False, eq: bool = True, repr: bool = True, slots: bool = False  # noqa: A002 - as above
) -> Any:
    if cls is None:
        return partial(_dataclass, frozen=frozen, eq=eq, repr=repr, slots=slots)
    fields = {field.name: field for base in cls.__mro__[:0:-1] for field in base.__dict__.get(_FIELDS, ())}
    fields.update((field.name, field) for field in _declared(cls))
    declared = tuple(fields.values())
    setattr(cls, _FIELDS, declared)
    made = {
        "__init__": _initialiser(cls, declared, frozen=frozen),
        "__match_args__": tuple(field.name for field in declared if field.init),
        "__replace__": _replace,  # for `copy.replace`
        "__dataclass_fields__": _Description(frozen=frozen, eq=eq),
    }
    if frozen:
        made |= {"__setattr__": _unchanged("assign to"), "__delattr__": _unchanged("delete")}
    if repr:
        made["__repr__"] = _shown([field.name for field in declared if field.repr])
    if eq:
        made["__eq__"], hashed = _compared([field.name for field in declared if field.compare])
        made["__hash__"] = hashed if frozen else None
    own = cls.__dict__
    for name, value in made.items():
        if name not in own or (name == "__hash__" and own[name] is None):  # which a class with an ``__eq__`` has of itself
            setattr(cls, name, value)
    return _slotted(cls, [field.name for field in declared]) if slots else cls


def _declared(cls: type) -> Iterator[_Field]:
    for name, annotation in cls.__annotations__.items():
        if str(annotation).startswith("ClassVar["):
            continue
        value = cls.__dict__.get(name, _MISSING)
        field = value if isinstance(value, _Field) else _Field(default=value)
        field.name, field.annotation = name, annotation
        if field is value and field.default is _MISSING:
            delattr(cls, name)
        elif field is value:
            setattr(cls, name, field.default)
        yield field


def _initialiser(cls: type, fields: tuple[_Field, ...], *, frozen: bool) -> Callable[..., None]:
    scope: dict[str, Any] = {"__name__": cls.__module__, "_put": _put, "_MISSING": _MISSING}
    parameters, lines = ["self"], []
    for field in fields:
        name, value, default = field.name, field.name, ""
        if field.default_factory is not _MISSING:
            scope[f"_make_{name}"] = field.default_factory
            default = "=_MISSING"
            value = f"_make_{name}() if {name} is _MISSING else {name}" if field.init else f"_make_{name}()"
        elif field.default is not _MISSING:
            scope[f"_default_{name}"] = field.default
            default = f"=_default_{name}"
        if field.init:
            parameters.append(name + default)
        if field.init or field.default_factory is not _MISSING:
            lines.append(f"_put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    body = "\n ".join(lines or ["pass"])
    exec(f"def __init__({', '.join(parameters)}):\n {body}", scope)  # noqa: S102 - of names that stand in this package's sources
    init: Any = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {**{field.name: field.annotation for field in fields if field.init}, "return": None}
    written: Callable[..., None] = init
    return written


def _compared(names: list[str]) -> tuple[Callable[[Any, Any], bool], Callable[[Any], int]]:
    facts = attrgetter("__class__", *names)

    def __eq__(self: Any, other: Any) -> bool:  # noqa: N807 - it is given to a class
        return facts(self) == facts(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807 - as above
        return hash(facts(self))

    return __eq__, __hash__


def _shown(names: list[str]) -> Callable[[Any], str]:
    @recursive_repr()
    def __repr__(self: Any) -> str:  # noqa: N807 - it is given to a class
        facts = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({facts})"

    return __repr__


def _unchanged(what: str) -> Callable[..., None]:
    def refuse(_: Any, name: str, *__: Any) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot {what} field {name!r}")

    return refuse


def _slotted(cls: type, names: list[str]) -> type:
    """The class again, with slots: a class has them from its beginning."""

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807 - it is given to a class
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807 - as above
        for name, value in zip(names, state, strict=True):
            _put(self, name, value)

    left = {name: value for name, value in cls.__dict__.items() if name not in {*names, "__dict__", "__weakref__"}}
    again = type(cls)(cls.__name__, cls.__bases__, {**left, "__slots__": tuple(names)})
    again.__qualname__ = cls.__qualname__
    for state in (__getstate__, __setstate__):
        setattr(again, state.__name__, state)
    return again


class _Description:
    """``__dataclass_fields__`` of a class, made by `dataclasses` itself when somebody asks for it."""

    def __init__(self, *, frozen: bool, eq: bool) -> None:
        self.frozen, self.eq = frozen, eq

    def __get__(self, _: object, owner: type) -> Any:
        import dataclasses

        cls = next(base for base in owner.__mro__ if "__dataclass_fields__" in base.__dict__)  # it may have been made meanwhile
        described: Any = dataclasses.make_dataclass(cls.__name__, _as_theirs(cls), frozen=self.frozen, eq=self.eq)
        for name in ("__dataclass_params__", "__dataclass_fields__"):
            setattr(cls, name, getattr(described, name))
        return described.__dataclass_fields__


def _as_theirs(cls: type) -> Iterator[tuple[str, Any, Any]]:
    import dataclasses

    for field in _fields(cls):
        facts = {name: getattr(field, name) for name in ("default", "default_factory", "init", "repr", "compare")}
        given = {name: fact for name, fact in facts.items() if fact is not _MISSING}
        yield field.name, field.annotation, dataclasses.field(**given)


def _fields(of: Any) -> tuple[_Field, ...]:
    declared: tuple[_Field, ...] = getattr(of, _FIELDS)
    return declared


def _replace(obj: Any, **changes: Any) -> Any:
    for field in _fields(obj):
        if field.init and field.name not in changes:
            changes[field.name] = getattr(obj, field.name)
    return obj.__class__(**changes)


# --- named tuples --------------------------------------------------------------------------------


_tuple_of: Any = namedtuple  # noqa: PYI024 - of the fields that a class declares, which a type checker sees as it does any


class _Named(type):
    def __new__(cls, name: str, bases: tuple[type, ...], own: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, own)
        kinds = own.pop("__annotations__", {})
        defaults = [own.pop(each) for each in kinds if each in own]
        made = _tuple_of(name, kinds, defaults=defaults, module=own.pop("__module__"))
        made.__annotations__ = made.__new__.__annotations__ = kinds
        for key, value in own.items():
            setattr(made, key, value)
        return made


class _NamedTuple(metaclass=_Named):
    """`typing.NamedTuple`, which compiles each annotation of a class to look whether it is a type."""


if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, replace
    from typing import NamedTuple
else:
    dataclass, field, fields, replace, NamedTuple = _dataclass, _Field, _fields, _replace, _NamedTuple
