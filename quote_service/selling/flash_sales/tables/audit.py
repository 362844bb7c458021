"""What an audit of a flash sale asks of PostgreSQL: rows that ought not to be there, and what is to be known.

Source: docs/spec/flash-sales.md#invariants.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.money.numbers import read_number
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.flash_sales.model.audit import Finding
from quote_service.selling.flash_sales.model.sale import to_minor

STATEMENTS = Statements(__file__, "audit")
_ROWS = (
    ("I1", STATEMENTS["oversold"]),
    ("I3", STATEMENTS["repeated_keys"]),
    ("I3", STATEMENTS["missing_keys"]),
    ("I8", STATEMENTS["ledger_gaps"]),
    ("I8", STATEMENTS["ledger_sums"]),
    ("I12", STATEMENTS["dead_letters"]),
    ("I12", STATEMENTS["untold"]),
)


class Terms(NamedTuple):
    """On which terms a product was on the sale from an instant on, until the next."""

    since: datetime
    product_id: UUID
    price_minor: int
    customer_limit: int
    allocated: int


class Units(NamedTuple):
    """Units of an item by what became of them; `is_retired`: Redis was told to let it expire."""

    confirmed: int
    reserved: int
    is_retired: bool


class NamedPurchase(NamedTuple):
    """A recorded purchase, as its key in Redis ought to name it."""

    id: UUID
    customer_id: UUID
    idempotency_key: str | None
    status: str


async def terms_of_sale(connection: Connection, sale_id: UUID) -> list[Terms]:
    """The terms of each product of a sale, as the audit log shows them, in the order of their time."""
    return [
        Terms(
            row["at"],
            row["product_id"],
            to_minor(read_number(row["sale_price"]), row["currency"]),
            row["customer_limit"],
            row["allocated"],
        )
        for row in await connection.fetch(STATEMENTS["terms"], sale_id)
    ]


async def find_violations(
    connection: Connection, sale_id: UUID, terms: Sequence[Terms], clocks_apart: timedelta
) -> list[Finding]:
    """Each row that breaks an invariant.

    Args:
        connection: Whose statements all see one state of the database.
        sale_id: Which sale.
        terms: The sale's.
        clocks_apart: How far the clocks of Redis, PostgreSQL and the service may be from each other.
    """
    found = []
    for invariant, query in _ROWS:
        found += _findings(invariant, await connection.fetch(query, sale_id))
    products = list({one.product_id for one in terms})
    # Who bought while more was allowed broke nothing.
    limits = [max(one.customer_limit for one in terms if one.product_id == product) for product in products]
    allocated = [max(one.allocated for one in terms if one.product_id == product) for product in products]
    found += _findings("I1", await connection.fetch(STATEMENTS["oversold_once"], sale_id, products, allocated))
    found += _findings("I2", await connection.fetch(STATEMENTS["over_limit"], sale_id, products, limits))
    found += _findings("I9", await connection.fetch(STATEMENTS["out_of_time"], sale_id, clocks_apart))
    prices = (
        [one.product_id for one in terms],
        [one.price_minor for one in terms],
        [one.since for one in terms],
        [_next_instant(terms, index) for index in range(len(terms))],
    )
    found += _findings("I9", await connection.fetch(STATEMENTS["out_of_price"], sale_id, clocks_apart, *prices))
    return found


@STATEMENTS.query()
async def count_overdue(connection: Connection, sale_id: UUID, overdue: timedelta) -> int:
    """Purchases that are held, and whose time has been over for so long."""


@STATEMENTS.query()
async def named_purchases(connection: Connection, item_id: int) -> list[NamedPurchase]:
    """Every recorded purchase of an item."""


@STATEMENTS.query()
async def units_of_sale(connection: Connection, sale_id: UUID) -> dict[int, Units]:
    """Units by item."""


async def count_recoveries(connection: Connection, sale_id: UUID) -> tuple[int, dict[str, int]]:
    """How often items of a sale were built in Redis; and by reason, without the first time of each."""
    rows = await connection.fetch(STATEMENTS["recoveries"], sale_id)
    return sum(row["times"] for row in rows), {row["reason"]: row["again"] for row in rows if row["again"]}


async def count_dead_letters(connection: Connection, sale_id: UUID) -> int:
    """Stream entries of a sale that were put aside."""
    return len(await connection.fetch(STATEMENTS["dead_letters"], sale_id))


@STATEMENTS.query()
async def count_rejected(connection: Connection, sale_id: UUID) -> dict[str, int]:
    """Purchases that were refused late, by reason."""


def _findings(invariant: str, rows: Sequence[Record]) -> list[Finding]:
    return [Finding(invariant, ", ".join(f"{name} {value}" for name, value in row.items())) for row in rows]


def _next_instant(terms: Sequence[Terms], index: int) -> datetime | None:
    later = [one.since for one in terms[index + 1 :] if one.product_id == terms[index].product_id]
    return later[0] if later else None
