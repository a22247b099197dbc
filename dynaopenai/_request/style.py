"""Parameter <-> text: what a client writes and a server reads, out of one table.

Rules of this file (OAS 3.0.4 §4.7.12; OAS 3.1.1 §4.8.12; OAS 3.2.0, Parameter Object; RFC 6570; RFC 3986):
1. `STYLES` is the specification's table in the terms of RFC 6570 App. A: first, sep, named, ifemp. What it leaves
   undefined is refused, but delimited styles exploded, and theirs and deepObject's scalars and arrays, are as form.
2. Undefined (RFC 6570 §2.3: null, [], {}, an object of nulls) is left out; null with ``allowEmptyValue`` is ``name=``.
   A null property is left out, a null item written empty. An empty string is defined: ``color=``, ``;color``, ``.``.
3. Numbers are written as JSON writes them, the shortest text that reads back the same: 1, 0.1, 1e+21 (URL: 1e%2B21); a whole float
   is an integer to JSON Schema and is written as one: 1.0 is 1.
4. What is written reads back equal, or is refused. All but RFC 3986's unreserved characters is percent-encoded, a
   style's delimiter inside an item too (even ``.``, under label). Where the delimiter itself stands encoded
   (%20, %7C: OAS 3.1.1 App. E) or nothing is encoded (headers, style cookie), an item that holds it is refused.
5. ``allowReserved`` keeps reserved characters and %XX triples in values, never in names, but nothing that would end
   its place or mean something else there: not ``/?#[]`` in a path, not ``#[]&+`` in a query (OAS 3.1.1 §4.8.12, App. C,
   which leave these to whoever writes it), nor an array's own delimiter.
6. Names and deepObject's brackets are percent-encoded in a query (OAS 3.1.1 App. C, E). deepObject writes nested
   objects as ``a[b][c]=1``, nested arrays as ``a[b]=1&a[b]=2``, and as ``a[b][0][c]=1`` where their items are not
   single values, which is how the APIs that take such lists read them; all other styles hold one level.
7. A path segment that would vanish or climb is refused; encoding its dots would not help (RFC 3986 §6.2.2.2).
8. Headers and style cookie refuse what RFC 9110 §5.5, Latin-1, RFC 6265 §4.1.1 forbid; form cookies encode it, and "%".
9. Reading does not guess past the types it is given: what is none of them stays a string, for the schema to judge.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from .._checking import json as _json
from .._display.words import short
from .._document import openapi

Types = frozenset[str]
Inner = Callable[[tuple[str | int, ...]], Types]
Raw = str | Iterable[tuple[str, str]] | None
Part = tuple[str | None, str, str]
ALL_TYPES = frozenset({"string", "integer", "number", "boolean", "null", "array", "object"})
SCALARS = ALL_TYPES - {"array", "object", "null"}


class _Missing:
    def __repr__(self) -> str:
        return "<not given>"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()  # no value was given


class StyleError(ValueError):
    """A value that cannot be written, or a text that cannot be read; ``path``: the place in the value, ``[1]``, ``.a``."""

    def __init__(self, path: str, message: str) -> None:
        self.path, self.message = path, message
        super().__init__(path, message)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Style(NamedTuple):
    first: str
    sep: str
    layout: str = "joined"  # or "each": every part under its own name; "brackets": and the name is the way to it
    named: bool = False  # the parameter's name is written
    ifemp: str = "="  # what follows a name without text
    plain: bool = False  # nothing is percent-encoded


EACH, BRACKETS, FORM = Style("", "&", "each", True), Style("", "&", "brackets", True), Style("", "&", "each")
STYLES = {  # (style, in): explode false, explode true
    ("matrix", "path"): (Style(";", ",", named=True, ifemp=""), Style(";", ";", "each", named=True, ifemp="")),
    ("label", "path"): (Style(".", ","), Style(".", ".", "each")),
    ("simple", "path"): (Style("", ","), Style("", ",", "each")),
    ("simple", "header"): (Style("", ",", plain=True), Style("", ",", "each", plain=True)),
    ("form", "query"): (Style("", ",", named=True), EACH),
    ("form", "cookie"): (Style("", ",", named=True), Style("", "; ", "each", named=True)),
    ("cookie", "cookie"): (Style("", ",", named=True, plain=True), Style("", "; ", "each", named=True, plain=True)),
    ("spaceDelimited", "query"): (Style("", "%20", named=True), EACH),
    ("pipeDelimited", "query"): (Style("", "%7C", named=True), EACH),
    ("tabDelimited", "query"): (Style("", "%09", named=True), EACH),  # Swagger 2.0's tsv
    ("deepObject", "query"): (BRACKETS, BRACKETS),
    ("content", "querystring"): (Style("", ""), FORM),  # the second if the media type is a form
}
SPLITS = {("%20", False): "%20|\\+| ", ("%09", False): "%09|\t", ("%7C", False): "%7[Cc]|\\|", (",", True): "[ \t]*,[ \t]*"}  # as others write
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
COOKIE_OCTETS = UNRESERVED + "!#$&'()*+/:<=>?@[]^`{|}"
RESERVED = {"path": ":@!$&'()*+,;=", "query": ":/?@!$'()*,;="}  # what allowReserved keeps
REFUSED = {  # (in, is a name), where nothing is encoded
    ("header", False): re.compile("^[ \xa0]|[ \xa0]$|[\0-\x1f\x7f-\x9f]|[^\0-\xff]"),
    ("header", True): re.compile("^[ \xa0]|[ \xa0]$|[\0-\x1f\x7f-\x9f]|[^\0-\xff]|="),
    ("cookie", False): re.compile("[^!#-+\\--:<-\\[\\]-~]"),
    ("cookie", True): re.compile("^$|[^!#$%&'*+.^_`|~0-9A-Za-z-]"),
}
NUMBER = re.compile("-?(0|[1-9][0-9]{0,4299})(\\.[0-9]+)?([eE][+-]?[0-9]+)?")  # Python reads 4300 digits


def _style(parameter: openapi.Parameter) -> Style:
    """The row of the table; ``content`` is one text, placed as the default style places a string."""
    name = parameter.style if parameter.content is None else openapi.DEFAULT_STYLE.get(parameter.in_, "content")
    form = name == "content" and parameter.content is not None and "form-urlencoded" in parameter.content.name.lower()
    explode = parameter.explode if parameter.content is None else form
    if (name, parameter.in_) in STYLES:
        return STYLES[name, parameter.in_][explode]
    known = " or ".join(style for style, in_ in STYLES if in_ == parameter.in_ and style != "tabDelimited")
    raise StyleError("", f"the document gives a {parameter.in_} parameter style {short(name)}, expected {known}")


def is_known(parameter: openapi.Parameter) -> bool:
    """Whether there is a row for it in the table."""
    return parameter.content is not None or (parameter.style, parameter.in_) in STYLES


# --- value -> text -------------------------------------------------------------------------------


def serialize(parameter: openapi.Parameter, value: Any) -> str:
    """``value`` as it stands in its place; ``""`` if undefined (`is_undefined` tells that from an empty header).

    path: what replaces ``{name}``, with label's ``.`` and matrix's ``;name=``; query: ``a=1&a=2``, without ``?``;
    header: its value; cookie: ``a=1; b=2``; querystring: the whole query string. `StyleError`: it cannot be written.
    """
    try:
        value = _json.sound(value)
    except _json.NotJSONError as error:
        place, message, _, hint = error.troubles[0]
        raise StyleError(f".{place}" if place[:1] not in ("", "[") else place, f"{message}; {hint}".rstrip("; ")) from None
    style, text = _style(parameter), ""
    if not is_undefined(parameter, value):
        text = style.first + _written(parameter, style, value)
    elif value is None and parameter.allow_empty_value and parameter.in_ == "query":
        text = _safe(parameter, parameter.name, name=True) + "="
    if parameter.in_ == "path" and text.upper().replace("%2E", ".") in ([".."] if style.first else ["", ".", ".."]):
        raise StyleError("", f"found {short(text)}, which would change the path, expected any other text")
    return text


def is_undefined(parameter: openapi.Parameter, value: Any) -> bool:
    """Whether there is nothing to write (RFC 6570 §2.3); JSON content has a text for everything."""
    empty = not any(item is not None for item in value.values()) if isinstance(value, dict) else value is None
    return (empty or (isinstance(value, (list, tuple)) and not value)) and not _is_json(parameter)


def _written(parameter: openapi.Parameter, style: Style, value: Any) -> str:
    own = _safe(parameter, parameter.name, name=True) if style.named else None
    alone = _is_json(parameter) or not isinstance(value, (dict, list, tuple))
    sep = "" if alone and (style.layout == "joined" or not style.named) else style.sep
    parts: Iterable[tuple[str | None, str]] = [
        (key if key is None else _safe(parameter, key, path, style.sep, name=True), _safe(parameter, text, path, sep))
        for key, text, path in _parts(parameter, style, value, None, "")
    ]
    if style.layout == "joined":
        parts = [(None, style.sep.join(text for part in parts for text in part if text is not None))]
    pairs = [(own if key is None else f"{own}{key}" if style is BRACKETS else key, text) for key, text in parts]
    texts = [text if name is None else name + (f"={text}" if text or not name else style.ifemp) for name, text in pairs]
    return style.sep.join(texts)


def _parts(parameter: openapi.Parameter, style: Style, value: Any, way: str | None, path: str) -> Iterator[Part]:
    """The parts of a value: key (the way to it, in brackets), text, path."""
    if parameter.content is not None and style is not FORM:
        yield None, _text(value, path, as_json=_is_json(parameter), ascii_only=parameter.in_ == "header"), path
    elif isinstance(value, dict):
        for key, part in value.items():
            at = f"{path}.{key}" if key.isidentifier() and len(key) < 60 else f"{path}[{short(key, 40)}]"
            if style is BRACKETS and (not key or "[" in key or "]" in key):
                raise StyleError(path, f"found the key {short(key)}, which deepObject's brackets cannot hold")
            if style is BRACKETS and part is not None:
                yield from _parts(parameter, style, part, f"{way or ''}[{key}]", at)
            elif style is FORM:  # one pair for each item; what is nested is JSON (OAS, Encoding Object)
                for item in part if isinstance(part, (list, tuple)) else [part] * (part is not None):
                    yield key, _text(item, at, as_json=isinstance(item, (dict, list, tuple))), at
            elif part is not None:
                yield key, _text(part, at), at
    elif style is FORM:
        raise StyleError(path, f"found {short(value)}, expected an object, whose members make the query")
    elif isinstance(value, (list, tuple)):
        indexed = style is BRACKETS and any(isinstance(part, (dict, list, tuple)) for part in value)
        for index, part in enumerate(value):
            at = f"{path}[{index}]"
            parts = list(_parts(parameter, style, part, f"{way or ''}[{index}]", at)) if indexed else [(way, _text(part, at), at)]
            if not parts:
                raise StyleError(at, f"found {short(part)}, of which nothing would be written")
            yield from parts
    else:
        yield way, _text(value, path), path


def _text(value: Any, path: str, *, as_json: bool = False, ascii_only: bool = False) -> str:
    if not as_json and isinstance(value, (dict, list, tuple)):
        raise StyleError(path, f"found {short(value)}, expected a single value: the style holds no more levels")
    if not as_json and (value is None or isinstance(value, str)):
        return "" if value is None else str.__str__(value)
    try:
        return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":")) if as_json else _json.text_of(value)
    except TypeError:  # a decimal, which is written to its last digit
        return _json.encode(value).decode()
    except ValueError as error:  # an integer longer than Python writes
        raise StyleError(path, f"found {short(value)}: {error}") from None


def _safe(parameter: openapi.Parameter, text: str, path: str = "", sep: str = "", *, name: bool = False) -> str:
    """``text`` as its place takes it; ``sep``: the delimiter that it must not be taken for."""
    if _style(parameter).plain:
        found, written = REFUSED[parameter.in_, name].search(text), text
        if found:
            raise StyleError(path, f"found {short(found[0])}, which a {parameter.in_} cannot hold unencoded")
    else:
        triples = parameter.allow_reserved and not name
        kept = COOKIE_OCTETS if parameter.in_ == "cookie" and not name else UNRESERVED
        outside = _outside(kept + (RESERVED.get(parameter.in_, "") if triples else ""), sep, triples)
        written = outside.sub(lambda run: "%" + run[0].encode().hex("%").upper(), text)
    if sep and sep in written.upper():
        raise StyleError(path, f"found {short(unquote(sep))}, which cannot be told from the style's delimiter")
    return written


@cache
def _outside(kept: str, sep: str, triples: bool) -> re.Pattern[str]:
    inside = "".join(re.escape(char) for char in kept if char not in unquote(sep))
    return re.compile(f"(?:(?!%[0-9A-Fa-f]{{2}})[^{inside}])+" if triples else f"[^{inside}]+")


def _is_json(parameter: openapi.Parameter) -> bool:
    return parameter.content is not None and bool(re.match("[^;]*[/+]json\\s*(;|$)", parameter.content.name.lower()))


# --- text -> value -------------------------------------------------------------------------------


def parse(parameter: openapi.Parameter, raw: Raw, types: Types, inner: Inner = lambda _: ALL_TYPES) -> Any:
    """The value that a client wrote, or `MISSING`; `StyleError`: the text is none that this style writes.

    ``raw``, still encoded: what replaces ``{name}``; a header's value, None if absent; the whole Cookie header; the whole
    query string or its (name, value) pairs, without other parameters' where an exploded object takes any name.
    ``types``: the JSON types that the schema admits; of several that fit, numbers and booleans go before strings.
    ``inner``: the same for a place inside, ``(0,)``, ``("a",)`` or ``("a", 0)``; no type: there is no such property.
    """
    style = _style(parameter)
    if raw is None or (style.first and not raw):
        return MISSING
    if isinstance(raw, str) and not style.named and style is not FORM:
        return _whole(parameter, style, raw.removeprefix(style.first), types, inner)
    if isinstance(raw, str):
        raw = [part.partition("=")[::2] for part in re.split("&" if "query" in parameter.in_ else "; *", raw) if part]
    pairs = [(_decoded(parameter, name), text) for name, text in raw]
    mine = [text for name, text in pairs if name == parameter.name]
    if mine == [""] and parameter.allow_empty_value and "string" not in types:
        return None if "null" in types else MISSING
    exploded = style.layout == "each" and "object" in types and (not mine or types <= {"object", "null"})
    if exploded or style in (BRACKETS, FORM):
        return _members(parameter, style, pairs, lambda way: inner(way) if way else types)
    if len(mine) > 1:
        return [scalar(_decoded(parameter, text), inner((index,))) for index, text in enumerate(mine)]
    return _whole(parameter, style, mine[0], types, inner) if mine else MISSING


def _whole(parameter: openapi.Parameter, style: Style, text: str, types: Types, inner: Inner) -> Any:
    if parameter.content is not None:
        return scalar(_decoded(parameter, text), types, as_json=_is_json(parameter))
    whole = style.layout == "each" and style.named
    parts = [text] if whole else re.split(SPLITS.get((style.sep, style.plain), re.escape(style.sep)), text)
    compound = len(parts) > 1 or not types & SCALARS
    each = style.layout == "each" and not whole and all("=" in part for part in parts)
    if "object" in types and text and (each or (style.layout == "joined" and compound and "array" not in types)):
        parts = [half for part in parts for half in part.partition("=")[::2]] if each else parts
        if len(parts) % 2:
            raise StyleError("", f"found {len(parts)} parts, expected names and values in turn")
        members = zip((_decoded(parameter, part) for part in parts[::2]), parts[1::2], strict=True)
        return {key: scalar(_decoded(parameter, part), inner((key,))) for key, part in members}
    if "array" in types and compound:
        return [scalar(_decoded(parameter, part), inner((index,))) for index, part in enumerate(parts)]
    return scalar(_decoded(parameter, text), types)


def _members(parameter: openapi.Parameter, style: Style, pairs: Iterable[tuple[str, str]], inner: Inner) -> Any:
    """The value whose parts are pairs of their own, under names that tell the way to them."""
    brackets = re.compile(re.escape(parameter.name) + r"((?:\[[^\[\]]*\])*)")
    leaves: dict[tuple[str | int, ...], list[str]] = {}
    for name, text in pairs:
        found = brackets.fullmatch(name) if style is BRACKETS else None
        way = _way(re.findall(r"[^\[\]]+", found[1]), inner) if found else (name,)
        if found or (style is not BRACKETS and inner(way)):
            leaves.setdefault(way, []).append(_decoded(parameter, text))
    root: Any = {}
    made: list[tuple[Any, str | int]] = []
    for way, texts in leaves.items():
        holder, (*above, last) = root, ("", *way)
        for key in above:
            if isinstance(holder, dict) and key not in holder:
                holder[key] = {}
                made.append((holder, key))
            holder = holder[key] if isinstance(holder, dict) else None
        if not isinstance(holder, dict) or last in holder:
            raise StyleError(".".join(["", *map(str, way)]), "found both a single value and members of an object")
        listed = len(texts) > 1 or ("array" in inner(way) and not inner(way) & SCALARS)
        kinds = [inner((*way, index)) if listed else inner(way) for index in range(len(texts))]
        form = style is FORM  # where what is nested is JSON
        items = [scalar(t, k, as_json=form and t > "" and not k & SCALARS) for t, k in zip(texts, kinds, strict=True)]
        holder[last] = items if listed else items[0]
    for holder, key in reversed(made):  # what is inside first
        if all(isinstance(index, int) for index in holder[key]):
            holder[key] = [holder[key][index] for index in sorted(holder[key])]
    return root.get("", MISSING)


def _way(keys: Iterable[str], inner: Inner) -> tuple[str | int, ...]:
    """The keys in brackets, a number an index where only a list can be."""
    way: tuple[str | int, ...] = ()
    for key in keys:
        is_index = re.fullmatch("0|[1-9][0-9]{0,8}", key) and "array" in inner(way) and "object" not in inner(way)
        way += (int(key) if is_index else key,)
    return way


def _decoded(parameter: openapi.Parameter, text: str) -> str:
    plus = parameter.in_ == "query" or (parameter.in_ == "querystring" and _style(parameter) is FORM)
    try:
        return text if _style(parameter).plain else (unquote_plus if plus else unquote)(text, errors="strict")
    except UnicodeDecodeError:
        raise StyleError("", f"found {short(text)}, which is not UTF-8 once decoded") from None


def scalar(text: str, types: Types, *, as_json: bool = False) -> Any:
    if as_json:
        try:
            return _json.decode(text.encode())
        except ValueError as error:
            raise StyleError("", f"expected JSON: {error}") from None
    if not text and "null" in types and "string" not in types:
        return None
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    value = json.loads(text) if types & {"integer", "number"} and NUMBER.fullmatch(text) else math.inf
    exact = abs(value) < math.inf and _json.text_of(value) == text and ("number" in types or value == int(value))
    return value if exact or ("string" not in types and abs(value) < math.inf) else text
