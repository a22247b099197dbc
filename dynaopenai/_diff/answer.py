"""What an answer may be: statuses, media types and headers (OAS 3.1.1 §4.8.16, §4.8.17, §4.8.21).

Rules of this file:
1. A status is answered by the most specific response that covers it; each is compared with what covers it on the other side.
2. ``default`` speaks of success only where nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._document import openapi
from .change import NO_WITNESS, Way, severity
from .counterpart import by_media_type, covering, style_of
from .findings import Findings, tell_flags


def answers(findings: Findings, old: openapi.Operation, new: openapi.Operation, way: Way, at: str = "") -> None:
    """Statuses that are gone or new, and what each answer carries."""
    mine, theirs = old.responses, new.responses
    compared: set[tuple[str, str]] = set()

    def tell(code: str, status: str, message: str) -> None:
        findings.tell(code, new.id, f"{at}{status}", message, new.node, way=way, witness=f"{status}: {message}")

    for status in sorted(dict.fromkeys((*mine, *theirs)), key=_breadth):
        before, after = _covered_by(status, mine), _covered_by(status, theirs)
        kind = "success" if status.startswith("2") else "error"
        if status in mine and after is None:
            if kind == "success" and any(_covered_by(other, {status: None}) for other in theirs):
                tell("status-narrowed", status, f"{status} is narrowed to {', '.join(_within(status, theirs))}")
            else:
                tell(f"{kind}-status-removed", status, f"{status} is not declared any more")
        if status in theirs and status not in mine and (before is None or _breadth(before) <= _breadth(status)):
            tell(f"{kind}-status-added", status, f"{status} is new")
        if before is not None and after is not None and (before, after) not in compared:
            compared.add((before, after))
            _answer(findings, new, way, f"{at}{status}", mine[before], theirs[after])


def _breadth(status: str) -> int:
    return 2 if status == "default" else "X" in status


def _within(status: str, declared: Mapping[str, object]) -> list[str]:
    return [other for other in declared if _covered_by(other, {status: None})]


def _covered_by(status: str, declared: Mapping[str, object]) -> str | None:
    """The key under which a status is declared."""
    wanted = [status, f"{status[0]}XX"]
    if not status.startswith("2") or not any(each.startswith("2") for each in declared):
        wanted.append("default")
    return next((each for each in wanted if each in declared), None)


def _answer(
    findings: Findings, operation: openapi.Operation, way: Way, path: str, old: openapi.Response, new: openapi.Response
) -> None:
    def tell(code: str, message: str, place: str = path) -> None:
        witness = f"{path}: {message}" if severity(code, way) == "breaking" else NO_WITNESS
        findings.tell(code, operation.id, place, message, operation.node, way=way, witness=witness)

    if bool(old.content) != bool(new.content):
        tell(
            "response-body-added" if new.content else "response-body-removed",
            "has a body now" if new.content else "has no body any more",
        )
        return
    mine, theirs = by_media_type(old.content), by_media_type(new.content)
    for name in mine:
        if covering(name, theirs) is None and not any(covering(other, {name: None}) for other in theirs):
            tell("response-media-type-removed", f"{name} is not answered any more")
    for name in theirs:
        if covering(name, mine) is None:
            tell("response-media-type-added", f"{name} may be asked for")
    findings.contents(operation.id, way, path, mine, theirs)
    _headers(findings, operation, way, path, old, new)


def _headers(
    findings: Findings, operation: openapi.Operation, way: Way, path: str, old: openapi.Response, new: openapi.Response
) -> None:
    names = {name.lower(): name for name in new.headers}
    for name, header in old.headers.items():
        place = f"{path}.headers.{name}"

        def tell(code: str, message: str, place: str = place) -> None:
            findings.tell(code, operation.id, place, message, operation.node, way=way, witness=f"{place}: {message}")

        if name.lower() not in names:
            tell("required-header-removed" if header.required else "header-removed", f"{name} is gone")
            continue
        after = new.headers[names[name.lower()]]
        tell_flags(tell, "header", header, after)
        styles = style_of(findings.old, header), style_of(findings.new, after)
        if styles[0] != styles[1]:
            tell("header-style-changed", " → ".join(styles))
        schemas = [each.content.schema if each.content else each.schema for each in (header, after)]
        findings.root(operation.id, way, place, *schemas, is_text=not (header.content or after.content))
    known = {name.lower() for name in old.headers}
    for name in (name for name in new.headers if name.lower() not in known):
        findings.tell("header-added", operation.id, f"{path}.headers.{name}", f"{name} is new", operation.node, way=way)
