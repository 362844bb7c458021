"""What competitors charge for our products now, and what they charged: for pages, and for the subjects above.

Source: docs/spec/competitors.md#comparable-prices.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from quote_service.intelligence.competitors.model.found_offers import NOT_SOLD, Condition
from quote_service.intelligence.competitors.model.listings import ComparablePrice
from quote_service.intelligence.competitors.tables.competitors import plain
from quote_service.intelligence.competitors.tables.listings import amount
from quote_service.intelligence.competitors.tables.offers import (
    PastPrice,
    PriceNow,
    doubt_observation,
    history_of_products,
    observations_by_id,
    prices_now,
)
from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.platform.money.numbers import scale_decimal, written_number
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.model.prices import price_number

__all__ = [
    "PastPrice",
    "comparable_micro",
    "doubt_observation",
    "observations_by_id",
    "prices_of_competitors",
    "prices_of_past",
]


_NOT_NEW: frozenset[Condition] = frozenset({"used", "refurbished", "damaged"})


async def prices_of_competitors(
    connection: Connection,
    product_ids: Sequence[UUID],
    *,
    currency: str | None = None,
    competitor_id: UUID | None = None,
) -> list[ComparablePrice]:
    """The newest price of every listing that is matched to one of the products, and whether it may be compared.

    What decides something takes those whose `not_comparable` is empty, and no others: they are fresh, not doubted, of new
    goods that can be bought, and from sources that are watched.

    Args:
        connection: To read with.
        product_ids: Ours; variants come with their products.
        currency: Only prices in this currency; nothing is converted.
        competitor_id: Only prices of this competitor.
    """
    return [_comparable(row) for row in await prices_now(connection, product_ids, currency, competitor_id)]


async def prices_of_past(
    connection: Connection, product_ids: Sequence[UUID], since: datetime, until: datetime
) -> list[PastPrice]:
    """What was observed of listings that are matched to the products now, from `since` to before `until`.

    A price holds from its `observed_at` until the next one of its listing. Amounts are of one unit of theirs: divide by
    `units` to compare. What is doubted is told with its reason.
    """
    return await history_of_products(connection, product_ids, since, until)


def comparable_micro(past: PastPrice) -> int | None:
    """What one unit of ours cost in millionths of a major unit; None where it was not sold, not new, or had no price.

    Whether it was doubted is not asked.
    """
    if past.price is None or past.availability in NOT_SOLD or past.condition in _NOT_NEW:
        return None
    return scale_decimal(_of_one_unit(past.price, past.units), FACTOR_PLACES)


def _comparable(row: PriceNow) -> ComparablePrice:
    against = list(_reasons(row))
    price, shipping = (None if text is None else Decimal(text) for text in (row.price, row.shipping))
    units = Decimal(row.units)
    each = None if price is None or against else _of_one_unit(price, units)
    delivered = None if price is None or shipping is None or against else _of_one_unit(price + shipping, units)
    return ComparablePrice(
        listing_id=row.listing_id,
        competitor_id=row.competitor_id,
        competitor=row.competitor,
        product_id=row.product_id,
        variant_id=row.variant_id,
        currency=row.currency,
        price=amount(row.price, row.currency),
        units=written_number(plain(row.units)),
        comparable_price=None if each is None else price_number(each, row.currency),
        comparable_delivered_price=None if delivered is None else price_number(delivered, row.currency),
        not_comparable=against,
        availability=row.availability,
        url=row.url,
        outcome=row.outcome,
        observed_at=row.observed_at,
        confirmed_at=row.confirmed_at,
    )


def _reasons(row: PriceNow) -> list[str]:
    reported = {
        "source_disabled": not row.is_watched,
        "stale": not row.is_fresh,
        "doubted": row.is_doubted,
        "not_sold": row.availability in NOT_SOLD,
        "not_new": row.condition in _NOT_NEW,
        "no_price": row.price is None,
    }
    return [reason for reason, holds in reported.items() if holds]


def _of_one_unit(price: Decimal, units: Decimal) -> Decimal:
    """The price of one unit of ours in millionths, rounded once: 5.99 for 6 is 0.998333."""
    micro = round_half_away(scale_decimal(price, FACTOR_PLACES) * MICRO, scale_decimal(units, FACTOR_PLACES))
    return Decimal(micro).scaleb(-FACTOR_PLACES)
