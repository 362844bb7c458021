"""COMMISSION_TAX: a tax on what the marketplace charges each seller.

Source: docs/spec/pricing-rules.md#commission_tax.
"""

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import Percent
from quote_service.pricing.explain.first_of_type import explain_behind
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rule_types.scaled import PLACES
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.rules_of_sellers import place_of

_NOTHING = "there is no commission that it taxes"


class CommissionTax(RuleConfiguration, frozen=True, kw_only=True):
    """`rate` percent of each seller's commission, for sellers in the rule's region."""

    rate: Percent
    """Tax rate in percent, from 0 to 100, of what a seller is charged as commission."""
    inclusive: bool = False
    """Whether the commission contains the tax: `true` shows it without adding it, `false` takes it off the seller's payout."""


class CommissionTaxEffect(msgspec.Struct, frozen=True, gc=False):
    """The rate in millionths of a percent."""

    rate_micro: int
    is_inclusive: bool


def _compile(tax: CommissionTax, exponent: int) -> CommissionTaxEffect:
    return CommissionTaxEffect(scale_decimal(tax.rate, PLACES), tax.inclusive)


def _explain(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    """Each seller is taxed by the first rule for it: the verdict is that at the first seller whom the rule could tax."""
    of_sellers = context.period.of_sellers
    assert of_sellers is not None, "the rule is one of them"
    for payout in context.payouts:
        place = place_of(context.seller_regions, context.basket, payout.seller_id)
        if payout.commission_tax is not None and rule.region_key in of_sellers.regions(place):
            return explain_behind(rule, payout.commission_tax.rule, context, _NOTHING, of_sellers.regions(place))
    return "nothing to charge", _NOTHING, None


RULE_TYPE = DeclaredRuleType(
    name="COMMISSION_TAX",
    choice="first",
    configuration=CommissionTax,
    compile=_compile,
    is_by_seller=True,
    explain=_explain,
    nothing=_NOTHING,
)
