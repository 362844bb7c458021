"""How an item stands in Redis, for the figures of the service: cheaper than what upkeep asks, and changing nothing.

Source: docs/spec/operations.md#metrics.
"""

from pathlib import Path
from typing import Any, NamedTuple, cast

from redis.exceptions import RedisError

from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.errors import Unavailable

_SCRIPT = (Path(__file__).parent / "lua" / "item_load.lua").read_text("utf-8")


class ItemLoad(NamedTuple):
    """Units that can be had (None: it is not there), entries that wait, and how long the oldest has by Redis's clock."""

    stock: int | None
    waiting: int
    oldest_seconds: float


async def read_item_load(client: RedisClient, item_id: int) -> ItemLoad:
    """Look at one item.

    Raises:
        Unavailable: Redis gave no answer.
    """
    keys = item_keys(item_id)
    try:
        stock, waiting, oldest_ms = await cast("Any", client).execute_command("EVAL", _SCRIPT, 2, keys[0], keys[5])
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("The stock cannot be reached", retry_after_seconds=1) from failure
    return ItemLoad(None if stock < 0 else stock, waiting, oldest_ms / 1000)
