"""Fill a database with a year of rollups by COPY, and with what else reports look at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import asyncpg

from loadtests.analytics.history import DAYS, KEYS, Counted, History
from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.cubes import CLUSTERED_CUBES, KEY_COLUMNS
from quote_service.steering.analytics.model.rollup_tables import ORDER_RANKS, ORDERS, QUOTE_RANKS, QUOTES, RollupTable
from quote_service.steering.analytics.tables.rank_rows import rebuild_order_ranks, rebuild_quote_ranks

_HOURS = 3600.0
# In each quarter of an hour and currency ten of the rules, rates, flags and prices that changed made a difference.
_HONOURED = """
WITH quarters AS (
    SELECT quarter, currency FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 s', '15 minutes') AS quarter
        CROSS JOIN (VALUES ('TRY'), ('EUR')) AS of (currency)
), effects AS (
    INSERT INTO honoured_effects
    SELECT quarter, currency, kind, kind || ' ' || (number * 7 + extract(epoch FROM quarter)::bigint / 900) % 40, 3, -40, 5
    FROM quarters CROSS JOIN (VALUES ('rule'), ('rate'), ('flag'), ('price'), ('flash_sale')) AS of (kind)
        CROSS JOIN generate_series(0, 1) AS number
)
INSERT INTO honoured_quotes SELECT quarter, currency, 36, 1, 30, 30, 0, 400, 0, 50 FROM quarters
"""
_HONOURED_TABLES = ("honoured_quotes", "honoured_effects", "honoured_quote_days", "honoured_effect_days")
_TABLES = (QUOTES.name, ORDERS.name, QUOTE_RANKS, ORDER_RANKS)
# What they keep is made of all rows at once, at the end.
_TRIGGERS = ("rank_added", "total_lines_of_insert")
# Nothing of it has to outlive a crash; indexes are made of many rows at once, which is far quicker than row by row.
_BEFORE = "ALTER TABLE {0} SET UNLOGGED; ALTER TABLE {0} SET (autovacuum_enabled = false)"
_SETTINGS = "SET maintenance_work_mem = '512MB'; SET work_mem = '512MB'; SET max_parallel_maintenance_workers = 1"


async def fill(url: str, today: date, cubes: Sequence[str]) -> History:
    """Write a year that ends before today, two tables side by side.

    Args:
        url: Of a database that has been migrated.
        today: In UTC, which is made the zone of the rollups.
        cubes: Those that are written.
    """
    history = History(today - timedelta(days=1), cubes)
    quotes, orders = [await asyncpg.connect(url) for _ in range(2)]
    try:
        for rollups in (QUOTES, ORDERS):
            for trigger in _TRIGGERS:
                await quotes.execute(f"ALTER TABLE {rollups.name} DISABLE TRIGGER {trigger}")
        for table in _TABLES:
            await quotes.execute(_BEFORE.format(table))
        await quotes.execute("UPDATE analytics_state SET time_zone = 'UTC'")
        indexes = [
            [await _drop_indexes(connection, table) for table in tables]
            for connection, tables in ((quotes, (QUOTES.name, QUOTE_RANKS)), (orders, (ORDERS.name, ORDER_RANKS)))
        ]
        await _copy(quotes, orders, history)
        await asyncio.gather(
            _finish(quotes, QUOTES, rebuild_quote_ranks, indexes[0]),
            _finish(orders, ORDERS, rebuild_order_ranks, indexes[1]),
        )
        midnight = datetime.combine(today, time(), UTC)
        await quotes.execute(_HONOURED, midnight - timedelta(days=DAYS), midnight, timeout=_HOURS)
        await quotes.execute(
            "INSERT INTO analytics_folds (source, folded_at) VALUES ('quotes', now()), ('orders', now())"
        )
        await quotes.execute(
            """INSERT INTO analytics_clusters SELECT source, cube, $1 FROM unnest($2::text[]) AS sources (source)
            CROSS JOIN unnest($3::text[]) AS cubes (cube)""",
            datetime.combine(history.clustered_until, time(), UTC),
            [QUOTES.source, ORDERS.source],
            list(CLUSTERED_CUBES),
        )
        await quotes.execute(
            """INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
            SELECT id, id::text, 'Product', 'bench', now(), 'bench', now() FROM unnest($1::uuid[]) AS ids (id)""",
            KEYS["product"],
            timeout=_HOURS,
        )
        await asyncio.gather(
            _vacuum(quotes, (QUOTES.name, QUOTE_RANKS, *_HONOURED_TABLES)),
            _vacuum(orders, (ORDERS.name, ORDER_RANKS)),
        )
    finally:
        await quotes.close()
        await orders.close()
    return history


async def _drop_indexes(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> list[str]:
    """Statements that make them again, the primary key too."""
    indexes = await connection.fetch(
        """SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition,
            pg_get_constraintdef(c.oid) AS key
        FROM pg_index AS i LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid
        WHERE i.indrelid = $1::text::regclass""",
        table,
    )
    statements = []
    for name, definition, key in indexes:
        if key is None:
            await connection.execute(f"DROP INDEX {name}")
            statements.append(definition)
        else:
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key}")
    return statements


async def _copy(
    quotes: "asyncpg.Connection[asyncpg.Record]", orders: "asyncpg.Connection[asyncpg.Record]", history: History
) -> None:
    """Each day is drawn while the one before is written."""
    days = history.days()
    made: Counted | None = next(days)
    while made is not None:
        made, *_ = await asyncio.gather(
            asyncio.to_thread(next, days, None),
            _copy_rows(quotes, QUOTES, made.quotes),
            _copy_rows(orders, ORDERS, made.orders),
        )


async def _copy_rows(connection: "asyncpg.Connection[asyncpg.Record]", table: RollupTable, lines: list[str]) -> None:
    async def source() -> AsyncIterator[bytes]:
        for first in range(0, len(lines), 2000):
            yield "".join(lines[first : first + 2000]).encode()

    await connection.copy_to_table(
        table.name, source=source(), columns=[*KEY_COLUMNS, *table.figures], format="text", timeout=_HOURS
    )


async def _finish(
    connection: "asyncpg.Connection[asyncpg.Record]",
    table: RollupTable,
    make_ranks: Callable[[Connection], Awaitable[None]],
    indexes: list[list[str]],
) -> None:
    """Ranks, the indexes of both, and what lines come to together."""
    await connection.execute(_SETTINGS)
    await make_ranks(connection)
    for statement in (each for statements in indexes for each in statements):
        await connection.execute(statement, timeout=_HOURS)
    figures = ", ".join(table.figures)
    sums = ", ".join(f"sum({figure})::bigint" for figure in table.figures)
    await connection.execute(
        f"""INSERT INTO {table.name} (cube, grain, period, hour, currency, key_a, key_b, {figures})
        SELECT 'lines', grain, period, hour, currency, '', '', {sums} FROM {table.name} WHERE cube = 'category'
        GROUP BY grain, period, hour, currency ORDER BY grain, period, currency""",  # noqa: S608 (names of ours)
        timeout=_HOURS,
    )
    for trigger in _TRIGGERS:
        await connection.execute(f"ALTER TABLE {table.name} ENABLE TRIGGER {trigger}")


async def _vacuum(connection: "asyncpg.Connection[asyncpg.Record]", tables: Sequence[str]) -> None:
    for table in tables:
        await connection.execute(f"VACUUM ANALYZE {table}", timeout=_HOURS)
