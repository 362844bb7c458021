"""A price over time, in stretches of equal length.

Source: docs/spec/catalog.md#price-history.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from quote_service.shop.catalog.model.price_changes import Bucket, PriceBucket
from quote_service.shop.catalog.model.prices import price_number

WIDTHS: dict[Bucket, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


class Moved(NamedTuple):
    """What the moves within one stretch came to.

    `lowest`, `highest` and `last` are None where the item was only taken off sale in it; `is_sold`: at the end of the
    stretch; `is_at_start`: the first move came at the very beginning, so that the price before was not in force.
    """

    lowest: Decimal | None
    highest: Decimal | None
    last: Decimal | None
    is_sold: bool
    is_at_start: bool


def chart_of(
    moves: Mapping[int, Moved], before: Decimal | None, begin: datetime, end: datetime, bucket: Bucket, currency: str
) -> list[PriceBucket]:
    """The stretches from `begin` to `end` in which there was a price.

    Args:
        moves: By the number of the stretch, from 0.
        before: The price in force before `begin`; None where there was none.
        begin: Of the first stretch.
        end: The last stretch begins before this.
        bucket: Length of a stretch.
        currency: Of the prices.
    """
    buckets = []
    in_force, place, start = before, 0, begin
    while start < end:
        moved = moves.get(place)
        prices = [] if in_force is None or (moved is not None and moved.is_at_start) else [in_force]
        last = in_force
        if moved is not None:
            prices += [price for price in (moved.lowest, moved.highest) if price is not None]
            last = in_force if moved.last is None else moved.last
            in_force = last if moved.is_sold else None
        if prices and last is not None:
            buckets.append(
                PriceBucket(
                    from_=start,
                    min_price=price_number(min(prices), currency),
                    max_price=price_number(max(prices), currency),
                    last_price=price_number(last, currency),
                )
            )
        place, start = place + 1, start + WIDTHS[bucket]
    return buckets
