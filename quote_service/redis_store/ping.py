"""Whether Redis answers.

Source: spec 9, Health.
"""

from redis.exceptions import RedisError

from quote_service.domain.errors import Unavailable
from quote_service.redis_store.connection import RedisClient


async def ping_redis(client: RedisClient) -> None:
    """Return when Redis answers.

    Raises:
        Unavailable: It does not, within the client's own time limits.
    """
    try:
        await client.execute_command("PING")
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("Redis cannot be reached") from failure
