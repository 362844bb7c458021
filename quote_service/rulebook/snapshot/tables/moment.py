"""Where the database is, and whether anything that is followed has changed since.

Source: docs/decisions/followed-catalog.md.
"""

from typing import NamedTuple

from asyncpg import Record

from quote_service.platform.postgres.followed_sale_items import FOLLOWED_SALE_ITEMS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.rulebook.snapshot.model.position import Moment
from quote_service.rulebook.snapshot.model.transaction_snapshot import Range, TransactionSnapshot

STATEMENTS = Statements(__file__, "moment", FOLLOWED_SALE_ITEMS)


class Committed(NamedTuple):
    """What is committed: the version of the rulebook, and the state of everything else, by `at_us` of the database's clock."""

    version: int
    moment: Moment
    at_us: int


class Heartbeat(NamedTuple):
    """What is committed, and of what else a process follows: the version of keys and people, and whether anything is on sale."""

    committed: Committed
    access_version: int
    has_sales: bool


def _moment(row: Record) -> Moment:
    return Moment(row["origin"], TransactionSnapshot.read(row["seen"]), row["minute_us"])


async def read_heartbeat(connection: Connection) -> Heartbeat:
    """What is committed now."""
    row = await connection.fetchrow(STATEMENTS["heartbeat"])
    assert row is not None  # the one row is never removed
    return Heartbeat(Committed(row["version"], _moment(row), row["at_us"]), row["access_version"], row["has_sales"])


async def read_committed(connection: Connection) -> Committed:
    """The rulebook version that is committed now, with the moment."""
    row = await connection.fetchrow(STATEMENTS["version_and_moment"])
    assert row is not None  # the one row is never removed
    return Committed(row["version"], _moment(row), row["at_us"])


@STATEMENTS.query(row=_moment)
async def read_moment(connection: Connection) -> Moment:
    """The state that a transaction reads."""


@STATEMENTS.query()
async def read_position(connection: Connection) -> int:
    """An instant, by the database's clock in microseconds, by which everything was committed that is committed now."""


async def has_changed(connection: Connection, ended: list[Range], *, with_stock: bool) -> bool:
    """Whether any of some transactions changed a product, a customer, a category or where a seller is; or stock, where that counts."""
    return bool(await connection.fetchval(STATEMENTS["has_changed"], *bounds(ended), with_stock))


def bounds(ended: list[Range]) -> tuple[list[str], list[str]]:
    """Ranges as two arguments of a query."""
    return [str(began) for began, _ in ended], [str(after) for _, after in ended]
