"""The pieces of a body that is a sequence -> its items, each checked, up to ``[DONE]`` or the end of the body. No I/O.

An item is delivered as soon as it is complete. What came before a break has been delivered when the break is raised.
Items that came together are decoded and checked together, and in small parts or one by one only where one of them is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from operator import attrgetter, contains
from typing import TYPE_CHECKING, Any

from .._checking import json as _json
from .._checking.schema import Schema
from .._display.words import short
from .._request.media_type import kind_of
from ..errors import APIConnectionError, DynaOpenAIError, Violation, stream_error
from .assembly import Assembly
from .data import Data, all_named, named, wrap
from .ending import TAIL, Ending
from .expected import is_error
from .lines import Splitter, separator
from .sse import DONE, Event, EventTooLarge, Parser, Region, region_of
from .texts import Texts

if TYPE_CHECKING:
    from .._transport.reply import Reply
    from .._transport.step import Steps
    from .enforcement import Enforcement
    from .response import Response


MOST_KEPT = 32 << 20  # bytes of a stream as it came, before they are put together
MOST_MISSING = 5
_NAME = attrgetter("event")
TOGETHER = 128  # events that are looked at together: so few that Python's collector does not come to look through them


class Sequence:
    """The items of one reply, drawn piece by piece.

    Attributes:
        complete: whether it ended with what its convention ends it with; None as long as it has not, or nobody can tell.
        broken: what it ended with, where that was an error.
        is_finished: whether all of it has been drawn, and nothing was wrong with its end.

    Args:
        enforcement: what is done with an item that breaks the document.
        ending: the convention.
        assembly: makes what puts the items together.
    """

    __slots__ = (
        "_assembly", "_coming", "_ending", "_enforcement", "_is_over", "_kept", "_last", "_parser", "_reader", "_size", "_texts", "_words",
        "broken", "complete", "is_finished", "reply", "response",
    )  # fmt: skip

    def __init__(
        self,
        response: Response, reply: Reply, content_type: str, schema: Schema | None, enforcement: Enforcement, ending: Ending,
        assembly: Callable[[], Assembly],
    ) -> None:  # fmt: skip
        self.response, self.reply = response, reply
        self.complete: bool | None = None
        self._enforcement, self._ending = enforcement, ending
        self._last: list[bytes] = []
        self._reader = _Reader(response, schema, enforcement, reply.settings.limits.depth)
        most = reply.settings.limits.event or sys.maxsize
        is_lines = kind_of(content_type) == "lines"
        self._parser = Splitter(separator(content_type), most) if is_lines else Parser(most)
        self._is_over = False
        self._assembly: Assembly | Callable[[], Assembly] = assembly
        self._coming: list[Any] = []  # what has been looked at and not been drawn yet, and some that has
        self._kept: list[Region] = []  # put together when it is asked for, or too much: most never ask
        self._size = 0
        self._texts, self._words = self.new_texts(), list[str]()
        self.broken: DynaOpenAIError | None = None
        self.is_finished = False

    def judge_by(self, enforcement: Enforcement) -> None:
        """Take another view of the items that have not been drawn yet."""
        self._enforcement = self._reader.enforcement = enforcement

    def following(self) -> Steps[Iterator[Iterable[Any]] | None]:
        """The items that come next, those together that were found right together; None where none will.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        if self._is_over:
            yield from self.reply.finish()
            self._see_to_the_end()
            self.is_finished = True
            return None
        try:
            piece = yield from self.reply.piece()
        except APIConnectionError as error:
            error.response = self.response
            raise
        self._is_over = not piece
        self._size += len(piece)
        if self._size > MOST_KEPT:
            self._put_together()
        return self._parts(self._parser.feed(piece) if piece else self._parser.end())

    def drop(self) -> None:
        """Let nobody have what has come and was not drawn."""
        self._coming.clear()

    def _parts(self, regions: Iterator[Region]) -> Iterator[Iterable[Any]]:
        try:
            for region in regions:
                for part in region.parts(TOGETHER):
                    yield from self._items(part)
                    if self.complete:
                        return
        except EventTooLarge as error:
            message = f"{self.response.operation_id}: {error}; see Limits(event=...)"
            raise APIConnectionError(message, attempts=self.reply.attempts, retryable=False, response=self.response) from None

    def _items(self, part: Region) -> Iterator[Iterable[Any]]:
        """The items of events that came together."""
        items = self._at_once(part) if DONE not in part.texts else None
        is_last = False
        if items is None:
            all_of_it, (part, is_last) = part, self._said(part)
            items = self._at_once(part) if len(part.texts) < len(all_of_it.texts) else None
        if items is not None:
            yield items
            self.drop()
        else:
            yield from self._in_parts(part)
        if is_last:
            self._is_over = self.complete = self._ending.was_done = True

    def _said(self, part: Region) -> tuple[Region, bool]:
        """The events that say something, up to ``[DONE]``, which may be among them; others only keep the connection open."""
        texts = list(map(bytes.strip, part.texts))
        is_last = DONE in texts
        events = list(part.events())[: texts.index(DONE) if is_last else len(texts)]
        if not self._reader.is_text:
            events = [event for event in events if event.event == "error" or event.data.strip()]
        return region_of(events), is_last

    def _in_parts(self, region: Region) -> Iterator[Iterable[Any]]:
        """The same where one is wrong: once it is told, those after it may well be taken together, so that no event is looked at very often."""
        begin, size = 0, 1
        while (part := region.part(begin, begin + size)).texts:
            items = self._at_once(part) if size > 1 else None
            if items is not None:
                yield items
                self.drop()
            else:
                yield from self._one_by_one(part)
            begin, size = begin + size, 2 * size

    def _one_by_one(self, part: Region) -> Iterator[Iterable[Any]]:
        for event in part.events():
            item = self._reader.one(event)
            self._keep(region_of([event]))
            yield (item,)

    def _at_once(self, part: Region) -> Iterator[Any] | None:
        """The items of events that are all right; None where one of them may not be."""
        values = self._reader.together(part)
        if values is None:
            return None
        self._keep(part)
        if part.full is None:
            self._coming = values
            return map(Data, values)
        self._coming = items = all_named(values, part.full)
        return iter(items)

    def _keep(self, part: Region) -> None:
        if not (self._kept and len(self._kept[-1].texts) < TOGETHER and self._kept[-1].take(part)):
            self._kept.append(part.copy())
        self._last = [*self._last, *part.texts[-TAIL:]][-TAIL:]

    # --- the whole -------------------------------------------------------------------------------

    def whole(self) -> Any:
        """The answer that all items make together.

        Raises:
            DynaOpenAIError: what the stream broke off with; its ``partial`` is what came.
        """
        whole = wrap(self._put_together().whole())
        error = self.broken
        if error is None and not self.is_finished:
            message = f"{self.response.operation_id}: the stream was closed before its end"
            error = self.broken = APIConnectionError(message, retryable=False, response=self.response)
        if error is None:
            return whole
        if error.partial is None and whole is not None:
            error.partial = self.response.seal(whole)
            missing = self._missing(whole)
            lacking = f", without {', '.join(missing)}" if missing else ""
            error.args = (f"{error.args[0]}\n  what came of the answer is error.partial{lacking}",)
        raise error.with_traceback(None) from error.__cause__

    def _missing(self, whole: Any) -> list[str]:
        """The places at which what came falls short of the answer that the document declares."""
        from .._checking.check import violations

        answer = self._put_together().answer
        found = list(dict.fromkeys(problem.path for problem in violations(answer, whole))) if answer is not None else []
        return found[:MOST_MISSING] + (["…"] if len(found) > MOST_MISSING else [])

    def text(self) -> str:
        """The words of all that came."""
        self._put_together()
        return "".join(self._words)

    def new_texts(self) -> Texts:
        """What finds the words of its items, from the first on."""
        return Texts(self._reader.schema)

    def _put_together(self) -> Assembly:
        assembly = self._assembly if isinstance(self._assembly, Assembly) else self._assembly()
        for part in self._kept:
            values = self._reader.quietly(part)
            assembly.add_all(values, None if part.full is None else [event.event for event in part.full])
            self._words.append(self._texts.of_all(values))
        self._assembly, self._kept, self._size = assembly, [], 0
        return assembly

    def _see_to_the_end(self) -> None:
        """A stream that ends too early is told, after all that came.

        Raises:
            ResponseValidationError: the policy is ``strict``.
        """
        if self.complete is not None or self._reader.is_text or not isinstance(self._parser, Parser):
            return
        values = [value for text in self._last if (value := _quietly(text)) is not None]
        self.complete = self._ending.is_whole(values)
        if self.complete is False and self._enforcement.is_wanted:
            message = f"found the end of the stream, expected {self._ending.expected} before it"
            problem = Violation("", message, None, hint="what came has been delivered; stream.complete is False")
            self._enforcement.pronounce([problem], values[-1] if values else None)


