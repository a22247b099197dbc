"""What a request offers its answer, used: as many items as it asks for, a tool that it requires, a schema that it gives.

Rules of this file:
1. ``n`` asks for so many items, a list of inputs for one each, where the answer holds one list of objects.
2. An offer is an object with a name and a JSON Schema of its arguments, in a list of the request (``tools``, ``functions``). It
   is used where the request requires one or names one (``tool_choice``, ``function_call``), and never else: a conversation
   with tools has to end. Of several, the first that the request does not speak of yet.
3. A call stands where the answer has a place for a name with ``arguments`` (or ``input``, ``args``): a member beside the text,
   which is null then, or an item of a list in the text's place; what says why the answer ended says so.
4. A JSON Schema that the request gives for its answer's text, and ``json_object``: the text is JSON, valid by it.
5. Nothing becomes invalid.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._checking import json as _json
from .._checking.example import example
from .._checking.schema import Schema
from ..errors import SpecError
from .believable import REASONS, TEXT, TEXTS, agreed
from .pieces import lists_of
from .shape import Shape

COUNTS = ("n", "num_results", "candidate_count", "num_generations", "number_of_results")
INPUTS = ("input", "inputs", "prompt", "texts", "documents")
MOST_ITEMS = 2048
GIVEN = ("parameters", "input_schema", "inputSchema", "parametersJsonSchema", "parameters_json_schema")
ARGUMENTS = ("arguments", "input", "args")
CHOICE = re.compile(r"(tool|function)s?_?(choice|call|config)s?", re.IGNORECASE)
SCHEMAS = ("schema", "json_schema", "response_schema", "responseSchema", "response_json_schema", "guided_json")
WORDS = frozenset({"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "$defs", "items", "enum"})
DEEPEST = 12


@dataclass(frozen=True)
class Offer:
    """A tool: its name, the schema of its arguments, and the word of the request under which it was offered."""

    name: str
    schema: Mapping[str, Any]
    word: str


def used(value: Any, shape: Shape, inputs: Mapping[str, Any]) -> Any:
    """An answer that uses what the request offers."""
    value = _counted(value, shape, inputs)
    offer = _required(inputs)
    if offer is not None:
        called = _called(value, shape, offer)
        return called if called is not None and shape.schema.is_valid(called) else value
    text = _text(inputs)
    changed = _with_text(value, text) if text is not None else value
    return changed if shape.schema.is_valid(changed) else value


# --- how many ------------------------------------------------------------------------------------


def _counted(value: Any, shape: Shape, inputs: Mapping[str, Any]) -> Any:
    lists = list(lists_of(value))
    wished = _wished(inputs, lists[0][1][0]) if len(lists) == 1 else None
    if wished is None:
        return value
    name, items = lists[0]
    many = [copy.deepcopy(items[index % len(items)]) for index in range(wished)]
    for index, item in enumerate(many):
        if type(item.get("index")) is int:
            item["index"] = index
    changed = agreed({**value, name: many})
    return changed if shape.schema.is_valid(changed) else value


def _wished(inputs: Mapping[str, Any], item: Mapping[str, Any]) -> int | None:
    wishes = [inputs[name] for name in COUNTS if type(inputs.get(name)) is int]
    lists = [inputs[name] for name in INPUTS if isinstance(inputs.get(name), list)]
    many = [len(one) for one in lists if one and not all(type(token) is int for token in one)]
    is_each = "index" in item or not any(isinstance(part, dict) and "role" in part for one in lists for part in one)
    if not wishes and not (many and is_each):
        return None
    wished = (wishes or [1])[0] * (many[0] if many and is_each else 1)
    return wished if 0 < wished <= MOST_ITEMS else None


# --- tools ---------------------------------------------------------------------------------------


def _offers(inputs: Mapping[str, Any]) -> Iterator[Offer]:
    for word, listed in inputs.items():
        for tool in listed if isinstance(listed, list) else ():
            for part in _parts(tool, 2):
                given = next((part[name] for name in GIVEN if isinstance(part.get(name), dict)), None)
                is_bare = given is None and part.get("type") in (None, "function") and set(part) <= {"name", "description", "type", "strict"}
                if isinstance(part.get("name"), str) and (given is not None or (is_bare and "tool" in word)):
                    yield Offer(part["name"], given or {"type": "object"}, word)


def _parts(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """An object, and those inside."""
    if isinstance(value, dict):
        yield value
        for item in value.values() if depth else ():
            for part in item if isinstance(item, list) else [item]:
                yield from _parts(part, depth - 1)


def _required(inputs: Mapping[str, Any]) -> Offer | None:
    """The tool that the answer has to use."""
    choices = [value for name, value in inputs.items() if CHOICE.fullmatch(name)]
    texts = {text.lower() for choice in choices for text in _texts(choice)}
    offers = list(_offers(inputs)) if texts - {"auto", "none"} else []
    named = [offer for offer in offers if offer.name.lower() in texts]
    if texts & {"auto", "none"} or not (named or texts & {"required", "any"}):
        return None
    spoken = json.dumps([value for name, value in inputs.items() if name not in {offer.word for offer in offers}], default=str)
    fresh = [offer for offer in named or offers if f'"{offer.name}"' not in spoken or named]
    return next(iter(fresh or offers), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _called(value: Any, shape: Shape, offer: Offer) -> Any:
    """The answer with a call in the place of its text, None where it has no place for one."""
    return _replaced(value, shape, offer, 0) or _added(value, shape, offer, 0)


def _replaced(value: Any, shape: Shape, offer: Offer, depth: int) -> Any:
    """A list of what the answer holds, whose items may be calls, with a call."""
    members = shape.members(value) if isinstance(value, dict) and depth < DEEPEST else {}
    for name, items in lists_of(value) if members else ():
        inside = members[name].items(items) if name in members else None
        call = _call(inside, offer) if inside is not None else None
        if call is not None:
            return _ended({**value, name: [call]}, members, offer)
        replaced = [_replaced(item, inside, offer, depth + 1) for item in items] if inside is not None else [None]
        if all(item is not None for item in replaced):
            return _ended({**value, name: replaced}, members, offer)
    return None


def _added(value: Any, shape: Shape, offer: Offer, depth: int) -> Any:
    """An object with a call beside its text."""
    if not isinstance(value, dict) or depth > DEEPEST:
        return None
    members = shape.members(value)
    is_old = "function" in offer.word
    for name, inside in members.items():
        items = inside.items([]) if "array" in inside.schema.types else None
        call = _call(items if items is not None else inside, offer) if is_old is (items is None) and name != "tools" else None
        if call is not None:
            silent = {key: None for key in value if key in TEXTS and "null" in members[key].schema.types}
            changed = {**value, **silent, name: [call] if items is not None else call}
            if shape.schema.is_valid(changed):
                return changed
    for name, item in value.items():
        held = members.get(name)
        below = held.items(item) if held is not None and isinstance(item, list) else held
        many = item if isinstance(item, list) else [item]
        added = [_added(one, below, offer, depth + 1) for one in many] if below is not None and many else [None]
        if all(one is not None for one in added):
            return _ended({**value, name: added if isinstance(item, list) else added[0]}, members, offer)
    return None


def _ended(value: dict[str, Any], members: Mapping[str, Shape], offer: Offer) -> dict[str, Any]:
    """What says why an answer ended, saying that it is a call."""
    for name in REASONS:
        words = members[name].listed if name in value and name in members else []
        fitting = [word for word in words if ("function" if "function" in offer.word else "tool") in word]
        if fitting:
            value = {**value, name: fitting[0]}
    return value


def _call(shape: Shape, offer: Offer) -> dict[str, Any] | None:
    """A call of a tool, where one of the alternatives is one."""
    for branch in shape.branches():
        properties = branch.schema.properties
        holder = "" if _is_call(branch.schema) else next((name for name, own in properties.items() if _is_call(own)), None)
        if holder is None or "object" not in branch.schema.types:
            continue
        try:
            call = example(branch.schema)
        except SpecError:  # there is no such call
            continue
        call = call if holder == "" else {**call, holder: _filled(call.get(holder), properties[holder], offer)}
        call = _filled(call, branch.schema, offer) if holder == "" else call
        for name in ("id", "call_id"):
            if name in properties:
                call[name] = f"call_{offer.name}"[:60]
        if branch.schema.is_valid(call):
            return call
    return None


def _is_call(schema: Schema) -> bool:
    properties = schema.properties
    return "name" in properties and any(name in properties for name in ARGUMENTS)


def _filled(call: Any, schema: Schema, offer: Offer) -> dict[str, Any]:
    """The object that says a call's name and arguments."""
    arguments = example_of(offer.schema)
    name = next(name for name in ARGUMENTS if name in schema.properties)
    is_text = "string" in schema.properties[name].types and "object" not in schema.properties[name].types
    facts = {"name": offer.name, name: _json.encode(arguments).decode() if is_text else arguments}
    return {**(call if isinstance(call, dict) else {}), **facts, **({"status": "completed"} if "status" in schema.properties else {})}


