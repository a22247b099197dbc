"""docs/prompt.md: its session happens as shown, and TAB proposes what its table says."""

import doctest
from pathlib import Path

import pytest

from dynaopenai import Client
from dynaopenai._cli.completion import at
from dynaopenai._response.data import wrap

PAGE = (Path(__file__).parents[2] / "docs" / "prompt.md").read_text("utf-8")
CLIENT = Client()
REPLY = wrap({"choices": [{"message": {"content": "Hi"}}]})
CHAT = "client.createChatCompletion(messages=[{"


def test_the_session_is_what_happens() -> None:
    blocks = [block for block in PAGE.split("```") if block.startswith("pycon\n")]
    session = "\n".join(block.removeprefix("pycon\n") for block in blocks)
    test = doctest.DocTestParser().get_doctest(session, {}, "prompt.md", "docs/prompt.md", 0)

    assert len(test.examples) >= 6
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0


@pytest.mark.parametrize(
    ("shown", "typed", "proposed"),
    [
        ("client.createImage(", "client.createImage(", "prompt="),
        ('size="', 'client.createImage(size="', '"1024x1024"'),
        ('messages=[{"', f'{CHAT}"', '"role": '),
        ('"role": "', f'{CHAT}"role": "', '"user"'),
        ("reply.choices[0].", "reply.choices[0].", "message"),
        ('reply["choices"][0]["', 'reply["choices"][0]["', '"message"'),
        ("client.with_options(", "client.with_options(", "timeout="),
        ('client.schema("', 'client.schema("', '"Model"'),
        ('client["', 'client["', '"createImage"'),
    ],
)
def test_tab_proposes_what_the_table_says(shown: str, typed: str, proposed: str) -> None:
    assert f"`{shown}" in PAGE
    assert proposed in at(typed, {"client": CLIENT, "reply": REPLY}).texts
