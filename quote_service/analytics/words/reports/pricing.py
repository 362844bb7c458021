"""What was quoted and what was sold.

Source: docs/spec/analytics.md#pricing.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from quote_service.analytics.words.reports.amounts import amount, amount_each, share
from quote_service.money.numbers import ExactNumber

Figures = Mapping[str, int]

#: What discounts of a rule are made of.
DISCOUNT_FIGURES: Final = ("orders", "seller_discount_minor", "platform_discount_minor")


class PriceSources(msgspec.Struct, frozen=True, kw_only=True):
    """Where the prices of lines were from."""

    catalog: int
    """Lines with the price of the catalog."""
    flash_sale: int
    """Lines with the price of a flash sale."""
    request: int
    """Lines whose price the request gave."""


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """How long answers with a quote took."""

    mean_ms: ExactNumber | None
    """Mean time in milliseconds; null without an answer."""
    up_to_100us: int
    """Answers that took at most 0.1 ms."""
    up_to_1ms: int
    """Answers that took longer, and at most 1 ms."""
    up_to_10ms: int
    """Answers that took longer, and at most 10 ms."""
    up_to_100ms: int
    """Answers that took longer, and at most 100 ms."""
    up_to_1s: int
    """Answers that took longer, and at most 1 s."""
    longer: int
    """Answers that took longer than 1 s."""


class Quoted(msgspec.Struct, frozen=True, kw_only=True):
    """Quotes: counted as they are answered, not exact. Amounts are those of quotes issued."""

    answers: int
    """Answers with a quote, one handed out again too. 0 in reports by category, seller, product or rule."""
    issued: int
    """Quotes issued; 0 in reports by category, seller or product, which count lines."""
    lines: int
    """Lines of these quotes; by rule and category, seller or product those that the rule gave a discount on."""
    units: int
    """Units of all lines."""
    gross: ExactNumber
    """Lines before discounts."""
    seller_discount: ExactNumber
    """Discounts that sellers pay for; by rule its own discounts."""
    platform_discount: ExactNumber
    """Discounts that the platform pays for; by rule its own discounts."""
    net: ExactNumber
    """Gross less these discounts."""
    delivery_fee: ExactNumber
    """Delivery fees; 0 in reports of lines."""
    small_basket_fee: ExactNumber
    """Small basket fees; 0 in reports of lines."""
    exclusive_tax: ExactNumber
    """Tax added to prices."""
    inclusive_tax: ExactNumber
    """Tax contained in prices."""
    total: ExactNumber
    """What customers would pay; in reports of lines without fees."""
    average_total: ExactNumber | None
    """Total of a quote on average, or of a line in reports of lines; null without one."""
    commission: ExactNumber
    """Commission before its tax; 0 in reports by rule."""
    express_share: ExactNumber | None
    """Share of quotes for express delivery; null in reports of lines."""
    cache_hit_rate: ExactNumber | None
    """Share of answers that were issued before; null in reports of lines and by rule."""
    price_sources: PriceSources
    """Where the prices of lines were from; 0 in reports by rule."""
    latency: Latency
    """How long answers took; 0 in reports of lines and by rule."""


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """Accepted quotes, orders and what came back of them: exact. In reports of lines these are counts of lines."""

    accepted: int
    """Accepted quotes."""
    accepted_total: ExactNumber
    """Total of accepted quotes."""
    conversion_rate: ExactNumber | None
    """Accepted over issued quotes, or over quoted lines in reports of lines; null without one."""
    orders: int
    """Orders, those of flash sales too."""
    order_rate: ExactNumber | None
    """Orders over issued quotes, likewise."""
    units: int
    """Units ordered."""
    gross: ExactNumber
    """Lines before discounts."""
    seller_discount: ExactNumber
    """Discounts that sellers pay for; by rule its own discounts."""
    platform_discount: ExactNumber
    """Discounts that the platform pays for; by rule its own discounts."""
    net: ExactNumber
    """Gross less these discounts."""
    delivery_fee: ExactNumber
    """Delivery fees."""
    small_basket_fee: ExactNumber
    """Small basket fees."""
    exclusive_tax: ExactNumber
    """Tax added to prices."""
    inclusive_tax: ExactNumber
    """Tax contained in prices."""
    total: ExactNumber
    """What customers pay: gross revenue."""
    average_order: ExactNumber | None
    """Total of an order on average; null without one."""
    flash_sale_orders: int
    """Orders that are purchases of flash sales."""
    flash_sale_total: ExactNumber
    """Total of these."""
    refunds: int
    """Refunds made in the period, whenever it was ordered."""
    cancellations: int
    """Orders cancelled in the period, likewise."""
    reversed_total: ExactNumber
    """What refunds and cancellations of the period gave back."""
    net_revenue: ExactNumber
    """Total less what was given back."""


class PricingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was quoted and what was sold."""

    quoted: Quoted
    """Quotes."""
    sold: Sold
    """Accepted quotes and orders."""


