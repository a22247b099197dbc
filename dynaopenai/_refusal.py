"""What an API says went wrong: the words in an error answer's body, by the conventions of common servers.

Read are ``{"error": {"message": ...}}`` and its kin, RFC 9457 (``title``, ``detail``), OAuth's ``error_description``,
lists of errors (JSON:API, FastAPI's ``detail``, GitHub), errors by field (Rails, Django, ASP.NET), text and HTML pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LONGEST = 4_000  # characters of what is said
DEEPEST = 6
TEXTS = ("message", "errormessage", "detail", "errordescription", "msg", "description", "reason", "faultstring", "usermessage")
INNER = ("error", "errors", "detail", "details", "fault", "nonfielderrors", "invalidparams", "messages")
NAMES = ("field", "param", "parameter", "pointer", "name", "path", "loc")


def error_object(body: Any) -> Mapping[str, Any]:
    """The object with ``code``, ``type`` and ``param``: the body itself, or what it holds as its error."""
    if isinstance(body, list):
        return error_object(body[0]) if len(body) == 1 else {}
    error = body.get("error", body) if isinstance(body, dict) else None
    return error if isinstance(error, dict) else body if isinstance(body, dict) else {}


def message(body: Any) -> str:
    """What it says, on one line; empty where it says nothing that is known to be words."""
    text = " ".join(_words(body, DEEPEST).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _words(body: Any, depth: int) -> str:
    if isinstance(body, str):
        return _without_tags(body)
    if isinstance(body, list):
        return "; ".join(dict.fromkeys(filter(None, (_words(item, depth - 1) for item in body[:20])))) if depth else ""
    if not isinstance(body, dict) or not depth:
        return ""
    return _joined(_messages({str(key).lower().replace("_", ""): value for key, value in body.items()}, depth))


def _joined(parts: Iterable[str]) -> str:
    """The general, then the particular: once where they say the same."""
    text = ""
    for part in dict.fromkeys(parts):
        text += (" " if text[-1:] in ".:!" else ": " if text else "") + part
    return text


def _messages(facts: Mapping[str, Any], depth: int) -> Iterator[str]:
    """The parts of what an object says, the general first."""
    texts = [facts[name] for name in TEXTS if isinstance(facts.get(name), str) and facts[name].strip()]
    inner = {name: facts[name] for name in INNER if facts.get(name) and not (name in TEXTS and isinstance(facts[name], str))}
    if "error" in inner and isinstance(inner["error"], dict):
        yield from filter(None, [_words(inner["error"], depth - 1)])
        return
    title = facts.get("title") or inner.pop("error", None)
    if isinstance(title, str) and title.strip():
        yield _without_tags(title)
    elif title:
        yield from filter(None, [_words(title, depth - 1)])
    named = _name(facts)
    if texts or (named and isinstance(facts.get("code"), str)):
        text = _without_tags(texts[0] if texts else facts["code"])
        yield f"{named}: {text}" if named and named not in text else text
    for value in inner.values():
        yield from filter(None, [_by_field(value, depth - 1) if isinstance(value, dict) else _words(value, depth - 1)])


def _by_field(errors: Mapping[str, Any], depth: int) -> str:
    """``{"name": ["is missing"]}``, or an object that speaks for itself."""
    whole = _words(errors, depth)
    if whole or not depth:
        return whole
    texts = ((name, _words(value, depth - 1)) for name, value in list(errors.items())[:20])
    return "; ".join(f"{name}: {text}" for name, text in texts if text)


def _name(facts: Mapping[str, Any]) -> str:
    """The place that an error is about."""
    source = facts.get("source")
    held = {**facts, **source} if isinstance(source, dict) else facts
    found = next((held[name] for name in NAMES if isinstance(held.get(name), (str, list)) and held[name]), "")
    return ".".join(map(str, found)) if isinstance(found, list) else found


def _without_tags(text: str) -> str:
    """What a proxy's page says."""
    if not text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<h", "<body", "<p")):
        return text
    return re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^<>]*>", " ", text[:10_000])
