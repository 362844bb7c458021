"""Which products a caller sees, and how much of them.

Source: docs/spec/access.md#shoppers; docs/spec/catalog.md#who-sees-what.
"""

from quote_service.platform.callers.access import CATALOG_READERS, PRICE_BOUNDS_READERS, Caller
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.products import ProductRecord, shoppers_form, without_bounds


def sees_all(caller: Caller) -> bool:
    """Whether the caller works in the shop: sees products that are not sold, and what products cost it."""
    return CATALOG_READERS.allows(caller)


def shown_to(caller: Caller, product: ProductRecord) -> ProductRecord:
    """The product as the caller sees it.

    Raises:
        NotFound: It is not sold, and the caller sees only what is.
    """
    sees_bounds = PRICE_BOUNDS_READERS.allows(caller)
    if sees_all(caller):
        return product if sees_bounds else without_bounds(product)
    if not product.is_active:
        raise NotFound("There is no such product")
    return shoppers_form(product, with_bounds=sees_bounds)
