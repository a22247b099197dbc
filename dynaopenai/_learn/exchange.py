"""One request with its answer, as it was recorded; an entry of a cassette of ours, or of a HAR file, as one.

Rules of this file:
1. A cassette is YAML that a person can read: JSON as its values, events and parts one by one, text as text; base64 where
   nothing else keeps the bytes. What is read back says the same, though not always in the same bytes.
2. HAR 1.2 is what browsers and proxies export; what it leaves out (bodies, mostly) is taken for empty.
3. What frames a message on the wire (lengths, encodings, connections) is not recorded.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .._checking import json as _json
from .._document.own_file import write_whole
from .._request import media_type as _media_type
from .._request.multipart import Multipart, Part, Upload
from .._response import sse as _sse

HEADING = (
    "# Recorded exchanges, their secrets replaced by ***. Each is checked against the document when it is replayed.\n"
)
FRAMING = frozenset(
    {"accept-encoding", "alt-svc", "connection", "content-encoding", "content-length", "date", "host", "keep-alive"}
    | {"nel", "report-to", "server", "strict-transport-security", "transfer-encoding", "via"}
)


@dataclass(frozen=True)
class Message:
    """The headers and the body of a request or an answer, the body decompressed."""

    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def content_type(self) -> str:
        return next((value for name, value in self.headers.items() if name.lower() == "content-type"), "")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    Attributes:
        where: the file and the place in it, counted from 1: ``calls.yaml#2``.
    """

    method: str
    url: str
    request: Message
    status: int
    response: Message
    where: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether an answer came: a browser writes status 0 where it gave up, and 304 for what it had already."""
        return self.status not in (0, 304)


# --- HAR -----------------------------------------------------------------------------------------


def from_har(entry: Any, where: str) -> Exchange:
    """An entry of a HAR file (HAR 1.2, "entries")."""
    request, response = entry["request"], entry["response"]
    posted = request.get("postData") or {}
    content = response.get("content") or {}
    text = content.get("text") or ""
    body = b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")
    sent, came = _har_headers(request), _har_headers(response)
    if posted.get("mimeType"):
        sent = {name: value for name, value in sent.items() if name.lower() != "content-type"}
        sent["Content-Type"] = posted["mimeType"]
    if not posted.get("text") and _media_type.kind_of(posted.get("mimeType") or "") == "multipart":
        message = _message({"headers": sent, "parts": list(map(_har_part, posted.get("params") or ()))})
    else:
        message = Message(sent, _posted(posted))
    if content.get("mimeType") and not Message(came).content_type:
        came["Content-Type"] = content["mimeType"]
    return Exchange(
        str(request["method"]).upper(),
        str(request["url"]),
        message,
        int(response["status"]),
        Message(came, body),
        where,
    )


def _har_headers(message: Any) -> dict[str, str]:
    return {
        str(header["name"]): str(header["value"])
        for header in message.get("headers") or ()
        if header["name"].lower() not in FRAMING and not header["name"].startswith(":")
    }


def _har_part(item: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a form as browsers write it: of a file, all but its content."""
    facts = {"name": item["name"], "filename": item.get("fileName"), "content_type": item.get("contentType")}
    return {**facts, "text": item.get("value") or ""}


def _posted(posted: Mapping[str, Any]) -> bytes:
    if posted.get("text"):
        text = posted["text"]
        if posted.get("encoding") == "base64":  # not in the standard, and what some proxies write
            return b64decode(text)
        return str(text).encode("utf-8", "surrogatepass")
    pairs = [(item["name"], item.get("value", "")) for item in posted.get("params") or ()]
    return urlencode(pairs).encode()


# --- cassettes -----------------------------------------------------------------------------------


def write(path: Path, title: str, version: str, exchanges: Iterable[tuple[str | None, Exchange]]) -> None:
    """A cassette with these exchanges, each with its operation's id."""
    entries = []
    for operation_id, exchange in exchanges:
        entry: dict[str, Any] = {"operation": operation_id} if operation_id else {}
        entry["request"] = {"method": exchange.method, "url": exchange.url, **_as_yaml(exchange.request)}
        entry["response"] = {"status": exchange.status, **_as_yaml(exchange.response)}
        entries.append(entry)
    document = {"document": {"title": title, "version": version}, "exchanges": entries}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (HEADING + _dumped(document)).encode())


