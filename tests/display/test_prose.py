"""Markdown reads well on a terminal: in brief, and filled to its width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._display import prose as _prose
from dynaopenai._display.prose import brief, paragraphs, words

LIST = "Must be one of:\n- `auto`: what the model thinks is best for this\n- `none`\n  1. never\n\nSo be it."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Creates an image. [Learn more](/docs/images).", "Creates an image."),
        ("**Starting a new project?** Try [this](/docs).\n\n---\n\nCreates a\nreply.\n\nReturns it.", "Creates a reply."),
        ("> Deprecated.\n\nLists things", "Lists things"),
        ("**Only this.**", "Only this."),
        ("Takes e.g. a cat. Then more.", "Takes e.g. a cat."),
        ("Version 1.5 of it. More", "Version 1.5 of it."),
        ("Is it? It is.", "Is it?"),
        ("", ""),
    ],
)
def test_a_text_in_brief_is_its_first_sentence(text: str, said: str) -> None:
    assert brief(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[here](/docs/a) and [there](https://a.example/b_(c))", "here and there (https://a.example/b_(c))"),
        ("![tide](https://a.example/x.png)", "tide (https://a.example/x.png)"),
        ("**very** __good__ and 2**3**4, a__b__c", "very good and 2**3**4, a__b__c"),
        ('[https://a.example](https://a.example "title")', "https://a.example"),
        ("a[0](1) [no link] (text)", "a0 [no link] (text)"),
    ],
)
def test_links_and_weight_are_words(text: str, said: str) -> None:
    assert words(text) == said


def test_paragraphs_and_lists_are_filled_and_code_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_prose, "columns", lambda: 30)
    code = "```\nwide = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n\nwide.clear()\n```"

    assert paragraphs(LIST, "  ").splitlines() == [
        "  Must be one of:",
        "  - `auto`: what the model",
        "    thinks is best for this",
        "  - `none`",
        "    1. never",
        "",
        "  So be it.",
    ]
    assert paragraphs(code) == code
    assert paragraphs("| a | b |\n|---|---|\n| 1 | 2 |") == "| a | b |\n|---|---|\n| 1 | 2 |"


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert "\n" not in brief(text)
    assert len(brief(text)) <= len(text)
    assert "".join(paragraphs(text).split()) == "".join(paragraphs(paragraphs(text)).split())


@pytest.mark.parametrize("sign", ["**a ", "[a](", "[", "`", "- ", "__", "[a](b", "((", "a. ", "| "])
def test_no_text_takes_long(sign: str) -> None:
    text = sign * 5_000  # which takes hours where each sign is looked for to the end of the text, squared

    assert len(brief(text)) <= len(text)
    assert words(text)
    assert paragraphs(text)
