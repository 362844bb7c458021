"""What was quoted and what was sold.

Source: docs/spec/analytics.md#pricing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from quote_service.steering.analytics.model.reports.amounts import MINOR, amount, amount_each, share, share_of_issued

Figures = Mapping[str, int]

#: What discounts of a rule are made of.
DISCOUNT_FIGURES: Final = ("orders", "seller_discount_minor", "platform_discount_minor")
#: What is told of orders, and of quotes in reports of lines: all others of quotes are 0 there.
ORDER_FIGURES: Final = (
    "accepted", "accepted_shift", "accepted_total_minor", "orders", "orders_shift", "purchases", "purchases_total_minor", "refunds", "cancellations", "units",
    "gross_minor", "seller_discount_minor", "platform_discount_minor", "delivery_fee_minor", "small_basket_fee_minor",
    "exclusive_tax_minor", "inclusive_tax_minor", "total_minor", "reversed_total_minor",
)  # fmt: skip
#: What `total` has beside `net`.
_BESIDE_NET: Final = ("delivery_fee_minor", "small_basket_fee_minor", "exclusive_tax_minor")
LINE_FIGURES: Final = (
    "lines", "units", "lines_request", "lines_catalog", "lines_flash_sale", "gross_minor", "seller_discount_minor",
    "platform_discount_minor", "exclusive_tax_minor", "inclusive_tax_minor", "total_minor", "commission_minor",
)  # fmt: skip


class PriceSources(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where the prices of lines were from; all null in reports by rule, which do not count it."""

    catalog: int | None
    """Lines with the price of the catalog."""
    flash_sale: int | None
    """Lines with the price of a flash sale."""
    request: int | None
    """Lines whose price the request gave."""


