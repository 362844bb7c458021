"""What a Redis URL says: single server, TLS, Sentinel, Cluster.

    redis://user:password@host:port/db          rediss:// the same over TLS, unix:///path of a socket
    redis+sentinel://user:password@host:port,host:port/name/db?sentinel_user=..&sentinel_password=..&ssl=true
                                                the primary that the sentinels know by this name; the user is the primary's
    redis+cluster://user:password@host:port,host:port?ssl=true
                                                any nodes of the cluster; the others are learned from them

Source: docs/spec/operations.md#settings.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from quote_service.platform.settings.urls import IN_PASSWORDS, UrlParts, read_account, read_hosts, split_url

SINGLE = ("redis", "rediss", "unix")
_DEFAULT_PORTS = {"redis+sentinel": 26379, "redis+cluster": 6379}
_OPTIONS = {"redis+sentinel": {"sentinel_user", "sentinel_password", "ssl"}, "redis+cluster": {"ssl"}}


class RedisHosts(NamedTuple):
    """What a URL with several hosts says; `name` and `database` are those of a primary behind Sentinel."""

    hosts: list[tuple[str, int]]
    credentials: dict[str, str]
    name: str
    database: int
    options: dict[str, str]

    @property
    def has_tls(self) -> bool:
        return self.options.get("ssl") == "true"


def check_redis_form(url: str) -> None:
    """Whether a URL is of one of the forms above, as far as it can be told without the client's library.

    Raises:
        ValueError: It is not; says why, and nothing of the URL that could be secret.
    """
    parts = split_url(url)
    if parts.scheme in _DEFAULT_PORTS:
        read_redis_hosts(url)
    elif parts.scheme not in SINGLE:
        raise ValueError("is none of redis://, rediss://, unix://, redis+sentinel:// and redis+cluster://")
    elif parts.scheme != "unix":
        _check_single(parts)


def read_redis_hosts(url: str) -> RedisHosts:
    """Read a `redis+sentinel://` or `redis+cluster://` URL.

    Raises:
        ValueError: It is not written so; says why, and nothing of the URL that could be secret.
    """
    parts = split_url(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    known = _OPTIONS[parts.scheme]
    if not options.keys() <= known or parts.fragment:
        raise ValueError(f"has an option that is none of {', '.join(sorted(known))}")
    if options.get("ssl", "true") not in ("true", "false"):
        raise ValueError("has ssl= that is neither true nor false")
    name, _, database = unquote(parts.path.strip("/")).partition("/")
    if parts.scheme == "redis+cluster":
        if name not in ("", "0") or database:
            raise ValueError("has a path; a cluster has database 0 alone, and redis+cluster:// names nodes only")
    elif not name:
        raise ValueError("has no name of the primary: redis+sentinel://host:port,host:port/name")
    elif not (database or "0").isdecimal():
        raise ValueError("names a database that is not a number: redis+sentinel://host:port/name/0")
    return RedisHosts(
        read_hosts(parts.hosts, _DEFAULT_PORTS[parts.scheme]),
        _credentials(parts.account),
        name,
        int(database or "0"),
        options,
    )


def _check_single(parts: UrlParts) -> None:
    if "," in parts.hosts:
        raise ValueError("names several hosts, as only redis+sentinel:// and redis+cluster:// do")
    if parts.fragment:
        raise ValueError(f"has a fragment ({IN_PASSWORDS})")
    # The library takes no host for localhost.
    if parts.hosts:
        read_hosts(parts.hosts, 6379)
    if not (parts.path.strip("/") or "0").isdecimal():
        raise ValueError("names a database that is not a number: redis://host:port/0")


def _credentials(account: str | None) -> dict[str, str]:
    user, password = read_account(account)
    if account is None:
        return {}
    return {"username": user, "password": password or ""} if user else {"password": password or ""}
