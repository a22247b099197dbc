"""The document of an API by name: fetched on first use, kept, and asked for again at most daily.

Rules of this file:
1. What is kept serves where nothing newer can be had: offline, or while the publisher's answer is no document.
2. A pinned document is never asked for again.
3. A kept text is believed only with the digest that was written with it, in a file of the user's own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SpecError
from . import source as _source
from . import syntax as _syntax
from .api import Api, folder
from .own_file import read_own, write_whole
from .source import Text

DAY = 24 * 3600.0


@dataclass(frozen=True)
class Kept:
    """A text that was fetched, when it was last asked for (`time.time`), and what to ask with next time."""

    url: str
    data: bytes = field(repr=False)
    asked: float
    marks: dict[str, str]


def text_of(api: Api, tell: Callable[[str], None], *, now: bool = False) -> Text:
    """The text of an API's document. ``tell`` is told, in one line, of what is fetched; ``now``: ask whatever the day.

    Raises:
        SpecError: it was never fetched, and cannot be.
    """
    if not api.is_remote:
        return _source.read(api.place(api.document))
    kept = recall(api)
    if kept is None or now or (not api.pin and time.time() - kept.asked >= DAY):
        kept = _renewed(api, kept, tell, now=now)
    return Text(kept.data, kept.url, _source.name_of(kept.url))


def _renewed(api: Api, kept: Kept | None, tell: Callable[[str], None], *, now: bool) -> Kept:
    try:
        fetched = _source.fetch_newer(api.document, kept.marks if kept is not None else {})
        if fetched is not None:
            _expect_document(fetched.data, api)
    except SpecError as error:
        if kept is None or now:
            raise
        tell(f"{api.name}: the document of {_day(kept.asked)} serves, since no newer one can be had: {_first_line(error)}")
        return _remembered(api, Kept(kept.url, kept.data, time.time(), kept.marks))
    if fetched is None:
        assert kept is not None
        return _remembered(api, Kept(kept.url, kept.data, time.time(), kept.marks))
    tell(f"{api.name}: fetched {api.document} ({len(fetched.data) / 1e6:.1f} MB), kept in {_path(api).parent}")
    return _remembered(api, Kept(api.document, fetched.data, time.time(), fetched.marks))


def _expect_document(data: bytes, api: Api) -> None:
    """A publisher's error page must not take the place of a document."""
    value = _syntax.parse(data, _source.name_of(api.document)).value
    if not isinstance(value, dict) or not ({"openapi", "swagger"} & value.keys()):
        raise SpecError("the answer is no OpenAPI document", source=api.document, expected="a mapping with openapi or swagger")


def _first_line(error: SpecError) -> str:
    return str(error).partition("\n")[0]


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


# --- on disk -------------------------------------------------------------------------------------


def recall(api: Api) -> Kept | None:
    """What is kept of an API's document, None where that is nothing, or nothing that can be believed."""
    import hashlib

    path = _path(api)
    with suppress(OSError, ValueError, KeyError, TypeError):
        head, _, data = read_own(path).partition(b"\n")
        facts = json.loads(head)
        if facts["url"] == api.document and facts["digest"] == hashlib.sha256(data).hexdigest():
            return Kept(facts["url"], data, float(facts["asked"]), dict(facts["marks"]))
    return None


def forget(api: Api) -> None:
    """Let go of what is kept of an API's document."""
    _path(api).unlink(missing_ok=True)


def _remembered(api: Api, kept: Kept) -> Kept:
    import hashlib

    facts = {"url": kept.url, "asked": kept.asked, "marks": kept.marks, "digest": hashlib.sha256(kept.data).hexdigest()}
    head = json.dumps(facts).encode()
    path = _path(api)
    with suppress(OSError):  # what cannot be kept is fetched again
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, head + b"\n" + kept.data)
    return kept


def _path(api: Api) -> Path:
    return folder() / "documents" / f"{api.name}.document"
