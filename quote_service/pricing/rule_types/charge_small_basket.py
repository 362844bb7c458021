"""Step 5: the fee for a small basket.

Source: docs/spec/quotes.md#steps; docs/spec/pricing-rules.md#small_basket_fee.
"""

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.calculation_inputs import SmallBasketInputs
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Calculation
from quote_service.pricing.rule_types.small_basket_fee import SmallBasketEffect


def charge_small_basket(context: PricingContext) -> None:
    """Charge the fee where the subtotal is below the threshold; a top-up never charges more than what is missing."""
    rule = context.chosen(context.rules_of("SMALL_BASKET_FEE"))
    if rule is None:
        return
    effect = rule.effect
    assert isinstance(effect, SmallBasketEffect)
    missing_minor = effect.threshold_minor - context.subtotal_minor
    if missing_minor <= 0:
        return
    fee_minor = effect.fee_minor if effect.mode == "fixed" else min(effect.fee_minor, missing_minor)
    context.small_basket_fee_minor = fee_minor
    context.apply(rule)
    inputs = SmallBasketInputs(effect.threshold_minor, effect.fee_minor, effect.mode, context.subtotal_minor)
    description = f"subtotal below {amount_text(effect.threshold_minor, context.exponent)}"
    context.calculations.append(Calculation("small_basket", description, fee_minor, rule, inputs))
