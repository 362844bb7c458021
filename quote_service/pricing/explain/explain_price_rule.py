"""Why a price rule whose conditions hold changed no price of a quote.

Nobody keeps the catalog of each instant, so what is told of stock and demand is what may have been.

Source: docs/spec/quotes.md#explain-a-quote; docs/spec/pricing-rules.md#price-rules.
"""

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_step import PriceStep
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext, covered_lines
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_NO_CATALOG = CatalogSnapshot()


def explain_price_rule(rule: CompiledRule, step: PriceStep, context: PricingContext) -> Verdict:
    """The verdict on a rule that had no part in the price of any line.

    Args:
        rule: The rule; its conditions hold for the customer and for some line.
        step: What its type says of itself.
        context: Of the priced quote.
    """
    prices = context.checked.catalog_prices or []
    known = [line for line, price in zip(context.lines, prices, strict=False) if price is not None]
    lines = covered_lines(rule, known)
    if not lines:
        return "no price to change", "the price of no line that it covers is the catalog's", None
    if step.flag is not None and not context.flag_is_true(step.flag):
        return "condition not met", f"the flag {step.flag} is not true for the customer", None
    stoppers = [_stopper(rule, line) for line in lines]
    left = [line for line, stopper in zip(lines, stoppers, strict=True) if stopper is None]
    if not left:
        stopper = stoppers[0]
        assert stopper is not None
        return "stopped by an exclusive rule", f"{stopper.name} is exclusive", stopper
    most = max(left, key=lambda line: line.item.quantity)
    return "no price to change", step.why_not(rule.effect, _offer(most, context)), None


def _stopper(rule: CompiledRule, line: QuoteLine) -> CompiledRule | None:
    """The exclusive rule of the same type that acted on a line."""
    for adjustment in line.price_adjustments:
        acted: CompiledRule | None = adjustment.rule
        if acted is not None and acted.type == rule.type and acted.effect.is_exclusive:
            return acted
    return None


def _offer(line: QuoteLine, context: PricingContext) -> Offer:
    item = line.item
    product = ProductPrice(
        product_id=item.product_id,
        variant_id=item.variant_id,
        currency=context.basket.currency,
        category_id=item.category_id,
        seller_id=line.seller_id,
        tags=tuple(item.tags or ()),
        weight_pico=None,
        is_active=True,
        current_micro=line.list_price_micro,
        min_micro=0,
        max_micro=None,
        cost_micro=None,
    )
    together = sum(other.item.quantity for other in context.lines if other.item.product_id == item.product_id)
    return Offer(product, item.quantity, together, context.subject.customer_tier, _NO_CATALOG)
