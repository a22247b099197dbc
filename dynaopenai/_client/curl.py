"""Request -> the command line that sends it. Credentials stay in the environment."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from .._display.visible import visible
from .._request.multipart import Multipart, Part, Upload
from .._request.request import Request
from .._secrecy.names import is_secret
from .._secrecy.redaction import REDACTED, redacted_url

KEY = "DYNAOPENAI-CREDENTIAL"  # stands in the request where the credential goes
VARIABLE = "$OPENAI_API_KEY"


class Command(str):
    """A command line; a prompt shows it as it is pasted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return str, (str(self),)


def command(request: Request) -> Command:
    """The request, written with `KEY` as its credential, as a `curl` command of several lines."""
    url = redacted_url(request.url, request.secrets, keep=KEY)
    lines = [" ".join(["curl", *_options(request, url), _quoted(url)])]
    for name, value in request.headers.items():
        if name.lower() in ("user-agent", "content-length") or (
            name.lower() == "content-type" and isinstance(request.body, Multipart)
        ):
            continue
        lines.append(_header(name, value, request.secrets))
    lines += _body(request)
    return Command(" \\\n  ".join(lines))


def _options(request: Request, url: str) -> Iterator[str]:
    if request.method == "HEAD":
        yield "--head"  # with -X HEAD, curl waits for a body that never comes
    elif request.method != "GET" or request.body is not None:
        yield f"-X {request.method}"
    if set("[]{}") & set(url):
        yield "--globoff"
    if "/." in url:
        yield "--path-as-is"


def _header(name: str, value: str, secrets: frozenset[str]) -> str:
    if name.lower() == "authorization" and value.startswith("Basic ") and KEY not in value:
        return f'-u "{VARIABLE}"'
    if KEY not in value and is_secret(name, secrets):
        value = REDACTED
    return f"-H {_quoted(f'{name}: {value}' if value else f'{name};')}"  # curl leaves "name:" out


def _body(request: Request) -> list[str]:
    body = request.body
    if body is None:
        return []
    if isinstance(body, Multipart):
        return [_part(part) for part in body.parts]
    if isinstance(body, Upload):
        return [f"--data-binary {_quoted('@' + _file(body))}"]
    return [f"--data-raw {_single(body.decode('utf-8', 'replace'))}"]


def _part(part: Part) -> str:
    kind = f";type={part.content_type}" if part.content_type else ""
    if isinstance(part.content, Upload):
        named = f";filename={_value(part.filename)}" if part.filename and part.filename != _name(part.content) else ""
        return f"-F {_single(f'{part.name}=@{_value(_file(part.content))}{named}{kind}')}"
    text = part.content.decode("utf-8", "replace")
    if kind and part.content_type != "text/plain":
        return f"-F {_single(f'{part.name}={_value(text)}{kind}')}"
    return f"--form-string {_single(f'{part.name}={text}')}"


def _value(text: str) -> str:
    """As -F reads it: in quotes where it would end early, or be taken for a file's name."""
    if not set(text) & set(';,"\\') and text[:1] not in ("@", "<", " "):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name(upload: Upload) -> str:
    """The filename that curl tells of its own accord."""
    return _file(upload).rpartition("/")[2]


def _file(upload: Upload) -> str:
    from pathlib import Path

    return str(upload.source) if isinstance(upload.source, Path) else upload.filename or "FILE"


def _quoted(text: str) -> str:
    """Shell-quoted, with the credential left as a variable for the shell to fill in."""
    if KEY not in text:
        return _single(text)
    escaped = "".join(f"\\{char}" if char in '\\"`$' else char for char in text)
    return f'"{escaped}"'.replace(KEY, VARIABLE)


def _single(text: str) -> str:
    """Shell-quoted; what a terminal would obey is spelled, as bash and zsh read it (``$'...'``)."""
    if visible(text) == text:
        return shlex.quote(text)
    spelled = (_spelled(char) for char in text)
    return "$'" + "".join(spelled) + "'"


def _spelled(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    return char if visible(char) == char else f"\\u{ord(char):04x}" if ord(char) < 1 << 16 else f"\\U{ord(char):08x}"
