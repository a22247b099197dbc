"""The formats that are checked, each as its own specification says; others say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address

_DATE_TIME = r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
_UUID = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_EMAIL = r"[^@\s]+@[^@\s]+"
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*"
_BASE64 = r"(?!\s)[A-Za-z0-9+/_\s-]*(?:=\s*){0,2}"


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_date_time(text: str) -> bool:
    match = re.fullmatch(_DATE_TIME, text)
    if not match or not text.isascii():
        return False
    day, hour, minute, second, _, zone = match.groups()
    try:
        datetime.fromisoformat(f"{day}T{hour}:{minute}:{min(int(second), 59):02}")
    except ValueError:
        return False
    return int(second) <= 60 and (zone in "Zz" or (int(zone[1:3]) < 24 and int(zone[4:]) < 60))


def _is_address(kind: type[IPv4Address | IPv6Address]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            return bool(kind(text)) and "%" not in text
        except ValueError:
            return False

    return check


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": _is_date_time,
    "uuid": lambda text: bool(re.fullmatch(_UUID, text)),
    "ipv4": _is_address(IPv4Address),
    "ipv6": _is_address(IPv6Address),
    "email": lambda text: bool(re.fullmatch(_EMAIL, text)),
    "uri": lambda text: bool(re.fullmatch(_URI, text)),
    "byte": lambda text: bool(re.fullmatch(_BASE64, text)),
}
