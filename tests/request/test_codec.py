"""Charsets that a peer names: the character sets by all their names, and nothing else that Python has a codec for."""

from __future__ import annotations

import pytest

from dynaopenai._checking.json import DecodeError, NotJSONError
from dynaopenai._document.openapi import MediaType
from dynaopenai._request.codec import codec_of, codec_of_xml
from dynaopenai._request.encoding import encode
from dynaopenai._request.media_type import decode, decode_leniently, text_of
from dynaopenai._request.xml_reading import parsed

NO_CHARACTER_SETS = ["punycode", "idna", "unicode_escape", "raw-unicode-escape", "UTF-7", "undefined", "rot13", "hex", "zlib", "mbcs", "", "../x", "x" * 1000]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("UTF-8", "utf_8"),
        ("utf8", "utf_8"),
        ("us-ascii", "ascii"),
        ("ISO-8859-1", "latin_1"),
        ("latin1", "latin_1"),
        ("iso-8859-15", "iso8859_15"),
        ("windows-1252", "cp1252"),
        ("KOI8-R", "koi8_r"),
        ("Shift_JIS", "shift_jis"),
        ("euc-kr", "euc_kr"),
        ("Big5-HKSCS", "big5hkscs"),
        ("gb18030", "gb18030"),
        ("UTF-16LE", "utf_16_le"),
    ],
)
def test_a_character_set_is_known_by_its_names(charset: str, codec: str) -> None:
    assert codec_of(charset) == codec
    assert "a".encode(codec).decode(codec_of(charset)) == "a"


@pytest.mark.parametrize("charset", NO_CHARACTER_SETS)
def test_no_peer_chooses_a_codec_that_is_no_character_set(charset: str) -> None:
    with pytest.raises(LookupError, match="unknown charset"):
        codec_of(charset)


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "utf-7", "rot13"])
def test_what_no_character_set_says_is_read_as_utf_8_and_never_written(charset: str) -> None:
    assert text_of(b"+AGE-\\x61-b", f"text/plain; charset={charset}") == "+AGE-\\x61-b"
    assert decode(f"application/json; charset={charset}", b'"+AGE--b"') == "+AGE--b"
    assert decode_leniently(f"text/plain; charset={charset}", b"\\x61-b") == "\\x61-b"
    assert parsed(b"<a>\\x61-b</a>", charset).text == "\\x61-b"
    with pytest.raises(DecodeError, match="encoding"):
        parsed(f'<?xml version="1.0" encoding="{charset}"?><a/>'.encode())
    assert parsed(f'<?xml version="1.0" encoding="{charset}"?><a>é</a>'.encode("latin-1"), "iso-8859-1").text == "é"
    for kind in ("text/plain", "application/json"):
        with pytest.raises(NotJSONError, match=f"cannot be written as {charset}"):
            encode(MediaType(f"{kind}; charset={charset}"), "b")


@pytest.mark.parametrize(
    ("xml", "charset", "codec"),
    [
        (b"<a/>", "", "utf_8"),
        (b"<a/>", "iso-8859-1", "latin_1"),
        (b"<a/>", "punycode", "utf_8"),
        (b"<?xml version='1.0' encoding = 'koi8-r'?><a/>", "", "koi8_r"),
        (b"<?xml version='1.0' encoding='koi8-r'?><a/>", "utf-8", "utf_8"),
        ("<a/>".encode("utf-16"), "", "utf_16"),
        ("<?xml?><a/>".encode("utf-16-le"), "", "utf_16_le"),
        ("<?xml?><a/>".encode("utf-16-be"), "", "utf_16_be"),
    ],
)
def test_the_codec_of_a_document_is_that_of_the_content_type_or_what_it_begins_with(xml: bytes, charset: str, codec: str) -> None:
    assert codec_of_xml(xml, charset) == codec
