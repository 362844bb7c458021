"""What a draft makes of a product: the rows to be written, and every fault of the draft.

Source: docs/spec/catalog.md#products-and-variants; docs/spec/catalog.md#prices.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.system.errors import Fault
from quote_service.shop.catalog.model.prices import (
    PRICE_FIELDS,
    PriceDraft,
    PriceField,
    PriceRecord,
    VariantPriceDraft,
    held_to,
)
from quote_service.shop.catalog.model.products import (
    ATTRIBUTES_BYTES_MAX,
    ATTRIBUTES_DEPTH_MAX,
    ProductDraft,
    ProductRecord,
)


class PriceRow(NamedTuple):
    """The prices of one item in one currency; `sku` None is the product itself, else the variant."""

    sku: str | None
    currency: str
    base_price: Decimal
    current_price: Decimal
    min_price: Decimal
    cost_price: Decimal | None
    max_price: Decimal | None
    own: tuple[PriceField, ...]


def product_faults(draft: ProductDraft) -> tuple[Fault, ...]:
    """What is wrong with a draft by itself, apart from its prices' bounds (`price_rows`)."""
    return tuple(_faults(draft))


def _faults(draft: ProductDraft) -> Iterator[Fault]:
    yield from quantity_faults(draft, "", FACTOR_PLACES)
    yield from _repeated(draft.tags, "/tags/{}")
    yield from _repeated([price.currency for price in draft.prices], "/prices/{}/currency")
    yield from _unknown([price.currency for price in draft.prices], "/prices/{}/currency")
    skus = [draft.sku, *(variant.sku for variant in draft.variants)]
    yield from _repeated(skus, "/variants/{}/sku", before=1)
    yield from _attribute_faults(draft.attributes, "/attributes")
    sold_in = {price.currency for price in draft.prices}
    for place, variant in enumerate(draft.variants):
        yield from _attribute_faults(variant.attributes, f"/variants/{place}/attributes")
        currencies = [price.currency for price in variant.prices]
        pointer = f"/variants/{place}/prices/{{}}/currency"
        yield from _repeated(currencies, pointer)
        for each, currency in enumerate(currencies):
            if currency not in sold_in:
                yield Fault(pointer.format(each), "the product has no prices in this currency")


def _repeated(values: Sequence[str], pointer: str, before: int = 0) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if value in seen:
            yield Fault(pointer.format(place - before), "stands twice")
        seen.add(value)


def _unknown(currencies: Sequence[str], pointer: str) -> Iterator[Fault]:
    for place, currency in enumerate(currencies):
        if currency not in EXPONENTS:
            yield Fault(pointer.format(place), "is not an ISO 4217 currency code")


