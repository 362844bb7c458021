"""The rules that can count for one delivery address and currency, each type in order of precedence.

Found once for an address and then handed out: a quote walks down a short list and takes the first rule, or each rule,
whose conditions hold.

Source: spec 4, Which rule counts.
"""

from collections.abc import Mapping

import msgspec

from quote_service.engine.commission.choose_rates import ChosenRates
from quote_service.engine.rulebook.compiled_rule import CompiledRule

RulesByRegion = Mapping[str, Mapping[str, list[CompiledRule]]]
Rules = tuple[CompiledRule, ...]


class Place(msgspec.Struct, frozen=True):
    """`regions` are the keys of the regions that contain the address, with their specificity.

    `chosen_rates` keeps what `commission/` has chosen here, by seller, category and logistics provider: a place belongs
    to one rulebook, so what is kept can never be older than the rates.
    """

    regions: dict[str, int]
    currency: str
    delivery_fees: Rules
    express_fees: Rules
    small_basket_fees: Rules
    free_deliveries: Rules
    taxes: Rules
    promotions: Rules
    chosen_rates: dict[tuple[str, str | None, str | None], ChosenRates] = msgspec.field(default_factory=dict)


def make_place(rules: RulesByRegion, regions: dict[str, int], currency: str) -> Place:
    """Order the rules that can count at an address: single types by specificity, stacking ones by priority."""
    return Place(
        regions=regions,
        currency=currency,
        delivery_fees=_single(rules, "DELIVERY_FEE", regions, currency),
        express_fees=_single(rules, "EXPRESS_FEE", regions, currency),
        small_basket_fees=_single(rules, "SMALL_BASKET_FEE", regions, currency),
        free_deliveries=_single(rules, "FREE_DELIVERY", regions, currency),
        taxes=_single(rules, "TAX", regions, currency),
        promotions=tuple(
            sorted(_there(rules, "PROMOTION", regions, currency), key=lambda rule: (-rule.priority, rule.name))
        ),
    )


def _single(rules: RulesByRegion, kind: str, regions: dict[str, int], currency: str) -> Rules:
    return tuple(
        sorted(
            _there(rules, kind, regions, currency),
            key=lambda rule: (-regions[rule.region_key], -rule.priority, -rule.effective_from_us, rule.name),
        )
    )


def _there(rules: RulesByRegion, kind: str, regions: dict[str, int], currency: str) -> list[CompiledRule]:
    by_region = rules.get(kind, {})
    return [
        rule
        for region in regions
        for rule in by_region.get(region, ())
        if rule.currency is None or rule.currency == currency
    ]
