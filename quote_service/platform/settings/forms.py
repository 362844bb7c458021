"""What a setting must look like beyond its type: told at the start, before anything fails for it.

No server is asked; `config --check --connect` does that. No message holds any part of a URL, which may be secret.

Source: docs/spec/operations.md#settings.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.settings.redis_urls import check_redis_form
from quote_service.platform.settings.urls import IN_PASSWORDS, UrlParts, read_hosts, split_url

_POSTGRES_FORM = "postgresql://user:password@host:port/database"
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\.?")
_ORIGIN = re.compile(r"https?://(\*\.)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_URI_REFERENCE = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,200}")
_CONTACT = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'*+,;=%-]{0,200}")
_HSTS = re.compile(r"off|max-age=[0-9]{1,10}(; ?includeSubDomains)?(; ?preload)?")
# As `quote_service/platform/callers/access.py` has them; a test holds the two together.
_ROLES = ("admin", "pricing_manager", "analyst", "user")
_SIGNALS = ("/v1/traces", "/v1/metrics", "/v1/logs")


def check_database_url(url: str) -> None:
    """A URL as the PostgreSQL driver takes it.

    Raises:
        ValueError: It is not; says why.
    """
    parts = split_url(url)
    scheme, plus, _ = parts.scheme.partition("+")
    if scheme not in ("postgresql", "postgres"):
        raise ValueError(f"is not of the form {_POSTGRES_FORM}")
    if plus:
        raise ValueError(
            f"names a driver, as SQLAlchemy's do: write it as {_POSTGRES_FORM}, without the + and its word"
        )
    if parts.hosts:
        read_hosts(parts.hosts, 5432)
    _check_rest_of_database_url(parts)
    try:
        urlsplit(url)  # as the driver does
    except ValueError:
        raise ValueError(
            "has an IPv6 address among several hosts, which the driver cannot read: use its name"
        ) from None


def _check_rest_of_database_url(parts: UrlParts) -> None:
    if "/" in parts.path[1:] or "@" in parts.path or parts.fragment:
        raise ValueError(f"is not of the form {_POSTGRES_FORM} ({IN_PASSWORDS})")
    try:
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError(f"has options that are not name=value ({IN_PASSWORDS})") from None
    if options.get("sslmode", "prefer") not in _SSL_MODES:
        raise ValueError(f"has an sslmode that is none of {', '.join(_SSL_MODES)}")


def check_endpoint(url: str) -> None:
    """A collector's URL for OTLP over HTTP, to which the paths of the signals are added.

    Raises:
        ValueError: It is not; says why.
    """
    parts = split_url(url)
    if parts.scheme not in ("http", "https") or "," in parts.hosts or parts.query or parts.fragment:
        raise ValueError("is not of the form http://host:4318 (OTLP over HTTP; gRPC is not spoken)")
    if parts.account is not None:
        raise ValueError("holds a password, and this setting is shown: use OTEL_EXPORTER_OTLP_HEADERS for it")
    read_hosts(parts.hosts, 4318)
    if parts.path.rstrip("/").endswith(_SIGNALS):
        raise ValueError("ends in the path of a signal; /v1/traces and /v1/metrics are added to it")


def check_host(host: str) -> None:
    """A name or an address to listen on.

    Raises:
        ValueError: It is neither.
    """
    if not (_is_address(host) or (_HOST_NAME.fullmatch(host) and not host.replace(".", "").isdecimal())):
        raise ValueError(f"{host!r} is neither a host name nor an address (a port has its own setting)")


def check_proxy(proxy: str) -> None:
    """An address, a network, or `*` for everybody.

    Raises:
        ValueError: It is none of these: names are not looked up.
    """
    try:
        if proxy != "*":
            ip_network(proxy)
    except ValueError:
        raise ValueError(f"{proxy!r} is neither an address nor a network such as 10.0.0.0/8") from None


def check_network(network: str) -> None:
    """An address or a network.

    Raises:
        ValueError: It is neither.
    """
    try:
        ip_network(network)
    except ValueError:
        raise ValueError(f"{network!r} is not a network such as 10.0.0.0/8") from None


def check_contact(contact: str) -> None:
    """What may stand between the brackets of a User-Agent.

    Raises:
        ValueError: It cannot.
    """
    if not _CONTACT.fullmatch(contact):
        raise ValueError(
            f"{contact!r} is not a URL or an address such as https://shop.example/robot or prices@shop.example"
        )


def check_event_source(source: str) -> None:
    """A URI reference, as CloudEvents wants for `source`.

    Raises:
        ValueError: It cannot be one.
    """
    if not _URI_REFERENCE.fullmatch(source):
        raise ValueError(f"{source!r} is not a URI reference such as https://prices.shop.example or /prices")


def check_origin(origin: str) -> None:
    """A browser's origin, or `*` for all.

    Raises:
        ValueError: It is none.
    """
    if origin != "*" and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{origin!r} is not an origin such as https://shop.example (no path, no / at its end)")


def check_public_url(url: str) -> None:
    """An origin: scheme and host, and a port if need be.

    Raises:
        ValueError: It is none.
    """
    if "*" in url or not _ORIGIN.fullmatch(url):
        raise ValueError(f"{url!r} is not of the form https://prices.shop.example (no path, no / at its end)")


def check_hsts(policy: str) -> None:
    """A value of `Strict-Transport-Security` (RFC 6797, 6.1), or `off`.

    Raises:
        ValueError: It is neither.
    """
    if not _HSTS.fullmatch(policy):
        raise ValueError(f"{policy!r} is neither off nor of the form max-age=31536000; includeSubDomains; preload")


def check_currency(currency: str) -> None:
    """A currency's code as ISO 4217 writes it.

    Raises:
        ValueError: There is none of this code.
    """
    if currency not in EXPONENTS:
        raise ValueError(f"{currency!r} is not an ISO 4217 currency code such as TRY")


def check_role(role: str) -> None:
    """A role of people.

    Raises:
        ValueError: There is none of this name.
    """
    if role not in _ROLES:
        raise ValueError(f"{role!r} is not a role; expected {', '.join(_ROLES)}")


def check_issuer(url: str) -> None:
    """An issuer of OpenID Connect: https, or http on this machine alone.

    Raises:
        ValueError: It is none.
    """
    parts = split_url(url)
    if parts.scheme not in ("https", "http") or not parts.hosts or parts.query or parts.fragment or parts.account:
        raise ValueError("is not of the form https://login.shop.example/realm")
    host = parts.hosts.rpartition(":")[0] or parts.hosts
    if parts.scheme == "http" and host not in ("127.0.0.1", "[::1]", "localhost"):
        raise ValueError("must begin with https://")


def check_role_of_claim(word: str) -> None:
    """A value of a claim with the role that it gives.

    Raises:
        ValueError: It is not written so.
    """
    value, equals, role = word.rpartition("=")
    if not equals or not value.strip():
        raise ValueError(f"{word!r} is not written value=role")
    check_role(role.strip())


def check_time_zone(zone: str) -> None:
    """A time zone's name in the IANA database.

    Raises:
        ValueError: There is none of this name.
    """
    try:
        ZoneInfo(zone)
    except (LookupError, OSError, ValueError):
        raise ValueError(f"{zone!r} is not an IANA time zone such as Europe/Istanbul") from None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


# By field; of a list each word is checked.
FORMS: dict[str, Callable[[str], None]] = {
    "database_url": check_database_url,
    "redis_url": check_redis_form,
    "stock_redis_url": check_redis_form,
    "event_redis_url": check_redis_form,
    "host": check_host,
    "metrics_host": check_host,
    "trusted_proxies": check_proxy,
    "cors_origins": check_origin,
    "outbound_networks": check_network,
    "event_source": check_event_source,
    "watch_contact": check_contact,
    "public_url": check_public_url,
    "hsts": check_hsts,
    "otlp_endpoint": check_endpoint,
    "default_currency": check_currency,
    "time_zone": check_time_zone,
    "second_factor_roles": check_role,
    "oidc_issuer": check_issuer,
    "oidc_roles": check_role_of_claim,
}