class RuleDiscount(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule took off orders."""

    rule: str
    """Name of the rule."""
    orders: int
    """Orders, or their lines, that it applied to."""
    seller_discount: ExactNumber
    """What of its discounts sellers pay for."""
    platform_discount: ExactNumber
    """What of its discounts the platform pays for."""
    discount: ExactNumber
    """Both."""


def pricing_figures(quotes: Figures, orders: Figures, currency: str) -> PricingFigures:
    """The figures of sums of rollups; a figure that is not there is 0."""
    issued = quotes.get("priced", 0) or quotes.get("lines", 0)
    return PricingFigures(quoted=_quoted(quotes, currency), sold=_sold(orders, issued, currency))


def rule_discount(rule: str, orders: Figures, currency: str) -> RuleDiscount:
    """What a rule took off, of the sums of its orders."""
    by_seller, by_platform = orders.get("seller_discount_minor", 0), orders.get("platform_discount_minor", 0)
    return RuleDiscount(
        rule=rule,
        orders=orders.get("orders", 0),
        seller_discount=amount(by_seller, currency),
        platform_discount=amount(by_platform, currency),
        discount=amount(by_seller + by_platform, currency),
    )


def _quoted(sums: Figures, currency: str) -> Quoted:
    def many(name: str) -> int:
        return sums.get(name, 0)

    def money(name: str) -> ExactNumber:
        return amount(sums.get(f"{name}_minor", 0), currency)

    discounts = many("seller_discount_minor") + many("platform_discount_minor")
    return Quoted(
        answers=many("quotes"),
        issued=many("priced"),
        lines=many("lines"),
        units=many("units"),
        gross=money("gross"),
        seller_discount=money("seller_discount"),
        platform_discount=money("platform_discount"),
        net=amount(many("gross_minor") - discounts, currency),
        delivery_fee=money("delivery_fee"),
        small_basket_fee=money("small_basket_fee"),
        exclusive_tax=money("exclusive_tax"),
        inclusive_tax=money("inclusive_tax"),
        total=money("total"),
        average_total=amount_each(many("total_minor"), many("priced") or many("lines"), currency),
        commission=money("commission"),
        express_share=share(many("express"), many("priced")),
        cache_hit_rate=share(many("local") + many("redis"), many("quotes")),
        price_sources=PriceSources(
            catalog=many("lines_catalog"), flash_sale=many("lines_flash_sale"), request=many("lines_request")
        ),
        latency=_latency(sums),
    )


def _latency(sums: Figures) -> Latency:
    answers, latency_us = sums.get("quotes", 0), sums.get("latency_us", 0)
    counts = [sums.get(f"latency_{name}", 0) for name in ("100us", "1ms", "10ms", "100ms", "1s")]
    return Latency(
        mean_ms=share(latency_us, answers * 1000),
        up_to_100us=counts[0],
        up_to_1ms=counts[1],
        up_to_10ms=counts[2],
        up_to_100ms=counts[3],
        up_to_1s=counts[4],
        longer=answers - sum(counts),
    )


def _sold(sums: Figures, issued: int, currency: str) -> Sold:
    def many(name: str) -> int:
        return sums.get(name, 0)

    def money(name: str) -> ExactNumber:
        return amount(sums.get(f"{name}_minor", 0), currency)

    discounts = many("seller_discount_minor") + many("platform_discount_minor")
    return Sold(
        accepted=many("accepted"),
        accepted_total=money("accepted_total"),
        conversion_rate=share(many("accepted"), issued),
        orders=many("orders"),
        order_rate=share(many("orders"), issued),
        units=many("units"),
        gross=money("gross"),
        seller_discount=money("seller_discount"),
        platform_discount=money("platform_discount"),
        net=amount(many("gross_minor") - discounts, currency),
        delivery_fee=money("delivery_fee"),
        small_basket_fee=money("small_basket_fee"),
        exclusive_tax=money("exclusive_tax"),
        inclusive_tax=money("inclusive_tax"),
        total=money("total"),
        average_order=amount_each(many("total_minor"), many("orders"), currency),
        flash_sale_orders=many("purchases"),
        flash_sale_total=money("purchases_total"),
        refunds=many("refunds"),
        cancellations=many("cancellations"),
        reversed_total=money("reversed_total"),
        net_revenue=amount(many("total_minor") - many("reversed_total_minor"), currency),
    )
