"""What the bus on Redis has of the driver: errors as ours, ids as instants.

Source: docs/spec/event-bus.md#redis-streams.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError, ResponseError

from quote_service.platform.system.errors import Unavailable


async def answer_of(asked: Awaitable[Any], *, otherwise: Callable[[ResponseError], bool] | None = None) -> Any:
    """What Redis answers; None for an error that `otherwise` holds for.

    Raises:
        Unavailable: Redis gave no answer, or refused.
    """
    try:
        return await asked
    except ResponseError as refusal:
        if otherwise is not None and otherwise(refusal):
            return None
        raise Unavailable(f"The event bus refused: {refusal}") from refusal
    except (RedisError, OSError, TimeoutError) as failure:
        raise Unavailable("The event bus cannot be reached") from failure


def is_missing(refusal: ResponseError) -> bool:
    """The stream, or the group, is not there: new, or lost with what Redis held."""
    text = str(refusal)
    return text.startswith(("NOGROUP", "UNBLOCKED")) or "no such key" in text or "requires the key to exist" in text


def exists(refusal: ResponseError) -> bool:
    """The group is there already."""
    return str(refusal).startswith("BUSYGROUP")


def entry_at(entry_id: bytes) -> datetime:
    """When an entry was added, by its id."""
    return datetime.fromtimestamp(int(entry_id.partition(b"-")[0]) / 1000, UTC)
