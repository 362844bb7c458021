"""Sums by product and hour as rows. Products are looked up by SQL, as inventory does.

Source: docs/spec/behaviour.md#sums.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.intelligence.behaviour.model.counts import COUNTED, BehaviourDay, Counts
from quote_service.intelligence.behaviour.model.shown import BehaviourPoint, Grain, RankedProduct
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "behaviour")


async def add_hours(connection: Connection, sums: Mapping[tuple[UUID, datetime], Counts]) -> None:
    """Add counts to the hours of products."""
    if sums:
        product_ids, hours = zip(*sums, strict=True)
        columns = [[getattr(counts, name) for counts in sums.values()] for name in COUNTED]
        await connection.execute(STATEMENTS["add_hours"], product_ids, hours, *columns)


@STATEMENTS.query()
async def days_of_products(
    connection: Connection, product_ids: Iterable[UUID], since: datetime, until: datetime, zone: str
) -> list[BehaviourDay]:
    """The days of products in which something was done, by product and day of a time zone."""


async def points_of_product(
    connection: Connection, product_id: UUID, since: datetime, until: datetime, grain: Grain, zone: ZoneInfo
) -> list[BehaviourPoint]:
    """A product's hours, or days of a time zone, in which something was done, by time."""
    rows = await connection.fetch(STATEMENTS["points_of_product"], product_id, since, until, grain, zone.key)
    of = UTC if grain == "hour" else zone
    return [BehaviourPoint(**{**dict(row), "at": row["at"].replace(tzinfo=of).astimezone(UTC)}) for row in rows]


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
    """Forget hours that are older; how many."""
