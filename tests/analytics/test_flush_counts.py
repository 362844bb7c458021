"""Counts are written once each, whatever PostgreSQL does meanwhile. Source: docs/spec/analytics.md#quotes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.prometheus_text import prometheus_text
from quote_service.platform.telemetry.registry import Registry
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.quotes.operations.count_quotes import QuoteCounts
from quote_service.steering.analytics.loops.flush_counts import write_last_counts
from quote_service.steering.analytics.operations.flush_counts import CountFlusher
from quote_service.steering.analytics.tables.quote_minutes import add_minutes
from tests.conftest import MakeDatabase
from tests.pricing.books import book_of
from tests.pricing.catalog.products import AT_US, a_basket, a_line, completed

MINUTE_US = 60_000_000
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * 1_000_000
AWAY = "postgresql://nobody@127.0.0.1:1/none"


class Counted:
    """A flusher, and quotes to count."""

    def __init__(self, database: Database, unwritten_max: int = 1000) -> None:
        self.counts = QuoteCounts()
        self.registry = Registry()
        self.flusher = CountFlusher(database, self.counts, self.registry, unwritten_max)
        self.rulebook = book_of({})

    def quote(self, times: int = 1) -> None:
        quote = price_quote(QuoteBasis(self.rulebook, completed(self.rulebook, a_basket(a_line(unit_price=7))), AT_US))
        cell = self.counts.cell_of(quote, "{}")
        self.counts.issued(self.counts.sum_up(quote, cell))
        for _ in range(times):
            self.counts.answered(cell, "miss", 0.001)

    def use(self, database: Database) -> None:
        """Write into another database from now on."""
        self.flusher._database = database


@pytest.fixture
async def books(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(new_database_url())
    yield opened
    await opened.close()


@pytest.fixture
async def away() -> AsyncIterator[Database]:
    opened = await Database.open(AWAY)
    yield opened
    await opened.close()


async def written(database: Database) -> dict[datetime, int]:
    """Answers by minute."""
    async with database.read() as connection:
        rows = await connection.fetch(
            "SELECT minute, sum(quotes)::integer AS quotes FROM analytics_quote_minutes GROUP BY minute"
        )
    return {row["minute"]: row["quotes"] for row in rows}


async def test_what_was_counted_in_a_second_belongs_to_its_minute(books: Database) -> None:
    counted = Counted(books)
    for at_us, minute in ((NOON_US, 59), (NOON_US + 1_000_900, 0)):
        counted.quote(3)
        await counted.flusher.write(at_us)
        assert counted.flusher.is_done
        assert {each.minute: answers for each, answers in (await written(books)).items()}[minute] == 3
    await counted.flusher.write(NOON_US + 2_000_000)
    assert sum((await written(books)).values()) == 6


async def test_what_cannot_be_written_is_kept_and_written_once(books: Database, away: Database) -> None:
    counted = Counted(away)
    for minute in range(5):
        for second in (10, 20):
            counted.quote()
            with pytest.raises(Unavailable):
                await counted.flusher.write(NOON_US + minute * MINUTE_US + second * 1_000_000)
    counted.use(books)
    await counted.flusher.write(NOON_US + 5 * MINUTE_US + 10_000_000)
    assert sum((await written(books)).values()) == 10
    assert len(await written(books)) == 5
    await write_last_counts(counted.flusher)
    assert sum((await written(books)).values()) == 10


async def test_a_flush_that_is_sent_again_is_not_counted_twice(books: Database) -> None:
    counted, source = Counted(books), uuid4()
    counted.quote(2)
    rows = counted.counts.drain(1)
    for number, is_new in ((1, True), (1, False), (2, True), (1, False)):
        async with books.transaction() as connection:
            assert await add_minutes(connection, source, number, NOON, rows) is is_new
    assert await written(books) == {NOON: 4}


async def test_what_is_given_up_is_counted_and_reported(away: Database) -> None:
    counted = Counted(away, unwritten_max=5)
    with capture_logs() as lines:
        for minute in range(4):
            counted.quote(10)
            with pytest.raises(Unavailable):
                await counted.flusher.write(NOON_US + minute * MINUTE_US)
        assert counted.flusher.unwritten == 20  # two rows of each minute, of quotes and of lines
        await write_last_counts(counted.flusher)
    assert counted.flusher.unwritten == 0
    assert [line["event"] for line in lines].count("quote_counts_lost") == 3
    assert "quote_counts_lost_total 40" in prometheus_text(counted.registry, [])
