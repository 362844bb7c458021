"""How decided prices performed against the prices people last confirmed.

Source: docs/spec/price-experiments.md#performance.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.intelligence.price_experiments.model.performance import (
    CurrencyPerformance,
    DayImpact,
    Impact,
    ModeImpact,
    PerformanceFilters,
    PricePerformance,
    SoldUnits,
    impact_of,
)
from quote_service.intelligence.price_experiments.tables.performance import SoldAtPrice, sold_at_decided_prices
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.periods import require_reach

_DAYS = 30
_UTC = ZoneInfo("UTC")
_DAYS_MAX = 366


async def price_performance(
    connection: Connection,
    filters: PerformanceFilters,
    now: datetime,
    period: tuple[datetime | None, datetime | None] = (None, None),
    zone: ZoneInfo = _UTC,
) -> PricePerformance:
    """The performance.

    Args:
        connection: On one state of the database.
        filters: Which sales.
        now: The present.
        period: The ends that the filters name, where they do.
        zone: Whose days are told.

    Raises:
        Invalid: `from` is not before `to`, or too far before it, or either is too far away.
    """
    since, until = period
    require_reach(since, until)
    end = until or now
    begin = since or end - timedelta(days=_DAYS)
    if begin >= end:
        raise Invalid.at("/query/from", "is not before `to`")
    if end - begin > timedelta(days=_DAYS_MAX):
        raise Invalid.at("/query/from", f"is more than {_DAYS_MAX} days before `to`")
    rows = await sold_at_decided_prices(connection, begin, end, filters.currency, filters.product_id, zone.key)
    by_currency: dict[str, list[SoldAtPrice]] = defaultdict(list)
    for row in rows:
        by_currency[row.currency].append(row)
    return PricePerformance(
        from_=begin,
        to=end,
        time_zone=zone.key,
        currencies=[_of_currency(name, found) for name, found in sorted(by_currency.items())],
    )


def _of_currency(currency: str, rows: list[SoldAtPrice]) -> CurrencyPerformance:
    exponent = rows[0].exponent
    by_mode: dict[str, list[SoldAtPrice]] = defaultdict(list)
    by_day: dict[date, list[SoldAtPrice]] = defaultdict(list)
    decisions: set[UUID] = set()
    products: set[UUID] = set()
    for row in rows:
        by_mode[row.mode].append(row)
        by_day[row.day].append(row)
        decisions.add(row.id)
        products.add(row.product_id)
    return CurrencyPerformance(
        currency=currency,
        decisions=len(decisions),
        products=len(products),
        totals=Impact(**_impact(rows, exponent)),
        modes=[ModeImpact(mode=mode, **_impact(found, exponent)) for mode, found in sorted(by_mode.items())],
        days=[DayImpact(day=day, **_impact(found, exponent)) for day, found in sorted(by_day.items())],
    )


def _impact(rows: Iterable[SoldAtPrice], exponent: int) -> dict[str, Any]:
    return impact_of((_sold(row) for row in rows), exponent)


def _sold(row: SoldAtPrice) -> SoldUnits:
    return SoldUnits(
        units=row.units,
        revenue_minor=row.revenue_minor,
        price_minor=row.price_minor,
        confirmed_minor=row.confirmed_minor,
        cost_minor=row.cost_minor,
        elasticities=_elasticities(row),
    )


def _elasticities(row: SoldAtPrice) -> tuple[float, float, float] | None:
    if row.mean is None or row.low is None or row.high is None:
        return None
    return row.mean, row.low, row.high
