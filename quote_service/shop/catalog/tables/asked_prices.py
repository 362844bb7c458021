"""What is kept of what was asked: list prices, whether a product was sold, flash sales, and stock.

Source: docs/spec/price-reductions.md#everybody.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.pricing.asked.asked_prices import Since, sales_in_turn
from quote_service.pricing.sales.sale_price import SalePrice

STATEMENTS = Statements(__file__, "asked_prices")


async def read_list_prices(
    connection: Connection, item_ids: Iterable[UUID], since: datetime
) -> dict[tuple[str, str], list[Since]]:
    """List prices in millionths of a major unit by item and currency, None while there was none."""
    found: dict[tuple[str, str], list[Since]] = {}
    for item_id, currency, at_us, price in await connection.fetch(STATEMENTS["list_prices"], list(item_ids), since):
        found.setdefault((item_id, currency), []).append((at_us, None if price is None else int(price)))
    return found


async def read_activity(connection: Connection, product_ids: Sequence[UUID]) -> dict[str, list[tuple[int, bool]]]:
    """From when on each product was sold, or not; nothing of one that always was."""
    found: dict[str, list[tuple[int, bool]]] = {}
    for product_id, at_us, is_active in await connection.fetch(STATEMENTS["activity"], product_ids):
        found.setdefault(product_id, []).append((at_us, is_active))
    return found


async def read_sales(
    connection: Connection, product_ids: Sequence[UUID], since: datetime
) -> dict[str, list[SalePrice]]:
    """The flash sales that each product has been in, those to come included, ascending."""
    found: dict[str, list[SalePrice]] = {}
    for row in await connection.fetch(STATEMENTS["sales"], product_ids, since):
        currency = row["currency"]
        if currency not in EXPONENTS:
            continue
        scale = 10 ** (6 - EXPONENTS[currency])
        sale = SalePrice(
            item_id=row["id"],
            sale_id=row["sale_id"],
            currency=currency,
            price_micro=row["sale_price_minor"] * scale,
            starts_us=row["starts_us"],
            ends_us=row["ends_us"],
        )
        former = [
            (minor * scale, until_us) for minor, until_us in zip(row["former_minor"], row["former_us"], strict=True)
        ]
        found.setdefault(row["product_id"], []).extend(sales_in_turn(sale, former))
    return found


async def read_stock_turns(
    connection: Connection, product_ids: Sequence[UUID], since: datetime, figures: Sequence[int]
) -> dict[str, list[Since]]:
    """The units of each item that could be sold, wherever that crossed one of some figures, which ascend."""
    found: dict[str, list[Since]] = {}
    for item_id, at_us, units in await connection.fetch(STATEMENTS["stock"], product_ids, since, figures):
        found.setdefault(item_id, []).append((at_us, units))
    return found
