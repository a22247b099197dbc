"""Changes -> a changelog in the words of someone who calls the API: what to change, what to watch, what is new.

Rules of this file:
1. `WORDS` has a sentence for each kind, for a request and for an answer; a kind without one is told as the report tells it.
2. What nobody who calls notices (a component that nothing uses, a name among free values) is left out, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._diff.change import Change
from .._display.words import count, short
from .report import Group, cut, grouped, is_shown

HEADS = {"breaking": "What you must change", "dangerous": "What may surprise you", "safe": "What is new"}
UNNOTICED = ("component-", "security-scheme-", "known-value-", "operation-id-added", "server-path-moved", "overlap-may-")
# {at}: the place; {old}, {new}: the values; {says}: the change as the report tells it.
BOTH = {
    "operation-added": "is new: {line}",
    "operation-removed": "is gone; calls to it fail",
    "operation-retired": "is gone, as announced",
    "operation-renamed": "has another name: {says}",
    "operation-moved": "has another address: {says}",
    "operation-deprecated": "is {says}: look for what takes its place",
    "operation-undeprecated": "is not deprecated any more",
    "parameter-added": "takes {at}",
    "required-parameter-added": "needs {at}",
    "parameter-removed": "does not take {at} any more",
    "parameter-required": "needs {at}, which was optional",
    "parameter-optional": "does not need {at} any more",
    "body-required": "needs a body",
    "request-media-type-added": "takes one more kind of body: {says}",
    "request-media-type-removed": "takes one kind of body less: {says}",
    "success-status-added": "may answer with status {at}",
    "success-status-removed": "does not answer with status {at} any more",
    "security-required": "asks who calls: {says}",
    "security-removed": "{says}",
    "security-scope-added": "asks for more of a token: {says}",
    "default-changed": "{at}: leaving it out means something else ({says})",
    "property-deprecated": "{at} is deprecated",
}
SENT = {
    "property-added": "you can send {at}",
    "required-property-added": "you must send {at}",
    "property-required": "you must send {at}, which was optional",
    "property-optional": "you need not send {at} any more",
    "property-removed": "{at} is not declared any more: do not rely on it",
    "property-forbidden": "you must not send {at} any more",
    "enum-value-added": "{at} may be {new}",
    "enum-value-removed": "{at} must not be {old} any more",
    "enum-added": "{at} must be one of the values that are listed now ({says})",
    "null-forbidden": "{at} must not be null any more",
    "null-allowed": "{at} may be null",
    "type-changed": "{at} must be of another type: {says}",
    "type-added": "{at} may be of one more type: {says}",
    "alternative-added": "{at} may take one more form: {says}",
    "alternative-removed": "{at} must not take this form any more: {says}",
}
GOT = {
    "property-added": "answers have {at}",
    "required-property-added": "answers always have {at}",
    "property-required": "answers always have {at}",
    "property-optional": "answers may lack {at}",
    "property-removed": "answers may not have {at} any more",
    "required-property-removed": "answers may lack {at}, which they always had",
    "enum-value-added": "{at} may come as {new}",
    "enum-value-removed": "{at} does not come as {old} any more",
    "enum-removed": "{at} may come as any value ({says})",
    "null-allowed": "{at} may come as null",
    "null-forbidden": "{at} does not come as null any more",
    "type-changed": "{at} comes as another type: {says}",
    "type-added": "{at} may come as one more type: {says}",
    "alternative-added": "{at} may come in one more form: {says}",
}


def as_changelog(old: str, new: str, changes: Sequence[Change]) -> str:
    """The changelog, as Markdown."""
    noticed = [change for change in changes if not change.code.startswith(UNNOTICED)]
    lines = [f"# From {old} to {new}"]
    for severity, head in HEADS.items():
        mine = [change for change in noticed if change.severity == severity]
        if mine:
            lines += ["", f"## {head}", "", *(line for group in grouped(mine, "schema") for line in _entry(group))]
    if not noticed:
        lines += ["", "Nothing changed for who calls."]
    if len(noticed) < len(changes):
        lines += ["", f"{count(len(changes) - len(noticed), 'change')} that no caller notices."]
    return "\n".join(lines)


def _entry(group: Group) -> Iterator[str]:
    if not group.name and all(change.code.startswith("operation-") for change in group.changes):
        for change in group.changes:
            yield f"- `{change.operations[0]}` {_sentence(change)}" if change.operations else f"- {_sentence(change)}"
        return
    names = list(group.operations)
    shown = ", ".join(f"`{name}`" for name in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    yield f"- {shown or 'All operations'}{f', by way of `{group.name}`' if group.name else ''}:"
    for sentence in dict.fromkeys(_with_proof(change) for change in group.changes):
        yield f"  - {sentence}"


def _with_proof(change: Change) -> str:
    sentence = _sentence(change)
    if change.severity == "breaking" and change.direction == "request" and is_shown(change) and not isinstance(change.witness, str):
        return f"{sentence}; `{cut(change.witness)}` is refused now"
    return sentence


def _sentence(change: Change) -> str:
    at = f"`{change.inside if change.component and change.inside else _bare(change.path)}`" if change.path else "it"
    words = BOTH | (GOT if change.direction == "response" else SENT)
    facts = {"at": at, "old": short(change.old), "new": short(change.new), "says": change.message}
    facts["line"] = change.message.removesuffix(" is new")
    sentence = words.get(change.code, "{at}: {says}" if change.path else "{says}").format(**facts)
    if change.code.endswith(("-value-added", "-value-removed")) and " are " in change.message:
        values = change.message.rpartition(" are ")[0]
        sentence = words[change.code].format(**{**facts, "old": values, "new": values}) if change.code in words else sentence
    return f"{sentence} ({change.hint})" if change.hint and change.severity != "safe" else sentence


def _bare(path: str) -> str:
    """A place without what every body and every good answer has in front."""
    for head in ("body.", "200."):
        path = path.removeprefix(head)
    return path
