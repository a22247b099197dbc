"""What openapi-core, an independent reading of the document, finds wrong with a request.

Rules of this file:
1. This is openapi-core's verdict: our own reading explains it and has no say in it. Credentials are not its affair.
2. Where openapi-core itself fails, that is told as "not judged" and not blamed on the request.
3. It is imported when a Judge is made.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .._checking import json as _json
from .._checking.cause import meant
from .._checking.contract import Contract
from .._checking.fault import Fault
from .._checking.json import member
from .._checking.schema import Schema
from .._checking.violation import hint, message
from .._display.words import one_of, short
from .._document import openapi
from .._problem import REQUIRED_MISSING
from .._request import media_type as _media_type
from ..errors import Violation

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

NEWEST = 2  # the last 3.x that openapi-core reads
READ = frozenset({"json", "events", "xml", "text", "binary"})  # the kinds of media types that are read in our way
STRAYED = frozenset({"PathNotFound", "PathsNotFound", "OperationNotFound", "ServerNotFound"})


class Judge:
    """Judges requests, one at a time. Thread-safe."""

    def __init__(self, contract: Contract, prefix: str) -> None:
        from openapi_core import Config, OpenAPI

        self._contract, self._prefix = contract, prefix
        self._body: Any = None  # of what openapi-core leaves to others: a form, or XML
        self._lock = threading.Lock()
        self._readers = Readers(self._own, {"multipart/form-data": self._own})
        unchecked: Any = None  # the document is checked by `check`, and used as far as it goes
        config = Config(spec_validator_cls=unchecked, extra_media_type_deserializers=self._readers)
        document = _readable(contract, prefix)
        self._openapi = OpenAPI.from_dict(document, config=config, base_uri=contract.document.uri)
        self._validator = self._openapi.request_validator

    def judge(
        self, request: Request, operation: openapi.Operation, variables: dict[str, str]
    ) -> tuple[int, list[Violation]]:
        """The status to answer with (200 where nothing is wrong) and the problems.

        Raises:
            SpecError: a ``$ref`` of the operation leads nowhere, or where it must not go.
        """
        from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest

        adapted: Any = WerkzeugOpenAPIRequest(request)
        adapted.path_pattern = self._prefix + operation.path
        adapted.parameters.path = _by_style(variables)
        sent = self._vetted(operation, request.content_type or "")
        with self._lock:
            self._body = _typed_body(request, sent) if sent is not None else None
            try:
                errors = list(self._validator.iter_errors(adapted))
            except Exception as error:  # noqa: BLE001 - it fails in many ways on what it cannot read
                return 200, [_not_judged(error)]
            finally:
                self._body = None
        unread = [_not_judged(error) for error in errors if _is_unread(error)]
        errors = [error for error in errors if not _is_unread(error)]
        names = {type(link).__name__ for error in errors for link in _chain(error)}
        if names & STRAYED:  # we know that the operation is there
            return 200, [_not_judged(error) for error in errors]
        status = 415 if "MediaTypeNotFound" in names else 400
        problems = [problem for error in errors for problem in _violations(error)]
        return (status if errors else 200), problems + unread

    def judge_answer(
        self, request: Request, response: Response, operation: openapi.Operation, variables: dict[str, str]
    ) -> list[Violation]:
        """What is wrong with an answer. An event of a stream is judged as an answer of its own.

        Raises:
            SpecError: a ``$ref`` of the operation leads nowhere, or where it must not go.
        """
        from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse

        adapted: Any = WerkzeugOpenAPIRequest(request)
        adapted.path_pattern = self._prefix + operation.path
        adapted.parameters.path = _by_style(variables)
        for declared in operation.responses.values():
            for media in declared.content.values():
                if media.schema is not None:
                    self._contract.schema(media.schema, "response")
        with self._lock:
            try:
                errors = list(self._openapi.response_validator.iter_errors(adapted, WerkzeugOpenAPIResponse(response)))
            except Exception as error:  # noqa: BLE001 - it fails in many ways on what it cannot read
                return [_not_judged(error)]
        return [problem for error in errors for problem in _violations(error)]

    def _own(self, value: bytes | str, **_: str) -> Any:
        """What our own reading makes of a body; a text where it makes nothing."""
        return self._body if self._body is not None else _as_string(value)

    def _vetted(self, operation: openapi.Operation, content_type: str) -> Schema | None:
        """The schema of a form or of XML, after a look at every reference that openapi-core is about to follow."""
        for parameter in operation.parameters:
            declared = parameter.content.schema if parameter.content is not None else parameter.schema
            if declared is not None:
                self._contract.schema(declared, "request")
        content = operation.request_body.content if operation.request_body else {}
        for media in content.values():
            if media.schema is not None:
                self._contract.schema(media.schema, "request")
        sent = _media_type.match(content, content_type) if _media_type.kind_of(content_type) in ("multipart", "xml") else None
        if sent is None or sent.schema is None:
            return None
        return self._contract.schema(sent.schema, "request")


class Readers(dict[str, Any]):
    """How each media type is read, where openapi-core's own way would not do. Depends on its name alone."""

    def __init__(self, own: Callable[..., Any], known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self._own = own

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or _media_type.kind_for(str(name), None) in READ

    def __missing__(self, name: str) -> Callable[..., Any]:
        kind = _media_type.kind_for(name, None)
        if kind == "xml":
            return self._own
        return _decoded if kind in ("json", "events") else _as_string  # OpenAPI 3.1 knows a file as a string


def _by_style(variables: Mapping[str, str]) -> dict[str, str]:
    """The values of a path also under the names by which openapi-core looks for styles: ``;color``, ``.color*`` (RFC 6570 §3.2)."""
    return {f"{sign}{name}{star}": value for name, value in variables.items() for sign in ("", ";", ".") for star in ("", "*")}


def _not_judged(error: Exception) -> Violation:
    return Violation("", f"not judged: openapi-core failed: {type(error).__name__}: {short(str(error))}")


# --- the document, for openapi-core --------------------------------------------------------------


def _readable(contract: Contract, prefix: str) -> Any:
    """The document as openapi-core can use it: served here alone, and without what it stumbles over.

    That is: a patch version that it does not know, discriminators without a mapping (every value is taken for a schema's
    name), names that are required where they are not allowed, what is asked for in credentials, and of parameters:
    ``deprecated`` (a warning each time), ``readOnly`` and ``default`` (held against requests that say nothing).
    """
    copies: dict[int, Any] = {}

    def copied(value: Any) -> Any:
        if not isinstance(value, (dict, list)):
            return value
        if id(value) not in copies:
            copies[id(value)] = [copied(item) for item in value] if isinstance(value, list) else members(value)
        return copies[id(value)]

    def members(value: dict[str, Any]) -> dict[str, Any]:
        left_out = {"deprecated"} if "in" in value else set()
        hint = value.get("discriminator")
        if isinstance(hint, dict) and "propertyName" in hint and not isinstance(hint.get("mapping"), dict):
            left_out.add("discriminator")
        kept = {key: copied(item) for key, item in value.items() if key not in left_out}
        if isinstance(value.get("in"), str) and isinstance(kept.get("schema"), dict):
            kept["schema"] = {key: item for key, item in kept["schema"].items() if key not in ("readOnly", "default")}
        if value.get("additionalProperties") is False and isinstance(value.get("required"), list):
            known = {**value.get("properties", {}), **value.get("patternProperties", {})}
            kept["required"] = [name for name in value["required"] if name in known or "patternProperties" in value]
        return kept

    root = copied(contract.document.root)
    root["openapi"] = f"3.{min(contract.openapi.version[1], NEWEST)}.0"
    root["servers"] = [{"url": prefix or "/"}]
    for entry in contract.openapi.entries.values():
        for node in (entry.item, entry.node):
            for name in ("servers", "security"):
                copies.get(id(node.value), {}).pop(name, None)
    root.pop("security", None)
    return root


def _typed_body(request: Request, schema: Schema) -> Any:
    content_type = request.content_type or ""
    if _media_type.kind_of(content_type) == "multipart":
        return _typed_form(request, schema.properties)
    return _media_type.decode_leniently(content_type, request.get_data(), schema)


def _typed_form(request: Request, properties: Mapping[str, Schema]) -> Any:
    """A multipart form with its texts as the values that they stand for, which openapi-core leaves to others."""
    from werkzeug.datastructures import MultiDict

    class Form(MultiDict[str, Any]):
        def getlist(self, key: str, *_: Any) -> list[Any]:
            if key not in self:
                raise KeyError(key)  # else openapi-core takes a list that was not sent for an empty one
            return super().getlist(key)

    texts = [(name, _typed(text, properties.get(name))) for name, text in request.form.items(multi=True)]
    files = [(name, file.read().decode("latin-1")) for name, file in request.files.items(multi=True)]
    return Form([*texts, *files])  # to JSON Schema a file is a string


def _typed(text: str, schema: Schema | None) -> Any:
    schema = schema.items if schema is not None and schema.types == {"array"} else schema
    if schema is not None and not {"string", "object", "array"} & schema.types:
        with suppress(_json.DecodeError):
            return _json.decode(text.encode())
    return text


def _as_string(value: bytes | str, **_: str) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _decoded(value: bytes | str, **_: str) -> Any:
    """A body or a part in JSON."""
    return _json.decode(value.encode() if isinstance(value, str) else value)


# --- its errors, in a person's words -------------------------------------------------------------

def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error of openapi-core's with the errors of its own that caused it."""
    from openapi_core.exceptions import OpenAPIError

    while isinstance(error, OpenAPIError):
        yield error
        error = error.__cause__


def _is_unread(error: Exception) -> bool:
    """Whether openapi-core has no reading of a style for the type that the document gives it, whatever was sent."""
    cause = list(_chain(error))[-1].__cause__
    return isinstance(cause, ValueError) and cause.args == ("not available",)


def _violations(error: Exception) -> list[Violation]:
    try:
        return list(_problems(error))
    except Exception:  # noqa: BLE001 - the verdict stands, even where it cannot be explained
        return [Violation(str(getattr(error, "name", "")), short(str(error), 200).strip('"'))]


def _problems(error: Exception) -> Iterator[Violation]:
    """What openapi-core means, from the end of its chain of causes."""
    name, cause = str(getattr(error, "name", "")), list(_chain(error))[-1]
    broken = getattr(cause, "schema_errors", None)
    if not broken:
        message = _SAID.get(type(cause).__name__, lambda cause: short(str(cause), 200).strip('"'))
        yield Violation(name, message(cause))
    for schema_error in broken or ():
        for fault in meant(_fault(schema_error)):
            yield _problem(fault, name)


def _fault(error: Any) -> Fault:
    """What jsonschema, which openapi-core asks, found wrong."""
    first = error.relative_schema_path[0] if error.relative_schema_path else -1
    required = re.fullmatch("'(.+)' is a required property", error.message) if error.validator == "required" else None
    return Fault(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        path=tuple(error.absolute_path),
        relative=tuple(error.relative_path),
        place=tuple(error.absolute_schema_path),
        schema=error.schema,
        missing=required[1] if required else "",
        branch=first if isinstance(first, int) else -1,
        context=tuple(map(_fault, error.context or ())),
        message=error.message,
    )


def _problem(cause: Fault, path: str) -> Violation:
    for key in cause.path:
        path = member(path, key)
    if cause.missing:
        return Violation(member(path, cause.missing), REQUIRED_MISSING)
    if cause.keyword in ("additionalProperties", "unevaluatedProperties", "readOnly"):
        return Violation(path, short(cause.message, 200).strip('"'))
    return Violation(path, message(cause), None, "", hint(cause))


def _as_text(value: Any) -> Any:
    return value[:200].decode("utf-8", "replace") if isinstance(value, bytes) else value


_SAID: Mapping[str, Callable[[Any], str]] = {
    "MissingRequiredParameter": lambda cause: f"missing, expected since this {cause.location} parameter is required",
    "MissingRequiredRequestBody": lambda _: "found no body, expected one",
    "MediaTypeNotFound": lambda cause: (
        f"found a body of type {short(cause.mimetype)}, expected {one_of(cause.availableMimetypes)}"
    ),
    "MediaTypeDeserializeError": lambda cause: f"found {short(_as_text(cause.value))}, expected {cause.mimetype}",
    "CastError": lambda cause: f"found {short(cause.value)}, expected {cause.type}",
    "EmptyQueryParameterValue": lambda _: "found nothing, expected a value",
    "ParameterDeserializeError": lambda cause: f"found {short(cause.value)}, expected it in style {cause.style}",
}
