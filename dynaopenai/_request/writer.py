"""Arguments -> checked, encoded Request. No I/O."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.schema import Schema
from .._display.frames import caller
from .._document import openapi
from .._problem import SHOWN_VIOLATIONS
from ..errors import DynaOpenAIWarning, RequestValidationError, Violation
from . import bodies as _bodies
from . import media_type as _media_type
from . import query as _query
from . import style as _style
from .arguments import ANYTHING, Argument, Arguments, Bound
from .bodies import Alternative
from .checked import Checked, Checker
from .encoding import Body, encode
from .request import Request
from .security import Proof, concealed, secret_names
from .settings import Settings
from .standing import Standing, added, header_troubles, joined, overlaid, standing
from .style import MISSING

if TYPE_CHECKING:
    from .encoding import Content

PATH = "/%:@!$&'()*+,;=~?#"  # of a path template, what stays as it is


class Writer:
    """Writes the requests of one operation. Made once, on the operation's first use; thread-safe."""

    def __init__(self, contract: Contract, operation: openapi.Operation) -> None:
        self.contract = contract
        self.operation = operation
        self.content = operation.request_body.content if operation.request_body else {}
        self.secrets = secret_names(contract.openapi.security_schemes.values())
        self._template = [quote(part, safe=PATH) if index % 2 == 0 else part for index, part in enumerate(re.split(r"\{([^{}]+)\}", operation.template))]

    @cached_property
    def arguments(self) -> Arguments:
        body = self.operation.request_body
        return Arguments(
            self.operation.path,
            [(parameter, self._parameter_schema(parameter)) for parameter in self.operation.parameters],
            self.bodies,
            body is not None and body.required,
        )

    @cached_property
    def bodies(self) -> list[Alternative]:
        """What may be sent as the body, the preferred first."""
        return _bodies.preferred(Alternative(media, self.body_schema(media)) for media in self.content.values())

    def body_schema(self, media: openapi.MediaType) -> Schema:
        """The schema of a request body in this media type."""
        return self.contract.schema(media.schema, "request") if media.schema is not None else ANYTHING

    def _parameter_schema(self, parameter: openapi.Parameter) -> Schema:
        node = parameter.content.schema if parameter.content else parameter.schema
        return self.contract.schema(node, "request") if node is not None else ANYTHING

    @cached_property
    def accept(self) -> str:
        """What the operation may answer with, JSON first."""
        names: dict[str, None] = {}
        for response in self.operation.responses.values():
            names.update(dict.fromkeys(media.name for media in response.content.values()))
        ordered = sorted(names, key=lambda name: _media_type.kind_of(name) != "json")
        return ", ".join(ordered) or "*/*"

    # --- checking --------------------------------------------------------------------------------

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.arguments, self.bodies)

    def check(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], *, verdicts: bool = True, content_type: str = ""
    ) -> Checked:
        """Everything that is wrong with a call's arguments; without ``verdicts``, what cannot be written at all.

        Args:
            content_type: what the caller's own header says of the body.
        """
        return self.checker.passed(args, kwargs, verdicts=verdicts, content_type=content_type)

    # --- writing ---------------------------------------------------------------------------------

    def standing(self, settings: Settings, base_url: str, proof: Proof) -> Standing:
        """What its requests have in common with these settings.

        Raises:
            ValueError: the base URL is no absolute http(s) URL, or one that can be read in two ways.
        """
        return standing(settings, base_url, proof, "".join(self._template[::2]), self.accept, self.secrets)

    def write(self, standing: Standing, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Request:
        """The request for a call.

        Raises:
            RequestValidationError: the arguments break the document (policy ``strict``), or cannot be written.
        """
        settings = standing.settings
        checked = self._bound(settings, args, kwargs)
        bound, fatal = checked.bound, checked.fatal
        url, headers = standing.url, dict(standing.headers)
        if bound.parameters:
            url = joined(standing.base_url, self._path(bound, fatal), self._query(bound, standing, fatal))
            headers = self._headers(bound, standing, fatal)
        if standing.troubles:
            fatal += standing.troubles
        body = self._body(checked, fatal)
        if fatal:
            raise self._refusal(settings, fatal + checked.broken)
        if body is not None and (not settings.content_type or _is_form(body.content)):
            headers = _untyped(headers)
            headers["Content-Type"] = body.content_type  # one by hand has chosen how it is written, and knows no boundary
        return Request(
            self.operation.id,
            self.operation.method,
            url,
            headers,
            body.content if body is not None else None,
            standing.secrets,
            standing.away,
            pending=standing.proof.pending,
            fixed=_fixed(bound, settings) if standing.proof.pending else frozenset(),
        )

    def _bound(self, settings: Settings, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Checked:
        policy = settings.validate_requests
        checked = self.checker.passed(args, kwargs, verdicts=policy != "off", content_type=settings.content_type)
        if policy == "strict" and (checked.broken or checked.fatal):
            newer = self.contract.newer if self.arguments.are_foreign(checked.bound.unplaced) else ""
            raise self._refusal(settings, checked.fatal + checked.broken, newer)
        if policy == "warn" and checked.broken:
            shown = concealed(checked.broken[:SHOWN_VIOLATIONS], settings.secrets(self.secrets), settings.scrubber(self.secrets))
            text = "\n".join(f"  {violation}" for violation in shown)
            warnings.warn(
                f"{self.operation.id} is sent although it breaks the document:\n{text}", DynaOpenAIWarning, stacklevel=caller()
            )
        if checked.bound.unplaced:
            self._place(checked, checked.bound.unplaced, settings.content_type, checked.bound.violations)
        if settings.extra:
            self._add(checked, settings.extra, settings.content_type)
        return checked

    def _add(self, checked: Checked, extra: Mapping[str, Any], content_type: str) -> None:
        """Fields that are given beside the call, for servers that take more than their document declares."""
        declared = [name for name in extra if name in self.arguments.by_name and self.arguments.by_name[name].place == "body"]
        message = "found a declared field beside the call, expected it in the call, where it is checked"
        checked.fatal += [Violation(f"extra.{name}", message, extra[name]) for name in declared]
        message = "found a field beside the call, expected an operation whose body takes fields"
        misplaced = [Violation(f"extra.{name}", message, value) for name, value in extra.items()]
        self._place(checked, extra, content_type, misplaced)

    def _refusal(self, settings: Settings, found: list[Violation], newer: str = "") -> RequestValidationError:
        shown = concealed(_unique(found), settings.secrets(self.secrets), settings.scrubber(self.secrets))
        return RequestValidationError(self.operation.id, shown, newer)

    def _place(self, checked: Checked, extra: Mapping[str, Any], content_type: str, misplaced: list[Violation]) -> None:
        """Undeclared fields, of keywords that the policy lets pass or of ``extra``: they are properties of the body."""
        body = checked.bound.body
        if self.content and (body is MISSING or isinstance(body, dict)):
            checked.bound.body = {**({} if body is MISSING else body), **extra}
            alternative = _bodies.chosen(self.bodies, checked.bound.body, content_type)
            if alternative is not None:
                checked.media, checked.schema = alternative.media, alternative.schema
        else:
            checked.fatal += misplaced

    def _path(self, bound: Bound, fatal: list[Violation]) -> str:
        texts = {
            argument.name: _written(argument, value, fatal)
            for argument, value in bound.parameters.items()
            if argument.place == "path"
        }
        return "".join(texts.get(part, "") if index % 2 else part for index, part in enumerate(self._template))

    def _query(self, bound: Bound, standing: Standing, fatal: list[Violation]) -> str:
        own = {argument.name for argument in bound.parameters if argument.place == "query"}  # as of headers, the call's own goes before
        proofs = [(name, value) for name, value in standing.proof.query if name not in own]
        query = self._joined(bound, ("query", "querystring"), "&", fatal)
        return "&".join(filter(None, [query, added(standing.settings, proofs)]))

    def _joined(self, bound: Bound, places: tuple[str, ...], separator: str, fatal: list[Violation]) -> str:
        """The parameters that share one text; a member of an object that gives way there is told of."""
        text, left_out, violations = _query.joined(
            [
                _query.Written(argument, _written(argument, value, fatal), _query.is_spread(argument, value))
                for argument, value in bound.parameters.items()
                if argument.place in places
            ],
            separator,
        )
        fatal += violations
        for place in left_out:
            message = f"{self.operation.id}: {place} is not sent, since a parameter of that name is given"
            warnings.warn(message, DynaOpenAIWarning, stacklevel=caller())
        return text

    def _headers(self, bound: Bound, standing: Standing, fatal: list[Violation]) -> dict[str, str]:
        headers = dict(standing.beneath)
        cookies = "; ".join(filter(None, [standing.cookie, self._joined(bound, ("cookie",), "; ", fatal)]))
        for argument, value in bound.parameters.items():
            if argument.place == "header":
                headers[argument.name] = text = _written(argument, value, fatal)
                fatal += [replace(trouble, path=argument.spelled) for trouble in header_troubles(argument.name, text)]
        if cookies:
            headers["Cookie"] = cookies
        return overlaid(headers, standing.settings.headers)

    def _body(self, checked: Checked, fatal: list[Violation]) -> Body | None:
        if checked.bound.body is MISSING or checked.media is None or fatal:
            return None
        root = "" if isinstance(checked.bound.body, dict) else self.arguments.body_name
        media, schema, value = checked.media, checked.schema, checked.bound.body
        body: Body | None = _attempt(lambda: encode(media, value, schema), root, value, fatal)
        return body


# --- refusals ------------------------------------------------------------------------------------


def _written(argument: Argument, value: Any, fatal: list[Violation]) -> str:
    """A parameter as text; what cannot be written is noted."""
    assert argument.parameter is not None
    parameter = argument.parameter
    return _attempt(lambda: _style.serialize(parameter, value), argument.spelled, value, fatal) or ""


def _attempt(write: Callable[[], Any], root: str, value: Any, fatal: list[Violation]) -> Any:
    try:
        return write()
    except _json.NotJSONError as error:
        fatal += error.violations(root)
    except _style.StyleError as error:
        fatal.append(Violation(f"{root}{error.path}", error.message, value))
    except ValueError as error:
        from .multipart import UploadError

        if not isinstance(error, (UploadError, UnicodeError)):
            raise
        fatal.append(Violation(root, str(error), value))
    return None


def _is_form(content: Content) -> bool:
    """Whether it is one whose boundary its own content type tells."""
    from .multipart import Multipart

    return isinstance(content, Multipart)


def _fixed(bound: Bound, settings: Settings) -> frozenset[str]:
    """Lower-case names of the headers that a call gives itself."""
    declared = (argument.name for argument in bound.parameters if argument.place == "header")
    return frozenset(name.lower() for name in (*settings.headers, *declared))


def _unique(found: Sequence[Violation]) -> list[Violation]:
    return list(_by_place(found))


def _by_place(found: Sequence[Violation]) -> Iterator[Violation]:
    seen = set()
    for violation in found:
        if (violation.path, violation.message) not in seen:
            seen.add((violation.path, violation.message))
            yield violation


def _untyped(headers: dict[str, str]) -> dict[str, str]:
    if "content-type" not in map(str.lower, headers):
        return headers
    return {name: value for name, value in headers.items() if name.lower() != "content-type"}
