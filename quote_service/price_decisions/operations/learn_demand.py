"""Learn demand from what was sold, and keep it as a version. Runs in a process of its own.

Source: docs/spec/price-decisions.md#models.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.competitors.operations.compare_prices import PastPrice, prices_of_past
from quote_service.competitors.words.found_offers import NOT_SOLD
from quote_service.money.currencies import EXPONENTS
from quote_service.postgres.pool import Connection, Database
from quote_service.price_decisions.tables.facts import Item, database_now
from quote_service.price_decisions.tables.models import NewModel, insert_model, newest_model
from quote_service.price_decisions.tables.sold import (
    PricedProduct,
    SoldDay,
    learning_alone,
    priced_products,
    sold_days,
)
from quote_service.price_decisions.words.facts import Learned
from quote_service.price_decisions.words.learn_panel import (
    LEAST_ROWS,
    LearntPanel,
    PanelItem,
    learn_from_sales,
    libraries,
)
from quote_service.price_decisions.words.sales_days import RivalStep, SaleRow, lowest_rivals
from quote_service.system.new_ids import new_id

_PRODUCTS_AT_ONCE = 500
_NOT_NEW = ("used", "refurbished", "damaged")


class LearningTerms(NamedTuple):
    """What settings say of learning.

    Attributes:
        days: Of sales that are looked at.
        interval_seconds: From one version to the next.
        zone: Of the days of reports.
    """

    days: int = 365
    interval_seconds: float = 86_400.0
    zone: str = "UTC"


class _Sales(NamedTuple):
    """Products with enough days of sales, and these days."""

    items: list[Item]
    prices: list[PricedProduct]
    days: list[list[SoldDay]]
    rivals: list[dict[date, float]]
    last_day: date


async def learn_if_due(database: Database, terms: LearningTerms) -> UUID | None:
    """Learn where it is time, and nobody else does.

    Returns:
        The new version; None where it is not time, somebody else learns, or nothing was sold to learn from.

    Raises:
        Unavailable: PostgreSQL is away. Nothing is kept, and the next process learns anew.
    """
    async with database.read() as alone, learning_alone(alone) as is_alone:
        if not is_alone:
            return None
        async with database.snapshot() as connection:
            newest = await newest_model(connection)
            if newest is not None and newest.age_seconds < terms.interval_seconds:
                return None
            now = await database_now(connection)
            sales = await _read_sales(connection, terms, now)
        if not sales.items:
            return None
        started = time.monotonic()
        learnt = _learn(sales, "" if newest is None else newest.champion)
        new = _model(sales, learnt, now, time.monotonic() - started)
        async with database.transaction() as connection:
            await insert_model(connection, new)
        return new.id


async def _read_sales(connection: Connection, terms: LearningTerms, now: datetime) -> _Sales:
    zone = ZoneInfo(terms.zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=terms.days)
    since, until = _begin(first, zone), _begin(today, zone)
    sold = {
        (product_id, currency): list(days)
        for (product_id, currency), days in groupby(
            await sold_days(connection, since, until, terms.zone), key=lambda day: (day.product_id, day.currency)
        )
    }
    prices = await priced_products(connection, list({item[0] for item in sold}))
    items = [
        item
        for item, days in sold.items()
        if len(days) >= LEAST_ROWS and item in prices and prices[item].current_minor > 0
    ]
    ends = [(day, _begin(day + timedelta(days=1), zone)) for day in _days(first, today)]
    rivals = await _read_rivals(connection, items, since, until, ends)
    return _Sales(
        items,
        [prices[item] for item in items],
        [sold[item] for item in items],
        [rivals.get(item, {}) for item in items],
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


def _learn(sales: _Sales, reigning: str) -> LearntPanel:
    rows = [
        SaleRow(
            item=number,
            day=sold.day.toordinal(),
            units=sold.units,
            price_minor=sold.gross_minor / sold.units,
            discount=min(1.0, max(0.0, sold.discount_minor / sold.gross_minor)),
            rival_minor=sales.rivals[number].get(sold.day),
        )
        for number, days in enumerate(sales.days)
        for sold in days
    ]
    items = [
        PanelItem(str(item[0]), f"{price.category} {item[1]}", price.current_minor, rivals.get(sales.last_day))
        for item, price, rivals in zip(sales.items, sales.prices, sales.rivals, strict=True)
    ]
    return learn_from_sales(rows, items, sales.last_day.toordinal(), reigning)


def _model(sales: _Sales, learnt: LearntPanel, now: datetime, seconds: float) -> NewModel:
    model_id = UUID(new_id())
    return NewModel(
        id=model_id,
        created_at=now,
        learned_from=min(days[0].day for days in sales.days),
        learned_until=sales.last_day,
        rows=sum(len(days) for days in sales.days),
        champion=learnt.champion,
        trials=learnt.trials,
        uses_behaviour=False,
        seconds=seconds,
        learned_with=libraries(),
        products={
            item: Learned(model_id, price.current_minor, units, elasticity)
            for item, price, units, elasticity in zip(
                sales.items, sales.prices, learnt.units_a_day, learnt.elasticities, strict=True
            )
        },
    )


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time_of_day(), zone).astimezone(UTC)


def _days(first: date, until: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((until - first).days)]
