"""The second look at a basket that the quick decoder would not take: either every fault, or the basket in its normal form.

Slower by an order of magnitude, and only for bodies that are wrong or unusual.

Source: docs/spec/wire.md#errors; docs/spec/quotes.md#request.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import msgspec

from quote_service.platform.documents.exact_json import RepeatedNames, content_faults, parse_json
from quote_service.platform.documents.typed_reading import NOT_A_UUID, REFUSED, TypedReader
from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX, MICRO, decimal_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import NotANumber, read_number, scale_decimal
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.identifiers import canonical
from quote_service.pricing.basket import NOT_GIVEN, Address, Basket, BasketContext, BasketItem, Identifier
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.line_faults import line_faults
from quote_service.pricing.countries import COUNTRIES

PRICE_PLACES: Final = 6
WEIGHT_PLACES: Final = 12
WEIGHT_KG_MAX = 10**9
_FAULTS_MAX = 100
_PARTS: dict[str, type[msgspec.Struct]] = {
    "items": BasketItem,
    "delivery_address": Address,
    "pickup_address": Address,
    "context": BasketContext,
}
_IDENTIFIER_LENGTHS = range(32, 37)
_IDENTIFIERS = ("product_id", "variant_id", "category_id", "seller_id")


def explain_basket(body: bytes, catalog: CatalogSnapshot | None = None) -> Basket:
    """Read a basket once more, in full.

    Args:
        body: The bytes that were sent.
        catalog: Whose products' faults are told as well.

    Returns:
        The basket with its identifiers in canonical form, where nothing is wrong with it after all.

    Raises:
        Malformed: The body is no JSON.
        Invalid: With every fault found, in the order of the fields; at most 100 of them.
    """
    document = _read_part(parse_json(body))
    reader = _BasketReader()
    basket = reader.read(document, Basket, "")
    content = (fault for fault in content_faults(document) if _is_ours(fault.pointer))
    faults = {fault.pointer: fault for fault in (*reader.faults, *content)}
    if basket is not REFUSED:
        for fault in _basket_faults(basket, catalog):
            faults.setdefault(fault.pointer, fault)
    if faults:
        raise Invalid.because(tuple(faults.values())[:_FAULTS_MAX])
    return basket  # type: ignore[no-any-return]  # the reader gives what the annotation says or REFUSED


def _read_part(document: Any) -> Any:
    """A document without the members that nobody reads."""
    known = Basket.__struct_fields__
    if not isinstance(document, dict) or document.keys() <= set(known):
        return document
    kept = {name: value for name, value in document.items() if name in known}
    if not isinstance(document, RepeatedNames):
        return kept
    repeating = RepeatedNames(kept)
    repeating.repeated = [name for name in document.repeated if name in known]
    return repeating


def _is_ours(pointer: str) -> bool:
    """Whether a pointer leads to a field that a basket is read from: what else a checkout sends is ignored."""
    first, *within = pointer[1:].split("/")
    part = _PARTS.get(first)
    if part is BasketItem:
        del within[:1]  # the place in the list
    return first in Basket.__struct_fields__ and (part is None or not within or within[0] in part.__struct_fields__)


class _BasketReader(TypedReader):
    """Raw numbers are read exactly and written back in plain digits, as the quick decoder would find them."""

    def _read_leaf(self, value: Any, hint: Any, pointer: str) -> Any:
        # What is as long as one is looked at with all the rest, so that its fault keeps no other from being named.
        if hint == Identifier and not (isinstance(value, str) and len(value) in _IDENTIFIER_LENGTHS):
            return self._fault(pointer, NOT_A_UUID)
        if hint is not msgspec.Raw:
            return super()._read_leaf(value, hint, pointer)
        if value is None:
            return NOT_GIVEN
        try:
            number = read_number(value)
        except NotANumber as refused:
            return self._fault(pointer, str(refused))
        is_weight = pointer.endswith("/weight")
        detail = _weight_fault(number) if is_weight else _price_fault(number)
        if detail:
            return self._fault(pointer, detail)
        places = WEIGHT_PLACES if is_weight else PRICE_PLACES
        # A weight is no amount: past the nanogram it is rounded, as scales and floats give digits without end.
        exact = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return msgspec.Raw(decimal_text(scale_decimal(exact, places), places).encode())


def _price_fault(price: Decimal) -> str | None:
    if price < 0:
        return "must not be negative"
    if price >= AMOUNT_MAJOR_MAX:
        return "must be less than 10^13"
    try:
        scale_decimal(price, PRICE_PLACES)
    except NotANumber as refused:
        return str(refused)
    return None


def _weight_fault(weight: Decimal) -> str | None:
    if weight < 0:
        return "must not be negative"
    return "must be less than 10^9 kg" if weight >= WEIGHT_KG_MAX else None


def _basket_faults(basket: Basket, catalog: CatalogSnapshot | None) -> Iterator[Fault]:
    """What the types cannot say; identifiers are brought to their canonical form on the way."""
    for name in ("customer_id", "seller_id"):
        yield from _canonical_faults(basket, name, f"/{name}")
    total = Decimal(0)
    for index, item in enumerate(basket.items):
        named = [name for name in _IDENTIFIERS if getattr(item, name) is not None]
        faults = [fault for name in named for fault in _canonical_faults(item, name, f"/items/{index}/{name}")]
        yield from faults
        if catalog is not None and not faults:  # the catalog is asked by identifiers, and by nothing else
            yield from line_faults(catalog, item, index, basket.currency)
        if item.unit_price is NOT_GIVEN:
            continue
        line = _line_micro(item)
        total += line
        if line >= AMOUNT_MAJOR_MAX * MICRO:
            yield Fault(f"/items/{index}", "the line's total must be less than 10^13")
    if total >= AMOUNT_MAJOR_MAX * MICRO:
        yield Fault("/items", "the lines' total must be less than 10^13")
    if basket.currency not in EXPONENTS:
        yield Fault("/currency", "is not an ISO 4217 currency code")
    yield from _address_faults(basket.delivery_address, "/delivery_address")
    if basket.pickup_address is not None:
        yield from _address_faults(basket.pickup_address, "/pickup_address")


def _line_micro(item: BasketItem) -> int:
    return scale_decimal(Decimal(bytes(item.unit_price).decode()), PRICE_PLACES) * item.quantity


def _canonical_faults(holder: Basket | BasketItem, name: str, pointer: str) -> Iterator[Fault]:
    identifier = canonical(getattr(holder, name))
    if identifier is None:
        yield Fault(pointer, NOT_A_UUID)
    else:
        setattr(holder, name, identifier)


def _address_faults(address: Address, pointer: str) -> Iterator[Fault]:
    if address.country not in COUNTRIES:
        yield Fault(f"{pointer}/country", "is not an ISO 3166-1 alpha-2 country code")
    if (address.latitude is None) is not (address.longitude is None):
        missing = "latitude" if address.latitude is None else "longitude"
        yield Fault(f"{pointer}/{missing}", "give both coordinates or neither")
