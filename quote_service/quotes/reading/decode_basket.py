"""A quote request's bytes to a checked basket: one typed pass for the good ones, a patient second look at the bad ones.

The good path decodes into structs, checks what their types cannot say, and gives up at the first doubt. Only then is the
body read again, in full, so that the answer names every fault with its pointer.

Source: docs/spec/quotes.md#request; docs/spec/wire.md#money; docs/spec/wire.md#errors.
"""

from typing import Final

import msgspec
from msgspec.structs import astuple

from quote_service.platform.documents.repeated_names import may_repeat_names
from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX, MICRO, read_scaled
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.identifiers import all_canonical
from quote_service.pricing.basket import NOT_GIVEN, Address, Basket
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.countries import COUNTRIES
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket
from quote_service.quotes.reading.basket_faults import PRICE_PLACES, WEIGHT_KG_MAX, WEIGHT_PLACES, explain_basket

_PRICE_MICRO_MAX: Final = AMOUNT_MAJOR_MAX * MICRO
_WEIGHT_PICO_MAX: Final = WEIGHT_KG_MAX * 10**WEIGHT_PLACES
_BLANKS: Final = b" \t\r\n"
_DECODER: Final = msgspec.json.Decoder(Basket)
# A `BasketItem`'s fields in their order.
_ItemValues = tuple[str, int, msgspec.Raw, str | None, str | None, str | None, list[str] | None, msgspec.Raw]


def decode_basket(body: bytes, catalog: CatalogSnapshot | None = None) -> CheckedBasket:
    """Read a basket; what a unit costs may be left for the catalog to say (`NOT_PRICED`).

    Args:
        body: The bytes that were sent.
        catalog: What a basket that is refused is held against as well, so that all its faults are told together.

    Raises:
        Malformed: The body is no JSON.
        Invalid: It is, but not an acceptable basket; every fault has its pointer.
    """
    checked: CheckedBasket | None
    try:
        basket = _DECODER.decode(body)
        checked, names = _check(basket)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # bytes that are no UTF-8 come as a ValueError
        checked, names = None, 0
    if checked is None or _is_doubtful(checked.basket, names, body):
        # Something is wrong, unusual (identifiers in capitals) or ambiguous (a name twice).
        return _check_again(explain_basket(body, catalog))
    return checked


def decode_kept_basket(body: bytes) -> CheckedBasket:
    """Read a basket as it is kept with its quote (`kept_request`), where the service itself has written each name once.

    Raises:
        Malformed, Invalid: As `decode_basket`.
    """
    checked: CheckedBasket | None
    try:
        checked, _ = _check(_DECODER.decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        checked = None
    return decode_basket(body) if checked is None else checked


def _check_again(basket: Basket) -> CheckedBasket:
    checked, _ = _check(basket)
    assert checked is not None  # explain_basket raised for anything that _check refuses
    return checked


def _check(basket: Basket) -> tuple[CheckedBasket | None, int]:
    """The basket with its numbers read, None where anything else is not as it should be; how many names its items give."""
    exponent = EXPONENTS.get(basket.currency)
    if exponent is None or not _is_address(basket.delivery_address):
        return None, 0
    if basket.pickup_address is not None and not _is_address(basket.pickup_address):
        return None, 0
    identifiers = [basket.customer_id, basket.seller_id]
    prices_micro: list[int] = []
    weight_pico = 0
    total_micro = 0
    names = 0
    lacks_prices = False
    for item in basket.items:
        # One call for all fields: each by its name would cost as much.
        values: _ItemValues = astuple(item)
        product_id, quantity, unit_price, variant_id, category_id, seller_id, _, weight = values
        names += len(values) - values.count(None)
        identifiers.append(product_id)
        if variant_id is not None:
            identifiers.append(variant_id)
        if category_id is not None:
            identifiers.append(category_id)
        if seller_id is not None:
            identifiers.append(seller_id)
        if unit_price is NOT_GIVEN:
            lacks_prices = True
            names -= 1
            prices_micro.append(NOT_PRICED)
        else:
            price_micro = read_scaled(bytes(unit_price), PRICE_PLACES)
            if price_micro < 0:
                return None, 0
            total_micro += price_micro * quantity
            prices_micro.append(price_micro)
        if weight is NOT_GIVEN:
            names -= 1
        else:
            unit_pico = read_scaled(bytes(weight), WEIGHT_PLACES)
            if not 0 <= unit_pico < _WEIGHT_PICO_MAX:
                return None, 0
            weight_pico += unit_pico * quantity
    if total_micro >= _PRICE_MICRO_MAX or not all_canonical(identifiers):
        return None, 0
    return CheckedBasket(basket, exponent, prices_micro, weight_pico, lacks_prices=lacks_prices), names


def _is_address(address: Address) -> bool:
    return address.country in COUNTRIES and (address.latitude is None) is (address.longitude is None)


def _is_doubtful(basket: Basket, item_names: int, body: bytes) -> bool:
    """Whether a decoded body may still say a name twice, or hold text that cannot be kept.

    A name ends in `":` unless blanks stand before its colon, and where each colon follows a quote none do. So the
    body's `":` are at least its names, and as many as the basket has fields leave none for a second mention. Counting
    costs a few microseconds for 50 lines; finding the names would cost more than pricing the basket.
    """
    if b"\\" in body and b"\\u0000" in body:
        return True
    names = body.count(b'":')
    if names == item_names + _names_least(basket, body) and (
        names == body.count(b":") or names == body.translate(None, _BLANKS).count(b'":')
    ):
        return False
    return may_repeat_names(body, _containers(basket))


def _names_least(basket: Basket, body: bytes) -> int:
    """How many names a body has but for its items', if it says nothing twice, nothing of its own and nothing as null."""
    count = _names_set(basket) + _names_set(basket.delivery_address)
    if not basket.is_express_delivery and b'"is_express_delivery":' not in body:
        count -= 1  # set by default only
    if basket.pickup_address is not None:
        count += _names_set(basket.pickup_address)
    if basket.context is not None:
        count += _names_set(basket.context)
    return count


def _containers(basket: Basket) -> int:
    """The objects and lists of a basket but for a handful."""
    return sum(1 if item.tags is None else 2 for item in basket.items)


def _names_set(struct: msgspec.Struct) -> int:
    values = astuple(struct)
    return len(values) - values.count(None)
