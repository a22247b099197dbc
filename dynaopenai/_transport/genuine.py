"""Whether `requests` and urllib3 are as they were made, or a mock, a recorder or a tracer has stepped in: asked at each send."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

PASSED: dict[str, dict[str, tuple[str, ...]]] = {  # what a call passes on its way through `requests`, by module: where mocks, recorders, tracers and users step in
    "requests": {"Session": ("send", "get_adapter")},
    "requests.adapters": {"HTTPAdapter": ("send", "init_poolmanager", "cert_verify", "build_response")},
    "urllib3.connectionpool": {
        "HTTPConnectionPool": ("urlopen", "_make_request", "ConnectionCls"),
        "HTTPSConnectionPool": ("urlopen", "ConnectionCls"),
    },
    "urllib3.connection": {
        "HTTPConnection": ("request", "getresponse", "connect", "default_socket_options"),
        "HTTPSConnection": ("connect",),
    },
    "urllib3.util.connection": {"create_connection": (), "allowed_gai_family": ()},
    "urllib3.util.ssl_": {"create_urllib3_context": (), "SSLContext": ()},
    "http.client": {
        "HTTPConnection": ("request", "putrequest", "putheader", "endheaders", "send", "getresponse", "connect", "debuglevel"),
        "HTTPSConnection": ("connect",),
        "HTTPResponse": ("begin",),
    },
    "socket": {"socket": (), "create_connection": ()},
}
AIOHTTP: dict[str, dict[str, tuple[str, ...]]] = {  # the same on the way through aiohttp
    "aiohttp.client": {"ClientSession": ("__init__", "_request")},
    "aiohttp.connector": {"BaseConnector": ("connect",), "TCPConnector": ("__init__", "_create_connection")},
    "asyncio.base_events": {"BaseEventLoop": ("create_connection", "getaddrinfo")},
    "socket": {"socket": (), "getaddrinfo": ()},
}
HOMES = {"requests": "requests.sessions"}  # of what stands elsewhere, too
USUAL = (None, 0, [(6, 1, 1)])  # an inherited attribute, no `debuglevel`, TCP_NODELAY
LOG = logging.getLogger("urllib3.connectionpool")


class Watch:
    """Looks whether all of these places hold what their modules came with. Cheap: asked before each call."""

    def __init__(self, passed: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self._passed = passed
        self._seen = _looked(passed, tuple(map(sys.modules.get, passed)))

    def is_clear(self) -> bool:
        """Whether they do, now."""
        seen, modules = self._seen, tuple(map(sys.modules.get, self._passed))
        values = tuple([space.get(name) for space, name, _ in seen.places])
        if modules != seen.modules or values != seen.values:
            seen = self._seen = _looked(self._passed, modules)  # replaced as a whole, so threads need no lock
        return seen.is_genuine


class _Seen(NamedTuple):
    """What stood in those places when they were looked at last, and whether it was all genuine."""

    modules: tuple[Any, ...]
    places: tuple[tuple[Mapping[str, Any], str, str], ...]  # namespace, name, and the module where it is at home
    values: tuple[Any, ...]
    is_genuine: bool


def _looked(passed: Mapping[str, Mapping[str, tuple[str, ...]]], modules: tuple[Any, ...]) -> _Seen:
    places: list[tuple[Mapping[str, Any], str, str]] = []
    for module, (name, owners) in zip(modules, passed.items(), strict=True):
        home = HOMES.get(name, name)
        for owner, attributes in owners.items() if module is not None else ():
            places.append((vars(module), owner, home))
            places += [(vars(getattr(module, owner)), attribute, home) for attribute in attributes if hasattr(module, owner)]
    values = tuple(space.get(name) for space, name, _ in places)
    return _Seen(modules, tuple(places), values, all(_is_own(value, home) for value, (_, _, home) in zip(values, places, strict=True)))


def _is_own(value: Any, home: str) -> bool:
    if isinstance(value, type):
        return value.__module__ in (home, "socket", "ssl", "urllib3.connection")
    return is_genuine(value, home) or value in USUAL


def nobody_looks() -> bool:
    """Whether nothing has been put between a call and its socket, and nobody follows what goes over it in urllib3's log."""
    return _WATCH.is_clear() and not LOG.isEnabledFor(logging.DEBUG)


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
