"""How often coupons were used: one counter for each coupon, and one for each coupon and customer.

A limit is kept by the lock on its counter's row: whoever counts waits for whoever counted before, and is told of the
count as it is then. Counters are taken in one order, so that two with the same coupons cannot wait for each other.

Source: docs/spec/pricing-rules.md#coupons.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.shop.reservations.model.rule_terms import UseKey
from quote_service.shop.reservations.model.used_coupon import UsedCoupon

_QUERIES = load_queries(__file__, "coupon_uses")
_COUNT = _QUERIES["count_uses"]
_UNCOUNT = _QUERIES["uncount_uses"]
_INSERT = _QUERIES["insert_uses"]
_OF_QUOTES = _QUERIES["uses_of_quotes"]
_RETURN = _QUERIES["return_uses"]
_TELL = _QUERIES["tell_exhaustions"]
_BY_QUOTE = _QUERIES["uses_by_quote"]
_FORGET_USERS = _QUERIES["forget_users"]
_COUNTED = _QUERIES["counted_and_told"]
_CORRECT = _QUERIES["correct_exhaustions"]


class CouponUse(NamedTuple):
    """A coupon that a quote has used."""

    quote_id: UUID
    rule_name: str
    code: str
    customer_id: UUID | None


async def count_uses(connection: Connection, more: Mapping[UseKey, int]) -> dict[UseKey, int]:
    """Count so many uses more (0 and up), and answer the counts, held until the transaction ends."""
    rows = await connection.fetch(_COUNT, *_columns(more))
    return {UseKey(row["rule_name"], row["customer_id"]): row["uses"] for row in rows}


async def uncount_uses(connection: Connection, fewer: Mapping[UseKey, int]) -> None:
    """Take uses off counts that are held."""
    await connection.execute(_UNCOUNT, *_columns(fewer))


async def record_uses(connection: Connection, uses: Sequence[CouponUse], used_at: datetime) -> None:
    """Note which quotes used which coupons."""
    await connection.execute(_INSERT, *(list(column) for column in zip(*uses, strict=True)), used_at)


async def uses_of_quotes(connection: Connection, quote_ids: Collection[UUID]) -> list[UseKey]:
    """The uses of these quotes that have not been given back, by customer."""
    return [UseKey(*row) for row in await connection.fetch(_OF_QUOTES, quote_ids)]


async def return_uses(connection: Connection, quote_ids: Collection[UUID], at: datetime) -> None:
    """Mark what these quotes have used as given back."""
    await connection.execute(_RETURN, quote_ids, at)


async def tell_exhaustions(connection: Connection, counts: Mapping[UseKey, int]) -> None:
    """Tell the rulebook of counts that are held."""
    await connection.execute(_TELL, *_columns(counts))


async def correct_exhaustions(connection: Connection, counts: Mapping[UseKey, int]) -> None:
    """Tell the rulebook of these counts where it has been told of others; its lock is held."""
    await connection.execute(_CORRECT, *_columns(counts))


async def counts_and_told(connection: Connection, keys: Collection[UseKey]) -> dict[UseKey, tuple[int, int | None]]:
    """Counts as they are now, and as the rulebook has been told of them; nothing is held."""
    rows = await connection.fetch(_COUNTED, [key.rule_name for key in keys], [key.customer_id for key in keys])
    return {UseKey(rule_name, customer_id): (uses, told) for rule_name, customer_id, uses, told in rows}


async def uses_by_quote(connection: Connection, quote_ids: Collection[UUID]) -> list[tuple[UUID, UsedCoupon]]:
    """The coupons that quotes have used, by quote and rule."""
    return [(quote_id, UsedCoupon(*use)) for quote_id, *use in await connection.fetch(_BY_QUOTE, quote_ids)]


async def forget_users(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Take the customers out of the uses of these quotes."""
    await connection.execute(_FORGET_USERS, quote_ids)


def _columns(counts: Mapping[UseKey, int]) -> tuple[list[str], list[UUID | None], list[int]]:
    return [key.rule_name for key in counts], [key.customer_id for key in counts], list(counts.values())
