"""What the environment says of connections: proxies and certificates, by the same variables as for `requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
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
        import requests

        options = self._options.get(site)
        if options is None:
            with requests.Session() as session:
                options = self.options(session, site)
        return Way(requests.utils.select_proxy(site, options["proxies"]), options["verify"], options["cert"])


def options_of(session: requests.Session, url: str) -> dict[str, Any]:
    """What a session sends with: the environment's, where it has nothing of its own."""
    own = session.verify if session.verify is not True else None  # or the environment would go before it
    options = dict(session.merge_environment_settings(url, {}, None, own, None))
    del options["stream"]
    return options
