"""Arguments -> checked, encoded Request. No I/O.

Rule of this file: a Request is final; the transport adds nothing to it but what the wire needs.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.schema import Schema
from .._display.frames import caller
from .._display.words import short
from .._document import openapi
from .._problem import SHOWN_VIOLATIONS
from .._secrecy.names import is_secret
from .._secrecy.redaction import redacted_headers, redacted_url
from .._secrecy.values import Scrubber, secret_values
from ..errors import DynaOpenAIWarning, RequestValidationError, Violation
from . import bodies as _bodies
from . import media_type as _media_type
from . import query as _query
from . import style as _style
from .arguments import ANYTHING, Argument, Arguments, Bound
from .bodies import Alternative
from .checked import Checked, Checker
from .media_type import Body, Content
from .multipart import Multipart, UploadError
from .origin import Origin, origin
from .security import Pairs, Proof, concealed, secret_names
from .settings import Settings
from .style import MISSING

PATH = "/%:@!$&'()*+,;=~?#"  # of a path template, what stays as it is
USER_AGENT = "dynaopenai"
_UNSAFE_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass(frozen=True)
class Request:
    """One HTTP request, ready to be sent.

    Attributes:
        secrets: lower-case names of the headers and query parameters that must not be shown.
        away: whether a redirect has led it away from the origin that its credentials are for.
        left_behind: the credentials that it showed before, which must not be shown where they come back.
        pending: what is shown only when it is sent: who is asked for it, each with its scheme.
        fixed: lower-case names of the headers that the call itself gives, which nothing pending replaces.
    """

    operation_id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Content | None = None
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    away: bool = False
    left_behind: tuple[str, ...] = field(default=(), repr=False)
    pending: Pairs = field(default=(), repr=False)
    fixed: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        shown = redacted_headers(self.headers, self.secrets)
        return f"<Request {self.method} {redacted_url(self.url, self.secrets)} {shown}>"

    @property
    def scrubber(self) -> Scrubber:
        """Knows the credentials that it shows."""
        return Scrubber(self.shown())

    def shown(self, sent: Any = None) -> tuple[str, ...]:
        """The credentials that it shows, with those of what was ``sent``: headers and a URL that a session added to."""
        found = [*secret_values(self.headers, self.url, self.secrets), *self.left_behind]
        if sent is not None and sent.headers is not self.headers:
            found += secret_values({name: _text(value) for name, value in sent.headers.items()}, str(sent.url), self.secrets)
        return tuple(found)

    def __reduce__(self) -> tuple[Any, ...]:
        headers = redacted_headers(self.headers, self.secrets)
        body = self.body if isinstance(self.body, bytes) else None
        url = redacted_url(self.url, self.secrets)
        return Request, (self.operation_id, self.method, url, headers, body, self.secrets)


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

    def write(self, settings: Settings, base_url: str, proof: Proof, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Request:
        """The request for a call.

        Raises:
            RequestValidationError: the arguments break the document (policy ``strict``), or cannot be written.
        """
        checked = self._bound(settings, args, kwargs)
        fatal = checked.fatal
        path = self._path(checked.bound, fatal)
        query = self._query(checked.bound, settings, proof, fatal)
        url = _url(base_url, path, query)
        where = origin(url)
        headers = self._headers(checked.bound, settings, proof, settings.environment.headers if settings.lends(where) else {}, fatal)
        if not settings.trusts(where):
            fatal += _secrets_astray(settings, self.secrets, where)
        body = self._body(checked, fatal)
        if fatal:
            raise self._refusal(settings, fatal + checked.broken)
        if body is not None and (not settings.content_type or isinstance(body.content, Multipart)):
            headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
            headers["Content-Type"] = body.content_type  # one by hand has chosen how it is written, and knows no boundary
        return Request(
            self.operation.id,
            self.operation.method,
            url,
            headers,
            body.content if body is not None else None,
            settings.secrets(self.secrets),
            not settings.trusts(where),
            pending=proof.pending,
            fixed=_fixed(checked.bound, settings) if proof.pending else frozenset(),
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
        if len(self._template) == 1:
            return self._template[0]
        texts = {
            argument.name: _written(argument, value, fatal)
            for argument, value in bound.parameters.items()
            if argument.place == "path"
        }
        return "".join(texts.get(part, "") if index % 2 else part for index, part in enumerate(self._template))

    def _query(self, bound: Bound, settings: Settings, proof: Proof, fatal: list[Violation]) -> str:
        query = self._joined(bound, ("query", "querystring"), "&", fatal) if bound.parameters else ""
        extra = [(name, value) for name, value in settings.query.items() if value is not None]
        if not extra and not proof.query:
            return query
        own = {argument.name for argument in bound.parameters if argument.place == "query"}  # as of headers, the call's own goes before
        proofs = [(name, value) for name, value in proof.query if name not in own]
        return "&".join(filter(None, [query, urlencode([*extra, *proofs], doseq=True, quote_via=quote)]))

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

    def _headers(
        self, bound: Bound, settings: Settings, proof: Proof, lent: Mapping[str, str], fatal: list[Violation]
    ) -> dict[str, str]:
        headers = {"User-Agent": USER_AGENT, "Accept": self.accept, **lent, **proof.headers}
        cookies = [f"{name}={value}" for name, value in proof.cookies]
        if bound.parameters:
            cookies.append(self._joined(bound, ("cookie",), "; ", fatal))
        for argument, value in bound.parameters.items():
            if argument.place == "header":
                headers[argument.name] = text = _written(argument, value, fatal)
                fatal += [replace(trouble, path=argument.spelled) for trouble in _header_troubles(argument.name, text)]
        if any(cookies):
            headers["Cookie"] = "; ".join(filter(None, cookies))
        for name, setting in settings.headers.items():
            for same in [other for other in headers if other.lower() == name.lower()]:
                del headers[same]
            if setting is not None:
                fatal += _header_troubles(name, setting)
                headers[name] = setting
        return headers

    def _body(self, checked: Checked, fatal: list[Violation]) -> Body | None:
        if checked.bound.body is MISSING or checked.media is None or fatal:
            return None
        root = "" if isinstance(checked.bound.body, dict) else self.arguments.body_name
        media, schema, value = checked.media, checked.schema, checked.bound.body
        body: Body | None = _attempt(lambda: _media_type.encode(media, value, schema), root, value, fatal)
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
    except (UploadError, UnicodeError) as error:
        fatal.append(Violation(root, str(error), value))
    return None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _header_troubles(name: str, value: Any) -> list[Violation]:
    if not isinstance(value, str):
        found = f"a value of type {type(value).__name__}" if is_secret(str(name)) else short(value)
        return [Violation(f"headers[{short(name)}]", f"found {found}, expected a string")]
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        return [Violation(f"headers[{short(name)}]", "found a name that no header can have", value)]
    if _UNSAFE_HEADER.search(value):
        return [Violation(f"headers[{short(name)}]", "found characters that no header can carry", None)]
    return []


def _secrets_astray(settings: Settings, declared: frozenset[str], where: Origin) -> Iterator[Violation]:
    """The credentials beside the call that an origin is not to see."""
    secrets = settings.secrets(declared)
    for kind, added in (("headers", settings.headers), ("query", settings.query)):
        for name, value in added.items():
            if value is not None and is_secret(name, secrets):
                yield astray(f"{kind}[{short(name)}]", where)


def astray(place: str, where: Origin) -> Violation:
    """A credential that an origin is not to see."""
    message = f"is not sent to {where}, expected a server that the document named when the client was made, or base_url"
    return Violation(place, message, None, "", f'Client(trusted_origins=["{where}"]) allows it')


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


def _url(base_url: str, path: str, query: str) -> str:
    """Base, path and query joined; a query of the base, or of the path, stays (``?api-version=...``)."""
    path, _, own = path.partition("#")[0].partition("?")
    path = path if path.startswith("/") else f"/{path}"  # or it would be a part of the host's name
    query = "&".join(filter(None, [own, query]))
    if "?" in base_url or "#" in base_url:
        parts = urlsplit(base_url)
        joined = "&".join(filter(None, [parts.query, query]))
        return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, joined, ""))
    url = base_url.rstrip("/") + path
    return f"{url}?{query}" if query else url
