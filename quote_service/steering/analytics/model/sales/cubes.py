"""By what figures of sales are added up: nothing, one dimension, or two of them.

A cube without seller, category and product has figures of the whole; any other has figures of lines, and counts lines. Tax on
commission and payouts are figures of a seller: cubes that look further, at products, categories, or rules of lines, have none.
A rule has the discounts that are its own.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from quote_service.steering.analytics.model.sales.facts import LineFact, RuleShare, SaleFact, Shopper
from quote_service.steering.analytics.model.sales.figures import (
    PLATFORM_DISCOUNT,
    REVERSED,
    SELLER_DISCOUNT,
    Figures,
    add_to,
)


class CubeKey(NamedTuple):
    """A cube and the values of its dimensions in their order; '' for a dimension that it does not have."""

    cube: str
    a: str = ""
    b: str = ""


def add_fact(sums: dict[CubeKey, dict[str, int]], fact: SaleFact) -> None:
    """Add what is counted to every cube."""
    for key, figures in _parts(fact):
        held = sums.get(key)
        if held is None:
            held = sums[key] = {}
        add_to(held, figures)


def _parts(fact: SaleFact) -> Iterator[tuple[CubeKey, Figures]]:
    yield from _whole(fact)
    for line in fact.lines:
        yield from _of_line(fact.shopper, line)


def _whole(fact: SaleFact) -> Iterator[tuple[CubeKey, Figures]]:
    figures, shopper = fact.figures, fact.shopper
    region, tier = shopper.region, shopper.tier
    yield CubeKey(""), figures
    yield CubeKey("region", region), figures
    yield CubeKey("tier", tier), figures
    yield CubeKey("region+tier", region, tier), figures
    for flag in shopper.flags:
        yield CubeKey("flag", flag), figures
        yield CubeKey("region+flag", region, flag), figures
        yield CubeKey("flag+tier", flag, tier), figures
    discounts = _discounts(fact)
    for rule in dict.fromkeys((*shopper.rules, *discounts)):
        own = _with_discounts(figures, discounts.get(rule))
        yield CubeKey("rule", rule), own
        yield CubeKey("region+rule", region, rule), own
        yield CubeKey("rule+tier", rule, tier), own
        for flag in shopper.flags:
            yield CubeKey("rule+flag", rule, flag), own


def _of_line(shopper: Shopper, line: LineFact) -> Iterator[tuple[CubeKey, Figures]]:
    figures, region, tier = line.figures, shopper.region, shopper.tier
    seller, category, product = line.seller, line.category, line.product
    whole = {**figures, **line.sellers} if line.sellers else figures
    yield CubeKey("seller", seller), whole
    yield CubeKey("region+seller", region, seller), whole
    yield CubeKey("seller+tier", seller, tier), whole
    yield CubeKey("category", category), figures
    yield CubeKey("product", product), figures
    yield CubeKey("region+category", region, category), figures
    yield CubeKey("region+product", region, product), figures
    yield CubeKey("category+tier", category, tier), figures
    yield CubeKey("product+tier", product, tier), figures
    yield CubeKey("category+seller", category, seller), figures
    yield CubeKey("category+product", category, product), figures
    yield CubeKey("seller+product", seller, product), figures
    for flag in shopper.flags:
        yield CubeKey("seller+flag", seller, flag), whole
        yield CubeKey("category+flag", category, flag), figures
        yield CubeKey("product+flag", product, flag), figures
    for rule, share in line.rules.items():
        own = _with_discounts(figures, share)
        yield CubeKey("seller+rule", seller, rule), own
        yield CubeKey("category+rule", category, rule), own
        yield CubeKey("product+rule", product, rule), own


def _discounts(fact: SaleFact) -> dict[str, RuleShare]:
    """What each rule took off all lines together."""
    sums: dict[str, RuleShare] = {}
    for line in fact.lines:
        for rule, share in line.rules.items():
            held = sums.get(rule)
            sums[rule] = (
                share
                if held is None
                else RuleShare(held.seller_minor + share.seller_minor, held.platform_minor + share.platform_minor)
            )
    return sums


def _with_discounts(figures: Figures, share: RuleShare | None) -> Mapping[str, int]:
    """The figures, with the discounts of one rule in the place of all discounts."""
    seller_minor, platform_minor = share or (0, 0)
    own = dict(figures)
    for name, value in ((SELLER_DISCOUNT, seller_minor), (PLATFORM_DISCOUNT, platform_minor)):
        for prefix in ("", REVERSED):
            if prefix + name in own:
                own[prefix + name] = value
    return own
