"""What a mock server does wrong on purpose: which operation fails with which status, how often, and how slowly.

Rules of this file:
1. Chance has a seed: the same requests in the same order meet the same faults.
2. One draw a request, whatever is asked, so that one operation's calls do not change another's luck more than by one.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from .._document import openapi
from ..errors import UnknownOperationError

Chances = int | Mapping[int, float]

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

    Raises:
        ValueError: an option has a value that makes no sense.
    """

    faults: Mapping[str, Chances] = field(default_factory=dict)
    error_rate: float = 0.0
    latency: float | tuple[float, float] = 0.0
    stream_delay: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
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
    """What one request meets: the status that it is answered with on purpose, if any, and the seconds before that."""

    status: int | None
    pause: float


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
        for status, chance in _listed(weather.faults.get(operation_id, {})).items():
            if luck < chance:
                return Turn(status, pause)
            luck -= chance
        return Turn(usual if luck < weather.error_rate else None, pause)


def _listed(chances: Chances) -> Mapping[int, float]:
    return {chances: 1.0} if isinstance(chances, int) else chances
