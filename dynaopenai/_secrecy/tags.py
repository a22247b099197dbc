"""What is secret in XML by the names of its elements and attributes: found in the text as it stands, be it XML or the beginning of some.

Rules of this file:
1. All that stands in a secret element is secret, whatever its parts are called.
2. What never ends goes on to the end of the text.
3. Where tags do not tell what belongs to what (a ``<`` in one, an end of another, a DTD with entities), nothing is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import accumulate

from .names import is_secret, is_secret_member
from .redaction import REDACTED

_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<(?:[^"'<>]+|"[^"<]*(?:"|\Z|(?=<))|'[^'<]*(?:'|\Z|(?=<)))*>?|[^<]+""", re.DOTALL
)
_NAME = re.compile(r"""</?([^\s/>"'=]*)""")
_ATTRIBUTE = re.compile(r"""(?<![^\s=<>"'/])([^\s=<>"'/]+)(\s*=\s*)("[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^\s<>"']+)""")
_CLEAR = re.compile(r"""<(?:[^"'<>]|"[^"<]*"|'[^'<]*')*>""")
_WORD = re.compile(r"[\w:.-]+")
_DECLARATION = re.compile("<!(?:ENTITY|ATTLIST)")
_SPACE = " \t\r\n"


@dataclass
class _Element:
    """An element that is open, and where it began. ``texts``: of its own, as they are meant."""

    name: str
    start: int
    texts: list[str] = field(default_factory=list)
    has_children: bool = False


class Tags:
    """An XML text, token by token, with what is secret in it.

    Args:
        secrets: names, in lower case, that are secret besides those that look so.
    """

    def __init__(self, xml: str, secrets: frozenset[str]) -> None:
        self._secrets = secrets
        self._tokens: list[str] = _TOKEN.findall(xml)
        self._is_clear = not _DECLARATION.search(xml) and all(map(_CLEAR.fullmatch, filter(_is_tag, self._tokens[:-1])))
        self._whole_texts: list[str] = []
        self._hidden = self._in_secret_elements()

    def values(self) -> Iterator[str]:
        """The secret texts, as they are meant."""
        yield from self._whole_texts
        for token, is_hidden in zip(self._tokens, self._hidden, strict=True):
            if _is_start(token):
                yield from (value for name, value in _attributes(token) if self._is_secret(name, value, is_hidden))
            elif is_hidden and self._is_clear:  # or it may be anyone's
                yield _meant(token).strip(_SPACE)

    def redacted(self) -> str:
        """The text with ``***`` in the place of what is secret; the same where nothing is."""
        if not self._is_clear and self._may_hold_secrets():
            return REDACTED
        return "".join(self._written(token, is_hidden) for token, is_hidden in zip(self._tokens, self._hidden, strict=True))

    def _may_hold_secrets(self) -> bool:
        """Whether any word in a tag is a secret's name, be it one of an element, of an attribute or neither; or an entity is declared."""
        words = {word.rpartition(":")[2] for token in filter(_is_tag, self._tokens) for word in _WORD.findall(token)}
        return any(is_secret(word, self._secrets) for word in words) or any(map(_DECLARATION.match, self._tokens))

    def _in_secret_elements(self) -> list[bool]:
        """Of each token, whether it stands in a secret element."""
        changes = [0] * (len(self._tokens) + 1)
        elements: list[_Element] = []
        for at, token in enumerate(self._tokens):
            if token.startswith("</"):
                if elements and elements[-1].name == _local_name(token):
                    self._close(elements.pop(), at, changes)
                else:
                    self._is_clear = False
            elif _is_start(token):
                if elements:
                    elements[-1].has_children = True
                if not token.endswith("/>"):
                    elements.append(_Element(_local_name(token), at))
            elif elements:
                elements[-1].texts.append(_meant(token))
        while elements:
            self._close(elements.pop(), len(self._tokens), changes)
        return [depth > 0 for depth in accumulate(changes[:-1])]

    def _close(self, element: _Element, end: int, changes: list[int]) -> None:
        text = "".join(element.texts).strip(_SPACE)
        if is_secret_member(element.name, text if text or not element.has_children else {}, self._secrets):
            self._whole_texts.append(text)
            changes[element.start + 1] += 1
            changes[end] -= 1

    def _is_secret(self, name: str, value: str, is_hidden: bool) -> bool:
        local = name.rpartition(":")[2]
        return not name.startswith("xmlns") and (is_hidden or is_secret_member(local, value, self._secrets))

    def _written(self, token: str, is_hidden: bool) -> str:
        if _is_start(token):
            return _ATTRIBUTE.sub(lambda found: self._attribute(found, is_hidden), token)
        if not is_hidden or token.startswith("</"):
            return token
        return REDACTED if _meant(token).strip(_SPACE) else ""

    def _attribute(self, found: re.Match[str], is_hidden: bool) -> str:
        name, value = found[1], _value(found)
        quote = found[3][0] if found[3][0] in "\"'" else '"'
        return f"{name}{found[2]}{quote}{REDACTED}{quote}" if self._is_secret(name, value, is_hidden) else found[0]


def _is_tag(token: str) -> bool:
    return token[0] == "<" and not token.startswith(("<?", "<!--", "<![CDATA["))


def _is_start(token: str) -> bool:
    return token[0] == "<" and token[1:2] not in ("/", "!", "?")


def _local_name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[1].rpartition(":")[2] if found else ""


def _attributes(tag: str) -> Iterator[tuple[str, str]]:
    return ((found[1], _value(found)) for found in _ATTRIBUTE.finditer(tag))


def _value(found: re.Match[str]) -> str:
    text = found[3]
    return unescape(text[1:].removesuffix(text[0]) if text[0] in "\"'" else text)


def _meant(token: str) -> str:
    """The text that a token stands for: none of a comment, a tag, an instruction."""
    if token.startswith("<![CDATA["):
        return token.removeprefix("<![CDATA[").removesuffix("]]>")
    return "" if token[0] == "<" else unescape(token)
