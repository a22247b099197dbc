"""What the environment says of connections: proxies and certificates, by the same variables as for `requests`."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl

    import requests

ORIGINS = 64  # for which it is remembered


class Way(NamedTuple):
    """To one origin. ``verify``: whether certificates are verified, or a bundle to verify them by."""

    proxy: str | None
    verify: bool | str
    cert: Any


class Environment:
    """Worked out once per origin, since that takes longer than a call."""

    def __init__(self) -> None:
        self._options: dict[str, dict[str, Any]] = {}
        self._ways: dict[str, Way] = {}

    def options(self, session: requests.Session, site: str) -> dict[str, Any]:
        """What a session sends with: proxies, verify and cert."""
        options = self._options.get(site)
        if options is None:
            if len(self._options) >= ORIGINS:
                self._options = {}
            options = self._options[site] = options_of(session, site)
        return options

    def of(self, site: str) -> Way:
        """The way to an origin, without a session."""
        way = self._ways.get(site)
        if way is None:
            if len(self._ways) >= ORIGINS:
                self._ways = {}
            way = self._ways[site] = self._through_a_proxy(site) if _may_have_proxies() else Way(None, _bundle() or True, None)
        return way

    def _through_a_proxy(self, site: str) -> Way:
        """The way to an origin where there may be one."""
        import requests

        with requests.Session() as session:
            options = self.options(session, site)
        return Way(requests.utils.select_proxy(site, options["proxies"]), options["verify"], options["cert"])


def _may_have_proxies() -> bool:
    """Whether `requests` is worth asking: it knows which variable is meant, and the system's settings where there are any."""
    return sys.platform in ("darwin", "win32") or any(
        value and name.lower().endswith("_proxy") and name.lower() != "no_proxy" for name, value in os.environ.items()
    )


def _bundle() -> str | None:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")


def options_of(session: requests.Session, url: str) -> dict[str, Any]:
    """What a session sends with: the environment's, where it has nothing of its own."""
    own = session.verify if session.verify is not True else None  # or the environment would go before it
    options = dict(session.merge_environment_settings(url, {}, None, own, None))
    del options["stream"]
    return options


def tls_context(verify: bool | str, cert: Any) -> ssl.SSLContext:
    """What `requests` does with the same options; made once, since that takes longer than a call.

    Raises:
        OSError: there is no such file.
    """
    import ssl

    return _tls_context(verify, cert, ssl.SSLContext)


@lru_cache(maxsize=16)
def _tls_context(verify: bool | str, cert: Any, _: type[ssl.SSLContext]) -> ssl.SSLContext:  # which another may have replaced
    import ssl

    made = _verifying(verify) if verify is not False else ssl.create_default_context()
    if verify is False:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_alpn_protocols(["http/1.1"])
    if cert:
        made.load_cert_chain(*([cert] if isinstance(cert, str) else cert))
    return made


def _verifying(bundle: bool | str) -> ssl.SSLContext:
    import ssl

    if bundle is True:
        import certifi

        path = certifi.where()
    else:
        path = str(bundle)
    if not os.path.exists(path):  # noqa: PTH110 - the path is of either kind
        raise OSError(f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}")
    is_folder = os.path.isdir(path)  # noqa: PTH112 - as above
    return ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)
