"""Where an operation leads on: links from its answers to further calls, and callbacks, by which the API calls its caller.

OAS 3.1.1 §4.8.18 (Callback Object), §4.8.20 (Link Object). What is broken is left out here; the check tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .._checking import outline as _outline
from .._checking.contract import Contract
from .._display.prose import brief, paragraphs
from .._display.width import filled
from .._display.words import short
from .._document import openapi
from .._document.document import Node
from .._document.operation_ids import text_of
from .._response.link import PLACES, target
from ..errors import SpecError


@dataclass(frozen=True)
class Link:
    """One link of an answer. ``operation``: the id of the one that it leads to, or the URL of one elsewhere; ``arguments``:
    runtime expressions and constants by name, ``body`` under its own.
    """

    name: str
    status: str
    operation: str
    arguments: Mapping[str, Any]
    description: str


@dataclass(frozen=True)
class Callback:
    """One request that the API makes. ``url``: a runtime expression; ``sends``: media types with their schemas; ``expects``: statuses."""

    name: str
    method: str
    url: str
    description: str
    sends: tuple[str, ...]
    expects: tuple[str, ...]


def links(contract: Contract, operation: openapi.Operation) -> Iterator[Link]:
    """The links of all answers, in the document's order."""
    for status, response in operation.responses.items():
        for name, declared in response.links.items():
            with suppress(SpecError):
                node = declared.resolve()
                if isinstance(node.value, dict):
                    leads_to = target_of(contract, node)
                    yield Link(name, status, leads_to, arguments_of(node.value), text_of(node.value, "description"))


def target_of(contract: Contract, link: Node) -> str:
    """The operation that a link leads to.

    Raises:
        SpecError: it leads to none.
    """
    reference = link.value.get("operationRef")
    if isinstance(reference, str) and not reference.startswith("#") and "operationId" not in link.value:
        return reference
    return target(link.value, contract.openapi)


def arguments_of(link: Mapping[str, Any]) -> dict[str, Any]:
    """What a link passes on by name, without the places that tell names apart; the body under its own."""
    declared = link.get("parameters")
    found = {}
    for key, value in declared.items() if isinstance(declared, dict) else ():
        place, _, rest = key.partition(".")
        found[rest if place in PLACES and rest else key] = value
    return {**found, "body": link["requestBody"]} if "requestBody" in link else found


def callbacks(contract: Contract, operation: openapi.Operation) -> Iterator[Callback]:
    """The callbacks of an operation, in the document's order."""
    declared = operation.node.part("callbacks")
    for name, callback in declared.children() if declared is not None else ():
        with suppress(SpecError):
            for url, item in callback.resolve().children():
                if not url.startswith("x-") and isinstance(item.value, dict):
                    yield from _requests(contract, name, url, item.resolve())


def _requests(contract: Contract, name: str, url: str, item: Node) -> Iterator[Callback]:
    for method in openapi.METHODS:
        node = item.part(method)
        if node is not None and isinstance(node.value, dict):
            words = [text_of(one.value, key) for one in (node, item) for key in ("summary", "description")]
            responses = node.part("responses")
            expects = tuple(status for status, _ in responses.children()) if responses is not None else ()
            yield Callback(name, method.upper(), url, next(filter(None, words), ""), tuple(_sent(contract, node)), expects)


def _sent(contract: Contract, operation: Node) -> Iterator[str]:
    body = operation.part("requestBody")
    content = body.part("content") if body is not None else None
    for media, declared in content.children() if content is not None else ():
        schema = declared.get("schema")
        yield media if schema is None else f"{media}: {_outline.words(contract.schema(schema, 'response'), 4)}"


# --- in words ------------------------------------------------------------------------------------


def link_lines(link: Link) -> Iterator[str]:
    """How a link is called, where it leads and with what."""
    passed = ", ".join(f"{name}={value if isinstance(value, str) else short(value)}" for name, value in link.arguments.items())
    yield filled(f"{link.name} (of {link.status}): {link.operation}({passed})", "  ", "      ")
    if link.description:
        yield paragraphs(brief(link.description), "      ")


def callback_lines(callback: Callback) -> Iterator[str]:
    """Where and what the API sends, and what it expects."""
    yield filled(f"{callback.name}: {callback.method} {callback.url}", "  ", "      ")
    if callback.description:
        yield paragraphs(brief(callback.description), "      ")
    facts = [f"sends {', '.join(callback.sends)}" if callback.sends else "", f"expects {', '.join(callback.expects)}" if callback.expects else ""]
    if any(facts):
        yield filled("; ".join(filter(None, facts)), "      ", "      ")
