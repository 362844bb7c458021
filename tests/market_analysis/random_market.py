"""A market drawn from a seed: prices, offers and sales, with everything in it that two engines could see differently.

Source: docs/spec/market-analysis.md#inputs.
"""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from quote_service.intelligence.market_analysis.model.calendar import Calendar, calendar_until
from quote_service.intelligence.market_analysis.operations.write_inputs import INPUT_COLUMNS

# Clocks go back on 26 October 2025 in Berlin, so that one of the days has 25 hours.
NOW_US = 1_763_560_800_123_456  # 2025-11-19T14:00:00.123456Z
BERLIN = ZoneInfo("Europe/Berlin")
DAYS = 95
DAY_US = 86_400_000_000
COMPETITORS = [f"00000000-0000-7000-a000-{number:012d}" for number in range(3)]
PLATFORMS = ("amazon", "rival.example", "çarşı.example")


class Move(NamedTuple):
    product_id: str
    currency: str
    at_us: int
    price: Decimal | None


class Offer(NamedTuple):
    product_id: str
    listing_id: str
    competitor: str
    platform: str
    currency: str
    at_us: int
    price: Decimal | None
    holds_until_us: int


class Sale(NamedTuple):
    product_id: str
    currency: str
    at_us: int
    units: int
    orders: int
    revenue_minor: int
    units_returned: int


class Market(NamedTuple):
    """What is analysed."""

    calendar: Calendar
    prices: list[Move]
    offers: list[Offer]
    sales: list[Sale]


def draw_market(seed: int, products: int) -> Market:
    """A market of some products, most of them with competitors."""
    chance = random.Random(seed)
    calendar = calendar_until(NOW_US, BERLIN, DAYS)
    begins = calendar.begins_us
    edges = [day.day_begin_us for day in calendar.days]

    def instant(earliest: int = begins - 5 * DAY_US) -> int:
        # On midnight, a microsecond before it, or anywhere.
        kind = chance.randrange(6)
        if kind < 2:
            return max(chance.choice(edges) - kind, earliest)
        return chance.randrange(earliest, NOW_US)

    def price() -> Decimal:
        kind = chance.randrange(12)
        if kind == 0:
            return Decimal("999999999999.999999")
        if kind == 1:
            return Decimal("0.000001") * chance.randrange(3)
        # Few different ones, so that prices tie.
        return Decimal(chance.randrange(900, 960)) / 100

    moves: list[Move] = []
    offers: list[Offer] = []
    sales: list[Sale] = []
    for number in range(products):
        product = f"00000000-0000-7000-8000-{number:012d}"
        for currency in ("EUR", "TRY")[: 1 + number % 2]:
            if number % 5 != 4:
                found = sorted({instant() for _ in range(chance.randrange(1, 12))})
                moves += [Move(product, currency, at, None if chance.random() < 0.1 else price()) for at in found]
            if number % 3 != 2:
                days = chance.sample(edges[:-1], chance.randrange(2, 40))
                sales += [
                    Sale(product, currency, at, chance.randrange(9), 1, chance.randrange(9999), chance.randrange(2))
                    for at in days
                ]
        for listing in range(chance.randrange(6)):
            name = f"00000000-0000-7000-9000-{number * 10 + listing:012d}"
            # As a source that is fetched often, and one that is fetched now and then.
            holds_us = chance.choice((DAY_US + 60_000_000, 2 * DAY_US, 30 * DAY_US))
            rival = chance.randrange(len(COMPETITORS))
            offers += [
                Offer(
                    product,
                    name,
                    COMPETITORS[rival],
                    PLATFORMS[listing % len(PLATFORMS)],
                    chance.choice(("EUR", "EUR", "TRY")),
                    at,
                    None if chance.random() < 0.15 else price(),
                    at + holds_us,
                )
                for at in sorted({instant() for _ in range(chance.randrange(1, 15))})
            ]
    return Market(calendar, moves, offers, sales)


def write_market(market: Market, folder: Path) -> dict[str, Path]:
    """The market as the files that engines read."""
    import duckdb

    rows: dict[str, list[Any]] = {"prices": market.prices, "offers": market.offers, "sales": market.sales}
    columns: dict[str, dict[str, str]] = {name: dict(kinds) for name, kinds in INPUT_COLUMNS.items()}
    columns["calendar"] = {"day": "INTEGER", "day_begin_us": "BIGINT", "day_end_us": "BIGINT"}
    rows["calendar"] = [*market.calendar.days]
    paths = {}
    with duckdb.connect() as connection:
        for name, kinds in columns.items():
            declared = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
            connection.execute(f"CREATE TABLE {name} ({declared})")
            if rows[name]:
                connection.executemany(
                    f"INSERT INTO {name} VALUES ({', '.join('?' * len(kinds))})", [list(row) for row in rows[name]]
                )
            paths[name] = folder / f"{name}.parquet"
            connection.execute(f"COPY {name} TO '{paths[name]}' (FORMAT parquet)")
    return paths
