"""Why a price rule whose conditions hold changed no price of a quote.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


def explain_price_rule(rule: CompiledRule, context: PricingContext) -> Verdict:
    """The verdict on a rule that had no part in the price of any line."""
    return "no price to change", "it changes no price of a line of this basket", None
