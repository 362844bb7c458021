"""Price a basket again by the rows of its time, and tell what became of each of them.

Source: spec 2, `GET /api/v1/quotes/{id}/explain`.
"""

from typing import NamedTuple

from quote_service.domain.explanation import RateVerdict, RuleVerdict
from quote_service.domain.flash_sales.sale_price import BasketSales
from quote_service.domain.quote import CheckedBasket, Quote
from quote_service.domain.stored import RulebookChanges
from quote_service.engine.explain.explain_rates import explain_rates
from quote_service.engine.explain.explain_rules import explain_rules
from quote_service.engine.pricing.price_quote import price_quote
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.rulebook import apply_changes, empty_rulebook


class Explained(NamedTuple):
    """The quote priced again, and every verdict."""

    quote: Quote
    rules: list[RuleVerdict]
    rates: list[RateVerdict]


def explain_pricing(rows: RulebookChanges, checked: CheckedBasket, at_us: int, sales: BasketSales | None) -> Explained:
    """Price a basket by a version's rows and by what was on sale of it, and judge each of the rows.

    Raises:
        msgspec.ValidationError: A rule's configuration does not fit its type in this release.
    """
    rates = list(rows.rates)  # making the rulebook empties the list
    rulebook = apply_changes(empty_rulebook(), rows)
    quote = price_quote(rulebook, checked, at_us, sales)
    # The quote is the sheet that it was worked out on.
    assert isinstance(quote, Worksheet)
    return Explained(
        quote,
        list(explain_rules(rulebook, rows.rules, quote, at_us)),
        list(explain_rates(rulebook, rates, quote, at_us)),
    )