# --- text ----------------------------------------------------------------------------------------


def _text(inputs: Mapping[str, Any]) -> str | None:
    """The JSON text that a request asks for, None where it asks for none."""
    for name, value in inputs.items():
        if isinstance(value, dict) and name not in ("metadata", "messages", "input"):
            schema = _schema({name: value}, 4)
            if schema is not None:
                return _json.encode(example_of(schema)).decode()
            if any(part.get("type") == "json_object" for part in _parts(value, 2)):
                return _json.encode({"text": TEXT}).decode()
    return None


def _schema(value: Any, depth: int) -> Mapping[str, Any] | None:
    """A JSON Schema under one of its usual names."""
    for name, item in value.items() if isinstance(value, dict) and depth else ():
        if name in SCHEMAS and isinstance(item, dict) and WORDS & item.keys() and not isinstance(item.get("schema"), dict):
            return item
        found = _schema(item, depth - 1)
        if found is not None:
            return found
    return None


def example_of(schema: Mapping[str, Any]) -> Any:
    """A value that is valid by a JSON Schema of the caller's; an empty object where none can be made up."""
    defs = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    try:
        return example(Schema(dict(schema), defs, {}))
    except (SpecError, KeyError, TypeError, AttributeError):  # whatever a caller calls a schema
        return {}


def _with_text(value: Any, text: str, depth: int = 0) -> Any:
    """The answer with this text in the place of its own."""
    if isinstance(value, list):
        return [_with_text(item, text, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: text if depth and name in TEXTS and isinstance(item, str) else _with_text(item, text, depth + 1)
        for name, item in value.items()
    }
