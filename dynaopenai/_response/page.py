"""What one page of a list says: its items, where it leads, whether it is the last; by the names that APIs use. No I/O.

Names are compared without case and separators: ``next_page_token`` is ``nextPageToken``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

ITEMS = ("data", "items", "results", "values", "value", "records", "entries", "elements", "content", "resources", "objects")
WITHIN = ("data", "result", "response", "embedded")  # objects that hold the list, where nothing else does
HOLDERS = ("links", "paging", "pagination", "meta", "metadata", "responsemetadata", "pageinfo", "page", "cursors", "pages")
MORE = ("hasmore", "hasnext", "hasnextpage", "more", "moreresults")
URLS = ("next", "nexturl", "nexturi", "nextlink", "odata.nextlink", "nextpage", "nextpageurl", "nextpageuri", "nextpagelink")
MARKS = ("nextcursor", "nextpagetoken", "nexttoken", "nextmarker", "continuation", "continuationtoken", "continue", "endcursor")
LATER_MARKS = ("next", "nextpage", "nextoffset", "cursor", "after")  # may be other things too, so they are asked last
LAST_ID = ("lastid", "last")
NUMBER = ("pagenumber", "currentpage", "number", "page", "pageindex")
TOTAL_PAGES = ("totalpages", "pagecount", "pages", "lastpage", "numpages")
START = ("startindex", "offset", "skip", "start")
TOTAL = ("total", "totalcount", "totalresults", "totalitems", "totalelements", "count")


def fold(name: str) -> str:
    return name.lower().lstrip("@_").replace("_", "").replace("-", "")


def items_of(body: Any) -> list[Any] | None:
    """The items: the answer itself, or its one list; None where there is none, or several and none of a usual name."""
    if isinstance(body, list) or not isinstance(body, dict):
        return body if isinstance(body, list) else None
    lists = {fold(name): value for name, value in body.items() if isinstance(value, list)}
    usual = next((lists[name] for name in ITEMS if name in lists), None)
    if usual is not None or len(lists) == 1:
        return usual if usual is not None else next(iter(lists.values()))
    inner = [value for name, value in body.items() if fold(name) in WITHIN and isinstance(value, dict)]
    return items_of(inner[0]) if not lists and len(inner) == 1 else None


class Page:
    """The facts of an answer and of the objects in it that speak of pages."""

    def __init__(self, body: Any, link: str = "") -> None:
        self.items = items_of(body)
        self.link = link
        self._facts = list(_held(body)) if isinstance(body, dict) else []

    def _named(self, names: tuple[str, ...]) -> Iterator[Any]:
        """What is said under these names, the outermost first."""
        return (held[name] for held in self._facts for name in names if name in held)

    def number(self, names: tuple[str, ...]) -> int | None:
        """The first of these that is a number."""
        texts = (str(value) for value in self._named(names) if isinstance(value, (int, str)) and not isinstance(value, bool))
        return next((int(text) for text in texts if re.fullmatch("[0-9]{1,15}", text)), None)

    @property
    def url(self) -> str:
        """Where the next page is: the Link header's ``next`` (RFC 8288 §3), or a URL in the body."""
        urls = [value.get("href") if isinstance(value, dict) else value for value in self._named(URLS)]
        return self.link or next((url for url in urls if isinstance(url, str) and re.match(r"https?://|/|\?", url)), "")

    @property
    def marks(self) -> Iterator[tuple[str, Any]]:
        """What may be passed on for the next page, by name."""
        for names in (MARKS, LATER_MARKS):
            for held in self._facts:
                yield from ((name, held[name]) for name in names if _is_mark(held.get(name)))

    @property
    def last_id(self) -> str | int | None:
        """The id that the next page comes after."""
        last = self.items[-1] if self.items else None
        marks = [*self._named(LAST_ID), last.get("id") if isinstance(last, dict) else None]
        return next(filter(_is_mark, marks), None)

    @property
    def has_more(self) -> bool | None:
        """What it says of a page after it; None where it says nothing."""
        more = [value for value in self._named(MORE) if isinstance(value, bool)]
        ended = [value for value in self._named(("last",)) if isinstance(value, bool)]
        return more[0] if more else not ended[0] if ended else None

    @property
    def says_end(self) -> bool:
        """Whether it has a place for the next page, and nothing there: ``"next": null``."""
        places = list(self._named((*URLS, *MARKS)))
        return bool(places) and all(place in (None, "", False) for place in places)


def _held(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer's members by folded name, then those of the objects in it that speak of pages, two levels down."""
    level = [body]
    for _ in range(3):
        folded = [{fold(str(name)): value for name, value in held.items()} for held in level]
        yield from folded
        level = [held[name] for held in folded for name in HOLDERS if isinstance(held.get(name), dict)]


def _is_mark(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def linked(header: str) -> str:
    """The target of the link whose relation is ``next`` (RFC 8288 §3)."""
    for target, parameters in re.findall(r"<([^<>]*)>((?:\s*;\s*[\w*!-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s,;\"]*))?)*)", header):
        relation = re.search(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s,;\"]*))", parameters, re.IGNORECASE)
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            return str(target)
    return ""
