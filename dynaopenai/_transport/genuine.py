"""Whether `requests` and urllib3 are as they were made, or a mock, a recorder or a tracer has stepped in: asked at each send."""

from __future__ import annotations

import sys
from collections.abc import Mapping, ValuesView
from functools import cache
from types import BuiltinFunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import logging

EVERY = "*"  # all functions that a class has itself
PASSED: dict[str, dict[str, tuple[str, ...]]] = {  # what a call passes on its way through `requests`, by module: where mocks, recorders, tracers and users step in
    "requests": {"Session": (EVERY,)},
    "requests.adapters": {"HTTPAdapter": (EVERY,)},
    "urllib3.poolmanager": {"PoolManager": (EVERY,)},
    "urllib3.connectionpool": {
        "HTTPConnectionPool": (EVERY, "ConnectionCls", "ResponseCls"),
        "HTTPSConnectionPool": (EVERY, "ConnectionCls"),
    },
    "urllib3.connection": {
        "HTTPConnection": (EVERY, "default_socket_options", "response_class"),
        "HTTPSConnection": (EVERY,),
        "ssl_wrap_socket": (),
    },
    "urllib3.util.connection": {"create_connection": (), "allowed_gai_family": ()},
    "urllib3.util.ssl_": {"create_urllib3_context": (), "ssl_wrap_socket": (), "SSLContext": ()},
    "http.client": {
        "HTTPConnection": (EVERY, "debuglevel", "response_class"),
        "HTTPSConnection": (EVERY,),
        "HTTPResponse": (EVERY,),
    },
    "socket": {"socket": (), "create_connection": ()},
}
AIOHTTP: dict[str, dict[str, tuple[str, ...]]] = {  # the same on the way through aiohttp
    "aiohttp.client": {"ClientSession": (EVERY,)},
    "aiohttp.connector": {"BaseConnector": (EVERY,), "TCPConnector": (EVERY,), "DefaultResolver": ()},
    "aiohttp.resolver": {"ThreadedResolver": (EVERY,)},
    "asyncio.base_events": {"BaseEventLoop": ("create_connection", "getaddrinfo")},
    "socket": {"socket": (), "getaddrinfo": ()},
}
HOMES = {  # of what stands elsewhere, too
    "requests.Session": "requests.sessions",
    "urllib3.connection.ssl_wrap_socket": "urllib3.util.ssl_",
    "aiohttp.connector.DefaultResolver": "aiohttp.resolver",
}
OTHERS = ("socket", "ssl", "http.client", "urllib3.connection", "urllib3.response")  # whose classes stand in those places
WITHOUT_CODE = (BuiltinFunctionType, GetSetDescriptorType, MemberDescriptorType)
USUAL = (None, 0, [(6, 1, 1)])  # an inherited attribute, no `debuglevel`, TCP_NODELAY
DEBUG = 10  # as in `logging`


