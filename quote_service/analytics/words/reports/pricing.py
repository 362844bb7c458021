"""What was quoted and what was sold.

Source: docs/spec/analytics.md#pricing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from quote_service.analytics.words.reports.amounts import MINOR, amount, amount_each, share

Figures = Mapping[str, int]

#: What discounts of a rule are made of.
DISCOUNT_FIGURES: Final = ("orders", "seller_discount_minor", "platform_discount_minor")
#: What is told of orders, and of quotes in reports of lines: all others of quotes are 0 there.
ORDER_FIGURES: Final = (
    "accepted", "accepted_total_minor", "orders", "purchases", "purchases_total_minor", "refunds", "cancellations", "units",
    "gross_minor", "seller_discount_minor", "platform_discount_minor", "delivery_fee_minor", "small_basket_fee_minor",
    "exclusive_tax_minor", "inclusive_tax_minor", "total_minor", "reversed_total_minor",
)  # fmt: skip
LINE_FIGURES: Final = (
    "lines", "units", "lines_request", "lines_catalog", "lines_flash_sale", "gross_minor", "seller_discount_minor",
    "platform_discount_minor", "exclusive_tax_minor", "inclusive_tax_minor", "total_minor", "commission_minor",
)  # fmt: skip


class PriceSources(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where the prices of lines were from."""

    catalog: int
    """Lines with the price of the catalog."""
    flash_sale: int
    """Lines with the price of a flash sale."""
    request: int
    """Lines whose price the request gave."""


