"""TAX: a rate on each line, and on fees where the rule says so.

Source: docs/spec/pricing-rules.md#tax.
"""

from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import Percent
from quote_service.pricing.explain.first_of_type import explain_behind
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType, Missing
from quote_service.pricing.rule_types.scaled import PLACES
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_NOTHING = "there is nothing that it taxes"


class Tax(RuleConfiguration, frozen=True, kw_only=True):
    """`rate` percent of each line's net amount, or the rate of its category; fees are taxed at `rate`."""

    rate: Percent
    """Tax rate in percent, from 0 to 100, of each line's amount after discounts, and of the fees that are taxed."""
    inclusive: bool = False
    """Whether prices already contain the tax: `true` shows it without adding it, `false` adds it to the total."""
    category_rates: dict[UUID, Percent] = {}  # noqa: RUF012 (a struct copies it)
    """Tax rates in percent that take the place of `rate`, by category id."""
    applies_to_delivery: bool = False
    """Whether the delivery fee is taxed, at `rate`."""
    applies_to_small_basket: bool = False
    """Whether the small-basket fee is taxed, at `rate`."""


class TaxEffect(msgspec.Struct, frozen=True, gc=False):
    """Rates in millionths of a percent, by category where it has one of its own."""

    rate_micro: int
    is_inclusive: bool
    category_rates_micro: dict[str, int]
    applies_to_delivery: bool
    applies_to_small_basket: bool


def _compile(tax: Tax, exponent: int) -> TaxEffect:
    return TaxEffect(
        rate_micro=scale_decimal(tax.rate, PLACES),
        is_inclusive=tax.inclusive,
        category_rates_micro={str(key): scale_decimal(rate, PLACES) for key, rate in tax.category_rates.items()},
        applies_to_delivery=tax.applies_to_delivery,
        applies_to_small_basket=tax.applies_to_small_basket,
    )


def _explain(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    """A line is taxed by the first rule for it, so of a quote several may count: the first of those that did came before."""
    winner = next((rival for rival in context.rules_of("TAX") if rival in context.applied_rules), None)
    return explain_behind(rule, winner, context, _NOTHING)


RULE_TYPE = DeclaredRuleType(
    name="TAX",
    choice="first",
    configuration=Tax,
    compile=_compile,
    explain=_explain,
    nothing=_NOTHING,
    missing=Missing("currency-without-tax-rule", "no tax is charged", "no_tax_rule"),
)
