"""What changed from one rulebook version of the past to a later one, or all that counted in one.

Source: docs/spec/replay.md#the-rulebook-of-then.
"""

from datetime import UTC, datetime
from typing import Any

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.postgres.timed_connection import read_chunks
from quote_service.pricing.commission.compiled_rate import compile_rate
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion, RulebookChanges
from quote_service.rulebook.snapshot.tables.rulebook_rows import (
    CHUNK_ROWS,
    NOTHING_HELD,
    RateReader,
    read_flag,
    read_row,
    read_rules,
)
from quote_service.rulebook.snapshot.tables.versioned_rows import VERSIONED_ROWS

STATEMENTS = Statements(__file__, "past_changes", VERSIONED_ROWS)
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


async def read_past_changes(
    connection: Connection, version: int, held_version: int, *, rates_until: datetime
) -> RulebookChanges | None:
    """What a holder of one version must apply to hold a later one; rates come compiled.

    Args:
        connection: Inside a transaction, for its cursor. What counted in a version never changes, so any will do.
        version: The version that is wanted.
        held_version: The one held, which is not later; NOTHING_HELD reads everything.
        rates_until: Where everything is read, rates that ended by this instant are left out.

    Returns:
        The changes, or None where the database does not know the version: it was restored from before it.

    Raises:
        RowUnreadable: A row cannot be understood by this release.
    """
    if not await connection.fetchval(STATEMENTS["past_version_exists"], version):
        return None
    is_complete = held_version == NOTHING_HELD
    ended = (
        []
        if is_complete
        else [row[0] for row in await connection.fetch(STATEMENTS["ended_rates_since"], version, held_version)]
    )
    return RulebookChanges(
        version=version,
        is_complete=is_complete,
        rates=await _rates(connection, version, held_version, rates_until if is_complete else _BEFORE_ALL),
        ended_rate_ids=ended,
        rules=read_rules(await connection.fetch(STATEMENTS["rules_since"], version, held_version)),
        flags=[
            read_row("flag", row, read_flag)
            for row in await connection.fetch(STATEMENTS["flags_since"], version, held_version)
        ],
        exhaustions=[
            CouponExhaustion(*row)
            for row in await connection.fetch(STATEMENTS["exhaustions_since"], version, held_version)
        ],
        budget_spends=[
            BudgetSpend(*row)
            for row in await connection.fetch(STATEMENTS["budget_spends_since"], version, held_version)
        ],
    )


async def _rates(connection: Connection, version: int, held_version: int, until: datetime) -> list[Any]:
    # Through a cursor, as where the rulebook is followed: a million rates are never held in two forms.
    rates: list[Any] = []
    reader = RateReader()
    async for rows in read_chunks(connection, STATEMENTS["rates_since"], version, held_version, until, rows=CHUNK_ROWS):
        rates.extend(map(compile_rate, reader.read_all(rows)))
    return rates
