"""Whether Redis answers.

Source: docs/spec/operations.md#health.
"""

from redis.exceptions import RedisError

from quote_service.redis_store.connection import RedisClient
from quote_service.system.errors import Unavailable


async def ping_redis(client: RedisClient) -> None:
    """Return when Redis answers.

    Raises:
        Unavailable: It does not, within the client's own time limits.
    """
    try:
        await client.execute_command("PING")
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("Redis cannot be reached") from failure
