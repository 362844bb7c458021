"""Stock as rows. Products and variants are looked up by SQL: catalog and inventory do not import each other.

Source: docs/spec/inventory.md#stock.
"""

from typing import Any
from uuid import UUID

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.shop.inventory.model.stock import Level, StockRecord

STATEMENTS = Statements(__file__, "stock")


async def read_stock(connection: Connection, product_id: UUID, variant_id: UUID | None) -> StockRecord:
    """The stock of a product or variant; nothing, with version 0, where none has been set.

    Raises:
        NotFound: There is no such product, or it has no such variant.
    """
    row = await connection.fetchrow(STATEMENTS["stock"], product_id, variant_id)
    if row is not None:
        return _record(row)
    sku = await connection.fetchval(STATEMENTS["sku_of_item"], product_id, variant_id)
    if not sku:
        raise NotFound("There is no such product" if sku is None else "The product has no such variant")
    return StockRecord(
        product_id=product_id,
        variant_id=variant_id,
        sku=sku,
        quantity=0,
        reserved=0,
        available=0,
        low_threshold=None,
        high_threshold=None,
        low_adjust_percent=ExactNumber("0"),
        high_adjust_percent=ExactNumber("0"),
        is_dynamic=False,
        level="normal",
        version=0,
        changed_by=None,
        updated_at=None,
    )


async def hold_stock(connection: Connection, product_id: UUID, variant_id: UUID | None) -> StockRecord:
    """As `read_stock`, kept from others until the transaction ends, with a row that can be changed.

    Raises:
        NotFound: As `read_stock`.
    """
    if await connection.fetchval(STATEMENTS["lock_stock"], product_id, variant_id) is None:
        await read_stock(connection, product_id, variant_id)
        # Another may have been first: then this waits for it, and finds its row.
        await connection.execute(STATEMENTS["insert_nothing_yet"], product_id, variant_id)
        await connection.fetchval(STATEMENTS["lock_stock"], product_id, variant_id)
    return await read_stock(connection, product_id, variant_id)


async def update_stock(connection: Connection, stock: StockRecord, actor: str, reason: str | None) -> None:
    """Write stock again; triggers write the movement and move prices.

    Raises:
        Invalid: It is not allowed.
    """
    await connection.execute(STATEMENTS["set_change_reason"], actor, reason or "")
    await connection.execute(
        STATEMENTS["update_stock"],
        stock.item_id,
        stock.quantity,
        stock.low_threshold,
        stock.high_threshold,
        stock.low_adjust_percent,
        stock.high_adjust_percent,
        stock.is_dynamic,
    )


async def update_quantity(connection: Connection, item_id: UUID, quantity: int, actor: str, reason: str) -> None:
    """Write a quantity; as `update_stock`."""
    await connection.execute(STATEMENTS["set_change_reason"], actor, reason)
    await connection.execute(STATEMENTS["update_quantity"], item_id, quantity)


@STATEMENTS.query()
async def count_of_level(connection: Connection, level: Level) -> int:
    """How many products and variants have their stock at this level."""


def _record(row: Any) -> StockRecord:
    values = dict(row)
    for name in ("low_adjust_percent", "high_adjust_percent"):
        values[name] = ExactNumber(values[name])
    if not values["version"]:
        values |= {"changed_by": None, "updated_at": None}
    return StockRecord(**values, available=values["quantity"] - values["reserved"])


def _listed(row: Any) -> StockRecord:
    return _record({name: value for name, value in row.items() if name != "item_id"})


STOCK_ROWS = ListedRows(
    StockRecord,
    STATEMENTS["every_stock"],
    order="item_id",
    sorts=("sku", "quantity", "level", "updated_at"),
    search=("sku",),
    make=_listed,
)
