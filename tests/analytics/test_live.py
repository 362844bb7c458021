"""What goes on now. Source: docs/spec/analytics.md#live-figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key, Settings
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.slots import Slots
from quote_service.quotes.operations.quote_meters import LATENCY_BOUNDS, QuoteMeters
from quote_service.steering.analytics.model.live import LiveCurrency, SoldSoFar
from quote_service.steering.analytics.operations.live.read_sales import read_sales
from quote_service.steering.analytics.operations.live.sample_quotes import QuoteSamples, time_within
from quote_service.steering.analytics.tables.report_rows import FIGURES
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.orders.market import Market
from tests.quotes.lifecycle.shop import until

BUCKETS = len(LATENCY_BOUNDS) + 1
COUNTS = st.lists(st.integers(0, 1000), min_size=BUCKETS, max_size=BUCKETS)
# A Wednesday, half past three in the afternoon in Istanbul.
NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


def test_quotes_of_all_processes_are_reported_together() -> None:
    slots = Slots(2)
    meters = [QuoteMeters(Registry(slots, index)) for index in range(2)]
    samples = QuoteSamples(slots)
    assert (samples.figures().per_second, samples.figures().hit_rate, samples.figures().history) == (0.0, None, [])
    for second in range(121):
        samples.take(float(second))
        if second < 60:
            continue
        for meter in meters:
            for _ in range(3):
                meter.quoted("local", 0.00008)
            meter.quoted("miss", 0.004)
        meters[0].refused(422)
        if second == 100:
            meters[1].refused(503)
    reported = samples.figures()
    assert (reported.per_second, reported.answered, reported.hit_rate) == (8.0, 480, 0.75)
    assert (reported.refused, reported.failed) == (60, 1)
    assert reported.p50_ms is not None
    assert reported.p99_ms is not None
    assert 0.05 < reported.p50_ms <= 0.1
    assert 2 < reported.p99_ms <= 5
    assert reported.history == [0.0] * 30 + [8.0] * 30


def test_what_a_process_counts_first_later_on_is_found_too() -> None:
    slots = Slots(1)
    registry = Registry(slots)
    samples = QuoteSamples(slots)
    samples.take(0.0)
    meters = QuoteMeters(registry)
    meters.quoted("redis", 3.0)
    meters.refused(429)
    samples.take(2.0)
    reported = samples.figures()
    assert (reported.answered, reported.per_second, reported.hit_rate, reported.refused) == (1, 0.5, 1.0, 1)
    assert reported.p99_ms == LATENCY_BOUNDS[-1] * 1000


@given(COUNTS)
def test_times_grow_with_the_share_and_lie_in_a_bucket_that_has_some(counts: list[int]) -> None:
    shares = (0.01, 0.25, 0.5, 0.75, 0.99, 1.0)
    times = [time_within(counts, share) for share in shares]
    if not any(counts):
        assert times == [None] * len(shares)
        return
    reported = [time for time in times if time is not None]
    assert len(reported) == len(shares)
    assert all(one <= other for one, other in pairwise(reported))
    highest = max(index for index, count in enumerate(counts) if count)
    assert reported[-1] == pytest.approx(LATENCY_BOUNDS[min(highest, len(LATENCY_BOUNDS) - 1)] * 1000)


async def _sell(database: Database, at: datetime, currency: str, **figures: int) -> None:
    names = FIGURES["orders"]
    assert figures.keys() <= set(names)
    columns = ", ".join(f"{figures.get(name, 0)}::bigint AS {name}" for name in names)
    query = f"SELECT ''::text AS cube, $2::timestamptz AS minute, $3::text AS currency, ''::text AS key_a, ''::text AS key_b, {columns}"
    async with database.transaction() as connection:
        await connection.execute("UPDATE analytics_state SET time_zone = 'Europe/Istanbul'")
        await add_rollups(connection, "analytics_orders", names, query, "Europe/Istanbul", at, currency)


async def test_today_stands_beside_the_same_hours_of_last_week(database: Database) -> None:
    settings = Settings(
        database_url="", redis_url="", jwt_keys=(Key("a", b"j" * 32),), signing_keys=(Key("a", b"s" * 32),)
    )
    sold = {"orders": 2, "total_minor": 10_000, "seller_commission_minor": 900, "category_commission_minor": 100}
    given_back = {"reversed_total_minor": 2_500, "reversed_seller_commission_minor": 225}
    await _sell(database, datetime(2026, 3, 3, 21, 0, tzinfo=UTC), "TRY", **sold)  # its midnight
    await _sell(database, datetime(2026, 3, 4, 12, 10, tzinfo=UTC), "TRY", **sold, **given_back)
    await _sell(database, datetime(2026, 3, 3, 20, 59, tzinfo=UTC), "TRY", **sold)  # yesterday
    await _sell(database, datetime(2026, 2, 25, 12, 50, tzinfo=UTC), "TRY", **sold)
    await _sell(database, datetime(2026, 2, 25, 13, 10, tzinfo=UTC), "TRY", **sold)  # later than by now
    await _sell(database, datetime(2026, 2, 25, 9, 0, tzinfo=UTC), "JPY", orders=1, total_minor=700)
    reported = await read_sales(database, settings, NOW)
    assert (reported.time_zone, reported.since) == ("Europe/Istanbul", datetime(2026, 3, 3, 21, tzinfo=UTC))
    assert reported.last_week_since == datetime(2026, 2, 24, 21, tzinfo=UTC)
    assert reported.last_week_until == datetime(2026, 2, 25, 13, tzinfo=UTC)
    nothing = SoldSoFar(orders=0, revenue=Decimal(0), commission=Decimal(0))
    assert reported.currencies == [
        LiveCurrency(
            currency="JPY",
            today=nothing,
            last_week=SoldSoFar(orders=1, revenue=Decimal(700), commission=Decimal(0)),
        ),
        LiveCurrency(
            currency="TRY",
            today=SoldSoFar(orders=4, revenue=Decimal("175.00"), commission=Decimal("17.75")),
            last_week=SoldSoFar(orders=2, revenue=Decimal("100.00"), commission=Decimal("10.00")),
        ),
    ]


def _live(admin: httpx.Client) -> dict[str, Any]:
    answer = admin.get("/api/v1/analytics/live")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)["data"]
    return data


def test_a_quote_and_an_order_are_seen_at_once(market: Market, admin: httpx.Client) -> None:
    market.ordered_quote()
    until(lambda: any(each["today"]["orders"] > 0 for each in _live(admin)["sales"]["currencies"]), "the order is told")
    market.quote()
    until(lambda: _live(admin)["quotes"]["answered"] > 0, "the quote is told")
    with admin.stream("GET", "/api/v1/analytics/live/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "event: live"
        reported = msgspec.json.decode(next(lines).removeprefix("data: "))
    assert reported.keys() == {"at", "quotes", "sales"}
