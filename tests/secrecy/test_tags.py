"""What the names in XML say is secret is found in its text, whole or cut off, well-formed or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._secrecy.names import SECRET_HEADERS
from dynaopenai._secrecy.tags import Tags


@pytest.mark.parametrize(
    ("xml", "clean", "values"),
    [
        ("<password>canary-1</password>", "<password>***</password>", {"canary-1"}),
        ("<password> canary-1\n</password >", "<password>***</password >", {"canary-1"}),
        ('<a api_key="canary-1"/>', '<a api_key="***"/>', {"canary-1"}),
        ("<a api_key = 'can&amp;ary-1' b='c'/>", "<a api_key = '***' b='c'/>", {"can&ary-1"}),
        (
            '<access_token access_token="canary-1">canary-2</access_token>',
            '<access_token access_token="***">***</access_token>',
            {"canary-1", "canary-2"},
        ),
        ('<a xmlns:x="u" x:password="canary-1" password="canary-2"/>', '<a xmlns:x="u" x:password="***" password="***"/>', {"canary-1", "canary-2"}),
        ("<password>can<!-- a -->ary-1</password>", "<password>******</password>", {"canary-1", "can", "ary-1"}),
        ("<password><![CDATA[can<ary-1]]></password>", "<password>***</password>", {"can<ary-1"}),
        ("<password><b c='canary-1'>canary-2</b></password>", "<password><b c='***'>***</b></password>", {"canary-1", "canary-2"}),
        ("<x:password><?pi canary-1?>a</x:password>", "<x:password>***</x:password>", {"a"}),
        ("<session><id>a</id></session>", "<session><id>a</id></session>", set()),
        ("<page_token>abcdefgh1</page_token>", "<page_token>abcdefgh1</page_token>", set()),
        ("<token>abcdefgh1</token><token>Hello</token>", "<token>***</token><token>Hello</token>", {"abcdefgh1"}),
        ("<a><password>canary-1</a>and all the rest", "***", {"canary-1and all the rest"}),
        ("<a><password>canary-1<br></password><p>not secret</p></a>", "***", {"canary-1"}),
        ("<a><br></a>", "<a><br></a>", set()),
        ("<a><password>canary-1", "<a><password>***", {"canary-1"}),
        ("<a><password><![CDATA[canary-1", "<a><password>***", {"canary-1"}),
        ('<a password="canary-1', '<a password="***"', {"canary-1"}),
        ("<a password=canary-1>b", '<a password="***">b', {"canary-1"}),
        ('<a password="cana<ry-1">', "***", None),
        ('<a b="x><password>canary-1</password>', "***", None),
        ('<token b="x>canary-1</token>', "***", None),
        ('<!DOCTYPE a [<!ENTITY x "canary-1">]><password>&x;</password>', "***", None),
        ("<script>if (a<b) c</script>", "<script>if (a<b) c</script>", set()),
        ("<!-- <!ENTITY --><a/>", "<!-- <!ENTITY --><a/>", set()),
        ("no XML", "no XML", set()),
        ("", "", set()),
    ],
)
def test_texts_and_attributes_are_secret_by_the_names_around_them(xml: str, clean: str, values: set[str] | None) -> None:
    tags = Tags(xml, SECRET_HEADERS)

    assert tags.redacted() == clean
    assert values is None or set(filter(None, tags.values())) == values


@pytest.mark.parametrize("levels", [1, 20_000])
def test_depth_is_no_hiding_place(levels: int) -> None:
    assert "canary" not in Tags("<a>" * levels + "<password>canary-1", SECRET_HEADERS).redacted()


SECRETS = '<list x="1"><a password="canary-1">b<!-- c --><pwd>canary-2</pwd><![CDATA[d]]></a><secret><e f="canary-3">canary-4</e></secret></list>'


@pytest.mark.parametrize("end", range(1, len(SECRETS)))
def test_wherever_it_is_cut_off_nothing_secret_is_left(end: int) -> None:
    assert "canary" not in Tags(SECRETS[:end], SECRET_HEADERS).redacted()


@given(st.text("<>/!?[]-\"'= ab&;", max_size=60))
def test_what_has_no_secret_name_is_the_same_whatever_it_is(text: str) -> None:
    assert Tags(text, SECRET_HEADERS).redacted() == text
