"""Single commands to Redis behind a breaker, with the driver's errors translated."""

from typing import Any

from redis.exceptions import RedisError

from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.system.errors import Unavailable


class GuardedCommands:
    """Commands that are sent one by one, and not at all while the breaker is open."""

    __slots__ = ("_breaker", "_client")

    def __init__(self, client: RedisClient, breaker: Breaker) -> None:
        self._client = client
        self._breaker = breaker

    async def send(self, *command: Any) -> Any:
        """Send one command, and answer what Redis does.

        Raises:
            Unavailable: Redis gave no answer, or is not waited for.
        """
        if not self._breaker.allows():
            raise Unavailable("Redis cannot be reached")
        try:
            answer = await self._client.execute_command(*command)
        except (RedisError, OSError, TimeoutError) as failure:
            self._breaker.failed()
            raise Unavailable("Redis cannot be reached") from failure
        except BaseException:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return answer