def from_cassette(entry: Any, where: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    return Exchange(
        str(request["method"]).upper(),
        str(request["url"]),
        _message(request),
        int(response["status"]),
        _message(response),
        where,
    )


def _as_yaml(message: Message) -> dict[str, Any]:
    headers = {name: value for name, value in message.headers.items() if name.lower() not in FRAMING}
    content = _content(message.content_type, message.body) if message.body else {}
    if "parts" in content:
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return {"headers": headers, **content}


def _content(content_type: str, body: bytes) -> dict[str, Any]:
    """A body under the name of the form it is kept in."""
    kind = _media_type.kind_of(content_type)
    made: dict[str, Any] = {}
    if kind == "multipart":
        with suppress(ValueError):  # it is cut off, or none
            made = {"parts": _parts(content_type, body)}
    elif kind == "json":
        with suppress(_json.DecodeError):
            made = {"json": _json.decode(body)}
    elif kind == "events":
        made = _event_list(body)
    if made and _is_kept(made):
        return made
    try:
        text = {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        text = {}
    return text if text and _is_kept(text) else {"base64": b64encode(body).decode("ascii")}


def _is_kept(content: dict[str, Any]) -> bool:
    """Whether it is the same when it has been written and read again."""
    try:
        return bool(loaded(_dumped(content)) == content)
    except (ValueError, RecursionError):
        return False


def _event_list(body: bytes) -> dict[str, Any]:
    found = list(_sse.events([body]))
    if any(event.event != "message" or event.id or event.retry is not None for event in found):
        return {}
    return {"events": [_event(event.data) for event in found]} if found else {}


def _event(data: bytes) -> Any:
    try:
        value = _json.decode(data)
    except _json.DecodeError:
        return data.decode()
    return value if isinstance(value, (dict, list)) else data.decode()


def _parts(content_type: str, body: bytes) -> list[dict[str, Any]]:
    from .._request.body_reading import fields

    found = []
    for name, content, filename, media in fields(content_type, body):
        part: dict[str, Any] = {"name": name}
        part |= {"filename": filename} if filename else {}
        part |= {"content_type": media} if media else {}
        found.append({**part, **_content("text/plain", content)} if content else {**part, "text": ""})
    return found


def _message(entry: Mapping[str, Any]) -> Message:
    headers = {str(name): str(value) for name, value in (entry.get("headers") or {}).items()}
    if "parts" in entry:
        multipart = Multipart(tuple(map(_part, entry["parts"])))
        return Message({**headers, "Content-Type": multipart.content_type}, b"".join(multipart))
    return Message(headers, _octets(entry))


def _part(entry: Mapping[str, Any]) -> Part:
    content, filename = _octets(entry), entry.get("filename")
    if filename is None:
        return Part(entry["name"], content, entry.get("content_type"))
    return Part(entry["name"], Upload.of((filename, content)), entry.get("content_type"), filename)


def _octets(entry: Mapping[str, Any]) -> bytes:
    if "json" in entry:
        return _json.encode(entry["json"])
    if "events" in entry:
        texts = [item.encode() if isinstance(item, str) else _json.encode(item) for item in entry["events"]]
        return b"".join(b"".join(b"data: " + line + b"\n" for line in text.split(b"\n")) + b"\n" for text in texts)
    if "base64" in entry:
        return b64decode(entry["base64"], validate=True)
    return str(entry.get("text", "")).encode("utf-8")


# --- YAML ----------------------------------------------------------------------------------------


def _dumped(value: Any) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    def text(dumper: Any, value: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    dumped: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
    return dumped


def loaded(text: str) -> Any:
    """The value of a YAML text as PyYAML and vcrpy write it (YAML 1.1), by its own tags alone; those of Python 2's texts are texts.

    Raises:
        ValueError: it is none.
    """
    import yaml

    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Loader", (safe,), {})
    for name in ("unicode", "str"):
        loader.add_constructor(f"tag:yaml.org,2002:python/{name}", safe.construct_yaml_str)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - it is a safe one
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
