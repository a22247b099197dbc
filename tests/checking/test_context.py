"""In a large payload, a wrong place is shown with what stands around it."""

from typing import Any

import pytest
from shop import SHOP

from dynaopenai import Client, RequestValidationError

CLIENT = Client(SHOP)


def items(number: int, wrong: dict[str, Any]) -> list[dict[str, Any]]:
    return [*({"product": f"tea {n}", "count": 1} for n in range(number - 1)), wrong]


@pytest.mark.parametrize(
    ("number", "wrong", "context"),
    [
        (2, {"product": "milk", "count": 0}, ""),
        (300, {"product": "milk", "count": 0}, '{"product": "milk", "count": 0}'),
        (300, {"product": "milk"}, '{"product": "milk"}'),
    ],
)
def test_one_of_many_is_shown(number: int, wrong: dict[str, Any], context: str) -> None:
    (violation,) = CLIENT.createOrder.validate_request(items=items(number, wrong))

    assert violation.path == f"items[{number - 1}].count"
    assert violation.context == context


def test_what_lies_deep_is_shown() -> None:
    deep: dict[str, Any] = {"product": "a", "count": "many"}
    for _ in range(3):
        deep = {"product": "a", "count": 1, "parts": [deep]}

    (violation,) = CLIENT.createOrder.validate_request(items=[deep])

    assert violation.context == '{"product": "a", "count": "many"}'


def test_it_is_part_of_the_message_and_short() -> None:
    wrong = {"product": "x" * 10_000, "count": 0}

    with pytest.raises(RequestValidationError) as caught:
        CLIENT.createOrder(items=items(300, wrong))

    (line,) = [line for line in str(caught.value).splitlines() if line.startswith("    in ")]
    assert line.startswith('    in {"product": "xxxx')
    assert len(line) <= 90
