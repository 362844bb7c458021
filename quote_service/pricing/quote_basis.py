"""What a quote rests on, as one object: whoever completes, finds, prices or hints is handed it, and looks nothing up twice.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/flash-sales.md#purchase; `docs/decisions/sale-prices.md`.
"""

from collections.abc import Mapping

from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.basket import Basket
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import BasketSales, LineSale, SalePrice


class QuoteBasis:
    """A basket under the snapshot that its whole quote sees, at the one instant for every question about effective dates.

    `at_us` is in microseconds; `sales` are what is on sale of the basket then (`find_sales`). `period` and `applicable`
    follow from the instant, the delivery address and the currency.
    """

    __slots__ = ("_subject", "applicable", "at_us", "checked", "is_express", "period", "rulebook", "sales")

    def __init__(
        self, rulebook: Rulebook, checked: CheckedBasket, at_us: int, sales: BasketSales | None = None
    ) -> None:
        self.rulebook = rulebook
        self.checked = checked
        self.at_us = at_us
        self.sales = sales
        basket = checked.basket
        address = basket.delivery_address
        period = rulebook.period_at(at_us)
        self.period: EffectivePeriod = period
        self.applicable: ApplicableRules = period.applicable_rules(
            address.country, address.city, address.district, basket.currency
        )
        self.is_express: bool = basket.is_express_delivery
        self._subject: Subject | None = None

    @property
    def subject(self) -> Subject:
        """Who asks, as flags and conditions see a customer; first asked for once the customer's record is filled in."""
        subject = self._subject
        if subject is None:
            subject = self._subject = subject_of(self.checked.basket, self.applicable.regions)
        return subject

    def find_sales(self, prices: Mapping[str, SalePrice]) -> None:
        """Take over what of the completed basket is on sale; `prices` are what is on sale, by product."""
        if prices:
            self.sales = find_sales(prices, self.checked, self.at_us)

    def flag_is_true(self, key: str) -> bool:
        """Whether a flag evaluates true for this customer; false where there is no such flag."""
        flag = self.period.flags.get(key)
        return flag is not None and flag.evaluate(self.subject).is_true


def subject_of(basket: Basket, regions: Mapping[str, int]) -> Subject:
    """Who asks for a basket, at an address in these regions."""
    context = basket.context
    return Subject(
        basket.customer_id,
        basket.customer_tier,
        basket.customer_segments or [],
        regions,
        None if context is None else context.ab_test_group,
    )


def is_taken(price: SalePrice, currency: str, own_price_micro: int) -> bool:
    """Whether a unit that costs so much by itself is sold at a sale's price while that runs."""
    return price.currency == currency and price.price_micro <= own_price_micro


def find_sales(prices: Mapping[str, SalePrice], checked: CheckedBasket, at_us: int) -> BasketSales | None:
    """What is on sale of a basket at an instant; None where nothing is, nor is about to be.

    A sale in another currency is none of the basket's, and one that is dearer than the line's own price is not applied:
    nobody pays more because of a sale. So no total can pass the bound that the basket was checked against.

    Args:
        prices: What is on sale, by product.
        checked: The basket.
        at_us: The quote's instant.
    """
    basket = checked.basket
    items = basket.items
    if not any(item.product_id in prices for item in items):
        return None  # most baskets, all of whose lines would be looked at for nothing
    lines: list[LineSale | None] = []
    item_ids: list[int] = []
    until_us: int = FOREVER
    for item, own_price_micro in zip(items, checked.unit_prices_micro, strict=True):
        price = prices.get(item.product_id)
        line = None
        if price is not None and is_taken(price, basket.currency, own_price_micro):
            if at_us < price.starts_us:
                until_us = min(until_us, price.starts_us)
            elif at_us < price.ends_us:
                until_us = min(until_us, price.ends_us)
                line = LineSale(price.item_id, price.sale_id, own_price_micro, price.price_micro)
                if price.item_id not in item_ids:
                    item_ids.append(price.item_id)
        lines.append(line)
    return None if until_us == FOREVER else BasketSales(lines, until_us, tuple(item_ids))
