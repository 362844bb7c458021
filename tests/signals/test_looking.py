"""What is new is looked at once, and raises what it should; source: docs/spec/signals.md#looking."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from quote_service.competitors.operations.compare_prices import prices_of_competitors
from quote_service.embedded.postgres_server import PostgresServer
from quote_service.postgres.pool import Connection, Database
from quote_service.signals.loops.looking import run_news
from quote_service.signals.operations.acknowledge_signal import acknowledge_signal
from quote_service.signals.operations.looking.look_at_news import look_at_news
from quote_service.signals.operations.looking.look_at_sales import look_at_all_sales
from quote_service.signals.operations.looking.look_at_sources import look_at_sources
from quote_service.signals.operations.measure_signals import measure_open, measure_unseen
from quote_service.signals.operations.read_signals import open_signals_of, prices_pending, products_at_war
from quote_service.signals.operations.sweep_signals import sweep_signals
from quote_service.signals.operations.write_threshold import create_threshold
from quote_service.signals.tables.notes import begin_looking
from quote_service.signals.words.signals import Acknowledgement
from quote_service.signals.words.thresholds import ThresholdDraft
from quote_service.system.changes import Change, change_by_system
from quote_service.system.clock import now_us
from quote_service.system.errors import Unavailable
from tests.conftest import MakeDatabase, eventually, execute
from tests.signals.market import EARLIER, SignalMarket, a_market

PERSON = Change(actor="somebody", actor_kind="user", request_id="", at_us=now_us())


@pytest.fixture
async def patient(database_url: str) -> AsyncIterator[Database]:
    """The same database, for who waits for a lock or holds one however slow the machine is."""
    opened = await Database.open(database_url, statement_seconds=60, lock_seconds=60)
    yield opened
    await opened.close()


@pytest.fixture
async def market(database: Database) -> SignalMarket:
    return await a_market(database)


def told(*figures: object) -> tuple[Any, ...]:
    """Figures of a signal, to be compared by their value."""
    return figures


async def comparable(market: SignalMarket) -> list[Any]:
    async with market.database.read() as connection:
        return [each.comparable_price for each in await prices_of_competitors(connection, [market.product_id])]


async def test_a_wrong_decimal_point_decides_nothing_until_a_person_says_so(market: SignalMarket) -> None:
    await market.see("a", *["90"] * 3, "9", at=(0, 1, 2, 3))
    async with market.database.read() as connection:
        assert {*await prices_pending(connection, [market.product_id])} == {market.product_id}
    await market.look()
    (odd,) = await market.signals()
    assert told(odd.kind, odd.status, odd.price, odd.currency) == ("price_anomaly", "open", 9, "EUR")
    assert [told(each.role, each.value) for each in odd.evidence] == [("before", 90), ("now", 9), ("expected", 90)]
    assert odd.evidence[1].detail is not None
    assert odd.evidence[1].detail.startswith("decimal_shift")
    assert await comparable(market) == [None]
    async with market.database.read() as connection:
        assert await prices_pending(connection, [market.product_id]) == {}
    # The price goes back, and down from where it was before.
    await market.see("a", "72", at=(4,))
    await market.look()
    assert await market.kinds() == [("price_anomaly", "resolved", 1), ("competitor_price_drop", "open", 1)]
    drop = (await market.signals())[1]
    assert told(drop.previous_price, drop.price, drop.measured, drop.threshold) == (90, 72, -20, 15)
    assert await comparable(market) == [72]
    # Half of it is undone, and it falls again while the signal is open.
    await market.see("a", "81", "68", at=(5, 6))
    await market.look()
    assert (await market.kinds())[1] == ("competitor_price_drop", "open", 2)


async def test_a_price_that_a_person_vouches_for_counts_from_then_on(market: SignalMarket) -> None:
    await market.see("a", *["90", "90.01", "90.02"], "40", at=range(4))
    await market.look()
    (odd,) = await market.signals()
    async with market.database.transaction() as connection:
        await acknowledge_signal(connection, PERSON, odd.id, Acknowledgement(note="A sale.", verdict="genuine"))
    await market.look()
    assert await market.kinds() == [("price_anomaly", "acknowledged", 1), ("competitor_price_drop", "open", 1)]
    odd, drop = await market.signals()
    assert odd.resolved_at is not None
    assert told(drop.previous_price, drop.price) == (Decimal("90.02"), 40)
    assert await comparable(market) == [40]
    await market.see("a", "40.1", at=(5,))
    await market.look()
    assert len(await market.signals()) == 2
    assert await comparable(market) == [Decimal("40.1")]


async def test_duplicates_and_late_observations_raise_nothing(market: SignalMarket) -> None:
    await market.see("a", "100", "80", at=(0, 10))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]
    await market.see("a", "100", "80", at=(0, 10))
    await market.see("a", "50", None, "120", at=(5, 6, 7))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]
    # What was so long ago that it has expired raises nothing, but is measured from.
    await market.see("old", "100", "80", at=(-14_000, -13_000))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]
    await market.see("old", "95", at=(1,))
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1), ("competitor_price_rise", "open", 1)]


async def test_our_own_moves_stock_and_a_war(market: SignalMarket) -> None:
    draft = ThresholdDraft(kind="price_change", product_id=market.product_id, threshold=None)
    async with market.database.transaction() as connection:
        await create_threshold(connection, change_by_system("test", now_us()), draft)
    await market.stock(12)
    await market.see("a", "101", "98", at=(0, 1))
    await market.look()
    assert await market.signals() == []
    await market.stock(9)
    await market.ask("97")
    await market.look()
    # The next turns: their prices are seen now, ours move now.
    now = (datetime.now(UTC) - EARLIER) / timedelta(minutes=1)
    await market.see("a", "96", at=(now,))
    await market.look()
    await market.ask("95")
    await market.look()
    assert await market.kinds() == [("low_inventory", "open", 1), ("price_war", "open", 1)]
    low, war = await market.signals()
    assert told(low.measured, low.threshold) == (9, 10)
    assert told(war.measured, war.threshold) == (4, 4)
    assert [told(each.subject, each.value) for each in war.evidence] == [
        ("observation", 98),
        ("price_move", 97),
        ("observation", 96),
        ("price_move", 95),
    ]
    async with market.database.read() as connection:
        at = datetime.now(UTC)
        assert await products_at_war(connection, [market.product_id], at) == {market.product_id}
        assert await products_at_war(connection, [market.product_id], at + timedelta(days=1)) == frozenset()
    async with market.database.transaction() as connection:
        await acknowledge_signal(connection, PERSON, war.id, Acknowledgement())
    await market.stock(15)
    await market.ask("120")
    await market.look()
    assert await market.kinds() == [
        ("low_inventory", "resolved", 1),
        ("price_war", "acknowledged", 1),
        ("price_change", "open", 1),
    ]
    moved = (await market.signals())[2]
    assert told(moved.previous_price, moved.price) == (95, 120)
    # A day later nobody has undercut; what is low or has moved is no longer open after a week.
    later = datetime.now(UTC) + timedelta(days=2)
    await sweep_signals(market.database, 30, at=later)
    war = (await market.signals())[1]
    assert (war.status, war.resolved_at) == ("acknowledged", war.expires_at)
    async with market.database.read() as connection:
        assert [each.kind for each in await open_signals_of(connection, [market.product_id], later)] == ["price_change"]
    await sweep_signals(market.database, 30, at=later + timedelta(days=7))
    assert [status for _, status, _ in await market.kinds()] == ["resolved", "acknowledged", "expired"]
    await sweep_signals(market.database, 30, at=later + timedelta(days=60))
    assert await market.kinds() == []


async def test_what_cannot_be_written_waits_and_holds_up_nothing_for_ever(
    market: SignalMarket, patient: Database
) -> None:
    """One process looks at a time; a failure takes back all of it; what nobody can write is left out, and logged."""
    other = await a_market(market.database)
    await market.see("a", "100", "80", at=(0, 1))
    await other.see("b", "100", "80", at=(0, 1))
    async with patient.transaction() as connection:
        assert await begin_looking(connection)
        assert await look_at_news(market.database) == 0
        assert [seconds > 0 for _, seconds in await measure_unseen(market.database)] == [True]
    assert await market.kinds() == await other.kinds() == []
    await market.run(
        "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.product_id = '{market.product_id}' THEN RAISE check_violation; END IF; RETURN NEW; END $$"
    )
    await market.run("CREATE TRIGGER refuse_one BEFORE INSERT ON signals FOR EACH ROW EXECUTE FUNCTION refuse_one()")
    try:
        with capture_logs() as logs:
            await market.look()
        assert [log["event"] for log in logs].count("signal_note_left_out") == 1
        assert (await market.kinds(), await other.kinds()) == ([], [("competitor_price_drop", "open", 1)])
    finally:
        await market.run("DROP FUNCTION refuse_one CASCADE")
    assert [seconds for _, seconds in await measure_unseen(market.database)] == [0]


async def test_many_who_look_at_once_raise_each_signal_once(market: SignalMarket) -> None:
    names = [f"listing {number}" for number in range(30)]
    for name in names:
        await market.see(name, "100", "80", at=(0, 1))
    await market.run("UPDATE signal_states SET state = '7'")  # what cannot be read begins anew
    for _ in range(40):
        await asyncio.gather(*(look_at_news(market.database) for _ in range(4)))
    assert sorted(await market.kinds()) == [("competitor_price_drop", "open", 1)] * 30
    async with market.database.read() as connection:
        counts: Any = await connection.fetchval("SELECT count(*) FROM signals_pending")
    assert counts == 0
    figures = {labels["kind"]: value for labels, value in await measure_open(market.database)}
    assert figures["competitor_price_drop"] >= 30


async def test_whoever_is_killed_while_looking_leaves_everything_to_the_next(
    market: SignalMarket, patient: Database
) -> None:
    await market.see("a", "100", "80", at=(0, 1))
    waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'signals'::regclass"
    async with patient.transaction() as connection:
        await connection.execute("LOCK TABLE signals IN ACCESS EXCLUSIVE MODE")
        looking = asyncio.create_task(look_at_news(patient))
        rows: list[Any] = []

        async def is_waiting() -> bool:
            rows[:] = await connection.fetch(waiting)
            return bool(rows) or looking.done()

        await eventually(is_waiting, "the signal is about to be written")
        await connection.fetch("SELECT pg_terminate_backend($1)", rows[0]["pid"])
        with pytest.raises(Unavailable):
            await looking
    assert await market.signals() == []
    await market.look()
    assert await market.kinds() == [("competitor_price_drop", "open", 1)]


async def test_a_silent_source_is_told_once_until_it_is_heard_again(market: SignalMarket) -> None:
    async def sources() -> list[tuple[str, Any]]:
        rows = await market.run(
            "SELECT status, evidence::text AS evidence FROM signals WHERE source_id = $1 ORDER BY id", market.source_id
        )
        return [(row["status"], json.loads(row["evidence"])[0]["detail"]) for row in rows]

    aged = "UPDATE competitor_sources SET created_at = created_at - interval '1 year', last_ok_at = NULL WHERE id = $1"
    await look_at_sources(market.database)
    assert await sources() == []
    await market.run(aged, market.source_id)
    await look_at_sources(market.database)
    await look_at_sources(market.database)
    assert await sources() == [("open", "never")]
    await market.run("UPDATE competitor_sources SET last_ok_at = now() WHERE id = $1", market.source_id)
    await look_at_sources(market.database)
    assert await sources() == [("resolved", "never")]
    await market.run("UPDATE competitor_sources SET last_ok_at = NULL WHERE id = $1", market.source_id)
    await look_at_sources(market.database)
    assert [status for status, _ in await sources()] == ["resolved", "open"]
    await market.run(
        "UPDATE competitor_sources SET is_enabled = false, disabled_reason = 'by_hand' WHERE id = $1", market.source_id
    )
    await look_at_sources(market.database)
    assert [status for status, _ in await sources()] == ["resolved", "resolved"]


async def test_sales_are_held_against_the_weeks_before(market: SignalMarket) -> None:
    now = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)

    async def sold(connection: Connection, units: int, hours_ago: int) -> None:
        period = now.replace(minute=0) - timedelta(hours=hours_ago)
        await connection.execute(
            "INSERT INTO analytics_orders (cube, grain, period, currency, key_a, key_b, units) "
            "VALUES ('product', 'hour', $1, 'EUR', $2, '', $3)",
            period,
            str(market.product_id),
            units,
        )

    async with market.database.transaction() as connection:
        for week, units in ((1, 10), (2, 14), (4, 12)):
            await sold(connection, units, week * 168 + 3)
        await sold(connection, 23, 3)
    await look_at_all_sales(market.database, now)
    assert await market.signals() == []
    async with market.database.transaction() as connection:
        await sold(connection, 1, 24)
    await look_at_all_sales(market.database, now)
    await look_at_all_sales(market.database, now)
    (surge,) = await market.signals()
    assert told(surge.kind, surge.measured, surge.threshold, surge.occurrences) == ("demand_surge", 2, 2, 1)
    assert [told(each.role, each.value) for each in surge.evidence] == [
        ("now", 24),
        ("compared", 10),
        ("compared", 14),
        ("compared", 12),
    ]
    await look_at_all_sales(market.database, now + timedelta(hours=25))
    assert await market.kinds() == [("demand_surge", "resolved", 1)]


async def test_what_happens_while_postgresql_is_away_is_told_once_and_looked_at_when_it_is_back(
    postgres_server: PostgresServer, new_database_url: MakeDatabase
) -> None:
    url = new_database_url()
    name = url.rpartition("/")[2].partition("?")[0]
    database = await Database.open(url, acquire_seconds=60)
    market = await a_market(database)
    await market.see("a", "100", "80", at=(0, 1))
    await database.close()
    execute(postgres_server, f"ALTER DATABASE {name} RENAME TO {name}_away")
    looking = await Database.open(url)
    try:
        with capture_logs() as logs:

            def reasons() -> list[str]:
                told = [log for log in logs if log["event"] == "signals_not_looked_for"]
                return [log["reason"] for log in told if log["at_what"] == "news"]

            running = asyncio.create_task(run_news(looking, news_seconds=0.01))
            await eventually(lambda: bool(reasons()), "the loop has noticed")
            execute(postgres_server, f"ALTER DATABASE {name}_away RENAME TO {name}")
            market.database = looking
            await eventually(lambda: _has_raised(market), "the signal is raised")
        assert await market.kinds() == [("competitor_price_drop", "open", 1)]
        assert all(one != other for one, other in pairwise(reasons()))
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    finally:
        await looking.close()


async def _has_raised(market: SignalMarket) -> bool:
    return bool(await market.signals())
