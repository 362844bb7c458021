"""The tables of signals and of the market refuse what the specs refuse, whoever writes to them."""

from datetime import UTC, datetime

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict, Invalid
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import LONG_AGO


async def test_of_one_kind_and_subject_one_signal_is_open(database: Database) -> None:
    made = """INSERT INTO signals (id, kind, subject, status, evidence, raised_at, last_at, expires_at, updated_at, resolved_at,
        acknowledged_at, acknowledged_by, verdict)
    VALUES ($1, $2, 'item', $3, '[]', now(), now(), now(), now(), $4, $5, $6, $7)"""

    async def write(kind: str, status: str, *columns: object) -> None:
        given = (*columns, *(None,) * (4 - len(columns)))
        async with database.transaction() as connection:
            await connection.execute(made, new_id(), kind, status, *given)

    for status, columns in (
        ("resolved", ()),
        ("acknowledged", ()),
        ("acknowledged", (None, LONG_AGO)),
        ("open", (None, LONG_AGO, "ayşe")),
        ("acknowledged", (None, LONG_AGO, "ayşe", "genuine")),
        ("known", ()),
    ):
        with pytest.raises(Invalid):
            await write("price_war", status, *columns)
    with pytest.raises(Invalid):
        await write("price_peace", "open")
    for kind in ("price_war", "low_inventory"):
        await write(kind, "open")
        with pytest.raises(Conflict):
            await write(kind, "open")
        await write(kind, "resolved", LONG_AGO)
        await write(kind, "acknowledged", None, LONG_AGO, "ayşe")
    await write("price_anomaly", "acknowledged", None, LONG_AGO, "ayşe", "genuine")


async def test_a_threshold_of_signals_is_for_one_thing_and_once(database: Database) -> None:
    made = """INSERT INTO signal_thresholds (id, kind, product_id, category_id, is_enabled, threshold, rearm_percent,
        expires_seconds, created_by, created_at, changed_by, updated_at)
    VALUES ($1, 'low_inventory', $2, $3, true, $4::text::numeric, $5::text::numeric, 60, '', now(), '', now())"""
    thing = new_id()
    wrong = ((thing, thing, "5", "50"), (thing, None, "0", "50"), (thing, None, "NaN", "50"), (thing, None, "5", "NaN"))
    for product, category, threshold, rearm in wrong:
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), product, category, threshold, rearm)
    for scope in ((None, None), (thing, None), (None, thing)):
        async with database.transaction() as connection:
            await connection.execute(made, new_id(), *scope, "5", "50")
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), *scope, "6", "50")


async def test_a_day_of_the_market_is_whole_and_one_run_is_at_it(database: Database) -> None:
    made = """INSERT INTO market_days (product_id, currency, day, price_low, price_high, moves, lowest_30d, units, orders,
        revenue_minor, units_returned, units_7d, units_28d, rivals, rival_low, rival_median, rival_high, cheaper, equal, dearer)
    VALUES ($1, 'EUR', '2026-01-01', $2, $3, 0, $4, 0, 0, 0, 0, 0, 0, $5, $6, $7, $8, $9, 0, 0)"""
    right = (5, 6, 4, 2, 3, 4, 5, 2)
    for place, value in ((0, 7), (2, 6), (3, 0), (4, 9), (5, None), (6, 3), (7, 1)):
        wrong = [*right[:place], value, *right[place + 1 :]]
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), *wrong)
    async with database.transaction() as connection:
        await connection.execute(made, new_id(), *right)

    run = """INSERT INTO market_runs (id, scope, engine, status, started_at, finished_at, lease_until, day)
    VALUES ($1, 'all', 'duckdb', $2, now(), $3, now(), '2026-01-01')"""
    for status, finished_at in (("running", LONG_AGO), ("done", None), ("begun", None)):
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(run, new_id(), status, finished_at)
    async with database.transaction() as connection:
        await connection.execute(run, new_id(), "running", None)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(run, new_id(), "running", None)


async def test_a_window_of_the_market_is_of_its_time_and_one_process_streams(database: Database) -> None:
    counts = "counted, removed, doubted, applied, views, searches, carts, cart_units, purchases, purchase_units"
    made = f"""INSERT INTO market_windows (engine, subject, currency, starts_at, width_seconds, events, newest_at, low, high,
        first_mark, last_mark, product_id, {counts})
    VALUES ($1, $2, $3, '2026-01-01 10:00Z', 300, $4, $5::timestamptz, $6, $7, $8, $9, $10, 1, 0, 0, 0, 0, 0, 0, 0, 0, $11)"""
    within, end = datetime(2026, 1, 1, 10, 4, 59, tzinfo=UTC), datetime(2026, 1, 1, 10, 5, tzinfo=UTC)
    right = ("spark", "prices", "EUR", 1, within, 5, 6, "1", "2")
    for place, value in (
        *((0, "duckdb"), (1, "stock"), (2, "eur"), (3, 0), (4, end), (5, 7), (5, None), (6, None), (7, "3")),
        *((8, None), (5, -1)),
    ):
        wrong = [*right[:place], value, *right[place + 1 :]]
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, *wrong, new_id(), 0)
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(made, *right, new_id(), -1)
    product = new_id()
    async with database.transaction() as connection:
        await connection.execute(made, *right, product, 0)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(made, *right, product, 0)

    stream = "INSERT INTO market_streams (holder, started_at, lease_until, source) VALUES ($1, now(), now(), $2)"
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute(stream, new_id(), "files")
    async with database.transaction() as connection:
        await connection.execute(stream, new_id(), "python")
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(stream, new_id(), "kafka")
