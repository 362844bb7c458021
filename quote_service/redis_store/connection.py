"""One way to open Redis or Valkey, whatever it runs as: single server, TLS, Sentinel, Cluster.

The client's own defaults (a 5 s timeout, ten retries, scripts retried too) are wrong for a quote that has 2 s in all and
for anything that spends, so they are set here: short timeouts and no retries. What to do without Redis is each caller's
decision, never this client's.

    redis://user:password@host:port/db          rediss:// the same over TLS
    redis+sentinel://host:port,host:port/name   the primary that the sentinels know by this name
    redis+cluster://host:port,host:port

Source: spec 9, Production.
"""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.asyncio import ConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

RedisClient = Redis | RedisCluster
_DEFAULT_PORTS = {"sentinel": 26379, "cluster": 6379}
_CONNECTIONS_MAX = 32


def open_redis(url: str, timeout_ms: int) -> RedisClient:
    """A client for a URL; it connects when it is first used.

    Args:
        url: See above.
        timeout_ms: How long a command, or the making of a connection, may take.

    Raises:
        ValueError: The URL is of none of these forms.
    """
    parts = urlsplit(url)
    seconds = timeout_ms / 1000
    if parts.scheme in ("redis", "rediss", "unix"):
        pool = ConnectionPool.from_url(url, max_connections=_CONNECTIONS_MAX, **_limits(seconds))
        return Redis(connection_pool=pool)
    if parts.scheme == "redis+sentinel":
        sentinel: Any = Sentinel(_hosts(parts.netloc, "sentinel"), sentinel_kwargs=_limits(seconds))  # type: ignore[no-untyped-call]
        name, *_ = parts.path.strip("/").split("/")
        if not name:
            raise ValueError("redis+sentinel:// names the primary in its path")
        primary: Redis = sentinel.master_for(name, **_credentials(parts.netloc), **_limits(seconds))
        return primary
    if parts.scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts.netloc, "cluster")]
        return RedisCluster(
            startup_nodes=nodes,
            ssl=dict(parse_qsl(parts.query)).get("ssl") == "true",
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            **_credentials(parts.netloc),
        )
    raise ValueError(f"{parts.scheme}:// is no form of Redis URL")


def _limits(seconds: float) -> dict[str, Any]:
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_error": [],
        "health_check_interval": 0,
    }


def _hosts(netloc: str, kind: str) -> list[tuple[str, int]]:
    hosts = []
    for entry in netloc.rpartition("@")[2].split(","):
        host, _, port = entry.rpartition(":") if ":" in entry else (entry, "", "")
        hosts.append((host, int(port) if port else _DEFAULT_PORTS[kind]))
    return hosts


def _credentials(netloc: str) -> dict[str, Any]:
    user_info, at, _ = netloc.rpartition("@")
    if not at:
        return {}
    user, _, password = user_info.partition(":")
    return {"username": unquote(user), "password": unquote(password)} if user else {"password": unquote(password)}
