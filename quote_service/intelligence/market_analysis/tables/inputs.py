"""What is analysed, read from where each subject keeps it: into files, without becoming objects on the way.

Source: docs/spec/market-analysis.md#inputs.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "inputs")

InputName = Literal["prices", "sales", "offers"]
_EXPORTS: Final[dict[InputName, str]] = {
    "prices": STATEMENTS["prices"],
    "sales": STATEMENTS["sales"],
    "offers": STATEMENTS["offers"],
}


@STATEMENTS.query()
async def changed_products(connection: Connection, since: datetime) -> list[UUID]:
    """Products whose figures may have changed since an instant, in order."""


@STATEMENTS.query()
async def all_products(connection: Connection) -> list[UUID]:
    """Every product of the catalog, in order."""


@STATEMENTS.query()
async def known_products(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Since which day figures of products are there; those without any are left out."""


async def export_input(
    connection: Connection,
    name: InputName,
    product_ids: Sequence[UUID],
    since: datetime,
    until: datetime,
    target: Path,
) -> None:
    """Write an input of the products from `since` to `until` to a file, as CSV without a header."""
    await connection.copy_from_query(_EXPORTS[name], product_ids, since, until, output=target, format="csv")
