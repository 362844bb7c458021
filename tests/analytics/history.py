"""A history of quotes and orders in the rollups, partly not folded yet, and the same figures added up one by one.

Source: docs/spec/analytics.md#rollups.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.cubes import CUBES, LINE_DIMENSIONS
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.operations.fold_quotes import fold_quotes
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.analytics.minutes import minute_row, put_minutes

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 4, 20, 15, 37, tzinfo=UTC)
SELLERS, CATEGORIES, PRODUCTS = (
    [str(UUID(int=base + number)) for number in range(count)] for base, count in ((1000, 3), (2000, 3), (3000, 5))
)


class Line(NamedTuple):
    """A line of a quote that was counted."""

    seller: str
    category: str
    product: str
    gross: int
    total: int


class Fact(NamedTuple):
    """A quote that was counted, and became an order or not."""

    at: datetime
    currency: str
    region: str
    tier: str
    flags: list[str]
    rules: list[str]
    lines: list[Line]
    is_order: bool

    @property
    def total(self) -> int:
        """With a fee of 7."""
        return sum(line.total for line in self.lines) + 7


def make_history(seed: int, count: int) -> list[Fact]:
    """Quotes of the 110 days before NOW, through which clocks go forward."""
    chance = random.Random(seed)
    facts = []
    for _ in range(count):
        lines = []
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(5)
            gross = chance.randint(100, 9999)
            lines.append(Line(SELLERS[place % 3], CATEGORIES[place // 2], PRODUCTS[place], gross, gross - gross // 10))
        facts.append(
            Fact(
                at=NOW - timedelta(minutes=chance.randint(1, 110 * 24 * 60)),
                currency=chance.choice(["EUR", "EUR", "TRY"]),
                region=chance.choice(["TR/Istanbul", "DE/Berlin", ""]),
                tier=chance.choice(["gold", ""]),
                flags=chance.choice([[], ["fee=a"], ["fee=b", "banner=true"]]),
                rules=chance.choice([[], ["spring"], ["spring", "vat"]]),
                lines=lines,
                is_order=chance.random() < 0.4,
            )
        )
    return facts


async def write_history(database: Database, facts: Sequence[Fact]) -> None:
    """Two thirds of the quotes are folded, and the rest is as it was flushed; orders are in their rollups."""
    most = len(facts) * 2 // 3
    await put_minutes(database, *(row for fact in facts[:most] for row in _minutes(fact)))
    while await fold_quotes(database, ZONE.key):
        pass
    await put_minutes(database, *(row for fact in facts[most:] for row in _minutes(fact)))
    changes = [
        (cube, fact.at, fact.currency, *keys, *figures) for fact in facts for cube, keys, figures in _orders(fact)
    ]
    names = ("cube", "minute", "currency", "key_a", "key_b", "orders", "gross_minor", "total_minor")
    kinds = ("text", "timestamptz", "text", "text", "text", "bigint", "bigint", "bigint")
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(kinds, start=2))
    query = f"SELECT * FROM unnest({arrays}) AS changes ({', '.join(names)})"
    async with database.transaction() as connection:
        columns = [list(column) for column in zip(*changes, strict=True)]
        await add_rollups(connection, "analytics_orders", names[5:], query, ZONE.key, *columns)


def add_up(facts: Sequence[Fact], query: ReportQuery, zone: ZoneInfo = ZONE) -> dict[tuple[Any, ...], Counter[str]]:
    """What a report of the query is made of, by currency, times and keys: counts and totals of quotes and orders."""
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    for fact in facts:
        if not query.begin <= fact.at < query.end or query.currency not in (None, fact.currency):
            continue
        parts: list[tuple[Line | None, int]] = [(None, fact.total)]
        if query.counts == "lines":
            parts = [(line, line.total) for line in fact.lines]
        for line, total in parts:
            if not all(_has(fact, line, name, value) for name, value in query.filters.items()):
                continue
            for keys in product(*(_values(fact, line, name) for name in query.dimensions)):
                held = sums.setdefault((fact.currency, _times(fact.at, query, zone), keys), Counter())
                held.update(quotes=1, quoted=total, orders=fact.is_order, sold=total * fact.is_order)
    return sums


def _has(fact: Fact, line: Line | None, name: str, value: str) -> bool:
    values = _values(fact, line, name)
    return value in values or (name == "flag" and any(each.startswith(f"{value}=") for each in values))


def _values(fact: Fact, line: Line | None, name: str) -> list[str]:
    if name in ("flag", "rule"):
        return fact.flags if name == "flag" else fact.rules
    return [getattr(line if name in LINE_DIMENSIONS else fact, name)]


def _times(at: datetime, query: ReportQuery, zone: ZoneInfo) -> tuple[Any, ...]:
    local = at.astimezone(zone)
    reported = {"day": local.date(), "hour": local.hour, "weekday": local.isoweekday()}
    return tuple(reported[time] for time in query.times)


def _minutes(fact: Fact) -> Iterator[dict[str, Any]]:
    minute = fact.at.replace(second=0)
    shared = {
        "minute": minute,
        "currency": fact.currency,
        "region": fact.region,
        "tier": fact.tier,
        "flags": fact.flags,
    }
    gross = sum(line.gross for line in fact.lines)
    yield {
        **minute_row(**shared, **_rules(fact, gross, fact.total)),
        "quotes": 1,
        "priced": 1,
        "lines": len(fact.lines),
        "gross_minor": gross,
        "total_minor": fact.total,
    }
    for line in fact.lines:
        named = {"seller": line.seller, "category": line.category, "product": line.product, "is_line": True}
        yield {
            **minute_row(**shared, **named, **_rules(fact, line.gross, line.total)),
            "quotes": 0,
            "priced": 0,
            "lines": 1,
            "gross_minor": line.gross,
            "total_minor": line.total,
        }


def _rules(fact: Fact, gross: int, total: int) -> dict[str, Any]:
    count = len(fact.rules)
    return {
        "rules": fact.rules,
        "rule_counts": [1] * count,
        "rule_gross_minor": [gross] * count,
        "rule_total_minor": [total] * count,
        "rule_seller_minor": [0] * count,
        "rule_platform_minor": [0] * count,
    }


def _orders(fact: Fact) -> Iterator[tuple[str, tuple[str, str], tuple[int, int, int]]]:
    if not fact.is_order:
        return
    for cube in CUBES:
        names = cube.split("+") if cube else []
        lines: list[Line | None] = list(fact.lines) if LINE_DIMENSIONS.intersection(names) else [None]
        for line in lines:
            figures = (1, 0, fact.total) if line is None else (1, line.gross, line.total)
            for keys in product(*(_values(fact, line, name) for name in names)):
                yield cube, ((*keys, "", "")[0], (*keys, "", "")[1]), figures
