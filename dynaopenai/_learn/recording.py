"""A file of recorded exchanges (our cassette, vcrpy's, HAR, JSON Lines) -> the exchanges in it.

Rules of this file:
1. What a file is, is told by what stands in it: our cassettes, vcrpy's (YAML or JSON), HAR 1.2, JSON Lines.
2. A body is what it was on the wire, decompressed: text, bytes, base64, or the value that a recorder parsed it into.
3. Nothing in a file is executed: YAML's own tags alone are read, and those that Python 2 left on texts.
"""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .._display.words import short
from .._transport.coding import CodingError, decoded
from ..errors import DynaOpenAIError
from .exchange import FRAMING, Exchange, Message, from_cassette, from_har, loaded

LARGEST = 1 << 28  # bytes that a body may unfold to
HOST = "http://recorded.invalid"  # of an exchange that tells its path alone


def read(path: str | os.PathLike[str]) -> list[Exchange]:
    """The exchanges of a file.

    Raises:
        DynaOpenAIError: it holds none.
        OSError: it cannot be read.
    """
    text = Path(path).read_text("utf-8-sig")
    exchanges = []
    for number, (made, entry) in enumerate(_entries(path, text), 1):
        where = f"{Path(path).name}#{number}"
        try:
            exchanges.append(made(entry, where))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unreadable(path, f"found an exchange that lacks what it needs: {where}: {error!r}") from None
    return exchanges


def _entries(path: str | os.PathLike[str], text: str) -> Iterator[tuple[Callable[[Any, str], Exchange], Any]]:
    lines = _lines(text)
    if lines is not None:
        yield from ((_from_line, line) for line in lines)
        return
    try:
        content = _json.decode(text.encode()) if text.lstrip().startswith("{") else loaded(text)
    except (_json.DecodeError, ValueError) as error:
        raise _unreadable(path, f"found text that cannot be read: {short(str(error), 200)}") from None
    log = content.get("log") if isinstance(content, dict) else None
    kinds = {"exchanges": (content, from_cassette), "interactions": (content, _from_vcr), "entries": (log, from_har)}
    for key, (holder, made) in kinds.items():
        if isinstance(holder, dict) and isinstance(holder.get(key), list):
            yield from ((made, entry) for entry in holder[key])
            return
    raise _unreadable(path, f"found {short(content)}")


def _unreadable(path: str | os.PathLike[str], found: str) -> DynaOpenAIError:
    return DynaOpenAIError(
        f"{path}: this holds no recorded traffic\n  {found}\n"
        '  expected a cassette (YAML or JSON with a list "exchanges", or "interactions" as vcrpy writes it),\n'
        '           a HAR 1.2 file (JSON with "log"), or JSON Lines with an exchange each'
    )


# --- JSON Lines ----------------------------------------------------------------------------------


def _lines(text: str) -> list[Any] | None:
    """The values of a text that is JSON Lines; None where it is not."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not all(line.lstrip().startswith("{") for line in lines):
        return None
    try:
        values = [_json.decode(line.encode()) for line in lines]
    except _json.DecodeError:
        return None
    return values if all(isinstance(value, dict) and _KEYS & value.keys() for value in values) else None


_KEYS = {"method", "request"}


def _from_line(entry: Any, where: str) -> Exchange:
    """An exchange on a line: request and response as objects, or their facts side by side."""
    if isinstance(entry.get("response"), dict) and isinstance(entry.get("request"), dict):
        return _from_vcr(entry, where)
    sent = entry.get("request")
    request = Message({"Content-Type": "application/json"}, _json.encode(sent)) if sent is not None else Message()
    content_type, answers = entry.get("content_type") or "", entry.get("answers")
    url = entry.get("url") or HOST + entry["path"]
    came = Message({"Content-Type": content_type} if content_type else {}, _answered(content_type, answers, entry.get("response")))
    return Exchange(str(entry["method"]).upper(), url, request, int(entry["status"]), came, where)


def _answered(content_type: str, answers: Any, answer: Any) -> bytes:
    values = answers if isinstance(answers, list) else [] if answer is None else [answer]
    if "event-stream" in content_type:
        return b"".join(b"data: " + _octets(value) + b"\n\n" for value in values)
    return _octets(values[0]) if values else b""


# --- vcrpy ---------------------------------------------------------------------------------------


def _from_vcr(entry: Any, where: str) -> Exchange:
    """An interaction as vcrpy writes it (and what is built on it: ``parsed_body``, ``base64_string``)."""
    request, response = entry["request"], entry["response"]
    status = response.get("status", response.get("status_code"))
    code = status["code"] if isinstance(status, Mapping) else status
    url = request.get("uri") or request.get("url") or HOST + request["path"]
    return Exchange(str(request["method"]).upper(), str(url), _message(request), int(code), _message(response), where)


def _message(entry: Mapping[str, Any]) -> Message:
    headers = {str(name): _header(value) for name, value in _pairs(entry.get("headers"))}
    body = _decompressed(_body(entry), headers)
    if "parsed_body" in entry and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return Message({name: value for name, value in headers.items() if name.lower() not in FRAMING}, body)


def _pairs(headers: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(headers, Mapping):
        return headers.items()
    return ((header["name"], header["value"]) if isinstance(header, Mapping) else header for header in headers or ())


def _header(value: Any) -> str:
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    return first.decode("latin-1") if isinstance(first, bytes) else str(first if first is not None else "")


def _body(entry: Mapping[str, Any]) -> bytes:
    for key in ("parsed_body", "json", "body", "content", "text"):
        if entry.get(key) is not None:
            return _octets(entry[key]) if key not in ("parsed_body", "json") else _json.encode(entry[key])
    return b""


def _octets(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, Mapping):
        if isinstance(value.get("base64_string"), (str, bytes)):
            return b64decode(value["base64_string"])
        if value.keys() & {"string", "encoding"} and isinstance(value.get("string"), (str, bytes, type(None))):
            text = value.get("string") or b""
            return b64decode(text) if value.get("encoding") == "base64" else _octets(text)
    return _json.encode(value)


def _decompressed(body: bytes, headers: Mapping[str, str]) -> bytes:
    """A body without its content codings (RFC 9110 §8.4.1); as it is where a recorder took them off and kept the header."""
    codings = next((value for name, value in headers.items() if name.lower() == "content-encoding"), "")
    try:
        return decoded(body, codings, LARGEST)
    except CodingError:
        return body
