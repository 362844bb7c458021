"""Whether a Redis can be used at all, in words for whoever set it up.

Source: docs/spec/operations.md#production.
"""

from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError, ResponseError

from quote_service.redis_store.connection import open_redis

_WAIT_MS = 5000


async def why_no_answer(url: str) -> str | None:
    """Why Redis does not answer at this URL; None if it does. Holds nothing of the URL."""
    client = open_redis(url, _WAIT_MS)
    try:
        await client.execute_command("PING")
    except (AuthenticationError, AuthorizationError):
        return "is refused: the user or the password is wrong, or none is given"
    except NoPermissionError:
        return "names a user that may do nothing"
    except ResponseError:
        return "is refused by Redis (has it this database?)"
    except (RedisError, OSError, TimeoutError):
        return f"leads to nothing that answers as Redis within {_WAIT_MS // 1000} s"
    finally:
        await client.aclose()
    return None
