"""Who looks at once with others, is killed, or cannot write; and PostgreSQL that is unavailable.

Source: docs/spec/signals.md#looking.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from quote_service.intelligence.signals.loops.looking import run_news
from quote_service.intelligence.signals.operations.looking.look_at_news import look_at_news
from quote_service.intelligence.signals.operations.measure_signals import measure_open, measure_unseen
from quote_service.intelligence.signals.tables.notes import begin_looking
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from tests.conftest import MakeDatabase, eventually, execute
from tests.signals.market import SignalMarket, a_market


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
    await market.run("UPDATE signal_states SET state = '7'")  # what cannot be read begins again
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


async def test_what_happens_while_postgresql_is_away_is_reported_once_and_looked_at_when_it_is_back(
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
                reported = [log for log in logs if log["event"] == "signals_not_looked_for"]
                return [log["reason"] for log in reported if log["at_what"] == "news"]

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
