"""How many tokens a call takes, roughly, where a tokeniser is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

ENCODING = "o200k_base"


def counter() -> Callable[[Mapping[str, Any]], int] | None:
    """Counts the tokens in the texts of a call's arguments; None where tiktoken, or its vocabulary, is not to be had."""
    try:
        import tiktoken

        encoding = tiktoken.get_encoding(ENCODING)
    except Exception:  # noqa: BLE001 - not installed, or its vocabulary cannot be fetched: an estimate can do without
        return None
    return lambda keywords: sum(len(encoding.encode_ordinary(text)) for text in texts(keywords))


def texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
