"""A basket as it would be, had the customer done what a hint says.

Works on copies: the basket that is being quoted stays as it is.

Source: docs/spec/hints.md#what-is-priced.
"""

from copy import copy
from typing import Final

import msgspec

from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX, MICRO, read_scaled
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.basket import LINES_MAX, NOT_GIVEN, QUANTITY_MAX, Basket, BasketItem
from quote_service.pricing.catalog.complete_basket import complete_lines
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.hints.hint import Change
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis

# The product of goods of which only the price is known; no rule names it.
ANY_GOODS: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_WEIGHT_PLACES: Final = 12
_TOTAL_MICRO_MAX: Final = AMOUNT_MAJOR_MAX * MICRO


def change_basket(basis: QuoteBasis, change: Change) -> QuoteBasis | None:
    """The completed basket with a change, completed again; None where no such basket could be quoted.

    Args:
        basis: With the completed basket.
        change: What the customer would do.
    """
    checked = basis.checked
    basket: Basket = copy(checked.basket)
    basket.items = list(basket.items)
    if change.amount_minor is not None:
        return _with_goods(basis, basket, change)
    changed = msgspec.structs.replace(
        checked,
        basket=basket,
        unit_prices_micro=_unpriced(checked),
        catalog_prices=None,
        price_warnings=(),
    )
    if change.customer_tier is not None:
        basket.customer_tier = change.customer_tier
    elif change.line is not None and change.quantity is not None:
        item = basket.items[change.line] = copy(basket.items[change.line])
        item.quantity += change.quantity
        if item.quantity > QUANTITY_MAX:
            return None
        if item.weight is not NOT_GIVEN:
            changed.weight_pico += read_scaled(bytes(item.weight), _WEIGHT_PLACES) * change.quantity
    elif change.product_id is not None and change.quantity is not None:
        if len(basket.items) >= LINES_MAX or change.quantity > QUANTITY_MAX:
            return None
        basket.items.append(BasketItem(change.product_id, change.quantity))
        changed.unit_prices_micro.append(NOT_PRICED)
    changed.lacks_prices = NOT_PRICED in changed.unit_prices_micro
    then = QuoteBasis(basis.rulebook, changed, basis.at_us)
    try:
        complete_lines(then)
    except Invalid:
        return None
    return then if _is_within_bounds(changed) else None


def goods_like(basket: Basket, line: int | None) -> BasketItem:
    """Goods of which only the price is known, of the category, seller and tags of a line if one is named."""
    goods = BasketItem(ANY_GOODS, 1)
    if line is not None:
        like = basket.items[line]
        goods.category_id, goods.seller_id, goods.tags = like.category_id, like.seller_id, like.tags
    return goods


def _with_goods(basis: QuoteBasis, basket: Basket, change: Change) -> QuoteBasis | None:
    """With a line more that the catalog knows nothing of, so that nothing is to be asked of it again."""
    assert change.amount_minor is not None
    checked = basis.checked
    if len(basket.items) >= LINES_MAX:
        return None
    basket.items.append(goods_like(basket, change.line))
    catalog_prices: list[CatalogPrice | None] | None = checked.catalog_prices
    price_micro = change.amount_minor * 10 ** (6 - checked.exponent)
    changed = msgspec.structs.replace(
        checked,
        basket=basket,
        unit_prices_micro=[*checked.unit_prices_micro, price_micro],
        catalog_prices=None if catalog_prices is None else [*catalog_prices, None],
    )
    return QuoteBasis(basis.rulebook, changed, basis.at_us) if _is_within_bounds(changed) else None


def _unpriced(checked: CheckedBasket) -> list[int]:
    """The prices of units, but for those that the catalog says: it is asked again, as they may depend on the change."""
    if checked.catalog_prices is None:
        return list(checked.unit_prices_micro)
    return [
        own_micro if price is None else NOT_PRICED
        for own_micro, price in zip(checked.unit_prices_micro, checked.catalog_prices, strict=True)
    ]


def _is_within_bounds(checked: CheckedBasket) -> bool:
    items = checked.basket.items
    total_micro = sum(price * item.quantity for price, item in zip(checked.unit_prices_micro, items, strict=True))
    return total_micro < _TOTAL_MICRO_MAX
