"""Products by filters and words.

Source: docs/spec/catalog.md#lists-and-search.
"""

from decimal import Decimal
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response

from quote_service.platform.callers.access import PRODUCT_READERS, Caller
from quote_service.platform.http.answers import page_answer
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import NotANumber, read_number, scale_decimal
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Fault, Forbidden, Invalid
from quote_service.shop.catalog.model.price_changes import Instant
from quote_service.shop.catalog.model.prices import Currency
from quote_service.shop.catalog.model.products import ProductRecord, Sku
from quote_service.shop.catalog.operations.prior_prices import PriorPrices
from quote_service.shop.catalog.operations.search_products import search_products
from quote_service.shop.catalog.operations.show_products import with_prior_prices
from quote_service.shop.catalog.routes.read_ids import read_ids
from quote_service.shop.catalog.routes.shown_products import sees_all, shown_to
from quote_service.shop.catalog.tables.product_pages import Place, ProductFilter

_PRODUCTS = "products"
IDS_MAX = 100
_Order = Literal["id", "price", "update"]
_Number = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,6})?$"})]


class ProductFilters(msgspec.Struct, frozen=True):
    """Which products to list."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """Words of name, SKU and tags; each may be the beginning of one. Accents and case do not matter."""
    category_id: UUID | None = None
    """Only products of this category, not of those below it."""
    seller_id: UUID | None = None
    """Only products of this seller."""
    is_active: bool | None = None
    """Only products that are sold, or only those that are not."""
    sku: Sku | None = None
    """Only the product that has this SKU, or has a variant with it."""
    currency: Currency | None = None
    """Only products sold in this currency (ISO 4217)."""
    price_from: _Number | None = None
    """Only products whose `current_price` in `currency` is at least this."""
    price_to: _Number | None = None
    """Only products whose `current_price` in `currency` is at most this."""
    updated_after: Instant | None = None
    """Only products changed after this instant, prices included."""
    ids: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)] | None = None
    """Only these products, by their ids, separated by commas, at most 100; with no other filter but `is_active`."""


class _Wanted(NamedTuple):
    """Which products, in which order, behind which one."""

    filter: ProductFilter
    order: _Order
    after: Place | None


_Asked = Page[ProductFilters, tuple[_Order, UUID, str | None, Instant | None]]


def _wanted(page: _Asked, caller: Caller) -> _Wanted:
    wanted = _filter_of(page.filters)
    if not sees_all(caller):
        if wanted.is_active is False:
            raise Forbidden("Only those who work on the catalog see products that are not sold")
        wanted = wanted._replace(is_active=True)
    order = _order_of(wanted)
    return _Wanted(wanted, order, _place_after(page, order))


@get(access=PRODUCT_READERS, answer=ProductRecord, cursor=Cursor(_PRODUCTS, ()), dependencies={"wanted": _wanted})
async def list_catalog_products(
    caller: Caller, database: Database, prior_prices: PriorPrices, page: _Asked, wanted: _Wanted
) -> Response[bytes]:
    """List and search products.

    Oldest first; by price if `price_from` or `price_to` is given; otherwise by their last change if `updated_after` is. A
    word of `q` that no product has is read as the nearest word that one has. Shoppers and checkouts see active products
    only, without `cost_price`, `min_price`, `max_price`, `created_by` and `changed_by`; with the scope `prices:read` they see
    `min_price` and `max_price`, which keys with `reports:read` alone do not.
    """
    found = await search_products(database, wanted.filter, after=wanted.after, limit=page.limit + 1)
    async with database.read() as connection:
        shown = await with_prior_prices(prior_prices, connection, [record for _, record in found], now_us())
    found = [(place, record) for (place, _), record in zip(found, shown, strict=True)]
    return page_answer(
        page,
        _PRODUCTS,
        found,
        lambda row: (wanted.order, row[0].id, None if row[0].price is None else str(row[0].price), row[0].updated_at),
        lambda row: shown_to(caller, row[1]),
    )


def _filter_of(given: ProductFilters) -> ProductFilter:
    faults: list[Fault] = []
    if given.currency is not None and given.currency not in EXPONENTS:
        faults.append(Fault("/query/currency", "is not an ISO 4217 currency code"))
    bounds: dict[str, Decimal | None] = {}
    for name in ("price_from", "price_to"):
        text: str | None = getattr(given, name)
        bounds[name] = None
        if text is None:
            continue
        try:
            number = read_number(text)
            scale_decimal(number, 6)
            bounds[name] = number
        except NotANumber as refused:
            faults.append(Fault(f"/query/{name}", str(refused)))
        if given.currency is None:
            faults.append(Fault("/query/currency", f"is required with {name}"))
            break
    ids = None if given.ids is None else _ids_of(given, faults)
    if faults:
        raise Invalid.because(tuple(faults))
    return ProductFilter(
        category_id=given.category_id,
        seller_id=given.seller_id,
        is_active=given.is_active,
        text=given.q,
        sku=given.sku,
        currency=given.currency,
        price_from=bounds["price_from"],
        price_to=bounds["price_to"],
        updated_after=given.updated_after,
        ids=ids,
    )


def _ids_of(given: ProductFilters, faults: list[Fault]) -> tuple[UUID, ...]:
    others = [
        name
        for name in given.__struct_fields__
        if name not in ("ids", "is_active") and getattr(given, name) is not None
    ]
    faults.extend(Fault(f"/query/{name}", "cannot be combined with ids") for name in others)
    try:
        ids = read_ids(given.ids or "", IDS_MAX)
    except ValueError as refused:
        faults.append(Fault("/query/ids", str(refused)))
        return ()
    return tuple(dict.fromkeys(ids))


def _order_of(wanted: ProductFilter) -> _Order:
    if wanted.price_from is not None or wanted.price_to is not None:
        return "price"
    return "id" if wanted.updated_after is None else "update"


def _place_after(
    page: Page[ProductFilters, tuple[_Order, UUID, str | None, Instant | None]], order: _Order
) -> Place | None:
    """The place that the page starts behind.

    Raises:
        Invalid: The cursor is of a list in another order.
    """
    if page.after is None:
        return None
    made_for, product_id, price, updated_at = page.after
    other = Invalid.at("/query/cursor", "is no cursor of this list")
    if made_for != order or (order == "price" and price is None) or (order == "update" and updated_at is None):
        raise other
    try:
        return Place(product_id, None if price is None else read_number(price), updated_at)
    except NotANumber as failure:
        raise other from failure
