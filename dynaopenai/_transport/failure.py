"""What went wrong below us -> one of our errors, in plain words.

The words of the libraries below are not passed on: they may hold a URL with a key, and they speak of pools and retries. Those
of another library's mock are, without what is secret: it alone knows why it refused.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator

from .._display.words import count, short
from .._secrecy.redaction import redacted_text
from ..errors import APIConnectionError, APITimeoutError
from .coding import CodingError

FINAL = frozenset({"SSLCertVerificationError", "InvalidUrlClientError", "NonHttpUrlClientError", "InvalidURL", "LocationParseError", "InvalidSchema", "InvalidProxyURL", "StandInError"})
TOO_MANY = "the answer has too many headers; see Limits(headers=...)"


def failure(error: Exception, message: str, attempts: int, received: int = 0) -> APIConnectionError | None:
    """A failure of `requests`, urllib3 or the socket as ours; None for what is not theirs."""
    if isinstance(error, APIConnectionError):
        return error
    if not isinstance(error, (OSError, CodingError)) and not any(map(_is_of_a_library, type(error).__mro__)):  # requests' are OSErrors
        return None
    causes = list(_chain(error))
    names = {type(cause).__name__ for cause in causes}
    tried = f" ({tries(attempts)})" if attempts > 1 else ""
    if any(_is_timeout(cause) for cause in causes):
        return APITimeoutError(f"{message}: timed out{tried}", attempts=attempts, received=received)
    reason = _reason(causes)
    final = bool(names & FINAL) or reason == TOO_MANY
    return APIConnectionError(f"{message}: {reason}{tried}", attempts=attempts, received=received, retryable=not final)


def _is_of_a_library(kind: type) -> bool:
    return kind.__module__.startswith(("urllib3.", "http.client", "aiohttp."))


def no_connection(operation_id: str, most: int, seconds: float | None) -> APITimeoutError:
    """All connections were in use, for longer than one may wait for one."""
    return APITimeoutError(
        f"{operation_id}: timed out: no connection came free within {seconds:g} s, all {most} are in use; see max_connections"
    )


def _is_timeout(cause: BaseException) -> bool:
    names = {kind.__name__ for kind in type(cause).__mro__}  # requests' Timeout, urllib3's and Python's TimeoutError
    return not names.isdisjoint({"Timeout", "TimeoutError"}) and "NewConnectionError" not in names  # refused, not late


def tries(number: int) -> str:
    """``1 try``, ``2 tries``."""
    return count(number, "try") if number == 1 else f"{number} tries"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what stands behind it, nearest first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]


def _reason(causes: list[BaseException]) -> str:
    names = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    known = next((words for name, words in _REASONS.items() if name in names), None)
    if any("chunk size" in str(cause) for cause in causes):  # in aiohttp's words
        return _REASONS["IncompleteRead"]
    if any("SOCKS support" in str(cause) for cause in causes):  # in the words of requests
        return "the proxy speaks SOCKS, which takes a package that is not installed: pip install 'requests[socks]'"
    if any("ConnectionResetError(" in str(cause) for cause in causes):  # in aiohttp's words, where it is no cause of its own
        return os.strerror(errno.ECONNRESET).lower()
    if known is not None:
        return known
    for cause in causes:
        if "TLS CA certificate bundle" in str(cause):
            return "REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or the session's verify names no file"
        if isinstance(cause, OSError) and cause.strerror:
            number = cause.errno if cause.errno in errno.errorcode else None
            return (os.strerror(number) if number is not None else cause.strerror).lower()
    for cause in causes:
        if re.search(r"(more than .*|Too many) headers", str(cause)):
            return TOO_MANY
    general = [_GENERAL[name] for cause in causes for name in [type(cause).__name__] if name in _GENERAL]
    reason = next(filter(None, map(_said_elsewhere, causes)), "")
    return reason or (general[0] if general else f"the connection failed ({type(causes[0]).__name__})")


def _said_elsewhere(error: BaseException) -> str:
    """The words of a failure that none of the libraries below raised: another library's mock has its reasons."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    home = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0] if trace is not None else "dynaopenai"
    if home in BELOW or home in sys.stdlib_module_names:
        return ""
    return f"{home}: {redacted_text(short(' '.join(str(error).split()), 300))}"


BELOW = frozenset({"dynaopenai", "requests", "urllib3", "aiohttp", "yarl", "__main__"})

_REASONS = {  # the most telling first
    "ForeignProcessError": "it belongs to the process that sent the request",
    "ClientProxyConnectionError": "the proxy cannot be reached, or refused the connection",
    "ClientHttpProxyError": "the proxy cannot be reached, or refused the connection",
    "ClientConnectorDNSError": "the host name cannot be resolved",
    "ProxyError": "the proxy cannot be reached, or refused the connection",
    "gaierror": "the host name cannot be resolved",
    "NameResolutionError": "the host name cannot be resolved",
    "ServerDisconnectedError": "the server closed the connection without answering",
    "RemoteDisconnected": "the server closed the connection without answering",
    "ContentLengthError": "the connection was closed before the announced end",
    "TransferEncodingError": "the connection was closed before the announced end",
    "IncompleteRead": "the connection was closed before the announced end",
    "InvalidChunkLength": "the length of a chunk is no number, or the connection was closed before it",
    "CutShortError": "the compressed body ended before its end",
    "CodingError": "the body is not compressed as its Content-Encoding says",
    "DecodeError": "the body is not compressed as its Content-Encoding says",
    "SSLCertVerificationError": "the server's certificate cannot be verified; see REQUESTS_CA_BUNDLE",
    "ClientConnectorCertificateError": "the server's certificate cannot be verified; see REQUESTS_CA_BUNDLE",
    "ClientSSLError": "the TLS connection failed; see REQUESTS_CA_BUNDLE for a private certificate authority",
    "SSLError": "the TLS connection failed; see REQUESTS_CA_BUNDLE for a private certificate authority",
    "LineTooLong": "a header of the answer is too long",
    "NoHTTPError": "the server does not speak HTTP",
    "BadStatusLine": "the server does not speak HTTP",
    "UnknownProtocol": "the server does not speak HTTP",
    "BadHttpMessage": "the server does not speak HTTP",
    "HeaderParsingError": "the answer's headers cannot be read",
    "InvalidProxyURL": "the proxy's URL is not valid",
    "InvalidURL": "the URL is not valid",
    "LocationParseError": "the URL is not valid",
    "InvalidSchema": "the URL is not valid",
}
_GENERAL = {
    "ProtocolError": "the connection was closed in the middle of the answer",
    "ChunkedEncodingError": "the connection was closed in the middle of the answer",
}
