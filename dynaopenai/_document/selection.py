"""A JSONPath -> the places that it selects in a document (RFC 9535), in bounded work."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import islice
from typing import Any

MOST_PLACES = 200_000  # that one path selects


def select(root: Any, path: str) -> list[tuple[str | int, ...]]:
    """The places that a JSONPath selects, each once.

    Raises:
        ValueError: it is no JSONPath, or selects too many.
    """
    import jsonpath

    try:
        found = islice(_environment().finditer(path, root), MOST_PLACES + 1)
        places = [tuple(match.parts) for match in found]
    except (jsonpath.JSONPathError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split())) from error
    if len(places) > MOST_PLACES:
        raise ValueError(f"it selects more than {MOST_PLACES:,} nodes")
    return list(dict.fromkeys(places))


@cache
def _environment() -> Any:
    """JSONPath's functions, regular expressions read by an engine that takes linear time (RFC 9535 §2.4.6, RFC 9485)."""
    import jsonpath
    from jsonpath.function_extensions import Match, Search

    class Searching(Search):
        def __call__(self, value: object, pattern: object) -> bool:
            return isinstance(value, str) and isinstance(pattern, str) and _matches(pattern, value)

    class Matching(Match):
        def __call__(self, value: object, pattern: object) -> bool:
            return isinstance(value, str) and isinstance(pattern, str) and _matches(f"^(?:{pattern})$", value)

    environment = jsonpath.JSONPathEnvironment(strict=True)
    environment.function_extensions |= {"search": Searching(), "match": Matching()}
    return environment


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is not None and bool(compiled.is_valid(value))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """None for what is no regular expression, which selects nothing (RFC 9535 §2.4.6)."""
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions())
    except ValueError:
        return None