class Latency(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How long answers with a quote took."""

    mean_ms: Decimal | None
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


class Quoted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Quotes: counted as they are answered, not exact. Amounts are those of quotes issued."""

    answers: int
    """Answers with a quote, one handed out again too. 0 in reports by category, seller, product or rule."""
    issued: int
    """Quotes issued; 0 in reports by category, seller or product, which count lines."""
    lines: int
    """Lines of these quotes; by rule and category, seller or product those that the rule gave a discount on."""
    units: int
    """Units of all lines."""
    gross: Decimal
    """Lines before discounts."""
    seller_discount: Decimal
    """Discounts that sellers pay for; by rule its own discounts."""
    platform_discount: Decimal
    """Discounts that the platform pays for; by rule its own discounts."""
    net: Decimal
    """Gross less these discounts."""
    delivery_fee: Decimal
    """Delivery fees; 0 in reports of lines."""
    small_basket_fee: Decimal
    """Small basket fees; 0 in reports of lines."""
    exclusive_tax: Decimal
    """Tax added to prices."""
    inclusive_tax: Decimal
    """Tax contained in prices."""
    total: Decimal
    """What customers would pay; in reports of lines without fees."""
    average_total: Decimal | None
    """Total of a quote on average, or of a line in reports of lines; null without one."""
    commission: Decimal
    """Commission before its tax; 0 in reports by rule."""
    express_share: Decimal | None
    """Share of quotes for express delivery; null in reports of lines."""
    cache_hit_rate: Decimal | None
    """Share of answers that were issued before; null in reports of lines and by rule."""
    price_sources: PriceSources
    """Where the prices of lines were from; 0 in reports by rule."""
    latency: Latency
    """How long answers took; 0 in reports of lines and by rule."""


class Sold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Accepted quotes, orders and what came back of them: exact. In reports of lines these are counts of lines."""

    accepted: int
    """Accepted quotes."""
    accepted_total: Decimal
    """Total of accepted quotes."""
    conversion_rate: Decimal | None
    """Accepted over issued quotes, or over quoted lines in reports of lines; null without one."""
    orders: int
    """Orders, those of flash sales too."""
    order_rate: Decimal | None
    """Orders over issued quotes, likewise."""
    units: int
    """Units ordered."""
    gross: Decimal
    """Lines before discounts."""
    seller_discount: Decimal
    """Discounts that sellers pay for; by rule its own discounts."""
    platform_discount: Decimal
    """Discounts that the platform pays for; by rule its own discounts."""
    net: Decimal
    """Gross less these discounts."""
    delivery_fee: Decimal
    """Delivery fees."""
    small_basket_fee: Decimal
    """Small basket fees."""
    exclusive_tax: Decimal
    """Tax added to prices."""
    inclusive_tax: Decimal
    """Tax contained in prices."""
    total: Decimal
    """What customers pay: gross revenue."""
    average_order: Decimal | None
    """Total of an order on average; null without one."""
    flash_sale_orders: int
    """Orders that are purchases of flash sales."""
    flash_sale_total: Decimal
    """Total of these."""
    refunds: int
    """Refunds made in the period, whenever it was ordered."""
    cancellations: int
    """Orders cancelled in the period, likewise."""
    reversed_total: Decimal
    """What refunds and cancellations of the period gave back."""
    net_revenue: Decimal
    """Total less what was given back."""


class PricingFigures(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    seller_discount: Decimal
    """What of its discounts sellers pay for."""
    platform_discount: Decimal
    """What of its discounts the platform pays for."""
    discount: Decimal
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
    many, minor = sums.get, MINOR[currency]
    discounts = many("seller_discount_minor", 0) + many("platform_discount_minor", 0)
    return Quoted(
        answers=many("quotes", 0),
        issued=many("priced", 0),
        lines=many("lines", 0),
        units=many("units", 0),
        gross=many("gross_minor", 0) * minor,
        seller_discount=many("seller_discount_minor", 0) * minor,
        platform_discount=many("platform_discount_minor", 0) * minor,
        net=(many("gross_minor", 0) - discounts) * minor,
        delivery_fee=many("delivery_fee_minor", 0) * minor,
        small_basket_fee=many("small_basket_fee_minor", 0) * minor,
        exclusive_tax=many("exclusive_tax_minor", 0) * minor,
        inclusive_tax=many("inclusive_tax_minor", 0) * minor,
        total=many("total_minor", 0) * minor,
        average_total=amount_each(many("total_minor", 0), many("priced", 0) or many("lines", 0), currency),
        commission=many("commission_minor", 0) * minor,
        express_share=share(many("express", 0), many("priced", 0)),
        cache_hit_rate=share(many("local", 0) + many("redis", 0), many("quotes", 0)),
        price_sources=PriceSources(
            catalog=many("lines_catalog", 0), flash_sale=many("lines_flash_sale", 0), request=many("lines_request", 0)
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
    many, minor = sums.get, MINOR[currency]
    discounts = many("seller_discount_minor", 0) + many("platform_discount_minor", 0)
    return Sold(
        accepted=many("accepted", 0),
        accepted_total=many("accepted_total_minor", 0) * minor,
        conversion_rate=share(many("accepted", 0), issued),
        orders=many("orders", 0),
        order_rate=share(many("orders", 0), issued),
        units=many("units", 0),
        gross=many("gross_minor", 0) * minor,
        seller_discount=many("seller_discount_minor", 0) * minor,
        platform_discount=many("platform_discount_minor", 0) * minor,
        net=(many("gross_minor", 0) - discounts) * minor,
        delivery_fee=many("delivery_fee_minor", 0) * minor,
        small_basket_fee=many("small_basket_fee_minor", 0) * minor,
        exclusive_tax=many("exclusive_tax_minor", 0) * minor,
        inclusive_tax=many("inclusive_tax_minor", 0) * minor,
        total=many("total_minor", 0) * minor,
        average_order=amount_each(many("total_minor", 0), many("orders", 0), currency),
        flash_sale_orders=many("purchases", 0),
        flash_sale_total=many("purchases_total_minor", 0) * minor,
        refunds=many("refunds", 0),
        cancellations=many("cancellations", 0),
        reversed_total=many("reversed_total_minor", 0) * minor,
        net_revenue=(many("total_minor", 0) - many("reversed_total_minor", 0)) * minor,
    )
