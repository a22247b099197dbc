"""The inner door: what verbs, mocks and the test bench ask of a client and its operations beyond their public names.

A client's attributes are the API's names, so that nothing of ours may stand there without an underscore.
"""

# ruff: noqa: SLF001 - this is the one place that reaches in

from __future__ import annotations

from typing import Any

from .._checking.contract import Contract
from .._document.openapi import Entry
from .any_client import AnyClient
from .any_operation import AnyOperation
from .engine import Engine, Plan


def engine_of(client: AnyClient[Any, Any]) -> Engine:
    """What all copies of the client share."""
    return client._engine


def contract_of(source: AnyClient[Any, Any] | AnyOperation) -> Contract:
    """What the document of a client, or of an operation, promises."""
    return source._engine.contract


def plan_of(operation: AnyOperation) -> Plan:
    """Who writes its requests and who reads its answers.

    Raises:
        SpecError: the document's description of the operation is broken.
    """
    return operation._plan


def entry_of(operation: AnyOperation) -> Entry:
    """Its place in the document, whether or not the rest of it can be read."""
    return operation._entry
