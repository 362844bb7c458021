"""One way to open Redis or Valkey, whatever it runs as: single server, TLS, Sentinel, Cluster.

The client's own defaults (a 5 s timeout, ten retries, scripts retried too) are wrong for a quote that has 2 s in all and
for anything that spends, so they are set here: short timeouts and no retries. What to do without Redis is each caller's
decision, never this client's.

    redis://user:password@host:port/db          rediss:// the same over TLS
    redis+sentinel://user:password@host:port,host:port/name/db?sentinel_user=..&sentinel_password=..&ssl=true
                                                the primary that the sentinels know by this name; the user is the primary's
    redis+cluster://user:password@host:port,host:port?ssl=true
                                                any nodes of the cluster; the others are learned from them

Source: spec 9, Production.
"""

import asyncio
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from quote_service.redis_store.cluster_client import ClusterClient
from quote_service.redis_store.packed_connection import PackedConnection

RedisClient = Redis | RedisCluster
_DEFAULT_PORTS = {"redis+sentinel": 26379, "redis+cluster": 6379}
_OPTIONS = {"redis+sentinel": {"sentinel_user", "sentinel_password", "ssl"}, "redis+cluster": {"ssl"}}
_CONNECTIONS_MAX = 32
# Each item that is read from holds a connection for as long as a read blocks, or a pipeline runs.
_CONNECTIONS_TO_A_NODE_MAX = 64


def check_redis_url(url: str) -> None:
    """Whether a URL is of one of the forms above; no server is asked.

    Raises:
        ValueError: It is not; says why, and nothing of the URL that could be secret.
    """
    parts = urlsplit(url)
    if parts.scheme in ("redis", "rediss", "unix"):
        _check_single(url, parts)
    elif parts.scheme in _DEFAULT_PORTS:
        _read(parts)
    else:
        raise ValueError("is none of redis://, rediss://, unix://, redis+sentinel:// and redis+cluster://")


def open_redis(url: str, timeout_ms: int) -> RedisClient:
    """A client for a URL; it connects when it is first used.

    Args:
        url: See above.
        timeout_ms: How long a command, or the making of a connection, may take.

    Raises:
        ValueError: The URL is of none of these forms.
    """
    check_redis_url(url)
    parts = urlsplit(url)
    seconds = timeout_ms / 1000
    if parts.scheme == "redis+sentinel":
        return _open_by_sentinels(parts, seconds)
    if parts.scheme == "redis+cluster":
        return _open_cluster(parts, seconds)
    # Of a URL with TLS, or of a socket's path, the class is that of the library.
    pool: Any = ConnectionPool.from_url(
        url, connection_class=PackedConnection, max_connections=_CONNECTIONS_MAX, **_limits(seconds)
    )
    return Redis(connection_pool=pool)


def _check_single(url: str, parts: SplitResult) -> None:
    try:
        pool: Any = ConnectionPool.from_url(url)
        pool.make_connection()  # connects to nothing yet
    except (TypeError, ValueError):
        # The library's own words may hold a piece of the password.
        raise ValueError("has a port or an option that is none (in a password, / and @ are %2F and %40)") from None
    if parts.scheme != "unix" and not (parts.path.strip("/") or "0").isdecimal():
        raise ValueError("names a database that is no number: redis://host:port/0")


class _BySentinels(Redis):
    """The primary that sentinels name; closing it closes the connections to them too."""

    sentinels: list[Any]

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await asyncio.gather(*(sentinel.aclose() for sentinel in self.sentinels))


class _Read(NamedTuple):
    """What a URL with several hosts says."""

    hosts: list[tuple[str, int]]
    credentials: dict[str, str]
    name: str
    database: int
    options: dict[str, str]

    @property
    def has_tls(self) -> bool:
        return self.options.get("ssl") == "true"


def _open_by_sentinels(parts: SplitResult, seconds: float) -> Redis:
    read = _read(parts)
    tls = {"ssl": True} if read.has_tls else {}
    own = {
        "username": read.options.get("sentinel_user"),
        "password": read.options.get("sentinel_password"),
        **tls,
        **_limits(seconds),
    }
    sentinel: Any = Sentinel(read.hosts, sentinel_kwargs=own)  # type: ignore[no-untyped-call]  # not typed there
    primary: _BySentinels = sentinel.master_for(
        read.name,
        redis_class=_BySentinels,
        db=read.database,
        max_connections=_CONNECTIONS_MAX,
        **read.credentials,
        **tls,
        **_limits(seconds),
    )
    primary.sentinels = sentinel.sentinels
    return primary


def _open_cluster(parts: SplitResult, seconds: float) -> ClusterClient:
    read = _read(parts)
    return ClusterClient(
        startup_nodes=[ClusterNode(host, port) for host, port in read.hosts],
        ssl=read.has_tls,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        max_connections=_CONNECTIONS_TO_A_NODE_MAX,
        # A shard without a primary must not keep the others from being asked.
        require_full_coverage=False,
        # A slot that has moved is learned by itself; to read the whole map anew would cut what is under way elsewhere.
        reinitialize_steps=0,
        **read.credentials,
    )


def _limits(seconds: float) -> dict[str, Any]:
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_error": [],
        "health_check_interval": 0,
    }


def _read(parts: SplitResult) -> _Read:
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
        raise ValueError("names a database that is no number: redis+sentinel://host:port/name/0")
    return _Read(
        _hosts(parts.netloc, _DEFAULT_PORTS[parts.scheme]),
        _credentials(parts.netloc),
        name,
        int(database or "0"),
        options,
    )


def _hosts(netloc: str, default_port: int) -> list[tuple[str, int]]:
    hosts = []
    for entry in netloc.rpartition("@")[2].split(","):
        # An IPv6 address stands in brackets.
        bare = urlsplit(f"//{entry}")
        try:
            host, port = bare.hostname, bare.port
        except ValueError:
            host, port = None, None
        if not host:
            raise ValueError("does not name every host as host:port (in a password, / and @ are %2F and %40)")
        hosts.append((host, port or default_port))
    return hosts


def _credentials(netloc: str) -> dict[str, str]:
    user_info, at, _ = netloc.rpartition("@")
    if not at:
        return {}
    user, _, password = user_info.partition(":")
    return {"username": unquote(user), "password": unquote(password)} if user else {"password": unquote(password)}
