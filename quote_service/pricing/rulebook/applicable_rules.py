"""The rules that can count for one delivery address and currency, each type in order of precedence.

Found once for an address and then handed out: a quote walks down a short list and takes the first rule, or each rule,
whose conditions hold.

Source: docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from quote_service.pricing.commission.choose_rates import RatesHere
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.moving_parts import MovingFlags, MovingParts, find_moving

RulesByRegion = Mapping[str, Mapping[str, list[CompiledRule]]]
Rules = tuple[CompiledRule, ...]


class ApplicableRules(msgspec.Struct):
    """`regions` are the keys of the regions that contain the address, with their specificity.

    `by_type` are the rules that can count, by type, but for coupons, which their codes find; a type without any is left
    out. `moving` is what of them comes and goes by the clock; `rates_here` keeps what commission has chosen here: a place
    belongs to one rulebook, so what is kept can never be older than the rates. `providers` are the logistics providers that
    these rules name for a quote that names none. `steps` is the pipeline for these rules, `price_steps` those of them that
    adjust the catalog's prices, each made when a quote first asks. `counted` is whatever counts the quotes of this address.
    """

    regions: dict[str, int]
    currency: str
    by_type: dict[str, Rules]
    rates_here: RatesHere
    moving: MovingParts | None = None
    providers: tuple[str, ...] = ()
    steps: tuple[Any, ...] | None = None
    price_steps: tuple[Any, ...] | None = None
    counted: Any = None


def make_applicable_rules(
    rules: RulesByRegion, regions: dict[str, int], currency: str, moving_names: frozenset[str], flags: MovingFlags
) -> ApplicableRules:
    """Order the rules that can count at an address: single types by specificity, stacking ones by priority.

    Args:
        rules: Those in force, by type and region.
        regions: The regions that contain the address, with their specificity.
        currency: The quote's.
        moving_names: The names of rules that come and go by the clock.
        flags: The flags that do.
    """
    # By name, so that what moves is told alike in every process and period.
    by_type = {kind: _ordered(_there(rules[kind], regions, currency), regions) for kind in sorted(rules)}
    every = [rule for found in by_type.values() for rule in _that_may_come_first(found)]
    return ApplicableRules(
        regions=regions,
        currency=currency,
        by_type={kind: found for kind, found in by_type.items() if found},
        rates_here=RatesHere(regions, currency),
        # What the clock does to the catalog's prices shows in the prices.
        moving=find_moving([rule for rule in every if not rule.adjusts_price], moving_names, flags),
        providers=tuple(sorted({rule.effect.provider for rule in every if getattr(rule.effect, "provider", None)})),
    )


def _that_may_come_first(rules: Rules) -> Iterator[CompiledRule]:
    """The rules of one type but for those that one without conditions always comes before."""
    for rule in rules:
        yield rule
        if rule.choice == "first" and rule.is_unconditional:
            return


def _there(by_region: Mapping[str, list[CompiledRule]], regions: dict[str, int], currency: str) -> list[CompiledRule]:
    return [
        rule
        for region in regions
        for rule in by_region.get(region, ())
        if rule.choice != "by code" and (rule.currency is None or rule.currency == currency)
    ]


def _ordered(rules: list[CompiledRule], regions: dict[str, int]) -> Rules:
    """The rules of one type in order of precedence."""
    if rules and rules[0].choice == "all":
        return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.name)))
    return tuple(
        sorted(rules, key=lambda rule: (-regions[rule.region_key], -rule.priority, -rule.effective_from_us, rule.name))
    )
