"""An exchange -> the same without its secrets: by name, and then by value wherever else the same value stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .._checking import json as _json
from .._checking.contract import Contract
from .._request import media_type as _media_type
from .._request.security import secret_names
from .._secrecy.redaction import REDACTED, redacted_url
from .exchange import FRAMING, Exchange, Message

SECRET = re.compile(r"(?i)authorization|cookie|secret|password|session|api[-_]?key|(access|refresh|auth)[-_]?token")
SHORTEST = 8  # characters of a secret that is looked for everywhere: shorter ones stand in ordinary words


class Scrubber:
    """Replaces what is secret, by name and then by value."""

    def __init__(self, contract: Contract, names: Iterable[str] = ()) -> None:
        schemes = contract.openapi.security_schemes.values()
        self._names = secret_names(schemes) | {name.lower() for name in names}
        self._values: set[str] = set()

    def scrub(self, exchange: Exchange) -> Exchange:
        for message in (exchange.request, exchange.response):
            self._learn((name, value) for name, value in message.headers.items())
        self._learn(parse_qsl(urlsplit(exchange.url).query))
        url = redacted_url(exchange.url, frozenset(self._names))
        request, response = self._message(exchange.request), self._message(exchange.response)
        return replace(exchange, url=self._text(url), request=request, response=response)

    def _learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        for name, value in pairs:
            if self._is_secret(name):
                self._values |= {piece for piece in re.split(r"[\s;,=]+", value) if len(piece) >= SHORTEST}

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self._names or bool(SECRET.search(name))

    def _message(self, message: Message) -> Message:
        headers = {
            name: REDACTED if self._is_secret(name) else self._text(value)
            for name, value in message.headers.items()
            if name.lower() not in FRAMING
        }
        body = message.body
        if _media_type.kind_of(message.content_type) == "json":
            body = self._members(body)
        for value in self._values:
            body = body.replace(value.encode(), REDACTED.encode())
        return Message(headers, body)

    def _members(self, body: bytes) -> bytes:
        try:
            value = _json.decode(body)
        except _json.DecodeError:
            return body
        scrubbed = self._without(value)
        return _json.encode(scrubbed) if scrubbed != value else body

    def _without(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: REDACTED if isinstance(item, str) and self._is_secret(name) else self._without(item)
                for name, item in value.items()
            }
        return [self._without(item) for item in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, REDACTED)
        return text
