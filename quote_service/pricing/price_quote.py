"""The one function that prices. Quote, batch, simulation, explanation and replay all come through here.

A pure function of its arguments: no clock, chance, log or I/O, and the same arguments give the same quote.

Source: docs/spec/quotes.md#steps.
"""

from collections.abc import Sequence

from quote_service.pricing.below_cost import warn_below_cost
from quote_service.pricing.choose_promotions import choose_promotions
from quote_service.pricing.commission.commission_for_quote import commission_for_quote, payouts_of
from quote_service.pricing.commission.negative_payouts import payout_negative
from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.pipeline import steps_for
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rule_types.charge_commission_tax import charge_commission_tax
from quote_service.pricing.rule_types.discount_limits import discounts_on_delivery


def price_quote(basis: QuoteBasis) -> Quote:
    """Price a basket.

    Returns:
        The quote in minor units; its calculations, less those marked as included, add up to its total.
    """
    context = price_amounts(basis)
    context.feature_flags = quote_flags(basis.period.exposed_flags, basis.subject)
    return context


def quote_flags(exposed: Sequence[CompiledFlag], subject: Subject) -> list[Decision]:
    """Step 9: what each flag that a quote shows decides, in their order, where it has a value for the subject.

    Source: docs/spec/feature-flags.md#types-and-values.
    """
    return [decision for flag in exposed if (decision := flag.evaluate(subject)).value is not None]


def price_amounts(basis: QuoteBasis) -> PricingContext:
    """The same without the flags that a quote shows, for whoever looks at nothing but its amounts and steps."""
    rulebook, checked, period, applicable = basis.rulebook, basis.checked, basis.period, basis.applicable
    context = _charge(
        PricingContext(
            checked,
            period,
            applicable,
            basis.subject,
            rulebook.coupon_uses,
            rulebook.budget_spends,
            basis.sales,
        )
    )
    if context.kept_out_coupon:
        other_way = _charge(context.once_more(with_promotions=False))
        context = choose_promotions(context, other_way)
        context.floors_minor = other_way.floors_minor  # with what the first way asked
    # Of the way that counts alone, and after every discount: commission is on what a line costs less the seller's part.
    context.commission = commission_for_quote(
        rulebook.rates, applicable.rates_here, context.lines, context.logistics_provider, basis.at_us
    )
    context.payouts = payouts_of(context.lines, context.commission)
    if period.of_sellers is not None:
        charge_commission_tax(context, period.of_sellers, rulebook.catalog.seller_regions)
    if checked.catalog_prices is not None:
        warn_below_cost(context, checked.catalog_prices)
    for payout in context.payouts:
        if payout.payout_minor < 0:
            warning = payout_negative(payout.seller_id, payout.payout_minor, checked.basket.currency, checked.exponent)
            context.warnings.append(warning)
    return context


def _charge(context: PricingContext) -> PricingContext:
    """All steps that the customer pays for, in order."""
    steps = context.applicable.steps
    if steps is None:
        steps = context.applicable.steps = steps_for(context.applicable)
    for run in steps:
        run(context)
    if context.is_to_be_priced_again:
        without = context.once_more(context.with_promotions)
        without.over_budget = discounts_on_delivery(context.over_budget)
        return _charge(without)  # which leaves out one more each time
    return context
