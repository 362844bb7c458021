"""The tax on each seller's commission, rounded once; it is taken off the payout, or contained in the commission already.

Source: docs/spec/quotes.md#steps; docs/spec/pricing-rules.md#commission_tax.
"""

from collections.abc import Mapping

from quote_service.platform.money.amounts import tax_on
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import CommissionTax, QuoteLine
from quote_service.pricing.rule_types.commission_tax import CommissionTaxEffect
from quote_service.pricing.rulebook.rules_of_sellers import RulesOfSellers, place_of


def charge_commission_tax(
    context: PricingContext, of_sellers: RulesOfSellers, seller_regions: Mapping[str, str]
) -> None:
    """Tax what each seller is charged, by the first rule where the seller is; the payouts have been worked out.

    Args:
        context: The quote, with its commission and payouts.
        of_sellers: The rules in force that count by where a seller is.
        seller_regions: Where sellers are, as far as the catalog knows.
    """
    context.seller_regions = seller_regions
    taxes: list[CommissionTax] = []
    for payout in context.payouts:
        if not payout.commission_minor:
            continue
        place = place_of(seller_regions, context.basket, payout.seller_id)
        rules = of_sellers.find("COMMISSION_TAX", place, context.basket.currency)
        if not rules:
            continue
        rule = context.chosen(rules, _lines_of(context, payout.seller_id))
        if rule is None:
            continue
        effect = rule.effect
        assert isinstance(effect, CommissionTaxEffect)
        amount_minor = tax_on(payout.commission_minor, effect.rate_micro, effect.is_inclusive)
        payout.commission_tax = CommissionTax(
            payout.seller_id, rule, effect.rate_micro, effect.is_inclusive, payout.commission_minor, amount_minor
        )
        taxes.append(payout.commission_tax)
        context.apply(rule)
    if taxes:
        context.commission.taxes = taxes


def _lines_of(context: PricingContext, seller_id: str) -> list[QuoteLine]:
    return [line for line in context.lines if line.seller_id == seller_id]
