"""Read what demand is learnt from: days of sales, and what was known on each of competitors, costs and shoppers.

Source: docs/spec/price-decisions.md#models.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.intelligence.behaviour.operations.read_behaviour import behaviour_by_day
from quote_service.intelligence.competitors.model.found_offers import NOT_SOLD
from quote_service.intelligence.competitors.operations.compare_prices import PastPrice, prices_of_past
from quote_service.intelligence.price_decisions.model.learn_panel import LEAST_ROWS
from quote_service.intelligence.price_decisions.model.sales_days import (
    BEHAVIOUR_DAYS,
    KNOWN_AFTER_DAYS,
    RivalStep,
    behaviour_before,
    costs_by_day,
    lowest_rivals,
)
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.intelligence.price_decisions.tables.sold import (
    PricedProduct,
    SoldDay,
    costs_of_past,
    priced_products,
    sold_days,
)
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection

_PRODUCTS_AT_ONCE = 500
_NOT_NEW = ("used", "refurbished", "damaged")


class LearningTerms(NamedTuple):
    """What settings say of learning.

    Attributes:
        days: Of sales that are looked at.
        interval_seconds: From one version to the next.
        zone: Of the days of reports.
        with_behaviour: Whether what shoppers did may be learnt from.
    """

    days: int = 365
    interval_seconds: float = 86_400.0
    zone: str = "UTC"
    with_behaviour: bool = False


class Behaviour(NamedTuple):
    """Views and carts of products by day, and the first day on which anything was counted of any."""

    days: Mapping[UUID, Mapping[date, tuple[int, int]]]
    first: date | None

    def before(self, product_id: UUID, day: date) -> tuple[float, ...]:
        """What was known of a product when a day began; NaN where nothing was."""
        return behaviour_before(self.days.get(product_id, {}), day, self.first)


class Sales(NamedTuple):
    """Products with enough days of sales, these days, and what was known on them; `behaviour` is None where it is not asked for."""

    items: list[Item]
    prices: list[PricedProduct]
    days: list[list[SoldDay]]
    rivals: list[dict[date, float]]
    costs: list[dict[date, float]]
    behaviour: Behaviour | None
    last_day: date


async def read_sales(
    connection: Connection, terms: LearningTerms, now: datetime, reported: Sequence[SoldDay] | None = None
) -> Sales:
    """Everything to learn from, up to the last day that is over.

    Args:
        connection: On one state of the database.
        terms: Of the settings.
        now: By PostgreSQL's clock.
        told: What was sold by product, currency and day, where reports do not have it yet.
    """
    zone = ZoneInfo(terms.zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=terms.days)
    since, until = _begin(first, zone), _begin(today, zone)
    days_sold = await sold_days(connection, since, until, terms.zone) if reported is None else reported
    sold = {
        (product_id, currency): list(days)
        for (product_id, currency), days in groupby(days_sold, key=lambda day: (day.product_id, day.currency))
    }
    prices = await priced_products(connection, list({item[0] for item in sold}))
    items = [
        item
        for item, days in sold.items()
        if len(days) >= LEAST_ROWS and item in prices and prices[item].current_minor > 0
    ]
    ends = [(day, _begin(day + timedelta(days=1), zone)) for day in _days(first, today)]
    rivals = await _read_rivals(connection, items, since, until, ends)
    costs = await costs_of_past(connection, list({item[0] for item in items}), until)
    return Sales(
        items,
        [prices[item] for item in items],
        [sold[item] for item in items],
        [rivals.get(item, {}) for item in items],
        [costs_by_day(costs.get(item, ()), ends) for item in items],
        await _read_behaviour(connection, items, first, today, zone) if terms.with_behaviour else None,
        today - timedelta(days=1),
    )


async def _read_rivals(
    connection: Connection,
    items: Sequence[Item],
    since: datetime,
    until: datetime,
    ends: Sequence[tuple[date, datetime]],
) -> dict[Item, dict[date, float]]:
    found: dict[Item, dict[date, float]] = {}
    ids = sorted({item[0] for item in items})
    for begin in range(0, len(ids), _PRODUCTS_AT_ONCE):
        steps: dict[Item, list[RivalStep]] = defaultdict(list)
        for price in await prices_of_past(connection, ids[begin : begin + _PRODUCTS_AT_ONCE], since, until):
            if price.variant_id is None:
                steps[price.product_id, price.currency].append(_step(price))
        found.update((item, lowest_rivals(of_item, ends)) for item, of_item in steps.items())
    return found


async def _read_behaviour(
    connection: Connection, items: Sequence[Item], first: date, today: date, zone: ZoneInfo
) -> Behaviour:
    since = _begin(first - timedelta(days=KNOWN_AFTER_DAYS + BEHAVIOUR_DAYS), zone)
    days: dict[UUID, dict[date, tuple[int, int]]] = defaultdict(dict)
    ids = sorted({item[0] for item in items})
    for begin in range(0, len(ids), _PRODUCTS_AT_ONCE):
        some = ids[begin : begin + _PRODUCTS_AT_ONCE]
        for row in await behaviour_by_day(connection, some, since, _begin(today, zone), zone.key):
            days[row.product_id][row.day] = (row.views, row.carts)
    return Behaviour(days, min((day for known in days.values() for day in known), default=None))


def _step(price: PastPrice) -> RivalStep:
    fits = (
        price.price is not None
        and price.doubted_reason is None
        and price.availability not in NOT_SOLD
        and price.condition not in _NOT_NEW
    )
    scale = Decimal(10) ** EXPONENTS.get(price.currency, 2)
    # A statistic from here on: it moves no price but through the list that the optimiser chooses from.
    each = float(price.price * scale / price.units) if fits and price.price is not None else None
    return RivalStep(price.listing_id, price.observed_at, each)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time_of_day(), zone).astimezone(UTC)


def _days(first: date, until: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((until - first).days)]
