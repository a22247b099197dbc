"""Request -> the command line that sends it. Credentials stay in the environment."""

from __future__ import annotations

import shlex

from .._request.multipart import Multipart, Part, Upload
from .._request.request import Request
from .._secrecy.names import is_secret
from .._secrecy.redaction import REDACTED, redacted_url

KEY = "DYNAOPENAI-CREDENTIAL"  # stands in the request where the credential goes
VARIABLE = "$OPENAI_API_KEY"


def command(request: Request) -> str:
    """The request, written with `KEY` as its credential, as a `curl` command of several lines."""
    url = _quoted(redacted_url(request.url, request.secrets, keep=KEY))
    words = ["curl", url] if request.method == "GET" else ["curl", "-X", request.method, url]
    lines = [" ".join(words)]
    for name, value in request.headers.items():
        if name.lower() in ("user-agent", "content-length") or (
            name.lower() == "content-type" and isinstance(request.body, Multipart)
        ):
            continue
        lines.append(_header(name, value, request.secrets))
    lines += _body(request)
    return " \\\n  ".join(lines)


def _header(name: str, value: str, secrets: frozenset[str]) -> str:
    if name.lower() == "authorization" and value.startswith("Basic ") and KEY not in value:
        return f'-u "{VARIABLE}"'
    if KEY not in value and is_secret(name, secrets):
        value = REDACTED
    return f"-H {_quoted(f'{name}: {value}')}"


def _body(request: Request) -> list[str]:
    body = request.body
    if body is None:
        return []
    if isinstance(body, Multipart):
        return [_part(part) for part in body.parts]
    if isinstance(body, Upload):
        return [f"--data-binary {_quoted('@' + _file(body))}"]
    return [f"--data-raw {shlex.quote(body.decode('utf-8', 'replace'))}"]


def _part(part: Part) -> str:
    if isinstance(part.content, Upload):
        kind = f";type={part.content_type}" if part.content_type else ""
        return f"-F {shlex.quote(f'{part.name}=@{_file(part.content)}{kind}')}"
    text = f"{part.name}={part.content.decode('utf-8', 'replace')}"
    if part.content_type and part.content_type != "text/plain":
        return f"-F {shlex.quote(f'{text};type={part.content_type}')}"
    return f"--form-string {shlex.quote(text)}"


def _file(upload: Upload) -> str:
    from pathlib import Path

    return str(upload.source) if isinstance(upload.source, Path) else upload.filename or "FILE"


def _quoted(text: str) -> str:
    """Shell-quoted, with the credential left as a variable for the shell to fill in."""
    if KEY not in text:
        return shlex.quote(text)
    escaped = "".join(f"\\{char}" if char in '\\"`$' else char for char in text)
    return f'"{escaped}"'.replace(KEY, VARIABLE)
