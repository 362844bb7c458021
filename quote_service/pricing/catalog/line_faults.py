"""Why a line of a basket has no price: the catalog does not sell it, or does not know it and the request says nothing.

Source: docs/spec/quotes.md#catalog-prices.
"""

from collections.abc import Iterator

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.errors import Fault
from quote_service.pricing.basket import NOT_GIVEN, BasketItem
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot


def line_faults(
    catalog: CatalogSnapshot, item: BasketItem, index: int, currency: str, *, is_shoppers: bool = False
) -> Iterator[Fault]:
    """What stands against a line's price; nothing where it has one.

    Args:
        catalog: What the rulebook knows of products.
        item: The line; its identifiers in canonical form.
        index: Its place in the basket.
        currency: The basket's; one that there is not is somebody else's fault to tell.
        is_shoppers: The line has to be a product that somebody sells, whatever the request says.
    """
    pointer = f"/items/{index}"
    if not catalog.knows(item.product_id):
        if is_shoppers:
            yield Fault(f"{pointer}/product_id", "is not in the catalog")
        elif item.unit_price is NOT_GIVEN:
            yield Fault(f"{pointer}/unit_price", "is required for a product that is not in the catalog")
        return
    if currency not in EXPONENTS:
        return
    entry = catalog.find(item.product_id, item.variant_id, currency)
    if entry is None:
        if item.variant_id is not None and catalog.find(item.product_id, None, currency) is not None:
            yield Fault(f"{pointer}/variant_id", "is not a variant of this product that is sold")
        else:
            yield Fault(f"{pointer}/product_id", f"has no price in {currency}")
    elif not entry.is_active:
        yield Fault(f"{pointer}/product_id", "is not sold at present")
    elif is_shoppers and entry.seller_id is None:
        yield Fault(f"{pointer}/product_id", "has no seller in the catalog")
