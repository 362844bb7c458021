"""Whether a Redis can be used at all, in words for whoever set it up.

Source: docs/spec/operations.md#production.
"""

from collections.abc import Iterable, Iterator

from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError, ResponseError

from quote_service.platform.redis_store.connection import RedisClient, open_redis
from quote_service.platform.redis_store.needed_commands import Command, Needed
from quote_service.platform.system.tls_faults import why_no_tls

_WAIT_MS = 5000


async def why_no_answer(url: str, needed: Iterable[Needed]) -> str | None:
    """Why Redis is of no use at this URL for what is needed of it; None if it is. Holds nothing of the URL."""
    client = open_redis(url, _WAIT_MS)
    try:
        await client.execute_command("PING")
        for each in needed:
            for alternatives in each.commands:
                refusals = [await _refusal(client, each, command) for command in alternatives]
                if None not in refusals:
                    return refusals[-1]
    except (AuthenticationError, AuthorizationError):
        return "is refused: the user or the password is wrong, or none is given"
    except NoPermissionError:
        return "names a user that may not use the command PING (Redis ACL)"
    except ResponseError:
        return "is refused by Redis (has it this database?)"
    except (RedisError, OSError, TimeoutError) as failure:
        if any(isinstance(cause, FileNotFoundError) and url.startswith("rediss") for cause in _causes(failure)):
            return "names a file by ssl_ca_certs, ssl_certfile or ssl_keyfile that is not there"
        return why_no_tls(failure) or f"leads to nothing that answers as Redis within {_WAIT_MS // 1000} s"
    finally:
        await client.aclose()
    return None


async def _refusal(client: RedisClient, needed: Needed, command: Command) -> str | None:
    """Why a command can never be used; what it finds nothing for, or has no memory for at present, could be."""
    try:
        await client.execute_command(*command)
    except NoPermissionError as refused:
        about = f"the keys of {needed.subject}" if "to access" in str(refused) else f"the command {command[0]}"
        return f"names a user that may not use {about} (Redis ACL)"
    except ResponseError as refused:
        return "leads to a replica, which takes no changes" if str(refused).startswith("READONLY") else None
    return None


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__