class Latency(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How long answers with a quote took; all null in reports of lines and by rule, which do not count answers."""

    mean_ms: Decimal | None
    """Mean time in milliseconds; null without an answer."""
    up_to_100us: int | None
    """Answers that took at most 0.1 ms."""
    up_to_1ms: int | None
    """Answers that took longer, and at most 1 ms."""
    up_to_10ms: int | None
    """Answers that took longer, and at most 10 ms."""
    up_to_100ms: int | None
    """Answers that took longer, and at most 100 ms."""
    up_to_1s: int | None
    """Answers that took longer, and at most 1 s."""
    longer: int | None
    """Answers that took longer than 1 s."""


class Quoted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Quotes: counted as they are answered, not exact. Amounts are those of quotes issued. What is not counted is null."""

    answers: int | None
    """Answers with a quote, one handed out again too; null in reports by category, seller, product or rule."""
    issued: int | None
    """Quotes issued; null in reports by category, seller or product, which count lines."""
    lines: int | None
    """Lines of these quotes; by rule and category, seller or product those that the rule gave a discount on, and null by rule alone."""
    units: int | None
    """Units of all lines; null in reports by rule."""
    gross: Decimal
    """Lines before discounts."""
    seller_discount: Decimal
    """Discounts that sellers pay for; by rule its own discounts."""
    platform_discount: Decimal
    """Discounts that the platform pays for; by rule its own discounts."""
    net: Decimal | None
    """Gross less these discounts; null in reports by rule, where those of other rules are not counted."""
    delivery_fee: Decimal | None
    """Delivery fees; null in reports of lines and by rule."""
    small_basket_fee: Decimal | None
    """Small basket fees; null in reports of lines and by rule."""
    exclusive_tax: Decimal | None
    """Tax added to prices; null in reports by rule."""
    inclusive_tax: Decimal | None
    """Tax contained in prices; null in reports by rule."""
    total: Decimal
    """What customers would pay; in reports of lines without fees."""
    average_total: Decimal | None
    """Total of a quote on average, or of a line in reports of lines; null without one."""
    commission: Decimal | None
    """Commission before its tax; null in reports by rule."""
    express_share: Decimal | None
    """Share of quotes for express delivery; null in reports of lines and by rule."""
    cache_hit_rate: Decimal | None
    """Share of answers that were issued before; null in reports of lines and by rule."""
    price_sources: PriceSources
    """Where the prices of lines were from."""
    latency: Latency
    """How long answers took."""


class Sold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Accepted quotes, orders and what came back of them: exact. In reports of lines these are counts of lines."""

    accepted: int | None
    """Accepted quotes; null in reports by rule and category, seller or product."""
    accepted_total: Decimal | None
    """Total of accepted quotes, likewise."""
    conversion_rate: Decimal | None
    """Share of the quotes issued in the period that were accepted, whenever that was; of quoted lines in reports of lines. Null where
    it is not known: none was counted as issued, or fewer than were accepted."""
    orders: int
    """Orders, those of flash sales too."""
    order_rate: Decimal | None
    """Share of the quotes issued in the period that were ordered, likewise."""
    units: int
    """Units ordered."""
    gross: Decimal
    """Lines before discounts."""
    seller_discount: Decimal
    """Discounts that sellers pay for; by rule its own discounts."""
    platform_discount: Decimal
    """Discounts that the platform pays for; by rule its own discounts."""
    other_discounts: Decimal
    """By rule, discounts of other rules on the same orders (or lines); 0 in other reports."""
    net: Decimal
    """Gross less all these discounts; with fees and tax that is added it is `total`."""
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


class Counted(NamedTuple):
    """What figures are of: lines where a dimension is that of a line, and one rule where that is one.

    What a row of such a cube has no column for is 0 there, and not known.
    """

    of_lines: bool = False
    of_rule: bool = False


_EVERYTHING: Final = Counted()


def pricing_figures(quotes: Figures, orders: Figures, currency: str, counted: Counted = _EVERYTHING) -> PricingFigures:
    """The figures of sums of rollups; a figure that is not there is 0."""
    issued = quotes.get("lines" if counted.of_lines else "priced", 0)
    return PricingFigures(
        quoted=_quoted(quotes, issued, currency, counted), sold=_sold(orders, issued, currency, counted)
    )


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


def _quoted(sums: Figures, issued: int, currency: str, counted: Counted) -> Quoted:
    many, minor = sums.get, MINOR[currency]
    of_lines, of_rule = counted
    is_complete = not of_lines and not of_rule
    discounts = many("seller_discount_minor", 0) + many("platform_discount_minor", 0)
    return Quoted(
        answers=many("quotes", 0) if is_complete else None,
        issued=None if of_lines else issued,
        lines=many("lines", 0) if of_lines or not of_rule else None,
        units=None if of_rule else many("units", 0),
        gross=many("gross_minor", 0) * minor,
        seller_discount=many("seller_discount_minor", 0) * minor,
        platform_discount=many("platform_discount_minor", 0) * minor,
        net=None if of_rule else (many("gross_minor", 0) - discounts) * minor,
        delivery_fee=many("delivery_fee_minor", 0) * minor if is_complete else None,
        small_basket_fee=many("small_basket_fee_minor", 0) * minor if is_complete else None,
        exclusive_tax=None if of_rule else many("exclusive_tax_minor", 0) * minor,
        inclusive_tax=None if of_rule else many("inclusive_tax_minor", 0) * minor,
        total=many("total_minor", 0) * minor,
        average_total=amount_each(many("total_minor", 0), issued, currency),
        commission=None if of_rule else many("commission_minor", 0) * minor,
        express_share=share(many("express", 0), issued) if is_complete else None,
        cache_hit_rate=share(many("local", 0) + many("redis", 0), many("quotes", 0)),
        price_sources=PriceSources(
            catalog=None if of_rule else many("lines_catalog", 0),
            flash_sale=None if of_rule else many("lines_flash_sale", 0),
            request=None if of_rule else many("lines_request", 0),
        ),
        latency=_latency(sums) if is_complete else _NOT_TIMED,
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


_NOT_TIMED: Final = Latency(
    mean_ms=None, up_to_100us=None, up_to_1ms=None, up_to_10ms=None, up_to_100ms=None, up_to_1s=None, longer=None
)


def _sold(sums: Figures, issued: int, currency: str, counted: Counted) -> Sold:
    many, minor = sums.get, MINOR[currency]
    discounts = many("seller_discount_minor", 0) + many("platform_discount_minor", 0)
    net_minor = many("gross_minor", 0) - discounts
    if counted.of_rule:
        # Its own discounts are not all that its orders have; what they came to is known.
        net_minor = many("total_minor", 0) - sum(many(name, 0) for name in _BESIDE_NET)
    # Lines of accepted quotes are not distinguished by the rules that gave them discounts.
    has_accepted = not (counted.of_rule and counted.of_lines)
    return Sold(
        accepted=many("accepted", 0) if has_accepted else None,
        accepted_total=many("accepted_total_minor", 0) * minor if has_accepted else None,
        conversion_rate=share_of_issued("accepted", sums, issued) if has_accepted else None,
        orders=many("orders", 0),
        order_rate=share_of_issued("orders", sums, issued),
        units=many("units", 0),
        gross=many("gross_minor", 0) * minor,
        seller_discount=many("seller_discount_minor", 0) * minor,
        platform_discount=many("platform_discount_minor", 0) * minor,
        other_discounts=(many("gross_minor", 0) - discounts - net_minor) * minor,
        net=net_minor * minor,
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
