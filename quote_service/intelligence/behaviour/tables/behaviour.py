"""Sums by product and quarter of an hour as rows. Products are looked up by SQL, as inventory does.

Source: docs/spec/behaviour.md#sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from quote_service.intelligence.behaviour.model.counts import COUNTED, BehaviourDay, Counts
from quote_service.intelligence.behaviour.model.shown import BehaviourPoint, RankedProduct
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "behaviour")


async def add_quarters(connection: Connection, sums: Mapping[tuple[UUID, datetime], Counts]) -> None:
    """Add counts to the quarters of an hour of products."""
    if sums:
        product_ids, quarters = zip(*sums, strict=True)
        columns = [[getattr(counts, name) for counts in sums.values()] for name in COUNTED]
        await connection.execute(STATEMENTS["add_quarters"], product_ids, quarters, *columns)


@STATEMENTS.query()
async def days_of_products(
    connection: Connection, product_ids: Iterable[UUID], since: datetime, until: datetime, zone: str
) -> list[BehaviourDay]:
    """The days of products in which something was done, by product and day of a time zone."""


async def points_of_product(
    connection: Connection, product_id: UUID, begins: Sequence[datetime], end: datetime
) -> tuple[list[BehaviourPoint], bool]:
    """The points, which begin at ascending instants, in which something was done with a product; and whether all are exact."""
    rows = await connection.fetch(STATEMENTS["points_of_product"], product_id, end, begins)
    points = [BehaviourPoint(at=row["at"], **{name: row[name] for name in COUNTED}) for row in rows]
    return points, all(row["is_exact"] for row in rows)


@STATEMENTS.query()
async def ranked_products(
    connection: Connection, since: datetime, until: datetime, by: str, limit: int
) -> list[RankedProduct]:
    """Products with which most was done."""


@STATEMENTS.query()
async def known_products(connection: Connection, product_ids: Iterable[UUID]) -> set[UUID]:
    """Those that are products of the catalog."""


@STATEMENTS.query()
async def forget_hours(connection: Connection, days: int, limit: int) -> Affected:
    """Forget what is older; how many rows."""
