"""How often coupons were used: one counter for each coupon, and one for each coupon and customer.

A limit is kept by the lock on its counter's row: whoever counts waits for whoever counted before, and is told of the
limit as it is then. Counters are taken in one order (by coupon; all customers before the one), so that two quotes with
the same coupons cannot wait for each other.

Source: docs/spec/pricing-rules.md#coupons.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.documents.exact_documents import convert_exact, parse_exact
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.pricing.rule_types.coupon import Coupon
from quote_service.pricing.rulebook.rule import normalised_configuration

_QUERIES = load_queries(__file__, "coupon_uses")
_VERSIONS = _QUERIES["versions_of_coupons"]
_INSERT_USE = _QUERIES["insert_use"]
_COUNT_USE = _QUERIES["count_use"]
_TELL = _QUERIES["tell_exhaustion"]
_UNTOLD = _QUERIES["untold_exhaustions"]


class CouponVersion(msgspec.Struct, frozen=True):
    """One version of a coupon, as far as its limits go."""

    id: str
    name: str
    version: int
    is_active: bool
    coupon: Coupon


async def versions_of_coupons(connection: Connection, rule_ids: tuple[str, ...]) -> list[CouponVersion]:
    """All versions of the coupons that have these versions, by name and version."""
    rows = await connection.fetch(_VERSIONS, [UUID(rule_id) for rule_id in rule_ids])
    return [
        CouponVersion(
            row["id"],
            row["name"],
            row["version"],
            row["is_active"],
            convert_exact(normalised_configuration(parse_exact(row["configuration"])), Coupon),
        )
        for row in rows
    ]


async def record_use(connection: Connection, quote_id: UUID, rule_name: str, code: str, used_at: datetime) -> None:
    """Note which accepted quote used a coupon."""
    await connection.execute(_INSERT_USE, quote_id, rule_name, code, used_at)


async def count_use(connection: Connection, rule_name: str, customer_id: UUID | None, limit: int | None) -> int | None:
    """Count one use more, of all customers (None) or of one; the new count, or None where the limit is reached."""
    uses: int | None = await connection.fetchval(_COUNT_USE, rule_name, customer_id, limit)
    return uses


async def tell_exhaustion(connection: Connection, rule_name: str, customer_id: UUID | None, uses: int) -> None:
    """Tell the rulebook that a count has reached a limit."""
    await connection.execute(_TELL, rule_name, customer_id, uses)


async def untold_exhaustions(
    connection: Connection, rule_name: str, customer_id: UUID, limit: int | None, limit_per_customer: int | None
) -> list[tuple[UUID | None, int]]:
    """Counts that have reached these limits without the rulebook knowing: whose (None for all), and how many."""
    rows = await connection.fetch(_UNTOLD, rule_name, customer_id, limit, limit_per_customer)
    return [(None if row["customer_id"] is None else UUID(row["customer_id"]), row["uses"]) for row in rows]
