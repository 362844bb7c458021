"""Whether the Redis that holds stock may forget it by its own settings.

Source: docs/spec/flash-sales.md#stock-server.
"""

from typing import Any, cast

from redis.exceptions import RedisError

from quote_service.platform.redis_store.cluster_client import ClusterClient
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.system.errors import Unavailable


async def why_forgetful(client: RedisClient) -> str | None:
    """What makes a server forget, by the name of the directive; None where nothing does, or it does not tell.

    Raises:
        Unavailable: Redis gave no answer.
    """
    try:
        for node in _primaries(client):
            where = {} if node is None else {"target_nodes": node}
            memory = await cast("Any", client).execute_command("INFO", "memory", **where)
            persistence = await cast("Any", client).execute_command("INFO", "persistence", **where)
            reasons = _reasons(memory, persistence)
            if reasons:
                return " and ".join(reasons)
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("The stock cannot be reached", retry_after_seconds=1) from failure
    return None


def _primaries(client: RedisClient) -> list[Any]:
    return list(client.get_primaries()) if isinstance(client, ClusterClient) else [None]


def _reasons(memory: dict[str, Any], persistence: dict[str, Any]) -> list[str]:
    policy = memory.get("maxmemory_policy", "noeviction")
    reasons = [] if policy == "noeviction" else [f"it evicts (maxmemory-policy {policy})"]
    if persistence.get("aof_enabled", 1) == 0:
        reasons.append("it keeps no append-only file (appendonly no)")
    return reasons
