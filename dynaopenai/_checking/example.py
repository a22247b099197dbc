"""A schema -> a valid value for it: what the document itself declares, or else the smallest that can be made.

Rules of this file:
1. The verdict stays `Schema.is_valid`'s; what is made here is a proposal until the whole has passed.
2. Declared values come first (``examples``, ``default``, ``const``, ``enum``), each only where it is valid.
3. No randomness: candidates come in one order, lazily, and the number of steps is bounded.
4. First boldly (no choice is checked on its own), then, if the whole is refused, carefully (each choice is).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count, islice, product
from math import inf
from typing import Any

from .._display.words import short
from .bundle import Separate
from .dialect import ANNOTATIONS, TYPES
from .json import NotJSONError, decode, survey, types_of
from .parts import Part, Parts, at_index, at_name, choices, guests, stated, types_left, with_dependents
from .scalar import WORD, numbers, texts
from .schema import Schema
from .spelling import LONGEST, VARIANTS, spellings

EMPTY: tuple[Any, ...] = ([], {}, None)  # what may be valid where nothing better can be made up
STEPS = 50_000  # how much work one example may take

_SPOKEN_OF = {  # the keywords that tell which type is meant where none is declared, in order of preference
    "object": {"properties", "required", "additionalProperties", "patternProperties", "minProperties"}
    | {"propertyNames", "unevaluatedProperties", "dependentRequired", "maxProperties"},
    "array": {"items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"},
    "string": {"pattern", "format", "minLength", "maxLength", "x-binary"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
_KINDS = ("string", "number", "integer", "boolean", "array", "object", "null")
_ONE_VALUE = _SPOKEN_OF["string"] | _SPOKEN_OF["number"]  # keywords that a scalar is checked against on its own
_UNSURE = {"anyOf", "oneOf", "not", "if", "dependentSchemas", "contains", "unevaluatedProperties", "unevaluatedItems"}
_PLAIN = ANNOTATIONS | {"type", "x-binary", "x-nullable"}


class _OutOfStepsError(Exception):
    pass


def example(schema: Schema) -> Any:
    """A valid value, the same on every run.

    Raises:
        SpecError: none was found.
    """
    return next(examples(schema))


def examples(schema: Schema) -> Iterator[Any]:
    """Valid values, the plainest first.

    Raises:
        SpecError: none was found.
    """
    refused: list[Any] = []
    writers = _Writer(schema, careful=False), _Writer(schema, careful=True)
    is_barren = True
    for value in chain(islice(writers[0].proposals(), 3), islice(writers[1].proposals(), VARIANTS)):
        if schema.is_valid(value):
            is_barren = False
            yield _copied(value)
        else:
            refused.append(value)
    for value in chain(_told_apart(schema, refused), EMPTY) if is_barren else ():
        if schema.is_valid(value):
            is_barren = False
            yield _copied(value)
    if is_barren:
        raise schema.places[""].error(
            "no valid value can be made up for this schema",
            found=writers[1].trouble or _complaint(schema, refused),
            remedy="declare a valid example beside it",
        )


def proposals(schema: Schema) -> Iterator[Any]:
    """Values that are likely to be valid, made up quickly and not checked as a whole."""
    return _Writer(schema, careful=False).proposals()


def _told_apart(schema: Schema, refused: Iterable[Any]) -> Iterator[Any]:
    """Values that several of ``oneOf`` take, with a member that all but one of those refuse."""
    objects = [value for value in refused if isinstance(value, dict)]
    if any("oneOf" in part for part in schema.in_place()):
        for value, name in islice(product(objects[:3], schema.properties), VARIANTS):
            odd: tuple[Any, ...] = (0, WORD, True, [], {})
            yield from ({**value, name: one} for one in odd if name not in value)


def _complaint(schema: Schema, refused: list[Any]) -> str:
    for value in refused[:1]:
        for error in schema.errors(value):
            return f"{short(value)}: {str(error.message)[:200]}"
    return "keywords that contradict each other"


def _copied(value: Any) -> Any:
    """What is handed out shares nothing with the document, nor with itself."""
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _key(value: Any) -> Any:
    """Equal for equal JSON values only: 1 is 1.0 and is not true."""
    if isinstance(value, dict):
        return frozenset((name, _key(item)) for name, item in value.items())
    return tuple(map(_key, value)) if isinstance(value, list) else (isinstance(value, bool), value)


class _Writer:
    """Lists candidates for one schema; `careful` also checks each choice on its own."""

    def __init__(self, schema: Schema, careful: bool) -> None:
        self.schema, self.careful, self.steps, self.trouble = schema, careful, STEPS, ""
        self.checks: dict[tuple[int, ...], tuple[Parts, Callable[[Any], bool]]] = {}

    def proposals(self) -> Iterator[Any]:
        """Candidates for the whole."""
        try:
            yield from self.values((self.schema.schema,))
        except (_OutOfStepsError, RecursionError):
            self.trouble = f"none among the first {STEPS:,} possibilities"

    def values(self, parts: Parts, stack: tuple[str, ...] = (), hint: str = WORD) -> Iterator[Any]:
        """Candidates for a value for which all ``parts`` hold, the best first; ``stack``: the references around it."""
        self._step()
        yield from self._declared([part for part in parts if isinstance(part, dict)], parts)
        for flat, deeper in self._alternatives(parts, stack):
            yield from self._declared(flat, parts)
            if stated(flat, "enum") or stated(flat, "const"):
                continue
            unsure = self.careful and any(_UNSURE & part.keys() for part in flat)
            for value in self._made(flat, deeper, hint):
                if not unsure or self._accepts(parts, value):
                    yield value

    def _step(self, cost: int = 1) -> None:
        self.steps -= cost
        if self.steps < 0:
            raise _OutOfStepsError

    # --- what is declared ------------------------------------------------------------------------

    def _declared(self, speakers: Iterable[dict[str, Any]], parts: Parts) -> Iterator[Any]:
        for part in speakers:
            examples = part.get("examples", [])
            values = [*examples, *stated((part,), "default"), *stated((part,), "const"), *part.get("enum", [])]
            for value in chain.from_iterable(map(_readings, values)):
                if self._accepts(parts, value):
                    yield value

    def _accepts(self, parts: Parts, value: Any) -> bool:
        if all(isinstance(part, dict) and part.keys() <= _PLAIN for part in parts):
            return all(types_of(value) & types_left(part) for part in parts)
        key = tuple(map(id, parts))
        if key not in self.checks:
            self.checks[key] = parts, self._check(parts)
        self._step()
        return self.checks[key][1](value)

    def _check(self, parts: Parts) -> Callable[[Any], bool]:
        whole = parts[0] if len(parts) == 1 else {"allOf": list(parts)}
        if whole is self.schema.schema:
            return self.schema.is_valid
        if isinstance(self.schema.defs, Separate):
            self._step(5)
            return self.schema.sub(whole).is_valid
        reached = self.schema.reached_from(whole)
        if reached is None:
            return lambda _: True
        self._step(5 + len(reached))
        return Schema(whole, reached, self.schema.places).is_valid

    # --- which schemas hold ----------------------------------------------------------------------

    def _alternatives(
        self,
        todo: Parts,
        stack: tuple[str, ...],
        kept: tuple[dict[str, Any], ...] = (),
        entered: tuple[str, ...] = (),
        types: frozenset[str] = TYPES,
    ) -> Iterator[tuple[tuple[dict[str, Any], ...], tuple[str, ...]]]:
        """The ways to choose branches: the schemas that then hold, references and ``allOf`` seen through."""
        if not todo:
            yield kept, stack + entered
            return
        self._step()
        part = {} if todo[0] is True else todo[0]
        types &= types_left(part)
        if not types:
            return
        also = list(part.get("allOf", ()))
        if isinstance(part.get("not"), dict) and part["not"].keys() == {"not"}:
            also.append(part["not"]["not"])
        for ref in stated((part,), "$ref") + stated((part,), "$dynamicRef"):
            if stack.count(ref) > self.careful:
                return
            if ref not in entered:
                entered = (*entered, ref)
                also.insert(0, self._target(ref, stack))
        for chosen in product(*choices(self._open_enum(part))):
            more = (*also, *chain.from_iterable(chosen), *todo[1:])
            yield from self._alternatives(more, stack, (*kept, part), entered, types)

    def _open_enum(self, part: dict[str, Any]) -> dict[str, Any]:
        """``anyOf`` a bare type and an ``enum``: the values that are named tell more."""
        branches = part.get("anyOf", [])
        named = [branch for branch in branches if isinstance(branch, dict) and "enum" in self._seen_through(branch)]
        bare = [branch for branch in branches if isinstance(branch, dict) and branch.keys() <= _PLAIN]
        if not named or not bare or branches[0] not in bare:
            return part
        return {**part, "anyOf": [*named, *(branch for branch in branches if branch not in named)]}

    def _seen_through(self, branch: dict[str, Any]) -> dict[str, Any]:
        target = self.schema.target(branch["$ref"]) if "$ref" in branch else branch
        return target if isinstance(target, dict) else {}

    def _target(self, ref: str, stack: tuple[str, ...]) -> Part:
        name, _, anchor = ref.partition("#")
        if anchor.startswith("/") or not anchor:
            return self.schema.target(ref)
        around = [self.schema.schema, *map(self.schema.target, stack), *self.schema.defs.values()]
        nested = [part for outer in around if isinstance(outer, dict) for part in outer.get("$defs", {}).values()]
        for part in around + nested:
            if isinstance(part, dict) and part.get("$dynamicAnchor") == anchor:
                return part
        return self.schema.target(name)

    # --- making up -------------------------------------------------------------------------------

    def _made(self, parts: Parts, stack: tuple[str, ...], hint: str) -> Iterator[Any]:
        types = frozenset.intersection(TYPES, *map(types_left, parts))
        spoken = frozenset().union(*parts)
        kinds = [kind for kind in _KINDS if kind in types and (kind != "integer" or "number" not in types)]
        for kind in sorted(kinds, key=lambda kind: not _SPOKEN_OF.get(kind, set()) & spoken):
            yield from islice(self._of_kind(kind, parts, stack, hint), VARIANTS)

    def _of_kind(self, kind: str, parts: Parts, stack: tuple[str, ...], hint: str) -> Iterator[Any]:
        if kind == "object":
            return self._objects(parts, stack)
        if kind == "array":
            return self._arrays(parts, stack)
        if kind == "string":
            self._step(20 * len(stated(parts, "pattern")))  # spelling is dear
            return self._sound(parts, texts(parts, hint))
        if kind in ("number", "integer"):
            return self._sound(parts, numbers(parts, kind))
        return iter((True, False) if kind == "boolean" else (None,))

    def _sound(self, parts: Parts, values: Iterator[Any]) -> Iterator[Any]:
        values = islice(values, 4 * VARIANTS)
        limits = tuple({key: part[key] for key in part.keys() & _ONE_VALUE} for part in parts)
        limits = tuple(limit for limit in limits if limit.keys() - {"x-binary"})
        is_sound = self._check(limits) if limits else lambda _: True
        for value in values:
            self._step()
            if is_sound(value):
                yield value

    def _arrays(self, parts: Parts, stack: tuple[str, ...]) -> Iterator[list[Any]]:
        least = max(stated(parts, "minItems"), default=0)
        most = min(stated(parts, "maxItems"), default=inf)
        lodgers = [part["contains"] for part in parts if "contains" in part for _ in range(part.get("minContains", 1))]
        prefix = max(map(len, stated(parts, "prefixItems")), default=0)
        wished = max(least, prefix or 1, len(lodgers))
        lengths = dict.fromkeys(min(n, most) for n in (wished, prefix + len(lodgers), least, *range(min(wished, 8))))
        for length in lengths:
            if least <= length <= LONGEST and (length or not lodgers):
                for start in dict.fromkeys((length - len(lodgers), 0)):
                    homes = {(start + i) % length: lodger for i, lodger in enumerate(lodgers)} if lodgers else {}
                    yield from self._filled_array(parts, stack, int(length), homes)

    def _filled_array(
        self, parts: Parts, stack: tuple[str, ...], length: int, homes: dict[int, Part]
    ) -> Iterator[list[Any]]:
        unique = True in stated(parts, "uniqueItems")
        rows = [(*at_index(parts, index), *guests(parts, index, homes)) for index in range(length)]
        for skipped in range(1 if not length else 4):
            filled = self._drawn(rows, stack, skipped, unique)
            if len(filled) == length:
                yield filled

    def _drawn(self, rows: list[Parts], stack: tuple[str, ...], skipped: int, unique: bool) -> list[Any]:
        """One item for each row, until a row has none: alike ones repeat the first, or go on where it must differ."""
        sources: dict[Any, Iterator[Any]] = {}
        taken: dict[Any, Any] = {}
        drawn: list[Any] = []
        for row in rows:
            key = tuple(map(id, row))
            if key not in sources:
                sources[key] = islice(self.values(row, stack), skipped, None)
            elif not unique:
                drawn.append(taken[key])
                continue
            for value in sources[key]:
                if not unique or _key(value) not in taken:
                    taken[_key(value) if unique else key] = value
                    drawn.append(value)
                    break
            else:
                break
        return drawn

    def _objects(self, parts: Parts, stack: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        declared = {name: None for own in stated(parts, "properties") for name, part in own.items() if types_left(part)}
        required = dict.fromkeys(chain.from_iterable(stated(parts, "required")))
        optional = [name for name in declared if name not in required]
        least = max(stated(parts, "minProperties"), default=0)
        most = min(stated(parts, "maxProperties"), default=inf)
        extras = [[], *([name] for name in optional), *([optional] if len(optional) > 1 else [])]
        for extra, varied in chain(((extra, False) for extra in extras), ((extra, True) for extra in extras)):
            names = with_dependents(parts, [*required, *extra])
            spare = (name for name in optional if name not in names)
            while len(names) < least:
                name = next(spare, None) or next(self._new_names(parts, stack, names), None)
                if name is None:
                    break
                names = with_dependents(parts, [*names, name])
            if least <= len(names) <= most:
                ordered = [name for name in declared if name in names]
                yield from self._filled_object(parts, stack, dict.fromkeys([*ordered, *names]), varied)

    def _filled_object(
        self, parts: Parts, stack: tuple[str, ...], names: Iterable[str], varied: bool
    ) -> Iterator[dict[str, Any]]:
        rooms = {name: at_name(parts, name) for name in names}
        first: dict[str, Any] = {}
        for name, room in rooms.items():
            found = next(([value] for value in self.values(room, stack, name)), None)
            if found is None:
                why = "no value can be made up for" if all(map(types_left, room)) else "no value is allowed for"
                self.trouble = self.trouble or f"{why} the property {short(name)}"
                return
            first[name] = found[0]
        if not varied:
            yield first
            return
        others = {name: list(islice(self.values(room, stack, name), 6)) for name, room in rooms.items()}
        for name, values in others.items():
            yield from ({**first, name: value} for value in values[1:])
        for mixed in islice(product(*others.values()), 40):
            yield dict(zip(others, mixed, strict=True))

    def _new_names(self, parts: Parts, stack: tuple[str, ...], taken: Iterable[str]) -> Iterator[str]:
        rule = (*stated(parts, "propertyNames"), {"type": "string"})
        patterns = chain.from_iterable(stated(parts, "patternProperties"))
        spelled = chain.from_iterable(islice(spellings(pattern), 20) for pattern in patterns)
        numbered = (f"key{n}" for n in count(2))
        for name in islice(chain(spelled, self.values(rule, stack, "key"), numbered), VARIANTS):
            if name not in taken and self._accepts(rule, name):
                for _ in self.values(at_name(parts, name), stack):
                    yield name
                    break


def _readings(value: Any) -> Iterator[Any]:
    """A declared value, and what it says where it is a text of JSON."""
    try:
        survey(value)
    except NotJSONError:
        return
    yield value
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        try:
            yield decode(value.encode())
        except ValueError:
            return
