"""What a call may say: parameters, the body, and how a form's parts are written (OAS 3.1.1 §4.8.12 to §4.8.15).

Rule of this file: ``way`` is the direction in which they travel: a webhook's parameters come to whom they were sent by before.
"""

from __future__ import annotations

from .._display.words import nearest, short
from .._document import openapi
from .change import Way
from .counterpart import by_media_type, by_place, covering, renamed, style_of
from .findings import Findings, tell_flags


def parameters(findings: Findings, old: openapi.Operation, new: openapi.Operation, way: Way, at: str = "") -> None:
    """Parameters that are gone, new, or changed."""
    mine, theirs = by_place(old), by_place(new)
    for before, after in renamed(old, new):
        message = f"path parameter {short(before)} → {short(after)}"
        findings.tell("parameter-renamed", new.id, f"{at}path.{before}", message, new.node, way=way)
        mine["path", after] = mine.pop(("path", before))
    for key, parameter in mine.items():
        path = f"{at}{parameter.in_}.{parameter.name}"
        if key in theirs:
            _parameter(findings, new, way, path, parameter, theirs[key])
            continue
        moved = next((other for other in theirs.values() if other.name == parameter.name), None)
        close = nearest(parameter.name, [other.name for place, other in theirs.items() if place not in mine], cutoff=0.75)
        hint = f"moved to the {moved.in_}?" if moved else f"renamed to {close[0]}?" if close else ""
        message = f"{short(parameter.name)} is not declared any more"
        findings.tell("parameter-removed", new.id, path, message, old.node, way=way, hint=hint)
    for key, parameter in theirs.items():
        if key not in mine:
            code = "required-parameter-added" if parameter.required else "parameter-added"
            message = f"{short(parameter.name)} is new{' and required' if parameter.required else ''}"
            findings.tell(code, new.id, f"{at}{parameter.in_}.{parameter.name}", message, new.node, way=way)


def _parameter(
    findings: Findings, operation: openapi.Operation, way: Way, path: str, old: openapi.Parameter, new: openapi.Parameter
) -> None:
    def tell(code: str, message: str) -> None:
        findings.tell(code, operation.id, path, message, operation.node, way=way, witness=f"{path}: {message}")

    tell_flags(tell, "parameter", old, new)
    for flag, name, what in (("allow_reserved", "reserved", "reserved characters"), ("allow_empty_value", "empty-value", "an empty value")):
        if getattr(old, flag) != getattr(new, flag):
            verb = "allowed" if getattr(new, flag) else "forbidden"
            tell(f"parameter-{name}-{verb}", f"{what} {'may stand as they are' if name == 'reserved' else 'is taken'}: {verb}")
    styles = style_of(findings.old, old), style_of(findings.new, new)
    if styles[0] != styles[1]:
        findings.tell(
            "parameter-style-changed", operation.id, path, " → ".join(styles), operation.node, way=way, witness=styles[0]
        )
    schemas = [each.content.schema if each.content else each.schema for each in (old, new)]
    if schemas == [None, None]:
        return
    findings.root(operation.id, way, path, *schemas, is_text=not (old.content or new.content))


def body(findings: Findings, old: openapi.Operation, new: openapi.Operation, way: Way, at: str = "body") -> None:
    """The body, its media types, and what they carry."""
    before, after = old.request_body, new.request_body

    def tell(code: str, message: str) -> None:
        findings.tell(code, new.id, at, message, new.node, way=way)

    if before is None or after is None:
        if after is not None:
            code = "required-body-added" if after.required else "body-added"
            tell(code, "a body is new" + (" and required" if after.required else ""))
        elif before is not None:
            tell("body-removed", "no body is declared any more")
        return
    if before.required != after.required:
        verb = "required" if after.required else "optional"
        tell(f"body-{verb}", f"became {verb}")
    mine, theirs = by_media_type(before.content), by_media_type(after.content)
    for name in mine:
        if covering(name, theirs) is None:
            tell("request-media-type-removed", f"{name} is not taken any more")
    for name in theirs:
        if name not in mine and (covering(name, mine) is None or "*" in name):
            tell("request-media-type-added", f"{name} is taken too")
    findings.contents(new.id, way, at, mine, theirs)
    for name in mine:
        if name in theirs:
            _encodings(findings, new, way, at, mine[name], theirs[name])


def _encodings(
    findings: Findings, operation: openapi.Operation, way: Way, at: str, old: openapi.MediaType, new: openapi.MediaType
) -> None:
    for name in dict.fromkeys((*old.encoding, *new.encoding)):
        before, after = old.encoding.get(name, openapi.Encoding()), new.encoding.get(name, openapi.Encoding())
        types = [_types(each) for each in (before, after)]
        path, narrows = f"{at}.{name}", types[0] - types[1] if types[1] else set()
        shown = [", ".join(sorted(each)) or "any" for each in types]
        if types[0] != types[1]:
            code = "encoding-changed" if narrows or not types[0] else "encoding-widened"
            findings.tell(code, operation.id, path, f"contentType {' → '.join(shown)}", operation.node, way=way)
        for field in ("style", "explode", "allow_reserved"):
            facts = getattr(before, field), getattr(after, field)
            if facts[0] != facts[1]:
                message = f"{field.replace('_r', 'R')} {_shown(facts[0])} → {_shown(facts[1])}"
                findings.tell("encoding-changed", operation.id, path, message, operation.node, way=way)
        if before.headers.keys() != after.headers.keys():
            message = f"headers {', '.join(before.headers) or 'none'} → {', '.join(after.headers) or 'none'}"
            findings.tell("encoding-changed", operation.id, path, message, operation.node, way=way)


def _types(encoding: openapi.Encoding) -> set[str]:
    return {part.strip().lower() for part in (encoding.content_type or "").split(",") if part.strip()}


def _shown(value: object) -> str:
    return "unsaid" if value is None else str(value).lower()
