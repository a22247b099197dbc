"""One change between two documents, and the table of its kinds: what each does to a caller.

Rules of this file:
1. A code is stable: it is matched in people's CI, so it is never renamed, only added.
2. The rule behind the table: what a request may say may only widen, what an answer may say may only narrow.
   ``breaking`` breaks the rule; ``dangerous`` is an answer that gains an alternative, a promise that goes without
   a payload becoming invalid, or a difference that could not be decided; ``safe`` keeps the rule.
3. Every code has its line here; nothing is classified anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .._display.visible import visible

__all__ = ["Change"]

Severity = Literal["breaking", "dangerous", "safe"]
Way = Literal["request", "response", ""]

SEVERITIES: tuple[Severity, ...] = ("breaking", "dangerous", "safe")
NARROWS, WIDENS = 1, 2
NO_WITNESS: Any = type("NoWitness", (), {"__repr__": lambda _: "NO_WITNESS", "__reduce__": lambda _: "NO_WITNESS"})()


@dataclass(frozen=True)
class Rule:
    """What a kind of change does.

    Attributes:
        effect: whether fewer payloads are valid (``NARROWS``), more (``WIDENS``), or both.
        request, response: the severity in either direction.
        says: the change in words.
    """

    effect: int
    request: Severity
    response: Severity
    says: str


@dataclass(frozen=True)
class Change:
    """One change between two documents.

    Attributes:
        code: a stable name, ``enum-value-removed``.
        severity: ``breaking``, ``dangerous`` or ``safe``.
        direction: ``request``, ``response``, or empty where it is about neither.
        operations: ids of the operations that it touches; empty for the document as a whole.
        path: where in the call or answer, ``body.messages[].role``; empty for the operation as a whole.
        message: what was and what is.
        pointer: JSON pointer to the place in the new document, in the old one where it is gone.
        source: file and line of ``pointer``, where known.
        old, new: the values that differ, where they are short enough to be values.
        witness: what was valid and is not any more (for an answer: what is valid and was not before);
            ``NO_WITNESS`` where there is none to show.
        hint: what it probably means, ``renamed to "b"?``.
        component: the shared component that it stands in, ``Pet`` or ``parameters.limit``; empty where it is inline.
        inside: where in the component, ``tags[].name``.
        at: URIs with fragments of the place in the old and in the new document, empty where it is in one of them alone.
    """

    code: str
    severity: Severity
    direction: Way
    operations: tuple[str, ...]
    path: str
    message: str
    pointer: str = ""
    source: str = ""
    old: Any = None
    new: Any = None
    witness: Any = NO_WITNESS
    hint: str = ""
    component: str = ""
    inside: str = ""
    at: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return visible(f"{self.severity}: {place}{self.message} [{self.code}]")

    def as_json(self) -> dict[str, Any]:
        """The change as a JSON object; fields with nothing to say are left out."""
        facts: dict[str, Any] = {"code": self.code, "severity": self.severity, "direction": self.direction or None}
        facts |= {"operations": list(self.operations), "path": self.path, "message": self.message}
        facts |= {"pointer": self.pointer, "source": self.source, "hint": self.hint}
        facts |= {"component": self.component, "inside": self.inside}
        facts = {name: value for name, value in facts.items() if value not in (None, "", [])}
        if self.old is not None or self.new is not None:
            facts |= {"old": self.old, "new": self.new}
        return facts if self.witness is NO_WITNESS else facts | {"witness": self.witness}


def _schema(narrowed: str, widened: str, what: str, *words: str, gains: bool = False) -> dict[str, Rule]:
    """The two halves of a kind: fewer values are valid, more are. ``gains``: an alternative beside the old ones."""
    return {
        narrowed: Rule(NARROWS, "breaking", "safe", f"{what} {words[0]}"),
        widened: Rule(WIDENS, "safe", "dangerous" if gains else "breaking", f"{what} {words[1]}"),
    }


def _limits() -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for keyword in ("length", "items", "properties"):
        rules |= _limit(f"min-{keyword}", "lowered", "raised") | _limit(f"max-{keyword}", "raised", "lowered")
    return rules | _limit("minimum", "lowered", "raised") | _limit("maximum", "raised", "lowered")


def _limit(name: str, wider: str, narrower: str) -> dict[str, Rule]:
    what = name.replace("-", " ")
    added = _schema(f"{name}-added", f"{name}-removed", what, "was set", "was dropped")
    return added | _schema(f"{name}-{narrower}", f"{name}-{wider}", what, f"was {narrower}", f"was {wider}")


def _both(says: str) -> Rule:
    return Rule(NARROWS | WIDENS, "breaking", "breaking", says)


def _neither(says: str, request: Severity = "safe", response: Severity | None = None) -> Rule:
    return Rule(0, request, response or request, says)


SCHEMA_CODES: Mapping[str, Rule] = {
    "type-changed": _both("another type"),
    **_schema("type-removed", "type-added", "a type", "is gone", "was added"),
    "type-narrowed": Rule(NARROWS, "breaking", "safe", "text of another type, less of it valid"),
    "type-widened": Rule(WIDENS, "safe", "breaking", "text of another type, more of it valid"),
    **_schema("null-forbidden", "null-allowed", "null", "is not allowed any more", "is allowed"),
    **_schema("number-became-integer", "integer-became-number", "the number", "must be whole", "need not be whole"),
    **_schema("schema-added", "schema-removed", "the schema", "says something now", "says nothing any more"),
    **_schema("enum-added", "enum-removed", "the values", "are listed now", "are free now"),
    **_schema("enum-value-removed", "enum-value-added", "a value", "is gone", "was added", gains=True),
    "const-changed": _both("another constant"),
    "known-value-added": _neither("a value was named among free ones"),
    "known-value-removed": _neither("a value is not named any more, and still allowed"),
    **_limits(),
    **_schema("multiple-of-added", "multiple-of-removed", "multipleOf", "was set", "was dropped"),
    "multiple-of-changed": _both("another multipleOf"),
    **_schema("pattern-added", "pattern-removed", "a pattern", "was set", "was dropped"),
    "pattern-changed": _both("another pattern"),
    **_schema("format-added", "format-removed", "a format", "was set", "was dropped"),
    "format-changed": _both("another format"),
    **_schema("unique-items-added", "unique-items-removed", "uniqueItems", "was set", "was dropped"),
    "file-content-changed": _both("file content became a plain value, or the other way"),
    **_schema("property-required", "property-optional", "the property", "became required", "became optional"),
    "required-property-added": Rule(NARROWS, "breaking", "safe", "a required property is new"),
    "property-added": _neither("an optional property is new"),
    "property-allowed": Rule(WIDENS, "safe", "dangerous", "a property is allowed that was forbidden"),
    "property-removed": Rule(WIDENS, "dangerous", "dangerous", "an optional property is not declared any more"),
    "required-property-removed": Rule(WIDENS, "dangerous", "breaking", "a required property is not declared any more"),
    "property-forbidden": Rule(NARROWS, "breaking", "dangerous", "a property is forbidden that was declared"),
    "required-property-forbidden": _both("a required property is forbidden"),
    **_schema(
        "additional-properties-forbidden",
        "additional-properties-allowed",
        "undeclared properties",
        "are forbidden",
        "are allowed",
        gains=True,
    ),
    **_schema(
        "additional-properties-restricted",
        "additional-properties-freed",
        "undeclared properties",
        "have a schema now",
        "have no schema any more",
    ),
    **_schema("alternative-removed", "alternative-added", "an alternative", "is gone", "was added", gains=True),
    "overlap-may-refuse": Rule(NARROWS, "dangerous", "safe", "branches overlap, and what fits two of them is refused"),
    "overlap-may-admit": Rule(WIDENS, "safe", "dangerous", "branches overlap less, and what fits one of them is taken"),
    "overlap-refuses": Rule(NARROWS, "breaking", "safe", "what fits two branches was valid and is refused"),
    "overlap-admits": Rule(WIDENS, "safe", "breaking", "what fitted two branches may come now"),
    **_schema("condition-added", "condition-removed", "a condition", "was added", "was dropped"),
    "condition-changed": _both("another condition"),
    "condition-tightened": Rule(NARROWS, "breaking", "safe", "a condition rules out more"),
    "condition-loosened": Rule(WIDENS, "safe", "breaking", "a condition rules out less"),
    "content-changed": _neither("a text holds another kind of content", "breaking"),
    "default-added": _neither("what leaving it out means is told now"),
    "default-changed": _neither("leaving it out means something else", "dangerous", "safe"),
    "property-deprecated": _neither("the property became deprecated"),
    "property-undeprecated": _neither("the property is not deprecated any more"),
}

CODES: Mapping[str, Rule] = {
    **SCHEMA_CODES,
    "operation-added": _neither("a new operation"),
    "operation-removed": _neither("the operation is gone", "breaking"),
    "operation-renamed": _neither("the same method and path under another operationId", "breaking"),
    "operation-id-added": _neither("the operation has an operationId where it had a made-up one"),
    "operation-moved": _neither("the same operationId at another method or path", "breaking"),
    "operation-deprecated": _neither("the operation became deprecated"),
    "operation-undeprecated": _neither("the operation is not deprecated any more"),
    "operation-retired": _neither("the operation is gone, as it was announced with x-sunset"),
    "sunset-set": _neither("the day on which the operation ends is told, or a later one"),
    "sunset-advanced": _neither("the operation ends earlier than was told", "dangerous"),
    "sunset-removed": _neither("the day on which the operation ends is not told any more", "dangerous"),
    "stability-raised": _neither("x-stability-level promises more"),
    "stability-lowered": _neither("x-stability-level promises less", "dangerous"),
    "operation-broken": _neither("the operation cannot be read", "dangerous"),
    "tag-added": _neither("the operation is found under one more tag"),
    "tag-removed": _neither("the operation is not found under this tag any more", "dangerous"),
    "parameter-added": _neither("an optional parameter is new"),
    "required-parameter-added": _neither("a required parameter is new", "breaking", "safe"),
    "parameter-removed": _neither("the parameter is not declared any more", "dangerous"),
    "parameter-renamed": _neither("the path's parameter has another name", "dangerous"),
    "parameter-required": _neither("the parameter became required", "breaking", "safe"),
    "parameter-optional": _neither("the parameter became optional", "safe", "breaking"),
    "parameter-deprecated": _neither("the parameter became deprecated"),
    "parameter-undeprecated": _neither("the parameter is not deprecated any more"),
    "parameter-style-changed": _neither("the parameter is written another way", "breaking"),
    "parameter-reserved-allowed": _neither("reserved characters may stand as they are", "safe", "dangerous"),
    "parameter-reserved-forbidden": _neither("reserved characters must be encoded", "breaking", "safe"),
    "parameter-empty-value-allowed": _neither("the parameter may stand without a value", "safe", "dangerous"),
    "parameter-empty-value-forbidden": _neither("the parameter must have a value", "breaking", "safe"),
    "body-added": _neither("an optional body is new"),
    "required-body-added": _neither("a required body is new", "breaking", "safe"),
    "body-removed": _neither("no body is taken any more", "breaking"),
    "body-required": _neither("the body became required", "breaking", "safe"),
    "body-optional": _neither("the body became optional", "safe", "breaking"),
    "request-media-type-added": _neither("one more media type is taken", "safe", "dangerous"),
    "request-media-type-removed": _neither("a media type is not taken any more", "breaking", "safe"),
    "encoding-changed": _neither("a form's part is written another way", "breaking"),
    "encoding-widened": _neither("a form's part may be of one more media type", "safe", "dangerous"),
    "success-status-added": _neither("one more success status", "safe", "dangerous"),
    "success-status-removed": _neither("a success status is gone", "breaking", "breaking"),
    "status-narrowed": _neither("fewer success statuses of the same range", "breaking", "safe"),
    "error-status-added": _neither("one more error status"),
    "error-status-removed": _neither("an error status is gone"),
    "response-body-added": _neither("the answer has a body now", "breaking", "dangerous"),
    "response-body-removed": _neither("the answer has no body any more", "safe", "breaking"),
    "response-media-type-added": _neither("one more media type may be asked for"),
    "response-media-type-removed": _neither("a media type is not answered any more", "breaking", "breaking"),
    "header-added": _neither("the answer has one more header"),
    "header-removed": _neither("the answer may lack an optional header it had"),
    "required-header-removed": _neither("the answer lacks a header it always had", "safe", "breaking"),
    "header-required": _neither("the answer's header always comes", "breaking", "safe"),
    "header-optional": _neither("the answer's header may not come", "safe", "breaking"),
    "header-deprecated": _neither("the answer's header became deprecated"),
    "header-undeprecated": _neither("the answer's header is not deprecated any more"),
    "header-style-changed": _neither("the answer's header is written another way", "breaking"),
    "security-added": _neither("one more way to show who calls"),
    "security-removed": _neither("a way to show who calls is gone", "breaking"),
    "security-required": _neither("a credential became necessary", "breaking"),
    "security-dropped": _neither("no credential is necessary any more"),
    "security-scope-added": _neither("a credential must have one more scope", "breaking"),
    "security-scope-removed": _neither("a credential needs one scope less"),
    "security-scheme-changed": _neither("the credential is shown another way", "breaking"),
    "security-scheme-added": _neither("one more way to show who calls is declared"),
    "security-scheme-removed": _neither("a way to show who calls is not declared any more"),
    "security-flow-added": _neither("one more way to get a token"),
    "security-flow-removed": _neither("a way to get a token is gone", "breaking"),
    "security-url-changed": _neither("tokens are got at another address", "dangerous"),
    "security-scope-declared": _neither("one more scope may be asked for"),
    "security-scope-undeclared": _neither("a scope may not be asked for any more", "dangerous"),
    "server-added": _neither("one more server"),
    "server-removed": _neither("a server is not named any more", "dangerous"),
    "server-path-moved": _neither("a path's beginning moved between the servers and the operations"),
    "server-order-changed": _neither("another server is the first", "dangerous"),
    "server-variable-changed": _neither("a server's variable has another default, or a value less", "dangerous"),
    "server-variable-value-added": _neither("a server's variable may have one more value"),
    "webhook-added": _neither("a new webhook"),
    "webhook-removed": _neither("a webhook is gone", "safe", "breaking"),
    "callback-added": _neither("a new callback"),
    "callback-removed": _neither("a callback is gone", "safe", "breaking"),
    "component-added": _neither("a component that nothing uses is new"),
    "component-removed": _neither("a component that nothing used is gone"),
    "component-changed": _neither("a component that nothing uses says something else"),
}


def severity(code: str, direction: Way) -> Severity:
    """How much a change of this kind matters to code that was written for the old document."""
    rule = CODES[code]
    return rule.response if direction == "response" else rule.request


def worst(changes: list[Change] | tuple[Change, ...]) -> Severity | None:
    """The worst severity among the changes; None where there are none."""
    found = {change.severity for change in changes}
    return next((name for name in SEVERITIES if name in found), None)
