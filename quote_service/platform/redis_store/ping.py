"""Whether Redis answers.

Source: docs/spec/operations.md#health.
"""

import asyncio
from typing import Any, cast

from redis.exceptions import RedisError

from quote_service.platform.redis_store.cluster_client import ClusterClient
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.system.errors import Unavailable


async def ping_redis(client: RedisClient) -> None:
    """Return when Redis answers; of a cluster, when every primary does.

    Raises:
        Unavailable: It does not, within the client's own time limits.
    """
    try:
        if isinstance(client, ClusterClient):
            await client.initialize()
            nodes = cast("list[Any]", client.get_primaries())
            await asyncio.gather(*(cast("Any", client).execute_command("PING", target_nodes=node) for node in nodes))
        else:
            await client.execute_command("PING")
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("Redis cannot be reached") from failure
