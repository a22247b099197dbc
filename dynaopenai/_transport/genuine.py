"""What stands in the place of `requests` and urllib3 now, looked at when a request is sent, not when it was imported."""

from __future__ import annotations

import sys
from typing import Any


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
