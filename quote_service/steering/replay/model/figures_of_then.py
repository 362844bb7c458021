"""Stock and demand as price rules saw them when a line was priced: not the figures themselves, which nobody keeps, but some
with which every rule does what the quote shows that it did.

Source: docs/spec/replay.md#prices-of-the-catalog.
"""

from collections.abc import Iterator, Mapping

from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules
from quote_service.pricing.catalog.product_price import ProductPrice

_NOTHING = CatalogSnapshot()
# Each is a pricing of one line; beyond that a line keeps its price.
_TRIED_MAX = 64
_TENTHS = 10
Demand = Mapping[tuple[str, int], int]


def figures_of_then(
    product: ProductPrice, count: tuple[int, int], rules: PriceRules | None, issued: CatalogPrice
) -> CatalogSnapshot | None:
    """A catalog's figures by which the rules of then give the issued price, step by step; None where none were found."""
    for tried, catalog in enumerate(_candidates(product, rules, issued)):
        if _is_same(price_product(product, *count, rules, catalog), issued):
            return catalog
        if tried >= _TRIED_MAX:
            return None
    return None


def _is_same(again: CatalogPrice, issued: CatalogPrice) -> bool:
    if again.unit_price_micro != issued.unit_price_micro or len(again.adjustments) != len(issued.adjustments):
        return False
    return all(
        (one.kind, one.amount_micro, one.rule_id, one.percent_micro)
        == (other.kind, other.amount_micro, other.rule_id, other.percent_micro)
        for one, other in zip(again.adjustments, issued.adjustments, strict=True)
    )


def _candidates(product: ProductPrice, rules: PriceRules | None, issued: CatalogPrice) -> Iterator[CatalogSnapshot]:
    yield _NOTHING
    if rules is None:
        return
    bounds: set[int] = set()
    for _, step, rules_of_step in rules.steps:
        if step.needs_stock:
            for rule in rules_of_step:
                for bound in (rule.effect.low, rule.effect.high):
                    if bound is not None:
                        bounds.update((bound[0] - 1, bound[0], bound[0] + 1))
    # What was held at a bound was at it or beyond.
    for beyond in (0, 1, -1):
        demand = _demand(product, rules, issued, beyond)
        if demand:
            yield CatalogSnapshot(demand=demand)
        for units in sorted(bounds):
            yield CatalogSnapshot(stock={product.product_id: units}, demand=demand)
        if not demand:
            return


def _demand(product: ProductPrice, rules: PriceRules, issued: CatalogPrice, beyond: int) -> Demand:
    """The units that were sold, by hours, out of the percentage that they came to, and some more."""
    percents = {step.rule_id: step.percent_micro for step in issued.adjustments if step.kind == "demand_price"}
    demand: dict[tuple[str, int], int] = {}
    for _, step, rules_of_step in rules.steps:
        for rule in rules_of_step:
            percent, hours = percents.get(rule.id), step.demand_hours(rule.effect)
            if percent is None or hours is None:
                continue
            effect = rule.effect
            sold_micro = hours * effect.expected_micro
            if effect.per_tenth_micro:
                sold_micro += round_half_away(sold_micro * percent, _TENTHS * effect.per_tenth_micro)
            demand[product.product_id, hours] = max(0, round_half_away(sold_micro, MICRO) + beyond)
    return demand