def _attribute_faults(attributes: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    if len(json_literal(attributes).encode()) > ATTRIBUTES_BYTES_MAX:
        yield Fault(pointer, f"must have at most {ATTRIBUTES_BYTES_MAX} bytes of JSON")
    if _depth(attributes) > ATTRIBUTES_DEPTH_MAX:
        yield Fault(pointer, f"must be nested at most {ATTRIBUTES_DEPTH_MAX} levels deep")


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def price_rows(draft: ProductDraft, held: ProductRecord | None) -> tuple[list[PriceRow], tuple[Fault, ...]]:
    """The rows of all prices of a draft, and each bound that a price of it is past.

    Args:
        draft: Without faults of its own (`product_faults`).
        held: The product as it is; None where there is none.
    """
    faults: list[Fault] = []
    rows = []
    by_currency: dict[str, PriceRow] = {}
    held_prices = {} if held is None else {price.currency: price for price in held.prices}
    for place, price in enumerate(draft.prices):
        row = _product_row(price, held_prices.get(price.currency))
        by_currency[price.currency] = row
        faults += _bound_faults(row, f"/prices/{place}", price.current_price is not None)
        rows.append(row)
    held_variants = {} if held is None else {variant.sku: variant for variant in held.variants}
    for place, variant in enumerate(draft.variants):
        known = held_variants.get(variant.sku)
        known_prices = {} if known is None else {price.currency: price for price in known.prices}
        for each, own in enumerate(variant.prices):
            pointer = f"/variants/{place}/prices/{each}"
            known_price = known_prices.get(own.currency)
            own, followed_faults = _without_followed(own, by_currency[own.currency], known_price, pointer)
            row = _variant_row(variant.sku, own, by_currency[own.currency], known_price)
            is_given = own.current_price is not UNSET and own.current_price is not None
            faults += followed_faults or _bound_faults(row, pointer, is_given)
            if row.own:
                rows.append(row)
    return rows, tuple(faults)


def _product_row(draft: PriceDraft, held: PriceRecord | None) -> PriceRow:
    if draft.current_price is not None:
        current: Decimal = draft.current_price
    else:
        current = held_to(draft.base_price if held is None else held.current_price, draft.min_price, draft.max_price)
    return PriceRow(
        None, draft.currency, draft.base_price, current, draft.min_price, draft.cost_price, draft.max_price, ()
    )


def _without_followed(
    draft: VariantPriceDraft, product: PriceRow, held: PriceRecord | None, pointer: str
) -> tuple[VariantPriceDraft, list[Fault]]:
    """What is the variant's own of an entry that says so in `own`: the rest is the product's, and nothing else may stand there."""
    if draft.own is UNSET:
        return draft, []
    followed = [name for name in PRICE_FIELDS if name not in draft.own]
    row = _variant_row(None, msgspec.structs.replace(draft, **dict.fromkeys(followed)), product, held)
    faults = [
        Fault(f"{pointer}/{name}", "is not the product's price: name it in own too, or leave it out")
        for name in followed
        if getattr(draft, name) not in (None, UNSET, getattr(row, name), getattr(held, name, None))
    ]
    return msgspec.structs.replace(draft, **dict.fromkeys(followed)), faults


def _variant_row(sku: str | None, draft: VariantPriceDraft, product: PriceRow, held: PriceRecord | None) -> PriceRow:
    own: list[PriceField] = []

    def effective(name: PriceField) -> Decimal | None:
        value: Decimal | None = getattr(draft, name)
        if value is None:
            inherited: Decimal | None = getattr(product, name)
            return inherited
        own.append(name)
        return value

    base, lowest = effective("base_price"), effective("min_price")
    cost, highest = effective("cost_price"), effective("max_price")
    assert base is not None
    assert lowest is not None
    if draft.current_price is None:
        current = held_to(product.current_price, lowest, highest)
    elif draft.current_price is not UNSET:
        current = draft.current_price
        own.append("current_price")
    elif held is not None and "current_price" in held.own:
        current = held_to(held.current_price, lowest, highest)
        own.append("current_price")
    elif draft.base_price is not None:
        current = base
        own.append("current_price")
    else:
        current = held_to(product.current_price, lowest, highest)
    return PriceRow(sku, draft.currency, base, current, lowest, cost, highest, tuple(sorted(own)))


def _bound_faults(row: PriceRow, pointer: str, current_is_given: bool) -> Iterator[Fault]:
    if row.min_price > row.base_price:
        yield Fault(f"{pointer}/min_price", "must be at most base_price")
    if row.max_price is not None and row.max_price < row.base_price:
        yield Fault(f"{pointer}/max_price", "must be at least base_price")
    if current_is_given and held_to(row.current_price, row.min_price, row.max_price) != row.current_price:
        yield Fault(f"{pointer}/current_price", "must be from min_price to max_price")


def rows_of_record(product: ProductRecord) -> list[PriceRow]:
    """The rows that a product has now, as `price_rows` would write them."""
    rows = [_row_of(None, price) for price in product.prices]
    for variant in product.variants:
        rows += [_row_of(variant.sku, price) for price in variant.prices if price.own]
    return rows


def _row_of(sku: str | None, price: PriceRecord) -> PriceRow:
    cost, lowest, highest = price.cost_price, price.min_price, price.max_price
    assert cost is not UNSET  # as it is kept, and not as somebody sees it
    assert lowest is not UNSET
    assert highest is not UNSET
    return PriceRow(
        sku,
        price.currency,
        price.base_price,
        price.current_price,
        lowest,
        cost,
        highest,
        tuple(sorted(price.own)),
    )


def content_of(product: ProductDraft | ProductRecord, rows: Sequence[PriceRow]) -> tuple[Any, ...]:
    """What a product says, by value: two that are equal mean the same."""
    variants = [(variant.sku, variant.name, variant.attributes) for variant in product.variants]
    fields = ("sku", "name", "description", "category_id", "seller_id", "is_active", "weight", "attributes")
    prices = sorted(rows, key=lambda row: (row.sku or "", row.currency))
    return (*(getattr(product, name) for name in fields), list(product.tags), variants, prices)


class ProductToWrite(NamedTuple):
    """A product on its way in, with the ids of its variants by their SKU."""

    id: UUID
    draft: ProductDraft
    rows: list[PriceRow]
    variant_ids: dict[str, UUID]
