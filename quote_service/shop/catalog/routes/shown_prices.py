"""What products cost the customer who looks at them: one, or a page of them.

Source: docs/spec/catalog.md#prices-that-a-customer-sees.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from litestar.params import FromPath
from msgspec.structs import replace

from quote_service.platform.callers.access import PRODUCT_READERS, Caller
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.platform.system.errors import Fault, Forbidden, Invalid, NotFound, Unavailable
from quote_service.platform.system.instants import from_micros, to_micros
from quote_service.platform.system.parts import Parts
from quote_service.pricing.catalog.shown_price import PriceAsker, PriceScene
from quote_service.pricing.regions import RegionUnreadable
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.shop.catalog.model.shown_prices import (
    PriceQuery,
    PricesFollowed,
    PricesRequest,
    PriceUnavailable,
    ShownPrice,
    ShownPrices,
)
from quote_service.shop.catalog.operations.prior_prices import AskedNow, PriorPrices
from quote_service.shop.catalog.operations.show_prices import PricesAsked, scene_of, show_price
from quote_service.shop.catalog.routes import price_examples as examples
from quote_service.shop.catalog.routes.read_prices_request import read_prices_request
from quote_service.shop.catalog.routes.shown_products import sees_all

_NOT_THERE = "There is no such product"
_OF_THE_CUSTOMER = "comes from the customer's own record, and is not for a shopper to give"
_OF_THE_SHOP = "is not for a shopper to give"


@get(
    "/{product_id:uuid}/price",
    access=PRODUCT_READERS,
    example=examples.SHOWN_PRICE,
    message="Price found",
    problems=OF_LIMITED_WORK,
)
async def show_product_price(caller: Caller, parts: Parts, product_id: FromPath[UUID], query: PriceQuery) -> ShownPrice:
    """Show the price of a product.

    What a unit of the product costs this customer, by the price rules and the flash sales that a quote would go by; promotions
    and coupons count in a quote alone. Tier and segments come from the customer's record; checkouts and staff may give
    others. Rules, prices and sales are those of this moment, or of `at`, where they are planned.
    """
    segments = None if query.segments is None else [each.strip() for each in query.segments.split(",") if each.strip()]
    scene = await scene_for(parts, caller, query, segments, "/query", "segments")
    variant_id = None if query.variant_id is None else str(query.variant_id)
    shown = show_price(scene, (str(product_id), variant_id, query.quantity))
    if isinstance(shown, PriceUnavailable):
        raise _refusal(shown)
    if query.at is None:
        [shown] = await with_prior_prices(parts, scene, [shown], query.region)
    return shown


@post(
    "/prices",
    status_code=200,
    access=PRODUCT_READERS,
    body_example=examples.PRICES_REQUEST,
    example=examples.SHOWN_PRICES,
    message="Prices found",
    body=PricesRequest,
    problems=OF_LIMITED_WORK,
)
async def show_product_prices(caller: Caller, parts: Parts, data: RawBody) -> ShownPrices:
    """Show the prices of up to 500 products.

    As the price of one product, each priced by itself. A product without a price is told as unavailable, with the reason; the
    others are priced all the same.
    """
    wanted = read_prices_request(data)
    scene = await scene_for(parts, caller, wanted, wanted.customer_segments, "", "customer_segments")
    prices: list[ShownPrice] = []
    unavailable: list[PriceUnavailable] = []
    for item in wanted.items:
        variant_id = None if item.variant_id is None else str(item.variant_id)
        shown = show_price(scene, (str(item.product_id), variant_id, item.quantity))
        if isinstance(shown, ShownPrice):
            prices.append(shown)
        else:
            unavailable.append(shown if sees_all(caller) else as_unknown(shown))
    if wanted.at is None:
        prices = await with_prior_prices(parts, scene, prices, wanted.region)
    return ShownPrices(at=from_micros(scene.at_us), prices=prices, unavailable=unavailable)


async def scene_for(
    parts: Parts,
    caller: Caller,
    asked: PriceQuery | PricesRequest | PricesFollowed,
    segments: list[str] | None,
    pointer: str,
    segments_name: str,
) -> PriceScene:
    """What the prices of a request share, if the caller may ask so.

    Raises:
        Forbidden: A shopper asks in another's name.
        Invalid: A field that is not for the caller to give, an instant that is past, no currency or no region.
    """
    customer_id = None if asked.customer_id is None else str(asked.customer_id)
    if caller.is_customer:
        if customer_id not in (None, caller.id):
            raise Forbidden("You can only see prices for your own customer id")
        customer_id = caller.id
    at_us = now_us()
    faults = [
        *(_faults_of_shopper(asked, segments, pointer, segments_name) if caller.is_customer else ()),
        *_faults(asked.currency, asked.at, at_us, pointer),
    ]
    if faults:
        raise Invalid.because(tuple(faults))
    asker = PriceAsker(customer_id, asked.customer_tier, segments)
    given_us = None if asked.at is None else to_micros(asked.at)
    try:
        return await scene_of(
            parts[RulebookHolder],
            parts[SalePrices].by_product,
            parts[CalculationLimiter],
            PricesAsked(asker, asked.region, asked.currency, given_us),
            at_us,
        )
    except RegionUnreadable as unreadable:
        raise Invalid.at(f"{pointer}/region", str(unreadable)) from None


def _faults_of_shopper(
    asked: PriceQuery | PricesRequest | PricesFollowed, segments: list[str] | None, pointer: str, segments_name: str
) -> Iterator[Fault]:
    if asked.customer_tier is not None:
        yield Fault(f"{pointer}/customer_tier", _OF_THE_CUSTOMER)
    if segments is not None:
        yield Fault(f"{pointer}/{segments_name}", _OF_THE_CUSTOMER)
    if asked.at is not None:
        yield Fault(f"{pointer}/at", _OF_THE_SHOP)


def _faults(currency: str, at: datetime | None, at_us: int, pointer: str) -> Iterator[Fault]:
    if currency not in EXPONENTS:
        yield Fault(f"{pointer}/currency", "is not an ISO 4217 currency code")
    if at is not None and to_micros(at) < at_us:
        yield Fault(f"{pointer}/at", "is past; what a price was is in the product's price history")


def _refusal(shown: PriceUnavailable) -> NotFound | Invalid:
    if shown.reason == "not_in_currency":
        return Invalid.at("/query/currency", "the product has no price in this currency")
    if shown.reason == "unknown_variant":
        return Invalid.at("/query/variant_id", "is no variant of the product")
    return NotFound(_NOT_THERE)


def as_unknown(shown: PriceUnavailable) -> PriceUnavailable:
    """Whoever sees only what is sold is not told of the rest."""
    return replace(shown, reason="unknown_product") if shown.reason == "not_sold" else shown


async def with_prior_prices(
    parts: Parts, scene: PriceScene, prices: list[ShownPrice], region: str | None
) -> list[ShownPrice]:
    """Prices of now with what everybody is asked and was asked before; as they are while the database is unavailable."""
    catalog = scene.rulebook.catalog
    products = [catalog.find(each.product_id, each.variant_id, scene.currency) for each in prices]
    known = [product for product in products if product is not None]
    if not known or len(known) < len(prices):
        return prices
    try:
        async with parts[Database].read() as connection:
            found = await parts[PriorPrices].find(connection, known, region, scene.at_us)
    except Unavailable:
        return prices
    return [_with_prior(price, asked) for price, asked in zip(prices, found, strict=True)]


def _with_prior(price: ShownPrice, asked: AskedNow) -> ShownPrice:
    is_everybodys = asked.unit_price == price.unit_price
    return replace(
        price,
        public_price=asked.price if is_everybodys else None,
        lowest_price_30_days=asked.lowest,
        reduction=asked.reduction if is_everybodys else None,
    )
