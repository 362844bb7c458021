"""Rules that were in force at any time of the past, with when they were.

Source: docs/spec/price-reductions.md#everybody.
"""

from collections.abc import Iterable

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import FOREVER, from_micros
from quote_service.pricing.asked.flags_for_all import StandingFlag
from quote_service.pricing.asked.rules_for_all import TYPES_FOR_ALL, StandingRule, StandingSpend
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_flag, read_row, read_rules
from quote_service.rulebook.snapshot.tables.versioned_rows import VERSIONED_ROWS

STATEMENTS = Statements(__file__, "standing_rules", VERSIONED_ROWS)


async def read_standing_rules(connection: Connection, since_us: int, version: int) -> list[StandingRule]:
    """The rules that could lower what everybody is asked for, at any instant since one.

    Args:
        connection: To read with.
        since_us: The instant.
        version: The version of the rulebook up to which changes count.

    Raises:
        RowUnreadable: A row cannot be understood by this release.
    """
    rows = await connection.fetch(STATEMENTS["standing_rules"], TYPES_FOR_ALL, from_micros(since_us), version)
    return [
        StandingRule(rule, row["since_us"], FOREVER if row["until_us"] is None else row["until_us"])
        for rule, row in zip(read_rules(rows), rows, strict=True)
    ]


async def read_standing_spends(connection: Connection, since_us: int, version: int) -> list[StandingSpend]:
    """What all customers together had spent of budgets that could not cover a discount, at any instant since one.

    Args:
        connection: To read with.
        since_us: The instant.
        version: The version of the rulebook up to which changes count.
    """
    return [StandingSpend(*row) for row in await connection.fetch(STATEMENTS["standing_spends"], since_us, version)]


async def read_standing_flags(
    connection: Connection, keys: Iterable[str], since_us: int, version: int
) -> list[StandingFlag]:
    """Flags as they stood at any instant since one.

    Args:
        connection: To read with.
        keys: Their keys.
        since_us: The instant.
        version: The version of the rulebook up to which changes count.

    Raises:
        RowUnreadable: A row cannot be understood by this release.
    """
    rows = await connection.fetch(STATEMENTS["standing_flags"], since_us, version, list(keys))
    return [StandingFlag(read_row("flag", row, read_flag), row["changed_in"], row["replaced_in"]) for row in rows]
