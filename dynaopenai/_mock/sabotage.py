"""What a mock server does wrong on purpose: which operation fails with which status, how often, and how slowly.

Rules of this file:
1. Chance has a seed: the same requests in the same order meet the same faults.
2. One draw a request, whatever is asked, so that one operation's calls do not change another's luck more than by one.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .._document import openapi
from ..errors import UnknownOperationError
from .spool import Stored

T = TypeVar("T")
Chances = int | Mapping[int, float]

STREAM_FAULTS = ("truncate", "corrupt", "stall", "drop")
LONGEST_SILENCE = 3600.0  # seconds
USUAL = (429, 500, 503)  # what an overloaded API answers with


@dataclass(frozen=True)
class Weather:
    """The conditions that a mock server makes.

    Attributes:
        faults: operationId to the status that it answers with, or to statuses with their probabilities.
        error_rate: how likely any request fails with one of 429, 500 and 503.
        latency: seconds before an answer, or the least and the most of them.
        stream_delay: seconds between the events of a stream.
        seed: of the chances.
        stream_faults: how likely a stream is truncated (ends early, as if it were whole), corrupted (an event is no JSON),
            stalls (says nothing more) or is dropped (the connection breaks).
        rpm, tpm: requests and tokens a minute that each credential may ask for; 0 is without limit.
        job_looks: how many looks each stage of a job lasts; at 0 it is done at once.
        empty: nothing is there but what was created, of what can be created.

    Raises:
        ValueError: an option has a value that makes no sense.
    """

    faults: Mapping[str, Chances] = field(default_factory=dict)
    error_rate: float = 0.0
    latency: float | tuple[float, float] = 0.0
    stream_delay: float = 0.0
    seed: int = 0
    stream_faults: Mapping[str, float] = field(default_factory=dict)
    rpm: int = 0
    tpm: int = 0
    job_looks: int = 1
    empty: bool = False

    def __post_init__(self) -> None:
        for name, chance in self.stream_faults.items():
            if name not in STREAM_FAULTS:
                raise ValueError(f"stream_faults: found {name!r}, expected {', '.join(STREAM_FAULTS)}")
            if not 0 <= chance <= 1:
                raise ValueError(f"stream_faults: {name}: found {chance}, expected a probability from 0 to 1")
        for name, number in {"rpm": self.rpm, "tpm": self.tpm, "job_looks": self.job_looks}.items():
            if number < 0:
                raise ValueError(f"{name}: found {number}, expected 0 or more")
        for operation_id, chances in self.faults.items():
            for status, chance in _listed(chances).items():
                if not isinstance(status, int) or not 200 <= status <= 599:
                    raise ValueError(f"faults: {operation_id}: found {status}, expected a status from 200 to 599")
                if not 0 <= chance <= 1:
                    raise ValueError(f"faults: {operation_id}: found {chance}, expected a probability from 0 to 1")
            if sum(_listed(chances).values()) > 1:
                raise ValueError(f"faults: {operation_id}: found probabilities of more than 1 in all")
        if not 0 <= self.error_rate <= 1:
            raise ValueError(f"error_rate: found {self.error_rate}, expected a probability from 0 to 1")
        if not 0 <= self.least <= self.most:
            raise ValueError(f"latency: found {self.latency}, expected seconds, or the least and the most of them")
        if self.stream_delay < 0:
            raise ValueError(f"stream_delay: found {self.stream_delay}, expected seconds")

    @property
    def least(self) -> float:
        return self.latency[0] if isinstance(self.latency, tuple) else self.latency

    @property
    def most(self) -> float:
        return self.latency[1] if isinstance(self.latency, tuple) else self.latency


@dataclass(frozen=True)
class Turn:
    """What one request meets: the status that it is answered with on purpose, if any, and the seconds before that.

    ``stream_fault``: what goes wrong with its answer, where that is a stream; ``at``: after which part of it.
    """

    status: int | None
    pause: float
    stream_fault: str = ""
    at: float = 0.5


class Chance:
    """Draws what each request meets. Thread-safe.

    Raises:
        UnknownOperationError: a fault names no operation.
    """

    def __init__(self, api: openapi.OpenAPI, weather: Weather) -> None:
        for operation_id in weather.faults:
            if operation_id not in api.entries:
                raise UnknownOperationError(operation_id, api.entries, api.title)
        self._weather = weather
        self._random = random.Random(weather.seed)  # noqa: S311 - it is to be repeatable
        self._lock = threading.Lock()

    def draw(self, operation_id: str) -> Turn:
        weather = self._weather
        with self._lock:
            luck, usual = self._random.random(), self._random.choice(USUAL)
            pause = self._random.uniform(weather.least, weather.most)
            stream_luck, at = (self._random.random(), self._random.random()) if weather.stream_faults else (1.0, 0.5)
        fault = _drawn(weather.stream_faults, stream_luck) or ""
        status = _drawn(_listed(weather.faults.get(operation_id, {})), luck)
        if status is None:
            luck -= sum(_listed(weather.faults.get(operation_id, {})).values())
            status = usual if luck < weather.error_rate else None
        return Turn(status, pause, fault, at)


def _drawn(chances: Mapping[T, float], luck: float) -> T | None:
    """What luck meets, of what is more or less likely."""
    for name, chance in chances.items():
        if luck < chance:
            return name
        luck -= chance
    return None


def _listed(chances: Chances) -> Mapping[int, float]:
    return {chances: 1.0} if isinstance(chances, int) else chances


# --- streams -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken(Sequence[bytes]):
    """The pieces of a stream with something wrong with them: ``fault``, one of `STREAM_FAULTS`, after the part ``at``."""

    pieces: Sequence[bytes]
    fault: str
    at: float

    def __getitem__(self, index: Any) -> Any:
        return self.pieces[index]

    def __len__(self) -> int:
        return len(self.pieces)

    def sent(self, stopping: threading.Event) -> Iterator[bytes]:
        """What goes over the wire.

        Raises:
            ConnectionAbortedError: the connection breaks here.
        """
        cut = max(1, min(len(self.pieces) - 1, int(len(self.pieces) * self.at)))
        yield from self.pieces[:cut]
        if self.fault == "corrupt":
            yield self.pieces[cut].rstrip()[: len(self.pieces[cut]) // 2] + b"\xff\n\n"
            yield from self.pieces[cut + 1 :]
        elif self.fault == "stall":
            stopping.wait(LONGEST_SILENCE)
        elif self.fault == "drop":
            raise ConnectionAbortedError("the connection breaks on purpose")


def slowly(pieces: bytes | Iterable[bytes], delay: float, stopping: threading.Event) -> Iterable[bytes]:
    """An answer's body as it goes over the wire, a stream with its faults and with a pause before each piece."""
    if isinstance(pieces, bytes):
        return [pieces]
    if isinstance(pieces, Stored):
        return pieces
    if isinstance(pieces, Broken):
        return _delayed(pieces.sent(stopping), delay)
    return _delayed(pieces, delay) if delay else pieces


def _delayed(pieces: Iterable[bytes], delay: float) -> Iterator[bytes]:
    for index, piece in enumerate(pieces):
        if index and delay:
            time.sleep(delay)
        yield piece