class _Reader:
    """Events -> checked items."""

    __slots__ = ("depth", "enforcement", "is_text", "response", "schema")

    def __init__(self, response: Response, schema: Schema | None, enforcement: Enforcement, depth: int | None) -> None:
        self.response, self.schema, self.enforcement, self.depth = response, schema, enforcement, depth
        self.is_text = schema is not None and schema.types == {"string"}

    def together(self, part: Region) -> list[dict[str, Any]] | None:
        """The items of events that came together; None where something is to be said of one, and each must be looked at."""
        if self.is_text or (part.full is not None and "error" in map(_NAME, part.full)):
            return None
        values = _json.decode_each(part.texts, self.depth)
        if values is None or set(map(type, values)) != {dict} or any(map(contains, values, repeat("error"))):
            return None
        return values if self._passes(values) else None

    def quietly(self, part: Region) -> list[Any]:
        """The items of events that were delivered; the text of one that is no JSON, or null."""
        values = None if self.is_text else _json.decode_each(part.texts)
        if values is not None and None not in values:
            return values
        values = [None if self.is_text else _quietly(text) for text in part.texts]
        return [event.text if value is None else value for value, event in zip(values, part.events(), strict=True)]

    def one(self, event: Event) -> Any:
        """The item of an event."""
        value = event.text if self.is_text else self._value(event)
        has_error = type(value) is dict and "error" in value and is_error(value, self.schema)
        if has_error or event.event == "error":
            raise stream_error(self.response.operation_id, self.response.seal(value), self.response)
        item = named(value, event) if type(value) is dict else wrap(value)
        if not self._passes([item]):
            self._refuse(value, item)
        return item

    def _passes(self, items: list[Any]) -> bool:
        try:
            return self.enforcement.passes(self.schema, items)
        except UnicodeEncodeError:  # a lone surrogate: half of a character that another event completes
            return False

    def _refuse(self, value: Any, item: Any) -> None:
        from .._checking.check import violations

        assert self.schema is not None
        found = violations(self.schema, value)
        self.enforcement.observe(item)
        if found:
            self.enforcement.pronounce(found, item)

    def _value(self, event: Event) -> Any:
        try:
            return _json.decode(event.data, self.depth)
        except _json.DecodeError as error:
            if self.enforcement.is_wanted and event.event != "error":
                problem = Violation("", f"found an event that is no JSON: {error}", short(event.text))
                self.enforcement.pronounce([problem], event.text)
            return event.text


def _quietly(text: bytes) -> Any:
    try:
        return _json.decode(text)
    except _json.DecodeError:
        return None
