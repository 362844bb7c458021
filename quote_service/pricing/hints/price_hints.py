"""Other prices of the very products in the basket: of more units, or of another tier.

Of both only rules are told whose conditions about the customer hold as things are: a rule that is conditioned on a tier or a
segment is not told to those who are not of it.

Source: docs/spec/hints.md#contents; docs/spec/hints.md#who-sees-hints.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from quote_service.platform.money.amounts import unit_price_text
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_adjustment import PriceAdjustment
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules, find_price_rules
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.hints.candidate import Candidate
from quote_service.pricing.hints.hint import Change
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Quote, QuoteLine
from quote_service.pricing.rule_types.quantity_price import QuantityPriceEffect
from quote_service.pricing.rule_types.user_tier_price import UserTierPriceEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_MICRO_PLACES = 6
_TIERS_MAX = 3
# Lines, rules and tiers that are looked at, so that 500 lines under many rules do not cost more than their quote.
_LOOKS_MAX = 500


class _Priced(NamedTuple):
    """A line at the catalog's price; `units` are those of its product in the whole basket."""

    place: int
    line: QuoteLine
    product: ProductPrice
    units: int


def price_candidates(now: PricingContext, catalog: CatalogSnapshot) -> Iterator[Candidate]:
    """What more units would cost each, and what the basket would cost in other tiers."""
    if now.checked.catalog_prices is None:
        return
    rules = find_price_rules(now.period, now.applicable, now.subject)
    if rules is not None:
        lines = list(_of_catalog(now, catalog))
        yield from _quantities(now, catalog, rules, lines)
        yield from _tiers(now, catalog, rules, lines)


def _of_catalog(now: PricingContext, catalog: CatalogSnapshot) -> Iterator[_Priced]:
    units: dict[str, int] = {}
    for item in now.basket.items:
        units[item.product_id] = units.get(item.product_id, 0) + item.quantity
    for place, line in enumerate(now.lines):
        if line.price_source == "catalog":
            product = catalog.find(line.product_id, line.item.variant_id, now.basket.currency)
            if product is not None:
                yield _Priced(place, line, product, units[line.product_id])


def _rules_of(rules: PriceRules, kind: str) -> list[CompiledRule]:
    return [rule for step, _, found in rules.steps if step == kind for rule in found]


def _quantities(
    now: PricingContext, catalog: CatalogSnapshot, rules: PriceRules, lines: list[_Priced]
) -> Iterator[Candidate]:
    """The next break of each rule for each line, where it makes the line's units cheaper."""
    pairs = ((rule, each) for each in lines for rule in _rules_of(rules, "quantity_price"))
    for rule, priced in islice(pairs, _LOOKS_MAX):
        effect, line = rule.effect, priced.line
        if not isinstance(effect, QuantityPriceEffect) or not _is_covered(rule, priced.product):
            continue
        held = priced.units if effect.across_variants else line.item.quantity
        wanted = next((least for least, _ in effect.breaks if least > held), None)
        if wanted is None:
            continue
        more = wanted - held
        quantity = line.item.quantity + more
        price = price_product(priced.product, quantity, priced.units + more, rules, catalog)
        price_micro, scale = price.unit_price_micro, 10 ** (_MICRO_PLACES - now.exponent)
        if price_micro < line.unit_price_micro and _acts(rule, price.adjustments):
            yield Candidate(
                code="quantity_price",
                rule=rule,
                change=Change(quantity=more, line=priced.place),
                worth_minor=(line.unit_price_micro - price_micro) * quantity // scale,
                comes_true=_costs(priced.place, price_micro),
                gives=f"{wanted} units cost {unit_price_text(price_micro, now.exponent)} each",
            )


def _acts(rule: CompiledRule, adjustments: Iterable[PriceAdjustment]) -> bool:
    return any(each.rule is rule for each in adjustments)


def _costs(place: int, price_micro: int) -> Callable[[Quote], bool]:
    """Whether a unit of a line costs so much."""
    return lambda then: then.lines[place].unit_price_micro == price_micro


def _acts_on_any_line(rule: CompiledRule) -> Callable[[Quote], bool]:
    return lambda then: any(_acts(rule, line.price_adjustments) for line in then.lines)


def _tiers(
    now: PricingContext, catalog: CatalogSnapshot, rules: PriceRules, lines: list[_Priced]
) -> Iterator[Candidate]:
    """The tiers that pay less for these products, by the first rule that names each."""
    named: dict[str, CompiledRule] = {}
    for rule in _rules_of(rules, "user_tier_price"):
        if isinstance(rule.effect, UserTierPriceEffect) and any(_is_covered(rule, each.product) for each in lines):
            for tier in rule.effect.changes:
                named.setdefault(tier, rule)
    named.pop(now.basket.customer_tier or "", None)
    scale = 10 ** (_MICRO_PLACES - now.exponent)
    worths: list[tuple[int, str]] = []
    for tier in islice(named, _LOOKS_MAX // max(1, len(lines))):
        of_tier = PriceRules(rules.steps, tier)
        less_micro = 0
        for _, line, product, units in lines:
            price = price_product(product, line.item.quantity, units, of_tier, catalog)
            less_micro += (line.unit_price_micro - price.unit_price_micro) * line.item.quantity
        if less_micro > 0:
            worths.append((less_micro // scale, tier))
    for worth_minor, tier in sorted(worths, key=lambda each: (-each[0], each[1]))[:_TIERS_MAX]:
        yield Candidate(
            code="user_tier_price",
            rule=named[tier],
            change=Change(customer_tier=tier),
            worth_minor=worth_minor,
            comes_true=_acts_on_any_line(named[tier]),
            gives="would pay",
        )


def _is_covered(rule: CompiledRule, product: ProductPrice) -> bool:
    return rule.line_test is None or rule.line_test(product)
