"""The charset that a peer names -> the codec for it, of those that are character sets and take time by length alone.

Python knows codecs besides that are none (``unicode_escape``), or take the square of the length (``punycode``, ``idna``).
"""

from __future__ import annotations

import re
from encodings.aliases import aliases

_CHARACTER_SET = re.compile(
    r"ascii|utf_8|utf_8_sig|utf_(?:16|32)(?:_[lb]e)?|latin_1|iso8859_\d+|cp\d+|koi8_[rtu]|mac_\w+|tis_620|kz1048|ptcp154|hp_roman8"
    r"|gb2312|gbk|gb18030|hz|big5(?:hkscs)?|shift_jis\w*|euc_\w+|iso2022_\w+|johab"
)
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)""")
_UTF_16 = {b"<\x00?\x00": "utf_16_le", b"\x00<\x00?": "utf_16_be"}  # without a mark (XML 1.0, Appendix F)


def codec_of(charset: str) -> str:
    """The codec of a charset, by any name that it goes under.

    Raises:
        LookupError: it is none that is read or written.
    """
    name = re.sub("[^a-z0-9]+", "_", charset[:40].lower()).strip("_")
    name = aliases.get(name, name)
    if not _CHARACTER_SET.fullmatch(name):
        raise LookupError(f"unknown charset: {charset[:40]}")
    return name


def declared_in(xml: bytes) -> str:
    """The encoding that an XML document says it has, ``""`` where it says nothing that can be read (XML 1.0 §4.3.3)."""
    found = _DECLARED.match(xml[:200])
    return found[1].decode("ascii", "replace") if found else ""


def codec_of_xml(xml: bytes, charset: str = "") -> str:
    """The codec of an XML document: of the charset that the Content-Type says, else by its first bytes; UTF-8 where none is known."""
    if not charset and xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf_16"
    if not charset and xml[:4] in _UTF_16:
        return _UTF_16[xml[:4]]
    try:
        return codec_of(charset or declared_in(xml) or "utf_8")
    except LookupError:
        return "utf_8"