class Watch:
    """Looks whether all of these places hold what their modules came with. Cheap: asked before each call."""

    def __init__(self, passed: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self._passed = passed
        self._seen = _looked(passed, tuple(map(sys.modules.get, passed)))

    def is_clear(self) -> bool:
        """Whether they do, now."""
        seen, modules = self._seen, tuple(map(sys.modules.get, self._passed))
        values = tuple([space.get(name) for space, name, _ in seen.places])
        if modules != seen.modules or values != seen.values or tuple(map(_held, seen.classes)) != seen.held:
            seen = self._seen = _looked(self._passed, modules)  # replaced as a whole, so threads need no lock
        return seen.is_genuine


class _Seen(NamedTuple):
    """What stood in those places when they were looked at last, and whether it was all genuine."""

    modules: tuple[Any, ...]
    places: tuple[tuple[Mapping[str, Any], str, str], ...]  # namespace, name, and the module where it is at home
    values: tuple[Any, ...]
    classes: tuple[ValuesView[Any], ...]  # what each class holds that is looked at as a whole
    held: tuple[tuple[Any, ...], ...]
    is_genuine: bool


_held: Any = tuple  # compared by identity first: a class that nobody touched costs no call


def _looked(passed: Mapping[str, Mapping[str, tuple[str, ...]]], modules: tuple[Any, ...]) -> _Seen:
    places: list[tuple[Mapping[str, Any], str, str]] = []
    classes: dict[str, Mapping[str, Any]] = {}
    for module, (name, owners) in zip(modules, passed.items(), strict=True):
        for owner, attributes in owners.items() if module is not None else ():
            home = HOMES.get(f"{name}.{owner}", name)
            places.append((vars(module), owner, home))
            space = getattr(getattr(module, owner, None), "__dict__", {})
            places += [(space, attribute, home) for attribute in attributes if attribute != EVERY]
            if EVERY in attributes:
                classes[f"{home} {owner}"] = space
    values = tuple(space.get(name) for space, name, _ in places)
    views = tuple(space.values() for space in classes.values())
    is_genuine = all(_is_own(value, home) for value, (_, _, home) in zip(values, places, strict=True)) and all(
        _is_own_function(value, owner.partition(" ")[0]) for owner, space in classes.items() for value in space.values()
    )
    return _Seen(modules, tuple(places), values, views, tuple(map(_held, views)), is_genuine)


def _is_own(value: Any, home: str) -> bool:
    if isinstance(value, type):
        return value.__module__ in (home, *OTHERS)
    return is_genuine(value, home) or value in USUAL


def _is_own_function(value: Any, home: str) -> bool:
    """Whether it is; what is no function, or one of the interpreter's own, is no matter here."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, (type, *WITHOUT_CODE)) or not (callable(value) or hasattr(value, "__get__")):
        return True
    return is_genuine(value.fget if isinstance(value, property) else value, home)


def nobody_looks() -> bool:
    """Whether nothing has been put between a call and its socket, and nobody follows what goes over it in urllib3's log."""
    return _WATCH.is_clear() and not ("logging" in sys.modules and _log().isEnabledFor(DEBUG))


@cache
def _log() -> logging.Logger:
    import logging

    return logging.getLogger("urllib3.connectionpool")


def is_genuine(function: Any, module: str) -> bool:
    """Whether a function is the one that its module came with: not replaced, and not wrapped."""
    code = getattr(function, "__code__", None)
    home = getattr(sys.modules.get(module), "__file__", None)
    return code is not None and code.co_filename == home and not hasattr(function, "__wrapped__")


class StandInError(ConnectionError):
    """What another library's mock or recorder raised in the network's place; its one argument."""


def is_of_a_stand_in(error: Exception, sender: Any) -> bool:
    """Whether an error is of the package that answers in the network's place, and no hook's or body's of the user's.

    Args:
        sender: the adapter or session that was asked to send.
    """
    from requests import Session
    from requests.adapters import HTTPAdapter

    places = [Session.send, Session.get_adapter, HTTPAdapter.send, stranger(), type(sender)]
    if isinstance(sender, Session):
        places += map(type, sender.adapters.values())
    return _package(type(error)) in {*map(_package, places)} - {"requests", "urllib3", "builtins", "dynaopenai"}


def _package(of: Any) -> str:
    return str(getattr(of, "__module__", "builtins")).partition(".")[0]


def own_class(kind: type) -> Any:
    """urllib3's own class of connections, where something has put one derived from it in its place."""
    return next((base for base in kind.__mro__ if base.__module__ == "urllib3.connection"), kind)


def stranger() -> Any:
    """The class of connections that has been put into urllib3's pools, as recorders do; None where they have their own."""
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    kinds = (HTTPConnectionPool.ConnectionCls, HTTPSConnectionPool.ConnectionCls)
    return next((kind for kind in kinds if getattr(kind, "__module__", "") != "urllib3.connection"), None)


_WATCH = Watch(PASSED)
