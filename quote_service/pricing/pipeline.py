"""The steps by which a quote is priced, in order, each with the reason for its place.

What stands here is the product's own. A rule type may bring a step (`rule_types/rule_type.py`), which goes before the one
that it names. Which steps there are for a delivery address is settled once for each rulebook, not for each quote.

Source: docs/spec/quotes.md#steps.
"""

from collections.abc import Callable, Iterable

from quote_service.pricing.price_lines import price_lines
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rule_types.apply_discounts import apply_promotions, redeem_coupons
from quote_service.pricing.rule_types.charge_fees import (
    charge_delivery,
    charge_small_basket,
    discount_delivery,
    free_delivery,
)
from quote_service.pricing.rule_types.charge_tax import charge_tax
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.step import Step

Run = Callable[[PricingContext], None]

_OWN = (
    Step(
        name="lines",
        run=price_lines,
        because="Everything after it works on what the lines cost, each rounded to the currency once.",
    ),
    Step(
        name="promotions",
        run=apply_promotions,
        only_with="PROMOTION",
        because="Before fees and tax: their thresholds and bases are the subtotal, which is the lines less discounts.",
    ),
    Step(
        name="coupons",
        run=redeem_coupons,
        because="After the promotions, on what those left: what everybody gets must not hang on what somebody enters.",
    ),
    Step(
        name="delivery",
        run=charge_delivery,
        because="After the discounts on lines, since conditions of fees compare the subtotal; before what lowers the fee.",
    ),
    Step(
        name="free_delivery",
        run=free_delivery,
        only_with="FREE_DELIVERY",
        because="Before discounts on delivery: where the delivery is free a coupon for it must not be used up.",
    ),
    Step(
        name="delivery_discounts",
        run=discount_delivery,
        because="Once the fee is known that is still to be paid; before tax, which is on what is paid.",
    ),
    Step(
        name="small_basket",
        run=charge_small_basket,
        only_with="SMALL_BASKET_FEE",
        because="After the discounts, which its threshold counts; before tax, which it may bear.",
    ),
    Step(
        name="tax",
        run=charge_tax,
        because="Last of what the customer pays: it is on the lines and fees as they are after everything else.",
    ),
)


def in_order(own: Iterable[Step], brought: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with those that rule types bring, each before the one it names; of one place by name.

    Raises:
        ValueError: One names no step to go before.
    """
    steps = list(own)
    for step in sorted(brought, key=lambda step: step.name):
        indexes = [index for index, other in enumerate(steps) if other.name == step.before]
        if not indexes:
            raise ValueError(f"the step {step.name} is to go before {step.before}, and there is no such step")
        steps.insert(indexes[0], step)
    return tuple(steps)


STEPS = in_order(_OWN, [declared.step for declared in RULE_TYPES.values() if declared.step is not None])


def steps_for(applicable: ApplicableRules) -> tuple[Run, ...]:
    """What is run, in order, for quotes to an address."""
    return tuple(step.run for step in STEPS if step.only_with is None or step.only_with in applicable.by_type)
