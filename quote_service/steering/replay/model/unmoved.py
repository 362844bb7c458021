"""Which quotes a change cannot move: they meet none of the rules and rates that it adds or leaves out.

That is proved for each quote, by the rules that can count at its address and the rates that its lines pay, and not by what the
change says of itself. So most of what is replayed for a change to one seller, category or region is priced once and not twice.

Every quote of a replay passes through here, so the module is compiled.

Source: docs/spec/replay.md#quotes-that-cannot-move.
"""

from typing import Final

from quote_service.pricing.commission.choose_rates import RatesHere, choose_and_keep
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.rulebook.rulebook import Rulebook

_PLACES_MAX: Final = 20_000


class _Place:
    """What the change makes otherwise for one address and currency: `rules` are those that count on one side only."""

    __slots__ = ("rates", "rules")

    def __init__(self, rules: list[CompiledRule], rates: RatesHere) -> None:
        self.rules = rules
        self.rates = rates


class Unmoved:
    """The quotes of one rulebook version; the change moves no flag and no price of the catalog."""

    __slots__ = ("_changed", "_has_same_coupons", "_has_same_sellers", "_now", "_places", "_then")

    def __init__(self, changed: Rulebook) -> None:
        """`changed` is the rulebook with the change."""
        self._changed = changed
        self._then: EffectivePeriod | None = None
        self._now: EffectivePeriod | None = None
        self._has_same_coupons = False
        self._has_same_sellers = False
        self._places: dict[tuple[str, str, str | None, str], _Place] = {}

    def holds(self, before: PricingContext, at_us: int) -> bool:
        """Whether the change leaves a quote as it was priced, at its instant, by the rulebook without it."""
        then, now = before.period, self._changed.period_at(at_us)
        if then is not self._then or now is not self._now:
            self._compare(then, now)
        if not self._has_same_sellers or (before.basket.coupon_codes and not self._has_same_coupons):
            return False
        basket = before.basket
        address = basket.delivery_address
        key = (address.country, address.city, address.district, basket.currency)
        place = self._places.get(key)
        if place is None:
            if len(self._places) >= _PLACES_MAX:
                self._places.clear()  # addresses come from outside, so what is kept of them is bounded
            place = self._places[key] = _place(before.applicable, now.applicable_rules(*key))
        for rule in place.rules:
            if may_count(rule, before):
                return False
        return self._has_same_rates(before, place.rates, at_us)

    def _compare(self, then: EffectivePeriod, now: EffectivePeriod) -> None:
        self._then, self._now = then, now
        self._has_same_coupons = then.coupons == now.coupons and then.idle_coupons == now.idle_coupons
        self._has_same_sellers = [rule for rule in then.rules if rule.is_by_seller] == [
            rule for rule in now.rules if rule.is_by_seller
        ]
        self._places = {}

    def _has_same_rates(self, before: PricingContext, rates_now: RatesHere, at_us: int) -> bool:
        rates_then = before.applicable.rates_here
        for line in before.lines:
            payer = (line.seller_id, line.item.category_id, before.logistics_provider)
            chosen = rates_now.chosen.get(payer)
            if chosen is None or not chosen.from_us <= at_us < chosen.until_us:
                chosen = choose_and_keep(self._changed.rates, rates_now, payer, at_us)
            kept = rates_then.chosen.get(payer)  # the commission was worked out by them
            if kept is None or len(kept.paid) != len(chosen.paid):
                return False
            for one, other in zip(kept.paid, chosen.paid, strict=True):
                if one.rate is not other.rate:
                    return False
        return True


def may_count(rule: CompiledRule, quote: PricingContext) -> bool:
    """Whether a rule could do anything in a quote: False only where a condition fails that no other rule has a say in."""
    if rule.is_for_express and not quote.is_express:
        return False
    shopper_test, line_test = rule.shopper_test, rule.line_test
    if shopper_test is not None and not shopper_test(quote):
        return False
    return line_test is None or any(map(line_test, quote.lines))


def _place(then: ApplicableRules, now: ApplicableRules) -> _Place:
    different: list[CompiledRule] = []
    for kind in {*then.by_type, *now.by_type}:
        rules_then, rules_now = then.by_type.get(kind, ()), now.by_type.get(kind, ())
        if rules_then != rules_now:
            different += set(rules_then) ^ set(rules_now)
    return _Place(different, now.rates_here)
