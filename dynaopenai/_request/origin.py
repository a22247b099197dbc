r"""URL -> its origin, and whether a credential may go there. Pure: asked for every request and every redirect.

Rules of this file:
1. A URL is read as strictly as all who will read it agree on: where parsers differ (``http://a\@b``), there is no origin.
2. A credential given in code goes to the origins that the document's own servers named when the client was made, to the
   base URL that was given, and to what ``trusted_origins`` adds.
3. The environment's credential goes to the API's home over https, to a base URL that was given, and to this machine.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import NamedTuple

HOME = "openai.com"  # whose key and base URL the environment's OPENAI_* variables are
PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"""(https?)://
        (?:[\w.~!$&'()*+,;=:%-]*@)?
        (\[[0-9a-f:.]+(?:%[\w.~-]+)?\]|[^\s/?\#@:\[\]\\%<>"^`{|}\x00-\x20\x7f]+)
        (?::(\d{0,5}))?
        (?=[/?\#]|$)""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)


class Origin(NamedTuple):
    """Scheme, host and port, all in their plain form."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def is_home(self) -> bool:
        """Whether it is the API's own, and nobody can listen on the way."""
        return self.scheme == "https" and (self.host == HOME or self.host.endswith(f".{HOME}"))

    @property
    def is_loopback(self) -> bool:
        """Whether it never leaves this machine: the name itself, or an address that is one (RFC 6890)."""
        if self.host == "localhost":
            return True
        try:
            address = ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return False
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def origin(url: str) -> Origin:
    """The origin that a URL leads to (RFC 6454 §4).

    Raises:
        ValueError: it is no absolute http(s) URL, or one that can be read in two ways.
    """
    match = _URL.match(url)
    if match is None:
        raise ValueError("no absolute http(s) URL")
    scheme, host = match[1].lower(), match[2].lower()
    port = int(match[3]) if match[3] else PORTS[scheme]
    if host.startswith("["):
        ipaddress.IPv6Address(host[1:-1])  # which raises a ValueError
    if not 0 < port < 1 << 16 or not (host.isascii() or unicodedata.normalize("NFKC", host) == host):
        raise ValueError("no absolute http(s) URL")
    return Origin(scheme, host, port)


def served_at(host: str, port: int) -> str:
    """The origin of what listens there, as a client on this machine calls it."""
    here = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a key to look up, nothing is bound
    return f"http://{f'[{here}]' if ':' in here else here}:{port}"
