"""Changes of current prices as rows, and the prices themselves where one is moved.

Source: docs/spec/catalog.md#moving-a-price.
"""

from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.catalog.words.price_changes import ChangeStatus, PriceChange
from quote_service.catalog.words.prices import price_number
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.system.errors import NotFound

_QUERIES = load_queries(__file__, "price_changes")
_BOUNDS = _QUERIES["price_bounds"]
_PRODUCT_BOUNDS = _QUERIES["product_bounds"]
_IS_VARIANT = _QUERIES["is_variant_of"]
_MOVE = _QUERIES["move_price"]
_GIVE = _QUERIES["give_variant_a_price"]
_INSERT = _QUERIES["insert_change"]
_CHANGE = _QUERIES["change"]
_LOCK = _QUERIES["lock_change"]
_DECIDE = _QUERIES["decide_change"]
_PAGE = _QUERIES["page_of_changes"]
_NEXT_DUE = _QUERIES["next_due_change"]
_SECONDS = _QUERIES["seconds_to_next_change"]


class Bounds(NamedTuple):
    """What a price is and may become; `is_own`: a variant has something of its own in this currency."""

    current: Decimal
    lowest: Decimal
    highest: Decimal | None
    is_own: bool


async def read_bounds(connection: Connection, item_id: UUID, currency: str, *, is_variant: bool) -> Bounds | None:
    """What the price of a product or variant is and may become; None where it is not sold in this currency."""
    row = await connection.fetchrow(_BOUNDS, item_id, currency)
    is_own = row is not None
    if row is None and is_variant:
        row = await connection.fetchrow(_PRODUCT_BOUNDS, item_id, currency)
    if row is None:
        return None
    current, lowest, highest = row
    return Bounds(Decimal(current), Decimal(lowest), None if highest is None else Decimal(highest), is_own)


async def is_variant_of(connection: Connection, product_id: UUID, variant_id: UUID) -> bool:
    """Whether the product has this variant now."""
    return bool(await connection.fetchval(_IS_VARIANT, product_id, variant_id))


async def move_price(connection: Connection, item_id: UUID, currency: str, price: Decimal, *, is_own: bool) -> None:
    """Set a current price; a variant that had none of its own gets one.

    Raises:
        Invalid: It is past a bound.
    """
    await connection.execute(_MOVE if is_own else _GIVE, item_id, currency, price)


async def insert_change(connection: Connection, change: PriceChange) -> None:
    """Write down a change that was asked for."""
    await connection.execute(
        _INSERT,
        change.id,
        change.product_id,
        change.variant_id,
        change.currency,
        change.price,
        change.effective_at,
        change.reason_note,
        change.status,
        change.applied_price,
        change.decided_at,
        change.created_by,
        change.created_at,
    )


async def read_change(connection: Connection, product_id: UUID, change_id: UUID, *, lock: bool = False) -> PriceChange:
    """A change of one of the product's prices; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(_LOCK, change_id)
    row = await connection.fetchrow(_CHANGE, change_id, product_id)
    if row is None:
        raise NotFound("There is no such price change")
    return _change(row)


async def decide_change(
    connection: Connection, change_id: UUID, status: ChangeStatus, applied: Decimal | None = None
) -> None:
    """Write down what has become of a change."""
    await connection.execute(_DECIDE, change_id, status, applied)


async def page_of_changes(
    connection: Connection, product_id: UUID, *, status: ChangeStatus | None, before: UUID | None, limit: int
) -> list[PriceChange]:
    """Up to `limit` changes of a product's prices, newest first."""
    return [_change(row) for row in await connection.fetch(_PAGE, product_id, status, before, limit)]


async def next_due_change(connection: Connection) -> PriceChange | None:
    """The change that is due first and that nobody has in hand; it is in hand until the transaction ends."""
    row = await connection.fetchrow(_NEXT_DUE)
    return None if row is None else _change(row)


async def seconds_to_next_change(connection: Connection) -> float | None:
    """How long until the next scheduled change; below 0 where one is due, None where there is none."""
    seconds: float | None = await connection.fetchval(_SECONDS)
    return seconds


def _change(row: Record) -> PriceChange:
    values = dict(row)
    for name in ("price", "applied_price"):
        if values[name] is not None:
            values[name] = price_number(Decimal(values[name]), values["currency"])
    return PriceChange(**values)
