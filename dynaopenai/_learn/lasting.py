"""Drift that lasts: a file to which threads and processes add what they have seen, to be shown, merged and learned from.

Rules of this file:
1. What is added is added under a lock, to what the file holds then, and put in its place at once.
2. It holds no payload: counts, places, short examples, and bodies whose texts are blank but for those that the document
   lists (or that are wrong for not being listed). A body that deviates otherwise without its texts is not kept.
3. It is bounded; a file that is no such file is refused, and never written over.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .._checking.contract import Contract
from .._display.words import count, short
from .._document.own_file import write_whole
from ..errors import DynaOpenAIError, SpecError
from .deviation import Deviation, deviations, schema_of
from .sample import Sample, together

FORM = 1
MOST = 2_000  # deviations
MOST_SAMPLES = 500
MOST_CHARACTERS = 20_000  # of a body
_WORD = re.compile(r"[\w.:/+-]{1,40}")
FACTS = ("kind", "operation_id", "side", "status", "path", "message")


@dataclass(frozen=True)
class Seen:
    """What a file holds."""

    answers: int = 0
    deviations: tuple[Deviation, ...] = ()
    samples: tuple[Sample, ...] = field(default=())

    def __str__(self) -> str:
        worst = sorted(self.deviations, key=lambda each: (-each.count, each.operation_id, each.path, each.message))
        head = f"{count(len(worst), 'deviation')} in {count(self.answers, 'answer')}"
        return "\n".join([head, *(f"  {deviation}" for deviation in worst)])

    def __add__(self, other: Seen) -> Seen:
        counted: dict[Any, Deviation] = {}
        for each in (*self.deviations, *other.deviations):
            known = counted.get(each.key)
            counted[each.key] = each if known is None else replace(known, count=known.count + each.count)
        kept = sorted(counted.values(), key=lambda each: -each.count)[:MOST]
        samples = together([*self.samples, *other.samples])[:MOST_SAMPLES]
        return Seen(self.answers + other.answers, tuple(kept), tuple(samples))


def read(path: str | os.PathLike[str]) -> Seen:
    """What a file holds; nothing where there is none.

    Raises:
        DynaOpenAIError: it is no such file.
        OSError: it cannot be read.
    """
    try:
        text = Path(path).read_text("utf-8")
    except FileNotFoundError:
        return Seen()
    try:
        content: Any = json.loads(text or f'{{"drift": {FORM}}}')
        (FORM,).index(content["drift"])  # of another form: none of ours
        found = tuple(Deviation(**{**each, "pointer": each.get("pointer", "")}) for each in content.get("deviations", ()))
        samples = tuple(Sample(**each) for each in content.get("samples", ()))
        return Seen(int(content.get("answers", 0)), found, samples)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DynaOpenAIError(
            f"{os.fspath(path)}: this holds no drift\n  found     {short(str(error), 100)}\n"
            "  remedy    name another file; one is made where there is none"
        ) from None


def add(path: str | os.PathLike[str], seen: Seen) -> Seen:
    """Add to a file what was seen; returns what it holds then.

    Raises:
        DynaOpenAIError: it is no such file.
        OSError: it cannot be written.
    """
    with _locked(path):
        whole = read(path) + seen
        write(path, whole)
    return whole


def write(path: str | os.PathLike[str], seen: Seen) -> None:
    """Put a file in its place, whole."""
    named = [*FACTS, "count", "example", "pointer"]
    content = {
        "drift": FORM,
        "answers": seen.answers,
        "deviations": [{name: getattr(each, name) for name in named} for each in seen.deviations],
        "samples": [vars(each) for each in seen.samples],
    }
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, json.dumps(content, default=str).encode())


@contextmanager
def _locked(path: str | os.PathLike[str]) -> Iterator[None]:
    """Alone among threads and processes; the lock is a file beside."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(f"{os.fspath(path)}.lock", "a+b") as file:  # noqa: PTH123 - a suffix added to whatever the path is
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            yield
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield  # closing it lets go


# --- without its texts ---------------------------------------------------------------------------


def blank(contract: Contract, samples: Iterable[Sample]) -> list[Sample]:
    """Samples without their texts, as far as they deviate in the same way then."""
    return [made for sample in samples if (made := _blank(contract, sample)) is not None]


def _blank(contract: Contract, sample: Sample) -> Sample | None:
    try:
        wrong = list(deviations(contract, sample))
        schema = schema_of(contract, sample)
        listed = {each.value for each in wrong if isinstance(each.value, str) and _WORD.fullmatch(each.value) and _is_choice(each)}
        known = listed | (_listed(schema.bundle) if schema is not None else set())
        made = replace(sample, body=_without_texts(sample.body, known), where="")
        same = [_kind(each) for each in wrong] == [_kind(each) for each in deviations(contract, made)]
    except SpecError:
        return None
    return made if same and len(made.key) <= MOST_CHARACTERS else None


def _is_choice(deviation: Deviation) -> bool:
    return deviation.cause is not None and deviation.cause.keyword in ("enum", "const", "types-or-values")


def _kind(deviation: Deviation) -> tuple[str, str, str]:
    return deviation.kind, deviation.path, deviation.pointer


def _listed(schema: Any) -> set[str]:
    """The texts that a schema lists."""
    found: set[str] = set()
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            values = [*part.get("enum", ()), part.get("const")] if isinstance(part.get("enum", []), list) else []
            found |= {value for value in values if isinstance(value, str)}
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return found


def _without_texts(value: Any, known: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without_texts(item, known) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_texts(item, known) for item in value]
    return value if not isinstance(value, str) or value in known else ""


def without_texts(found: Sequence[Deviation]) -> tuple[Deviation, ...]:
    """Deviations whose examples and messages show no text but words that could be a choice."""
    return tuple(map(_shown, found))


def _shown(deviation: Deviation) -> Deviation:
    value = deviation.value
    if not isinstance(value, (str, dict, list)) or (isinstance(value, str) and _WORD.fullmatch(value)):
        return replace(deviation, example=value)
    blank = '"\u2026"' if isinstance(value, str) else "{\u2026}" if isinstance(value, dict) else "[\u2026]"
    return replace(deviation, example=blank, message=deviation.message.replace(short(value), blank))
