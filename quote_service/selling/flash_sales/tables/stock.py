"""The items of flash sales as buying sees them, and the counters that hold them to their limits.

Source: docs/spec/flash-sales.md#admission-and-decision.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.followed_sale_items import FOLLOWED_SALE_ITEMS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.selling.flash_sales.model.limits import FormerLimit
from quote_service.selling.flash_sales.model.stock_item import StockItem

_QUERIES = load_queries(__file__, "stock", FOLLOWED_SALE_ITEMS)
_ITEMS_TO_CACHE = _QUERIES["items_to_cache"]
_ITEMS_OF_SALE = _QUERIES["items_of_sale"]
_ITEM = _QUERIES["item"]
_LOCK = _QUERIES["lock_item"]
_SET_EPOCH = _QUERIES["set_epoch"]
_NOTE_OPENED = _QUERIES["note_opened"]
_FORMER_LIMITS = _QUERIES["former_limits"]
_CLOSE_LIMITS = _QUERIES["close_limits"]
_NOTE_DRIFT = _QUERIES["note_drift"]
_NOTE_RETIRED = _QUERIES["note_retired"]
_INSERT_RECOVERY = _QUERIES["insert_recovery"]
_TRY_REPAIR = _QUERIES["try_repair_lock"]
_RAISE_SOLD = _QUERIES["raise_sold"]
_RAISE_HIGH_WATER = _QUERIES["raise_high_water"]
_LOWER_SOLD = _QUERIES["lower_sold"]
_LOWER_CUSTOMER = _QUERIES["lower_customer"]
_RAISE_CUSTOMERS = _QUERIES["raise_customers"]
_OWNED = _QUERIES["owned"]
_INSERT_DEAD_LETTER = _QUERIES["insert_dead_letter"]


async def items_to_cache(connection: Connection) -> list[StockItem]:
    """Every item that is on sale, or was until lately, or of which not all is recorded and decided yet."""
    return [_item(row) for row in await connection.fetch(_ITEMS_TO_CACHE)]


async def items_of_sale(connection: Connection, sale_id: UUID) -> list[StockItem]:
    """The items of a sale in whatever state; none where there is no such sale."""
    return [_item(row) for row in await connection.fetch(_ITEMS_OF_SALE, sale_id)]


async def read_item(connection: Connection, item_id: int) -> StockItem | None:
    """An item; None where there is none."""
    row = await connection.fetchrow(_ITEM, item_id)
    return None if row is None else _item(row)


async def hold_item(connection: Connection, item_id: int) -> StockItem:
    """An item, locked: nobody else takes or gives back a unit of it until the transaction ends.

    Raises:
        NotFound: There is no such item.
    """
    # The lock first and the content after it: a row that is read while it waits may be of before the wait.
    await connection.execute(_LOCK, item_id)
    item = await read_item(connection, item_id)
    if item is None:
        raise NotFound("There is no such item of a flash sale")
    return item


async def set_epoch(connection: Connection, item_id: int, epoch: int) -> bool:
    """Begin an epoch of a held item: whatever Redis has of an earlier one no longer counts. False: it is not a later one."""
    return await connection.fetchval(_SET_EPOCH, item_id, epoch) is not None


async def note_opened(connection: Connection, item_id: int, epoch: int, run_id: str, last_id: tuple[int, int]) -> bool:
    """Redis holds the item under this epoch; False where another has begun a later one."""
    return await connection.fetchval(_NOTE_OPENED, item_id, epoch, run_id, *last_id) is not None


async def former_limits(connection: Connection, item_id: int) -> list[FormerLimit]:
    """The limits of an item that were lowered while Redis held it."""
    return [
        FormerLimit(
            row["per_customer_limit"],
            None if row["until_epoch"] is None else (row["until_epoch"], row["until_number"]),
        )
        for row in await connection.fetch(_FORMER_LIMITS, item_id)
    ]


async def close_limits(connection: Connection, item_id: int, revision: int, epoch: int, number: int) -> None:
    """Redis holds this revision of the item, and no later reservation than that can be of a limit that it lowered."""
    await connection.execute(_CLOSE_LIMITS, item_id, revision, epoch, number)


async def note_drift(connection: Connection, item_id: int) -> None:
    """Redis no longer agrees with the item, and has to be built anew."""
    await connection.execute(_NOTE_DRIFT, item_id)


async def note_retired(connection: Connection, item_id: int) -> None:
    """All of an item that is over is recorded and decided, so that it is left alone in an hour."""
    await connection.execute(_NOTE_RETIRED, item_id)


async def note_recovery(
    connection: Connection, item_id: int, epoch: int, reason: str, stock_found: int | None, stock_set: int
) -> None:
    """Write down that an item was built anew in Redis, and why."""
    await connection.execute(_INSERT_RECOVERY, item_id, epoch, reason, stock_found, stock_set)


async def try_repair_lock(connection: Connection, item_id: int) -> bool:
    """Be the one who repairs an item, until the transaction ends; False where another is at it."""
    mine: bool = await connection.fetchval(_TRY_REPAIR, (item_id + 2**31) % 2**32 - 2**31)
    return mine


async def raise_sold(connection: Connection, item_id: int, units: int, epoch: int, number: int) -> bool:
    """Take units of an item for good; False where there are not so many, and nothing is changed.

    `number` is the highest of the reservations taken, which counts as recorded if `epoch` is the item's own.
    """
    return await connection.fetchval(_RAISE_SOLD, item_id, units, epoch, number) is not None


async def raise_high_water(connection: Connection, item_id: int, entry_id: tuple[int, int]) -> None:
    """The stream of an item has been recorded up to this entry."""
    await connection.execute(_RAISE_HIGH_WATER, item_id, *entry_id)


async def give_back_units(connection: Connection, item_id: int, customer_id: UUID, units: int) -> None:
    """Take units back from a customer and into the item."""
    await connection.execute(_LOWER_SOLD, item_id, units)
    await connection.execute(_LOWER_CUSTOMER, item_id, customer_id, units)


async def raise_customers(
    connection: Connection, item_id: int, asked: Sequence[tuple[UUID, int]], limit: int
) -> set[UUID]:
    """Count units for customers; those whose limit allows all of theirs, the others are left as they were."""
    rows = await connection.fetch(
        _RAISE_CUSTOMERS, item_id, [customer for customer, _ in asked], [units for _, units in asked], limit
    )
    return {row["customer_id"] for row in rows}


async def owned_units(connection: Connection, item_id: int) -> list[tuple[UUID, int]]:
    """What each customer holds or bought of an item."""
    return [(row["customer_id"], row["quantity"]) for row in await connection.fetch(_OWNED, item_id)]


async def keep_dead_letters(connection: Connection, item_id: int, letters: Iterable[tuple[str, str, str]]) -> None:
    """Keep stream entries that cannot be recorded: entry id, payload, reason."""
    await connection.executemany(_INSERT_DEAD_LETTER, [(item_id, *letter) for letter in letters])


def _item(row: Record) -> StockItem:
    return StockItem(
        id=row["id"],
        sale_id=row["sale_id"],
        product_id=row["product_id"],
        currency=row["currency"],
        price_minor=row["sale_price_minor"],
        allocated=row["allocated"],
        sold=row["sold"],
        limit=row["per_customer_limit"],
        state=row["state"],
        starts_ms=row["starts_ms"],
        ends_ms=row["ends_ms"],
        hold_ms=row["hold_ms"],
        revision=row["revision"],
        epoch=row["epoch"],
        is_drifted=row["is_drifted"],
        redis_run_id=row["redis_run_id"],
        high_water_ms=row["high_water_ms"],
        high_water_seq=row["high_water_seq"],
        high_number=row["high_number"],
        is_limit_open=row["is_limit_open"],
        is_retired=row["is_retired"],
    )
