"""What a shopper may say of a basket: what is wanted, how much of it and where to. Everything that moves a price beside
that is for the catalog, the customer's own record and the checkout to say.

Source: docs/spec/quotes.md#shoppers; `docs/decisions/shoppers-quotes.md`.
"""

from collections.abc import Iterator

from quote_service.platform.system.errors import Fault
from quote_service.pricing.basket import NOT_GIVEN, Basket

_OF_THE_CUSTOMER = "comes from the customer's own record, and is not for a shopper to give"
_OF_THE_CATALOG = "comes from the catalog, and is not for a shopper to give"
_OF_THE_CHECKOUT = "is for the checkout to give, and not for a shopper"


def shopper_faults(basket: Basket) -> Iterator[Fault]:
    """Every field of a basket that a shopper may not give, in the order of the fields."""
    for index, item in enumerate(basket.items):
        if item.unit_price is not NOT_GIVEN:
            yield Fault(f"/items/{index}/unit_price", _OF_THE_CATALOG)
        for name in ("category_id", "seller_id", "tags"):
            if getattr(item, name) is not None:
                yield Fault(f"/items/{index}/{name}", _OF_THE_CATALOG)
        if item.weight is not NOT_GIVEN:
            yield Fault(f"/items/{index}/weight", _OF_THE_CATALOG)
    if basket.pickup_address is not None:
        yield Fault("/pickup_address", _OF_THE_CHECKOUT)
    if basket.context is not None and basket.context.ab_test_group is not None:
        yield Fault("/context/ab_test_group", _OF_THE_CHECKOUT)
    if basket.logistics_provider is not None:
        yield Fault("/logistics_provider", _OF_THE_CHECKOUT)
    for name in ("customer_tier", "customer_segments"):
        if getattr(basket, name) is not None:
            yield Fault(f"/{name}", _OF_THE_CUSTOMER)
