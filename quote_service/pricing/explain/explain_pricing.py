"""Price a basket again by the rows of its time, and tell what became of each of them.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.explain.explain_rates import explain_rates
from quote_service.pricing.explain.explain_rules import explain_rules
from quote_service.pricing.explain.explanation import RateVerdict, RuleVerdict
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.rulebook.rulebook import apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.pricing.sales.sale_price import BasketSales


class Explained(NamedTuple):
    """The quote priced again, and every verdict."""

    quote: Quote
    rules: list[RuleVerdict]
    rates: list[RateVerdict]


def explain_pricing(
    rows: RulebookChanges,
    checked: CheckedBasket,
    at_us: int,
    sales: BasketSales | None,
    take_prices: Callable[[Mapping[str, KnownRule]], None] | None = None,
    parents: Mapping[str, str | None] | None = None,
    seller_regions: Mapping[str, str] | None = None,
) -> Explained:
    """Price a basket by a version's rows and by what was on sale of it, and judge each of the rows.

    Args:
        rows: The version's.
        checked: The basket.
        at_us: The quote's instant.
        sales: What was on sale.
        take_prices: Gives the basket the catalog's prices of then, with the rules behind them.
        parents: The category above each category; the tree of today, since nobody keeps that of then.
        seller_regions: Where sellers are, today likewise.

    Raises:
        msgspec.ValidationError: A rule's configuration does not fit its type in this release.
    """
    rates = list(rows.rates)  # making the rulebook empties the list
    empty = empty_rulebook()
    rulebook = apply_changes(
        empty.with_catalog(CatalogSnapshot(parents=parents, seller_regions=seller_regions), empty.customers), rows
    )
    if take_prices is not None:
        take_prices(rulebook.rules)
    quote = price_quote(QuoteBasis(rulebook, checked, at_us, sales))
    # The quote is the pricing context that it was worked out in.
    assert isinstance(quote, PricingContext)
    return Explained(
        quote,
        list(explain_rules(rulebook, rows.rules, quote, at_us)),
        list(explain_rates(rulebook, rates, quote, at_us)),
    )
