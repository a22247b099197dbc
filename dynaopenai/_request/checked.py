"""A call's arguments, bound -> what is wrong with them: what breaks the document, and what cannot be written.

Rules of this file:
1. All that is wrong is said at once, each place by the name that the caller typed.
2. What breaks the document is a matter of policy; what cannot be written at all is always refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._checking import json as _json
from .._checking.check import violations
from .._checking.schema import Schema
from .._checking.slip import near_misses
from .._display.words import one_of, short
from .._document import openapi
from .._problem import REQUIRED_MISSING
from ..errors import Violation
from . import bodies as _bodies
from . import media_type as _media_type
from .arguments import ANYTHING, Argument, Arguments, Bound
from .bodies import Alternative
from .style import MISSING


@dataclass
class Checked:
    """Bound arguments with what is wrong: ``broken`` breaks the document, ``fatal`` cannot be written.

    ``verdicts``: whether schemas are asked at all; ``as_sent``: whether it is a request that somebody sent, which may leave
    out what a call fills in, and have names beside the declared ones as far as the schemas let them pass; ``content_type``: what a header says of the body;
    ``keys``: those in use in the body, where it is known to be JSON.
    """

    bound: Bound
    verdicts: bool = True
    as_sent: bool = False
    content_type: str = ""
    media: openapi.MediaType | None = None
    schema: Schema = ANYTHING
    keys: set[str] | None = None
    broken: list[Violation] = field(default_factory=list)
    fatal: list[Violation] = field(default_factory=list)


@dataclass(frozen=True)
class Checker:
    """Checks the calls of one operation; ``bodies``: what may be sent as the body, the preferred first."""

    arguments: Arguments
    bodies: Sequence[Alternative]

    def passed(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], *, verdicts: bool = True, content_type: str = ""
    ) -> Checked:
        """Everything that is wrong with a call's arguments; without ``verdicts``, what cannot be written at all.

        Args:
            content_type: what the caller's own header says of the body.
        """
        bound = self.arguments.bind(args, kwargs)
        return self._checked(Checked(bound, verdicts, content_type=content_type, broken=list(bound.violations)))

    def sent(self, bound: Bound, content_type: str) -> Checked:
        """Everything that is wrong with a request that came with a body of this type."""
        return self._checked(Checked(bound, as_sent=True, content_type=content_type))

    def _checked(self, checked: Checked) -> Checked:
        for argument in self.arguments.parameters:
            self._parameter(argument, checked)
        if self.bodies:
            self._body(checked)
        return checked

    def _parameter(self, argument: Argument, checked: Checked) -> None:
        value = checked.bound.parameters.get(argument, MISSING)
        if value is MISSING:
            if argument.required:
                problem = Violation(argument.spelled, REQUIRED_MISSING)
                (checked.fatal if argument.place == "path" else checked.broken).append(problem)
            return
        try:
            value = checked.bound.parameters[argument] = _json.taken(value).value
        except _json.NotJSONError as error:
            checked.fatal += error.violations(argument.spelled)
            return
        if checked.verdicts:
            _judge(argument.schema, value, argument.spelled, checked)

    def _body(self, checked: Checked) -> None:
        bound = checked.bound
        if bound.body is MISSING and not self.arguments.body_required:
            return
        if bound.body is MISSING and not checked.as_sent and (self.arguments.takes_properties or self.arguments.is_open):
            bound.body = {}
        if bound.body is MISSING:
            name = self.arguments.body_name
            checked.fatal.append(Violation(name, "missing, expected since the operation needs a body"))
            return
        try:
            bound.body, keys, has_kept = _json.taken(bound.body, _media_type.is_upload)
        except _json.NotJSONError:  # which is told where JSON is what is needed
            pass
        else:
            checked.keys = None if has_kept else keys
        alternative = _bodies.chosen(self.bodies, bound.body, checked.content_type)
        assert alternative is not None
        media, checked.schema = alternative.media, alternative.schema
        checked.media = media
        if len(self.bodies) > 1 and not checked.as_sent:
            checked.broken += self._elsewhere(alternative, bound.body)
        kind = _media_type.kind_for(media.name, bound.body)
        root = "" if isinstance(bound.body, dict) else self.arguments.body_name
        if kind == "json":
            self._value(bound.body, root, checked)
            return
        is_text = isinstance(bound.body, str) and checked.schema.types == {"string"} and _is_plain(checked.schema, bound.body)
        if (kind == "binary" and not is_text) or (kind in ("text", "xml", "events", "multipart") and _media_type.is_upload(bound.body)):
            checked.fatal += _upload_troubles(root, bound.body)
        elif kind == "multipart" and not isinstance(bound.body, dict) and not checked.as_sent:
            message = f"found {short(bound.body)}, expected an object, whose members make the parts, or a file"
            checked.fatal.append(Violation(root, message, bound.body))
        elif kind in ("multipart", "form") and isinstance(bound.body, dict):
            form = {key: value for key, value in bound.body.items() if value is not None or not _is_file(checked.schema, key)}
            judged, troubles = without_uploads(form, checked.schema)
            checked.broken += troubles
            self._value(judged, root, checked)
        elif kind not in ("text", "xml") or not isinstance(bound.body, str) or "string" in checked.schema.types:
            self._value(bound.body, root, checked)  # else the text is a form of the value, XML or YAML, which is not read

    def _elsewhere(self, alternative: Alternative, body: Any) -> Iterator[Violation]:
        """Names that only another media type of the body declares than the one that is meant."""
        if not isinstance(body, dict) or alternative.is_open:
            return
        for name in body.keys() - alternative.schema.properties.keys() - alternative.schema.required:
            argument = self.arguments.by_name.get(name)
            if argument is not None and argument.media:
                message = f"not declared in {alternative.media.name}, expected in {one_of(argument.media)} alone"
                yield Violation(argument.spelled, message, body[name])

    def _value(self, value: Any, root: str, checked: Checked) -> None:
        try:
            keys = checked.keys if checked.keys is not None and value is checked.bound.body else _json.survey(value)
        except _json.NotJSONError as error:
            checked.fatal += error.violations(root)
            return
        if not checked.verdicts:
            return
        schema = checked.schema
        _judge(schema, value, root, checked)
        if not checked.as_sent and not schema.declares(keys):
            checked.broken += near_misses(schema, value, root, checked.broken)


def _judge(schema: Schema, value: Any, root: str, checked: Checked) -> None:
    """What breaks a schema; a number that is none to JSON (NaN) is told as that, not as what the schema makes of it."""
    found = violations(schema, value, root)
    try:
        _ = _json.sound(value) if found else None
    except _json.NotJSONError as error:
        checked.fatal += error.violations(root)
    else:
        checked.broken += found


# --- files ---------------------------------------------------------------------------------------


def _is_file(schema: Schema, name: str) -> bool:
    declared = schema.properties.get(name)
    return declared is not None and declared.is_binary


def without_uploads(body: dict[str, Any], schema: Schema) -> tuple[dict[str, Any], list[Violation]]:
    """A form with its files replaced by empty strings, which is what a schema can judge of them."""
    judged: dict[str, Any] = {}
    troubles: list[Violation] = []
    for name, value in body.items():
        declared = schema.properties.get(name)
        items = declared.items if declared is not None and isinstance(value, list) else None
        are_files = items.is_binary if items is not None else declared is None and isinstance(value, list) and _media_type.holds_file(value)
        if isinstance(value, list) and are_files:
            judged[name] = [""] * len(value)
            for index, item in enumerate(value):
                troubles += _file_troubles(_json.member(name, index), item)
        elif _media_type.is_upload(value):
            judged[name] = ""
            if declared is not None and not declared.is_binary:
                kind = type(value).__name__
                troubles.append(Violation(name, f"found file content ({kind}), expected {_expected(declared)}", value))
            elif declared is not None:
                troubles += _upload_troubles(name, value)
        elif declared is not None and declared.is_binary and not _is_plain(declared, value):
            judged[name] = ""
            troubles += _file_troubles(name, value)
        else:
            judged[name] = value
    return judged, troubles


def _expected(schema: Schema) -> str:
    return " or ".join(sorted(schema.types)) or "nothing"


def _is_plain(declared: Schema, value: Any) -> bool:
    """Whether a property that may be a file may also be this text, or this other value."""
    if not isinstance(value, str):
        return "string" not in declared.types or (_is_json(value) and declared.sub(declared.schema).is_valid(value))
    return any(
        part.get("type") == "string" and "x-binary" not in part for part in declared.in_place() if isinstance(part, dict)
    )


def _is_json(value: Any) -> bool:
    try:
        _json.sound(value)
    except _json.NotJSONError:
        return False
    return True


def _file_troubles(name: str, value: Any) -> list[Violation]:
    if _media_type.is_upload(value):
        return _upload_troubles(name, value)
    if isinstance(value, str):
        hint = 'Path("...") sends a file, text.encode() sends the text itself'
        return [Violation(name, f"found {short(value)} (a string), expected file content", value, "", hint)]
    expected = "expected file content: a Path, an open binary file, bytes, or (filename, content)"
    return [Violation(name, f"found {short(value)}, {expected}", value)]


def _upload_troubles(name: str, value: Any) -> list[Violation]:
    from .multipart import Upload, UploadError

    try:
        Upload.of(value)
    except UploadError as error:
        return [Violation(name, str(error), value)]
    return []
