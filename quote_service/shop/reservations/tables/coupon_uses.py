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
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.reservations.model.rule_terms import UseKey
from quote_service.shop.reservations.model.used_coupon import UsedCoupon

STATEMENTS = Statements(__file__, "coupon_uses")


class CouponUse(NamedTuple):
    """A coupon that a quote has used."""

    quote_id: UUID
    rule_name: str
    code: str
    customer_id: UUID | None


@STATEMENTS.query()
async def count_uses(connection: Connection, more: Mapping[UseKey, int]) -> dict[UseKey, int]:
    """Count so many uses more (0 and up), and answer the counts, held until the transaction ends."""


@STATEMENTS.query()
async def uncount_uses(connection: Connection, fewer: Mapping[UseKey, int]) -> None:
    """Take uses off counts that are held."""


@STATEMENTS.query()
async def record_uses(connection: Connection, uses: Sequence[CouponUse], used_at: datetime) -> None:
    """Note which quotes used which coupons."""


@STATEMENTS.query()
async def uses_of_quotes(connection: Connection, quote_ids: Collection[UUID]) -> list[UseKey]:
    """The uses of these quotes that have not been given back, by customer."""


@STATEMENTS.query()
async def return_uses(connection: Connection, quote_ids: Collection[UUID], at: datetime) -> None:
    """Mark what these quotes have used as given back."""


@STATEMENTS.query()
async def record_exhaustions(connection: Connection, counts: Mapping[UseKey, int]) -> None:
    """Notify the rulebook of counts that are held."""


@STATEMENTS.query()
async def correct_exhaustions(connection: Connection, counts: Mapping[UseKey, int]) -> None:
    """Notify the rulebook of these counts where it knows others; its lock is held."""


@STATEMENTS.query()
async def counts_and_recorded(connection: Connection, keys: Collection[UseKey]) -> dict[UseKey, tuple[int, int | None]]:
    """Counts as they are now, and as the rulebook has been notified of them; nothing is held."""


@STATEMENTS.query()
async def uses_by_quote(connection: Connection, quote_ids: Collection[UUID]) -> list[tuple[UUID, UsedCoupon]]:
    """The coupons that quotes have used, by quote and rule."""


@STATEMENTS.query()
async def forget_users(connection: Connection, quote_ids: Collection[UUID]) -> None:
    """Take the customers out of the uses of these quotes."""
