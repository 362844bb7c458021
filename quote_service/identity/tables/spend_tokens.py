"""The token buckets of callers, as all workers share them: what each has given away is settled in batches.

Source: docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any, NamedTuple

from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError, RedisError

from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.redis_store.keys import rate_key
from quote_service.platform.system.errors import Unavailable

_SCRIPT = (Path(__file__).parent / "lua" / "spend_tokens.lua").read_text()
_SCRIPT_SHA = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_MICRO = 1_000_000


class Spending(NamedTuple):
    """What a worker has given away of one caller's bucket since it last settled, and what bucket that is."""

    caller_id: str
    size_tokens: int
    refill_per_second: int
    spent_tokens: int


async def spend_tokens(client: RedisClient, spendings: Sequence[Spending]) -> list[float]:
    """Settle, and learn how many tokens each bucket has left; below 0 is a debt.

    Raises:
        Unavailable: Redis did not answer. It may have been settled all the same, so it is not tried again.
    """
    try:
        if isinstance(client, RedisCluster):
            # The keys lie in many slots, which no one script may touch.
            replies = await asyncio.gather(*(_ask(client, [spending]) for spending in spendings))
            lefts = [left for reply in replies for left in reply]
        else:
            lefts = await _ask(client, spendings)
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("Redis cannot be reached") from failure
    return [left_micro / _MICRO for left_micro in lefts]


async def _ask(client: RedisClient, spendings: Sequence[Spending]) -> list[int]:
    arguments: list[Any] = [len(spendings), *(rate_key(spending.caller_id) for spending in spendings)]
    for spending in spendings:
        arguments += spending[1:]
    try:
        return list(await client.execute_command("EVALSHA", _SCRIPT_SHA, *arguments))
    except NoScriptError:  # a server that has just started
        return list(await client.execute_command("EVAL", _SCRIPT, *arguments))
