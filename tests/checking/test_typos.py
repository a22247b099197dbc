"""A slip of the finger in a name or a value gets the right suggestion."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from dynaopenai import Client, UnknownOperationError

SEED = 20250131
NEIGHBOURS = {key: row[max(0, at - 1)] + row[min(len(row) - 1, at + 1)] for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for at, key in enumerate(row)}

Slip = Callable[[str, int, random.Random], str]

SLIPS: dict[str, Slip] = {
    "dropped": lambda word, at, _: word[:at] + word[at + 1 :],
    "doubled": lambda word, at, _: word[:at] + word[at] + word[at:],
    "swapped": lambda word, at, _: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    "missed": lambda word, at, chance: word[:at] + chance.choice(NEIGHBOURS.get(word[at].lower(), "xz")) + word[at + 1 :],
}

CHAT = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hello", "function_call": {"name": "f", "arguments": "{}"}}]}


def slipped(word: str, chance: random.Random) -> str:
    while True:
        slip = chance.choice(list(SLIPS.values()))
        wrong = slip(word, chance.randrange(1, len(word) - 1), chance)
        if wrong != word:
            return wrong


def suggestions_for_operation(client: Client, wrong: str) -> list[str]:
    with pytest.raises(UnknownOperationError) as caught:
        getattr(client, wrong)
    return caught.value.suggestions[:1]


def hints(client: Client, changes: dict[str, Any]) -> list[str]:
    return [violation.hint for violation in client.createChatCompletion.validate_request(**{**copy.deepcopy(CHAT), **changes})]


def cases(client: Client) -> list[tuple[str, str, str, bool]]:
    """(kind, right, wrong, whether the right one was suggested)"""
    chance = random.Random(SEED)
    found: list[tuple[str, str, str, bool]] = []
    ids = list(client.operations)
    arguments = [argument.spelled for argument in client.createChatCompletion.arguments if len(argument.spelled) > 3]
    for _ in range(13):
        right = chance.choice(ids)
        wrong = slipped(right, chance)
        found.append(("operation", right, wrong, right in suggestions_for_operation(client, wrong)))
    for _ in range(13):
        right = chance.choice([name for name in arguments if name not in CHAT])
        wrong = slipped(right, chance)
        found.append(("argument", right, wrong, f'did you mean "{right}"?' in hints(client, {wrong: None})))
    for _ in range(12):
        right = chance.choice(["system", "user", "assistant", "function"])
        wrong = slipped(right, chance)
        found.append(("value", right, wrong, f'did you mean "{right}"?' in hints(client, {"messages": [{"role": wrong, "content": ""}]})))
    for _ in range(12):
        right = chance.choice(["role", "content", "function_call"])
        wrong = slipped(right, chance)
        message = {wrong if key == right else key: value for key, value in CHAT["messages"][0].items()}  # type: ignore[attr-defined]
        said = " ".join(hints(client, {"messages": [message]}))
        found.append(("nested key", right, wrong, f'did you mean "{right}"?' in said))
    return found


def test_fifty_slips_get_the_right_suggestion() -> None:
    found = cases(Client())
    wrong = [case for case in found if not case[3]]

    assert len(found) == 50
    assert len({(kind, typed) for kind, _, typed, _ in found}) >= 40
    assert len(wrong) <= 2, wrong
