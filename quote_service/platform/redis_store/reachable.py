"""Whether a Redis can be used at all, in words for whoever set it up.

Source: docs/spec/operations.md#production.
"""

from collections.abc import Iterator
from typing import Any

from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError, ResponseError

from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.redis_store.keys import quote_key
from quote_service.platform.system.tls_faults import why_no_tls

_WAIT_MS = 5000
_Command = tuple[Any, ...]
_PROBE = quote_key(0)
# What quotes, limits and flash sales need: a value with an expiry, a script, a stream. The last leaves nothing behind.
_ASKED: tuple[_Command, ...] = (
    ("PING",),
    ("SET", _PROBE, b"", "PX", 1000, "NX", "GET"),
    ("EVAL", "return redis.call('EXISTS', KEYS[1])", 1, _PROBE),
    ("SCRIPT LOAD", "return 1"),
    ("DEL", _PROBE),
    ("XADD", _PROBE, "MAXLEN", 1, "*", "probe", ""),
    ("DEL", _PROBE),
)


async def why_no_answer(url: str) -> str | None:
    """Why Redis is of no use at this URL; None if it is. Holds nothing of the URL."""
    client = open_redis(url, _WAIT_MS)
    asked: _Command = ("PING",)
    try:
        for asked in _ASKED:
            await client.execute_command(*asked)
    except (AuthenticationError, AuthorizationError):
        return "is refused: the user or the password is wrong, or none is given"
    except NoPermissionError as refused:
        return f"names a user that may not use {_refused_by(refused, asked)} (Redis ACL)"
    except ResponseError as refused:
        if str(refused).startswith("READONLY"):
            return "leads to a replica, which takes no changes"
        return "is refused by Redis (has it this database?)"
    except (RedisError, OSError, TimeoutError) as failure:
        if any(isinstance(cause, FileNotFoundError) and url.startswith("rediss") for cause in _causes(failure)):
            return "names a file by ssl_ca_certs, ssl_certfile or ssl_keyfile that is not there"
        return why_no_tls(failure) or f"leads to nothing that answers as Redis within {_WAIT_MS // 1000} s"
    finally:
        await client.aclose()
    return None


def _refused_by(refused: NoPermissionError, asked: _Command) -> str:
    return "the keys of quotes" if "key" in str(refused).lower() else f"the command {asked[0]!s}"


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__
