"""The items of flash sales as buying sees them, and the counters that hold them to their limits.

Source: docs/spec/flash-sales.md#admission-and-decision.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from quote_service.platform.postgres.followed_sale_items import FOLLOWED_SALE_ITEMS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.selling.flash_sales.model.limits import FormerLimit
from quote_service.selling.flash_sales.model.stock_item import StockItem

STATEMENTS = Statements(__file__, "stock", FOLLOWED_SALE_ITEMS)


async def items_to_cache(connection: Connection) -> tuple[list[StockItem], int]:
    """Every item that is on sale, or was until recently, or of which not all is recorded and decided yet; and the instant of the
    database's clock, in microseconds, by which everything was committed that is in them."""
    rows = await connection.fetch(STATEMENTS["items_to_cache"])
    fields = StockItem.__struct_fields__
    items = [StockItem(**{name: row[name] for name in fields}) for row in rows if row["id"] is not None]
    return items, rows[0]["at_us"]


@STATEMENTS.query()
async def items_of_sale(connection: Connection, sale_id: UUID) -> list[StockItem]:
    """The items of a sale in whatever state; none where there is no such sale."""


@STATEMENTS.query()
async def read_item(connection: Connection, item_id: int) -> StockItem | None:
    """An item; None where there is none."""


async def hold_item(connection: Connection, item_id: int) -> StockItem:
    """An item, locked: nobody else takes or gives back a unit of it until the transaction ends.

    Raises:
        NotFound: There is no such item.
    """
    # The lock first and the content after it: a row that is read while it waits may be of before the wait.
    await connection.execute(STATEMENTS["lock_item"], item_id)
    item = await read_item(connection, item_id)
    if item is None:
        raise NotFound("There is no such item of a flash sale")
    return item


@STATEMENTS.query()
async def set_epoch(connection: Connection, item_id: int, epoch: int) -> bool:
    """Begin an epoch of a held item: whatever Redis has of an earlier one no longer counts. False: it is not a later one."""


@STATEMENTS.query()
async def note_opened(connection: Connection, item_id: int, epoch: int, run_id: str, last_id: tuple[int, int]) -> bool:
    """Redis holds the item under this epoch; False where another has begun a later one."""


async def former_limits(connection: Connection, item_id: int) -> list[FormerLimit]:
    """The limits of an item that were lowered while Redis held it."""
    return [
        FormerLimit(
            row["per_customer_limit"],
            None if row["until_epoch"] is None else (row["until_epoch"], row["until_number"]),
        )
        for row in await connection.fetch(STATEMENTS["former_limits"], item_id)
    ]


@STATEMENTS.query()
async def close_limits(connection: Connection, item_id: int, revision: int, epoch: int, number: int) -> None:
    """Redis holds this revision of the item, and no later reservation than that can be of a limit that it lowered."""


@STATEMENTS.query()
async def note_drift(connection: Connection, item_id: int) -> None:
    """Redis no longer agrees with the item, and has to be built again."""


@STATEMENTS.query()
async def note_retired(connection: Connection, item_id: int) -> None:
    """All of an item that is over is recorded and decided, so that it is left alone in an hour."""


@STATEMENTS.query()
async def note_recovery(
    connection: Connection, item_id: int, epoch: int, reason: str, stock_found: int | None, stock_set: int
) -> None:
    """Write down that an item was built again in Redis, and why."""


async def try_repair_lock(connection: Connection, item_id: int) -> bool:
    """Be the one who repairs an item, until the transaction ends; False where another is at it."""
    mine: bool = await connection.fetchval(STATEMENTS["try_repair_lock"], (item_id + 2**31) % 2**32 - 2**31)
    return mine


@STATEMENTS.query()
async def raise_sold(connection: Connection, item_id: int, units: int, epoch: int, number: int) -> bool:
    """Take units of an item for good; False where there are not so many, and nothing is changed.

    `number` is the highest of the reservations taken, which counts as recorded if `epoch` is the item's own.
    """


@STATEMENTS.query()
async def raise_high_water(connection: Connection, item_id: int, entry_id: tuple[int, int]) -> None:
    """The stream of an item has been recorded up to this entry."""


async def give_back_units(connection: Connection, item_id: int, customer_id: UUID, units: int) -> None:
    """Take units back from a customer and into the item."""
    await connection.execute(STATEMENTS["lower_sold"], item_id, units)
    await connection.execute(STATEMENTS["lower_customer"], item_id, customer_id, units)


@STATEMENTS.query()
async def raise_customers(
    connection: Connection, item_id: int, asked: Sequence[tuple[UUID, int]], limit: int
) -> set[UUID]:
    """Count units for customers; those whose limit allows all of theirs, the others are left as they were."""


@STATEMENTS.query()
async def owned_units(connection: Connection, item_id: int) -> list[tuple[UUID, int]]:
    """What each customer holds or bought of an item."""


async def keep_dead_letters(connection: Connection, item_id: int, letters: Iterable[tuple[str, str, str]]) -> None:
    """Keep stream entries that cannot be recorded: entry id, payload, reason."""
    await connection.executemany(STATEMENTS["insert_dead_letter"], [(item_id, *letter) for letter in letters])
