"""Changes of current prices as rows, and the prices themselves where one is moved.

Source: docs/spec/catalog.md#moving-a-price.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.price_changes import ChangeStatus, PriceChange
from quote_service.shop.catalog.model.prices import price_number

STATEMENTS = Statements(__file__, "price_changes")

_COLUMNS = tuple(name for name in PriceChange.__struct_fields__ if name != "version")
#: Each moves with its history and what that tells others: a millisecond, and a statement must not take seconds.
_MOVES_AT_ONCE = 100


class PricePlace(NamedTuple):
    """Whose price, and in which currency: a variant's, or with None the product's."""

    product_id: UUID
    variant_id: UUID | None
    currency: str

    @property
    def item_id(self) -> UUID:
        """What the price is kept for."""
        return self.variant_id or self.product_id


class Bounds(NamedTuple):
    """What a price is and may become."""

    current: Decimal
    lowest: Decimal
    highest: Decimal | None


class MovedPrice(NamedTuple):
    """What a price is to be, and the id that the history tells as the source of the move."""

    item_id: UUID
    currency: str
    price: Decimal
    source_id: str


#: What keeps a place from having a price: the product has no such variant, or no prices in this currency.
Absence = Literal["variant", "currency"]


def _change(row: Record) -> PriceChange:
    values = dict(row)
    for name in ("price", "applied_price"):
        if values[name] is not None:
            values[name] = price_number(Decimal(values[name]), values["currency"])
    return PriceChange(**values)


async def read_bounds(connection: Connection, places: Sequence[PricePlace]) -> list[Bounds | Absence]:
    """What each price is and may become, or why there is none; what a variant has not of its own is its product's."""
    if not places:
        return []
    return [
        _bounds(row)
        for row in await connection.fetch(STATEMENTS["price_bounds"], *map(list, zip(*places, strict=True)))
    ]


async def move_prices(connection: Connection, moves: Sequence[MovedPrice]) -> None:
    """Set current prices, in their order; a variant that had none of its own gets one.

    Raises:
        Invalid: One is past a bound.
    """
    for start in range(0, len(moves), _MOVES_AT_ONCE):
        items = zip(*moves[start : start + _MOVES_AT_ONCE], strict=True)
        await connection.execute(STATEMENTS["move_prices"], *map(list, items))


async def insert_changes(connection: Connection, changes: Sequence[PriceChange]) -> None:
    """Write down changes that were asked for."""
    records = ([getattr(change, column) for column in _COLUMNS] for change in changes)
    await connection.copy_records_to_table("price_changes", records=records, columns=_COLUMNS)


async def read_change(connection: Connection, product_id: UUID, change_id: UUID, *, lock: bool = False) -> PriceChange:
    """A change of one of the product's prices; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(STATEMENTS["lock_change"], change_id)
    row = await connection.fetchrow(STATEMENTS["change"], change_id, product_id)
    if row is None:
        raise NotFound("There is no such price change")
    return _change(row)


@STATEMENTS.query()
async def decide_change(
    connection: Connection, change_id: UUID, status: ChangeStatus, applied: Decimal | None = None
) -> None:
    """Write down what has become of a change."""


@STATEMENTS.query(row=_change)
async def next_due_change(connection: Connection) -> PriceChange | None:
    """The change that is due first and that nobody has in hand; it is in hand until the transaction ends."""


@STATEMENTS.query()
async def seconds_to_next_change(connection: Connection) -> float | None:
    """How long until the next scheduled change; below 0 where one is due, None where there is none."""


def _bounds(row: Record) -> Bounds | Absence:
    if not row["is_known"]:
        return "variant"
    if row["current_price"] is None:
        return "currency"
    highest = row["max_price"]
    return Bounds(
        Decimal(row["current_price"]), Decimal(row["min_price"]), None if highest is None else Decimal(highest)
    )


async def seconds_overdue(connection: Connection) -> float:
    """How long the price change that is due first has waited; 0 where none is due."""
    return float(await connection.fetchval(STATEMENTS["seconds_overdue"]) or 0)


CHANGE_ROWS = ListedRows(
    PriceChange,
    STATEMENTS["changes"],
    order="-id",
    sorts=("currency", "effective_at", "status", "created_at"),
    search=("reason_note",),
    make=_change,
)
