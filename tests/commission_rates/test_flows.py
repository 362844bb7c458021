"""What only shows between two statements: an export beside a change, two imports at once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import RateOverlaps, VersionConflict
from quote_service.rulebook.commission_rates.model.rate_records import ImportedRates, RateRow
from quote_service.rulebook.commission_rates.operations.export_rates import export_rates
from quote_service.rulebook.commission_rates.operations.import_rates import ids_for, import_rates
from quote_service.rulebook.commission_rates.tables.commission_rates import lock_rulebook
from tests.conftest import eventually


def rows_for(count: int) -> list[RateRow]:
    """Percentages, each for a seller of its own."""
    return [RateRow(commission_type="PERCENTAGE", rate=ExactNumber("5"), seller_id=uuid4()) for _ in range(count)]


async def write(database: Database, rows: list[RateRow]) -> ImportedRates:
    async with database.transaction() as connection:
        change = change_by_system("test", now_us())
        return await import_rates(Change.within(connection, change), rows, ids_for(rows, change))


async def test_an_export_shows_one_moment(database: Database) -> None:
    first = await write(database, rows_for(10))
    pages = export_rates(database, page_rows=4)
    seen = await anext(pages)
    rows = [
        msgspec.structs.replace(row, id=rate_id, priority=9)
        for row, rate_id in zip(rows_for(10), first.ids, strict=True)
    ]
    await write(database, rows + rows_for(5))
    async for page in pages:
        seen += page
    mine = [rate for rate in seen if rate.id in set(first.ids)]
    assert [rate.id for rate in mine] == sorted(first.ids)
    assert {(rate.version, rate.priority) for rate in mine} == {(1, 0)}
    assert len(seen) == len({rate.id for rate in seen})


async def test_of_two_imports_of_the_same_rates_the_later_is_reported(database: Database) -> None:
    ids = (await write(database, rows_for(3))).ids

    def changed(priority: int) -> list[RateRow]:
        return [
            msgspec.structs.replace(row, id=rate_id, priority=priority)
            for row, rate_id in zip(rows_for(3), ids, strict=True)
        ]

    async with database.transaction() as blocker:
        await lock_rulebook(blocker)
        both = [asyncio.create_task(write(database, changed(priority))) for priority in (1, 2)]
        await eventually(lambda: two_wait(database), "both have read and wait to write")
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    (written,) = (outcome for outcome in outcomes if isinstance(outcome, ImportedRates))
    assert written.changed == 3
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 1


async def two_wait(database: Database) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with database.read() as connection:
        return bool(await connection.fetchval(waiting) == 2)


async def test_of_two_imports_of_equal_rates_the_later_is_reported(database: Database) -> None:
    rows = rows_for(3)
    async with database.transaction() as blocker:
        await lock_rulebook(blocker)
        both = [asyncio.create_task(write(database, rows)) for _ in range(2)]
        await eventually(lambda: two_wait(database), "both have read and wait to write")
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RateOverlaps)]
    assert len(refused) == 1
    assert [fault.pointer for fault in refused[0].faults] == ["/0", "/1", "/2"]
