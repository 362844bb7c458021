"""Sources that fall silent, and sales beside those of the weeks before.

Source: docs/spec/signals.md#looking.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from quote_service.intelligence.signals.operations.looking.look_at_sales import look_at_all_sales
from quote_service.intelligence.signals.operations.looking.look_at_sources import look_at_sources
from quote_service.platform.postgres.pool import Connection
from tests.signals.market import SignalMarket, shown_figures


async def test_a_silent_source_is_reported_once_until_it_is_heard_again(market: SignalMarket) -> None:
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
    assert shown_figures(surge.kind, surge.measured, surge.threshold, surge.occurrences) == ("demand_surge", 2, 2, 1)
    assert [shown_figures(each.role, each.value) for each in surge.evidence] == [
        ("now", 24),
        ("compared", 10),
        ("compared", 14),
        ("compared", 12),
    ]
    await look_at_all_sales(market.database, now + timedelta(hours=25))
    assert await market.kinds() == [("demand_surge", "resolved", 1)]
