"""Hold accepted quotes against the prices of their acceptance: some of those that wait, in one transaction, each once.

A quote was priced by the rulebook version, prices and sales that it shows. At its acceptance another version may have counted,
rules may have begun or ended, prices may have moved. Most quotes are accepted within a minute, and nothing of theirs has
changed: that is seen without pricing anything.

Locks: the quotes that are taken, and after them rows of the sums; one process at a time.

Source: docs/spec/analytics.md#honoured-prices.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.instants import FOREVER, from_micros
from quote_service.platform.system.traces import traced_work
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.honoured.find_difference import Difference, find_difference
from quote_service.pricing.honoured.terms import Terms, Unchanging
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.rulebook.snapshot.model.errors import RowUnreadable
from quote_service.rulebook.snapshot.model.past_scene import PastQuestion
from quote_service.rulebook.snapshot.operations.past_scenes import PastScenes, read_past_scenes
from quote_service.steering.analytics.model.honoured import AcceptedOffer, HonouredSums, issued_amounts
from quote_service.steering.analytics.tables.folds import try_lock_fold
from quote_service.steering.analytics.tables.honoured import add_sums, read_accepted, take_unchecked

SOURCE = "honoured"
QUOTES_AT_ONCE = 100
# Who was writing when a quote was accepted has committed by then, so that what counted is known.
SETTLE_SECONDS = 30.0

Decode = Callable[[bytes], CheckedBasket]


@traced_work("check honoured prices")
async def check_honoured(
    database: Database, decode: Decode, *, limit: int = QUOTES_AT_ONCE, settle_seconds: float = SETTLE_SECONDS
) -> int:
    """Compare up to `limit` accepted quotes.

    Args:
        database: Where they stand, with the past of everything that prices.
        decode: Reads the kept request of a quote.
        limit: How many at most.
        settle_seconds: How long ago they were accepted at least.

    Returns:
        How many were taken; 0 where none waits, or where another process is at it.

    Raises:
        Unavailable: PostgreSQL gave no answer; what was taken stands there again.
    """
    async with database.transaction() as connection:
        if not await try_lock_fold(connection, SOURCE):
            return 0
        taken = await take_unchecked(connection, limit, settle_seconds)
        if taken:
            await add_sums(connection, await _compare(connection, await read_accepted(connection, taken), decode))
        return len(taken)


async def _compare(connection: Connection, offers: Sequence[AcceptedOffer], decode: Decode) -> HonouredSums:
    read = [(offer, _basket_of(offer, decode)) for offer in offers]
    wanted = [
        PastQuestion(offer.quote_id, checked.basket, offer.rulebook_version, offer.issued_at_us, offer.accepted_at_us)
        for offer, checked in read
        if checked is not None and offer.rulebook_version is not None
    ]
    scenes: PastScenes | None = None
    # A newer release may have written what this one cannot price by: then none of these can be compared.
    with suppress(RowUnreadable, msgspec.ValidationError):
        scenes = await read_past_scenes(connection, wanted)
    # Pricing takes milliseconds where something has changed: beside the event loop.
    return await asyncio.to_thread(_sums_of, read, scenes, decode)


def _basket_of(offer: AcceptedOffer, decode: Decode) -> CheckedBasket | None:
    if offer.request is None or offer.rulebook_version is None or offer.commission_minor is None:
        return None
    try:
        return decode(offer.request)
    except QuoteServiceError:
        return None


def _sums_of(
    read: Sequence[tuple[AcceptedOffer, CheckedBasket | None]], scenes: PastScenes | None, decode: Decode
) -> HonouredSums:
    sums = HonouredSums()
    for offer, checked in read:
        accepted_at = from_micros(offer.accepted_at_us)
        if checked is None or scenes is None or offer.quote_id not in scenes.quotes:
            sums.leave_out(accepted_at, offer.currency)
            continue
        try:
            found = _difference(offer, scenes, decode)
        except QuoteServiceError:
            sums.leave_out(accepted_at, offer.currency)
        else:
            sums.add(accepted_at, offer.currency, found)
    return sums


def _difference(offer: AcceptedOffer, scenes: PastScenes, decode: Decode) -> Difference | None:
    scene, request, issued = scenes.quotes[offer.quote_id], offer.request, issued_amounts(offer)
    assert request is not None  # a quote without one has no scene
    assert issued is not None
    rulebook, asked, version, then = scenes.rulebook, scene.asked, scene.asked.version, scene.version_later
    document: dict[str, Any] = parse_exact(offer.data)
    issued_prices = _issued_prices(document, scene.prices)
    before = Terms(
        rules=rulebook.rules(version, asked.issued_at_us),
        rates=rulebook.rates(version, asked.issued_at_us, asked.basket),
        flags=rulebook.flags(version),
        prices=issued_prices,
        stock=scene.figures_before.stock,
        demand=scene.figures_before.demand,
        sales=_issued_sales(document),
    )
    after = Terms(
        rules=rulebook.rules(then, asked.later_us),
        rates=rulebook.rates(then, asked.later_us, asked.basket),
        flags=rulebook.flags(then),
        prices={item_id: _later_price(held, scene.prices[item_id]) for item_id, held in issued_prices.items()},
        stock=scene.figures_later.stock,
        demand=scene.figures_later.demand,
        sales={
            product: _lasting(sale.sale_id, sale.currency, sale.price_micro) for product, sale in scene.sales.items()
        },
    )
    unchanging = Unchanging(
        parents=scenes.places.parents,
        seller_regions=scenes.places.seller_regions,
        coupon_uses=rulebook.coupon_uses(version, asked.basket.customer_id),
        budget_spends=rulebook.budget_spends(version, asked.basket.customer_id),
        demand_hours=scenes.asked.demand_hours,
    )
    return find_difference(
        issued, before, after, unchanging, lambda: decode(request), asked.issued_at_us, asked.later_us
    )


def _issued_prices(document: Mapping[str, Any], prices: Mapping[str, ProductPrice]) -> dict[str, ProductPrice]:
    """The products at the list prices that the quote shows, where it took the catalog's."""
    issued = {}
    for item in document["items"]:
        item_id = item.get("variant_id") or item["product_id"]
        held = prices.get(item_id)
        if held is not None and item.get("price_source", "request") != "request":
            issued[item_id] = msgspec.structs.replace(
                held,
                currency=document["currency"],
                is_active=True,
                current_micro=int(item["list_price"] * MICRO),
            )
    return issued


def _later_price(issued: ProductPrice, later: ProductPrice) -> ProductPrice:
    """What is not sold any more has no other price."""
    if later.currency != issued.currency:
        return issued
    return msgspec.structs.replace(issued, current_micro=later.current_micro)


def _issued_sales(document: Mapping[str, Any]) -> dict[str, SalePrice]:
    """The sales that lines of the quote were at."""
    sales = {}
    for item in document["items"]:
        if item.get("price_source") == "flash_sale":
            sale_id = item["price_adjustments"][-1]["flash_sale_id"]
            price_micro = int(item["unit_price"] * MICRO)
            sales[item["product_id"]] = _lasting(sale_id, document["currency"], price_micro)
    return sales


def _lasting(sale_id: str, currency: str, price_micro: int) -> SalePrice:
    """A sale without beginning and end; one that ends never is none to `find_sales`, which asks when to look again."""
    return SalePrice(0, sale_id, currency, price_micro, 0, FOREVER - 1)
