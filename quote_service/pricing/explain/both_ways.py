"""What a quote costs with promotions and without, where a coupon that stands without them made both be priced."""

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.pricing_context import PricingContext


def both_totals(context: PricingContext) -> str | None:
    """Both totals in words; None where there was one way only."""
    other = context.other_way
    if other is None:
        return None
    ways = ("with promotions", "without") if context.with_promotions else ("without promotions", "with them")
    here, there = amount_text(context.total_minor, context.exponent), amount_text(other.total_minor, context.exponent)
    return f"the basket costs {here} {ways[0]} and {there} {ways[1]}"
