"""What the prices of a sale should not go below, by the catalog of the moment.

Source: docs/spec/flash-sales.md#sales.
"""

from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.selling.flash_sales.model.sale import Bounds, SaleDraft, SaleWarning, bound_faults, bound_warnings
from quote_service.shop.catalog.operations.lowest_prices import lowest_prices


async def refuse_below_minimum(connection: Connection, draft: SaleDraft, announced: SaleDraft | None = None) -> None:
    """See to it that a sale that respects `min_price` announces nothing below it.

    Raises:
        Invalid: With a fault for each price (`bound_faults`).
    """
    faults = bound_faults(draft, await _bounds_of(connection, draft), announced)
    if faults:
        raise Invalid.because(faults)


async def price_warnings(connection: Connection, sale: SaleDraft) -> list[SaleWarning]:
    """What is to be known of the prices of a sale."""
    return list(bound_warnings(sale, await _bounds_of(connection, sale)))


async def _bounds_of(connection: Connection, sale: SaleDraft) -> dict[tuple[UUID, str], Bounds]:
    found = await lowest_prices(connection, [item.product_id for item in sale.items])
    return {
        (product_id, currency): Bounds(
            _minor(least.min_price, currency), None if least.cost_price is None else _minor(least.cost_price, currency)
        )
        for (product_id, currency), least in found.items()
        if currency in EXPONENTS
    }


def _minor(price: Decimal, currency: str) -> int:
    return int(price.scaleb(EXPONENTS[currency]).to_integral_value(ROUND_CEILING))
