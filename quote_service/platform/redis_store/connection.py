"""One way to open Redis or Valkey, whatever it runs as: single server, TLS, Sentinel, Cluster.

The client's own defaults (a 5 s timeout, ten retries, scripts retried too) are wrong for a quote that has 2 s in all and
for anything that spends, so they are set here: short timeouts and no retries. What to do without Redis is each caller's
decision, never this client's.

The forms of a URL stand in `platform/settings/redis_urls.py`.

Source: docs/spec/operations.md#production.
"""

import asyncio
from typing import Any

from redis.asyncio import ConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from quote_service.platform.redis_store.cluster_client import ClusterClient
from quote_service.platform.redis_store.packed_connection import PackedConnection
from quote_service.platform.redis_store.traced_commands import TracedRedis
from quote_service.platform.settings.redis_urls import SINGLE, check_redis_form, read_redis_hosts
from quote_service.platform.settings.urls import split_url

RedisClient = Redis | RedisCluster
_CONNECTIONS_MAX = 32
# Each item that is read from holds a connection for as long as a read blocks, or a pipeline runs.
_CONNECTIONS_TO_A_NODE_MAX = 64


def check_redis_url(url: str) -> None:
    """Whether a URL is of one of the forms that there are; no server is asked.

    Raises:
        ValueError: It is not; says why, and nothing of the URL that could be secret.
    """
    check_redis_form(url)
    if split_url(url).scheme in SINGLE:
        _check_single(url)


def open_redis(url: str, timeout_ms: int) -> RedisClient:
    """A client for a URL; it connects when it is first used.

    Args:
        url: Of one of the forms that there are.
        timeout_ms: How long a command, or the making of a connection, may take.

    Raises:
        ValueError: The URL is of none of these forms.
    """
    check_redis_url(url)
    scheme = split_url(url).scheme
    seconds = timeout_ms / 1000
    if scheme == "redis+sentinel":
        return _open_by_sentinels(url, seconds)
    if scheme == "redis+cluster":
        return _open_cluster(url, seconds)
    # Of a URL with TLS, or of a socket's path, the class is that of the library.
    pool: Any = ConnectionPool.from_url(
        url, connection_class=PackedConnection, max_connections=_CONNECTIONS_MAX, **_limits(seconds)
    )
    return TracedRedis(connection_pool=pool)


def _check_single(url: str) -> None:
    try:
        pool: Any = ConnectionPool.from_url(url)
        pool.make_connection()  # connects to nothing yet
    except (TypeError, ValueError):
        # The library's own words may hold a piece of the password.
        raise ValueError("has an unknown option, or an option with an invalid value") from None


class _BySentinels(TracedRedis):
    """The primary that sentinels name; closing it closes the connections to them too."""

    sentinels: list[Any]

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await asyncio.gather(*(sentinel.aclose() for sentinel in self.sentinels))


def _open_by_sentinels(url: str, seconds: float) -> Redis:
    read = read_redis_hosts(url)
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


def _open_cluster(url: str, seconds: float) -> ClusterClient:
    read = read_redis_hosts(url)
    return ClusterClient(
        startup_nodes=[ClusterNode(host, port) for host, port in read.hosts],
        ssl=read.has_tls,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        max_connections=_CONNECTIONS_TO_A_NODE_MAX,
        # A shard without a primary must not keep the others from being asked.
        require_full_coverage=False,
        # A slot that has moved is learned by itself; to read the whole map again would cut what is under way elsewhere.
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
