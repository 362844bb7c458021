"""URLs of servers, taken apart with nothing of them told: they hold passwords.

The standard library's urlsplit reads one host. Of several it refuses the whole list as soon as an IPv6 address is among
them (since CVE-2025-0938 was mended), so what stands in the place of the host is taken out first.

Source: docs/spec/operations.md#settings.
"""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from urllib.parse import unquote

_HOST = re.compile(r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<name>[A-Za-z0-9._%-]+))(?::(?P<port>[0-9]{1,5}))?")


# What most often is wrong: a character that ends a password too early.
IN_PASSWORDS = "in a password, / @ ? and # are %2F %40 %3F and %23"


class UrlParts(NamedTuple):
    """A URL as it is written, nothing decoded; `account` is None where there is no `@`, `hosts` may be a list."""

    scheme: str
    account: str | None
    hosts: str
    path: str
    query: str
    fragment: str


def split_url(url: str) -> UrlParts:
    """The parts of `scheme://account@hosts/path?query#fragment`; all are empty of a text that has no scheme."""
    scheme, found, rest = url.partition("://")
    if not found:
        return UrlParts("", None, "", "", "", "")
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    netloc, slash, path = rest.partition("/")
    account, at, hosts = netloc.rpartition("@")
    return UrlParts(scheme, account if at else None, hosts, slash + path, query, fragment)


def read_hosts(hosts: str, default_port: int) -> list[tuple[str, int]]:
    """Hosts with their ports; an IPv6 address stands in brackets.

    Raises:
        ValueError: One of them is no host, or has a port that is none.
    """
    return [_read_host(entry, default_port) for entry in hosts.split(",")]


def read_account(account: str | None) -> tuple[str, str | None]:
    """User ("" for none) and password (None for none), decoded."""
    user, colon, password = (account or "").partition(":")
    return unquote(user), unquote(password) if colon else None


def _read_host(entry: str, default_port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(entry)
    port = int(found["port"] or default_port) if found else 0
    if found is None or not 1 <= port <= 65535 or not (found["ipv6"] is None or _is_ipv6(found["ipv6"])):
        raise ValueError(f"does not name every host as host:port ({IN_PASSWORDS})")
    return found["ipv6"] or found["name"], port


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
