"""One stretch of time in which no rule starts, ends, opens or closes and no flag changes course.

Everything that depends on the clock is settled when a period is made: which version of each name counts, which windows are
open, how far each ramp is. A quote then asks for no dates but those of commission rates.

Source: docs/spec/quotes.md#snapshot-and-clock; docs/spec/pricing-rules.md#versions.
"""

from collections.abc import Iterable

from quote_service.platform.system.instants import FOREVER, SECOND_US
from quote_service.pricing.flags.compiled_flag import CompiledFlag, compile_flag, flag_boundaries
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.flags.watched_flag import watch_flag
from quote_service.pricing.quote import CouponReason
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules, make_applicable_rules
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.moving_parts import MovingFlags, moving_names
from quote_service.pricing.rulebook.rules_of_sellers import RulesOfSellers

EXPRESS_FLAG = "express_delivery_multiplier"
_ADDRESSES_MAX = 20_000
# One that is still to come says more than one that is over.
_MOST_SPECIFIC: tuple[CouponReason, ...] = ("not_started", "conditions_not_met", "expired")


class EffectivePeriod:
    """Rules and flags in force for `from_us <= t < until_us`; immutable but for the addresses it has seen.

    `exposed_flags` are those that every quote shows; `shows_variants` that one of them
    may have variants; `watched_flags` those whose customers are compared; `coupons` the coupon rules in force by folded code, and
    `idle_coupons` why a known code is not in force. `of_sellers` are the rules that count by where a seller is, None where
    there are none.
    """

    __slots__ = (
        "_applicable_rules",
        "_by_region",
        "_moving_flags",
        "_moving_names",
        "coupons",
        "exposed_flags",
        "flags",
        "from_us",
        "idle_coupons",
        "of_sellers",
        "rules",
        "shows_variants",
        "until_us",
        "watched_flags",
    )

    def __init__(self, rules: Iterable[CompiledRule], flags: Iterable[StoredFlag], at_us: int) -> None:
        every = list(rules)
        every_flag = [flag for flag in flags if not flag.is_archived]
        self.from_us, self.until_us = _stretch(every, every_flag, at_us)
        counting = counting_versions(every, at_us)
        self.rules = [rule for rule in counting if rule.window is None or rule.window.is_open(at_us)]
        self.flags: dict[str, CompiledFlag] = {
            flag.draft.key: compile_flag(flag.draft, flag.version, at_us, flag.state)
            for flag in sorted(every_flag, key=lambda flag: flag.draft.key)
        }
        self.exposed_flags = tuple(flag for flag in self.flags.values() if flag.is_enabled and flag.expose_in_quote)
        self.shows_variants = any(
            flag.draft.expose_in_quote and flag.draft.rollout is not None and flag.draft.rollout.variants is not None
            for flag in every_flag
        )
        watched = (watch_flag(flag, self.flags[flag.draft.key], at_us) for flag in every_flag)
        self.watched_flags = tuple(flag for flag in watched if flag is not None)
        self._by_region: dict[str, dict[str, list[CompiledRule]]] = {}
        of_sellers = [rule for rule in self.rules if rule.is_by_seller]
        self.of_sellers = RulesOfSellers(of_sellers) if of_sellers else None
        for rule in self.rules:
            if rule.is_by_seller:
                continue
            self._by_region.setdefault(rule.type, {}).setdefault(rule.region_key, []).append(rule)
        self.coupons = _coupons(self.rules)
        self.idle_coupons = _idle_coupons(every, counting, self.coupons, at_us)
        self._moving_names = moving_names(every)
        self._moving_flags = self._flags_that_move(every_flag)
        self._applicable_rules: dict[tuple[str, str, str | None, str], ApplicableRules] = {}

    def _flags_that_move(self, flags: Iterable[StoredFlag]) -> MovingFlags:
        keys = frozenset(flag.draft.key for flag in flags if any(True for _ in flag_boundaries(flag.draft)))
        return MovingFlags(
            keys=keys,
            shown=tuple(flag for flag in self.exposed_flags if flag.key in keys),
            express=self.flags[EXPRESS_FLAG] if EXPRESS_FLAG in keys else None,
        )

    def applicable_rules(self, country: str, city: str, district: str | None, currency: str) -> ApplicableRules:
        """The rules that can count for a delivery address and a currency."""
        address = (country, city, district, currency)
        applicable = self._applicable_rules.get(address)
        if applicable is None:
            if len(self._applicable_rules) >= _ADDRESSES_MAX:
                self._applicable_rules.clear()  # addresses come from outside, so what is kept of them is bounded
            applicable = make_applicable_rules(
                self._by_region,
                address_regions(country, city, district),
                currency,
                self._moving_names,
                self._moving_flags,
            )
            self._applicable_rules[address] = applicable
        return applicable


def counting_versions(rules: Iterable[CompiledRule], at_us: int) -> list[CompiledRule]:
    """Of each name the highest version that is effective at the instant.

    It hides the lower ones even while its time window is closed: the window is one of its conditions.
    """
    highest: dict[str, CompiledRule] = {}
    for rule in rules:
        if rule.effective_from_us <= at_us < rule.effective_to_us:
            held = highest.get(rule.name)
            if held is None or rule.version > held.version:
                highest[rule.name] = rule
    return list(highest.values())


def _stretch(rules: list[CompiledRule], flags: list[StoredFlag], at_us: int) -> tuple[int, int]:
    edges = {edge for rule in rules for edge in (rule.effective_from_us, rule.effective_to_us)}
    edges.update(edge for flag in flags for edge in flag_boundaries(flag.draft))
    from_us = max((edge for edge in edges if edge <= at_us), default=0)
    until_us = min((edge for edge in edges if edge > at_us), default=FOREVER)
    windows = [rule.window for rule in rules if rule.window is not None]
    if windows:
        from_us = max(from_us, at_us - at_us % SECOND_US)  # windows are settled to the second
        until_us = min(until_us, *(window.settled_until(at_us) for window in windows))
    return from_us, until_us


def _coupons(rules: list[CompiledRule]) -> dict[str, list[CompiledRule]]:
    coupons: dict[str, list[CompiledRule]] = {}
    for rule in sorted(rules, key=lambda rule: (-rule.priority, rule.name)):
        if rule.code is not None:
            coupons.setdefault(rule.code, []).append(rule)
    return coupons


def _idle_coupons(
    rules: list[CompiledRule], counting: list[CompiledRule], in_force: dict[str, list[CompiledRule]], at_us: int
) -> dict[str, CouponReason]:
    """Why codes that are known are not in force; of several reasons for one code the most telling."""
    reasons: dict[str, set[CouponReason]] = {}
    counting_ids = {rule.id for rule in counting}
    for rule in rules:
        code = rule.code
        if code is None or code in in_force:
            continue
        if rule.effective_to_us <= at_us:
            reasons.setdefault(code, set()).add("expired")
        elif rule.effective_from_us > at_us:
            reasons.setdefault(code, set()).add("not_started")
        elif rule.id in counting_ids:  # and not in force: outside its hours
            reasons.setdefault(code, set()).add("conditions_not_met")
    return {code: next(each for each in _MOST_SPECIFIC if each in found) for code, found in reasons.items()}
