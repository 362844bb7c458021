"""URLs that requests may be sent to, as far as it can be told before a name is resolved.

Source: docs/spec/webhooks.md#addresses.
"""

import re
from ipaddress import ip_address
from socket import inet_aton, inet_ntoa
from typing import NamedTuple
from urllib.parse import urlsplit

from quote_service.platform.outbound.addresses import Networks, allows_port

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NUMBERS = re.compile(r"[0-9a-fx.]*(?:^|\.)[0-9][0-9a-fx]*", re.ASCII)
_VISIBLE = re.compile(r"[\x21-\x7e]{1,2000}")


class Target(NamedTuple):
    """Where a URL leads; `host` is a name or an address without brackets, `authority` what the header Host says."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str


def read_target(url: str) -> Target:
    """Take a URL apart.

    Raises:
        ValueError: Nothing may be sent there, whatever its name resolves to; says why.
    """
    if not _VISIBLE.fullmatch(url) or "\\" in url:
        raise ValueError("must be a URL of visible ASCII characters; write other names in Punycode")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is not a URL such as https://shop.example/hooks") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("must be an http or https URL such as https://shop.example/hooks")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user or password")
    if "#" in url:
        raise ValueError("must not contain a fragment")
    chosen = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if not allows_port(chosen):
        raise ValueError("must be on port 80, 443 or one from 1024 on")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, chosen, parts.netloc, path)


def check_url(url: str, networks: Networks) -> None:
    """Refuse what could never be sent to, before it is stored.

    Raises:
        ValueError: As `read_target`; or the host is an address that is not allowed.
    """
    host = read_target(url).host.lower().removesuffix(".")
    if not all(host.split(".")):
        raise ValueError("must name a host")
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"
    address = _address(host)
    if address is not None and not networks.allows(address):
        raise ValueError("must lead to a public address")


def _address(host: str) -> str | None:
    """The address that a host is, however it is written: `2130706433`, `0x7f.1` and `127.1` are 127.0.0.1; None for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        return inet_ntoa(inet_aton(host))
    except OSError:
        return None
