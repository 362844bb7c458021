"""Our prices of the past, and what was bought at them: price history and accepted quotes.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from itertools import groupby

from quote_service.lab.demonstration.model.baskets import SoldBasket, baskets_of
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS
from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import DemonstrationPlan
from quote_service.lab.demonstration.model.progress import ReportProgress
from quote_service.lab.demonstration.operations.open_shop import Shop
from quote_service.lab.seeding.operations.past_quotes import OrderKeys, PastQuotes
from quote_service.lab.seeding.operations.write_past import begin_past_quotes, move_past_prices, write_past_quotes
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.pricing.basket import Address, Basket, BasketItem
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket

_EXPONENT = EXPONENTS[CURRENCY]
_MICRO_OF_A_MINOR = MICRO // 10**_EXPONENT
_TO = Address("Hamburg", "DE", None, "Altstadt", 53.5503, 9.9937)
_FROM = Address("Bremen", "DE", None, "Mitte", 53.0758, 8.8072)


async def sell_history(
    connection: Connection,
    plan: DemonstrationPlan,
    shop: Shop,
    days_sold: Sequence[DayOfGood],
    keys: OrderKeys,
    report: ReportProgress,
) -> None:
    """Write every basket that was bought, at the prices of its day.

    Args:
        connection: Inside a transaction.
        plan: When the days were.
        shop: Whose products they are.
        told: All days of the market, in their order.
        keys: Sign quotes and receipts.
        tell: Told of progress.
    """
    days = [list(each) for _, each in groupby(days_sold, key=lambda day: day.day)]
    past = await begin_past_quotes(connection, keys)

    async def lines() -> AsyncIterator[bytes]:
        for number, day in enumerate(days):
            prices = [_price(shop, each) for each in day]
            rows = (_line(past, shop, basket, prices) for basket in baskets_of(plan, number, day))
            yield "".join(rows).encode()
            report("days of sales", number + 1, len(days))

    await write_past_quotes(connection, lines())


async def move_prices_of(
    connection: Connection, plan: DemonstrationPlan, shop: Shop, days_sold: Sequence[DayOfGood]
) -> None:
    """Move our prices as they moved from day to day while they were tried."""
    asked = [good.usual_minor for good in GOODS]
    for number, of_day in groupby(days_sold, key=lambda day: day.day):
        day = list(of_day)
        moved = [each for each in day if each.price_minor != asked[each.good]]
        asked = [each.price_minor for each in day]
        if moved:
            items = [shop.products[each.good] for each in moved]
            prices = [Decimal(each.price_minor).scaleb(-_EXPONENT) for each in moved]
            at = plan.repriced(number)
            await move_past_prices(connection, CURRENCY, "schedule", "Trying prices", at, items, prices)


def _line(past: PastQuotes, shop: Shop, sold: SoldBasket, prices: Sequence[ProductPrice]) -> str:
    items = [BasketItem(product_id=str(shop.products[good]), quantity=units) for good, units in sold.units.items()]
    basket = Basket(
        customer_id=shop.customers[sold.customer],
        seller_id=str(shop.seller_id),
        items=items,
        delivery_address=_TO,
        currency=CURRENCY,
        pickup_address=_FROM,
    )
    checked = CheckedBasket(basket, _EXPONENT, [NOT_PRICED] * len(items), 0, lacks_prices=True)
    return past.line(checked, [prices[good] for good in sold.units], sold.quote_id, sold.at_us, sold.decides_us)


def _price(shop: Shop, day: DayOfGood) -> ProductPrice:
    return ProductPrice(
        product_id=str(shop.products[day.good]),
        variant_id=None,
        currency=CURRENCY,
        category_id=str(shop.categories[GOODS[day.good].category]),
        seller_id=str(shop.seller_id),
        tags=("demonstration",),
        weight_pico=None,
        is_active=True,
        current_micro=day.price_minor * _MICRO_OF_A_MINOR,
        min_micro=0,
        max_micro=None,
        cost_micro=day.cost_minor * _MICRO_OF_A_MINOR,
    )
