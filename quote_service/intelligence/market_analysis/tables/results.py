"""What an analysis comes to, as rows that take the place of those before.

Source: docs/spec/market-analysis.md#runs.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from quote_service.intelligence.market_analysis.model.transformations.days import DAY_COLUMNS
from quote_service.intelligence.market_analysis.model.transformations.distribution import DISTRIBUTION_COLUMNS
from quote_service.intelligence.market_analysis.model.transformations.volatility import VOLATILITY_COLUMNS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "results")

ResultName = Literal["days", "distribution", "volatility"]
_TABLES: Final[dict[ResultName, tuple[str, tuple[str, ...]]]] = {
    "days": ("market_days", DAY_COLUMNS),
    "distribution": ("market_distribution", DISTRIBUTION_COLUMNS),
    "volatility": ("market_volatility", (*VOLATILITY_COLUMNS, "variation")),
}
_FORGOTTEN_AT_ONCE: Final = 10_000


async def drop_results(connection: Connection, product_ids: Sequence[UUID], since: date) -> None:
    """Remove what was worked out of products: days from `since` on, and everything that is of no day."""
    await connection.execute(STATEMENTS["drop_days"], product_ids, since)
    await connection.execute(STATEMENTS["drop_distribution"], product_ids)
    await connection.execute(STATEMENTS["drop_volatility"], product_ids)


async def add_results(connection: Connection, name: ResultName, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, whose values are in the order of the transformation's columns."""
    table, columns = _TABLES[name]
    await connection.copy_records_to_table(table, records=rows, columns=list(columns))


@STATEMENTS.query()
async def note_products(connection: Connection, product_ids: Sequence[UUID], since: date) -> None:
    """Note that products have figures since a day."""


async def add_up_totals(connection: Connection) -> None:
    """Add the distribution up over products, in place of what was added up before."""
    await connection.execute(STATEMENTS["drop_totals"])
    await connection.execute(STATEMENTS["add_totals"])


async def forget_days(connection: Connection, before: date) -> bool:
    """Remove some figures of days before one; whether there may be more."""
    reported = await connection.execute(STATEMENTS["forget_days"], before, _FORGOTTEN_AT_ONCE)
    return int(str(reported).rpartition(" ")[2]) == _FORGOTTEN_AT_ONCE
