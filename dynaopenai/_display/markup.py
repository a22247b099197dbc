"""What a document says in Markdown, as HTML that is safe in anyone's notebook.

Rules of this file:
1. HTML within Markdown is shown, never obeyed; pictures are not fetched.
2. Only whole https and http addresses are links: any other would lead into the notebook's own server.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .visible import visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def rendered(text: str) -> str:
    """Paragraphs, lists, tables and code of a text."""
    return str(_renderer().render(visible(text)))


def rendered_line(text: str) -> str:
    """A text on one line: weight, code and links."""
    return str(_renderer().renderInline(visible(text)))


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("link_close", _link_close)
    return markdown


def _link_open(self: Any, tokens: Any, index: int, options: Any, env: dict[str, list[bool]]) -> str:
    leads_out = str(tokens[index].attrs.get("href", "")).startswith(("https://", "http://"))
    env.setdefault("links", []).append(leads_out)
    tokens[index].attrSet("rel", "noreferrer")
    return str(self.renderToken(tokens, index, options, env)) if leads_out else ""


def _link_close(self: Any, tokens: Any, index: int, options: Any, env: dict[str, list[bool]]) -> str:
    return str(self.renderToken(tokens, index, options, env)) if env["links"].pop() else ""
