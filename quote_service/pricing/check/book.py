"""A rulebook laid out for the check: its rules with the times at which they count, and what the check is about.

The checks never touch the rulebook that quotes are priced by: they price with one of their own that shares its rows, so
that looking at a future instant does not make a quote settle its period again.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import msgspec

from quote_service.pricing.check.finding import RowNamed
from quote_service.pricing.check.periods import Periods, clipped, counting_periods
from quote_service.pricing.commission.compiled_rate import CompiledRate
from quote_service.pricing.commission.rate_index import build_rate_index
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.rulebook.rulebook import Rulebook

# Called between the steps of a check: lets others go first, and answers how many seconds of work went into it so far.
Pace = Callable[[], float]

RATES_MAX = 20_000  # past this many a check looks at this many, taken by chance


class OutOfTime(Exception):
    """A check has used up its time; what it found until then stands."""


class CheckedRule(msgspec.Struct, eq=False):
    """An active version. `own` is when it is effective from now on, `counting` when it also is the highest that is."""

    compiled: CompiledRule
    conditions: Conditions
    own: Periods
    counting: Periods

    @property
    def row(self) -> RowNamed:
        """How findings name it."""
        return RowNamed("rule", self.compiled.id, self.compiled.name, self.compiled.version)

    @property
    def discount(self) -> DiscountEffect | None:
        """Its effect, where it is a promotion or a coupon."""
        effect = self.compiled.effect
        return effect if isinstance(effect, DiscountEffect) else None

    @property
    def declared(self) -> DeclaredRuleType:
        """What its type says of itself."""
        return RULE_TYPES[self.compiled.type]

    @property
    def title(self) -> str:
        """How sentences name it."""
        return f"{self.compiled.name} (version {self.compiled.version})"


class Book:
    """What is checked. `touched` are the ids of rows that findings must concern; None for the whole rulebook.

    It knows nothing of what budgets have spent: a rule that has used its budget up is not a wrong one.

    A check that gives up because there is too much to try says so in `is_cut_short`.
    """

    def __init__(
        self, rulebook: Rulebook, now_us: int, touched: frozenset[str] | None = None, pace: Pace | None = None
    ) -> None:
        self.rulebook = Rulebook(
            rulebook.version,
            rulebook.rates,
            rulebook.rules,
            rulebook.flags,
            dict(rulebook.coupon_uses),
            rulebook.catalog,
            rulebook.customers,
        )
        # What rules charge does not hang on rates, and trying rules out is quicker without them.
        self.rules_alone = self._with_rules(rulebook.rules)
        self.now_us = now_us
        self.touched = touched
        self.is_cut_short = False
        self.until_seconds = float("inf")
        self._pace = pace
        self.every_rule = _checked_rules(rulebook.rules.values(), now_us)
        self.rules = [rule for rule in self.every_rule if rule.counting]
        self._by_type: dict[str, list[CheckedRule]] = {}
        for rule in self.rules:
            self._by_type.setdefault(rule.compiled.type, []).append(rule)

    def step(self) -> None:
        """Called before each step that takes long.

        Raises:
            OutOfTime: The check has used up what it may (`until_seconds`).
        """
        if self.spent_seconds() > self.until_seconds:
            self.is_cut_short = True
            raise OutOfTime

    def spent_seconds(self) -> float:
        """The work that went into the checks so far; 0 where nobody counts it."""
        return 0.0 if self._pace is None else self._pace()

    def of_type(self, kind: str) -> list[CheckedRule]:
        """The rules of a type that count at some time from now on."""
        return self._by_type.get(kind, [])

    @property
    def promotions(self) -> list[CheckedRule]:
        """The discounts that no code calls for, as far as they count at some time from now on."""
        return [rule for rule in self.rules if rule.discount is not None and rule.compiled.choice == "all"]

    @property
    def coupons(self) -> list[CheckedRule]:
        """The discounts that a code calls for, as far as they count at some time from now on."""
        return [rule for rule in self.rules if rule.discount is not None and rule.compiled.choice == "by code"]

    def concerns(self, *ids: str) -> bool:
        """Whether any of these rows is one that the check is about."""
        return self.touched is None or not self.touched.isdisjoint(ids)

    @property
    def rates_seen(self) -> int:
        """How many rates the check looks at by themselves."""
        return len(self.rates)

    @cached_property
    def rates(self) -> list[CompiledRate]:
        """The rates to look at: the touched ones, or all of them, or as many as there is time for."""
        if self.touched is not None:
            found = (self.rulebook.rates.rate(rate_id) for rate_id in self.touched)
            return [rate for rate in found if rate is not None and rate.effective_to_us > self.now_us]
        return list(self._some_rates(RATES_MAX))

    @cached_property
    def sampled_rates(self) -> list[CompiledRate]:
        """All rates that are still to count, or some of them where there are many."""
        return list(self._some_rates(RATES_MAX if self.touched is None else RATES_MAX // 10))

    def _some_rates(self, count_max: int) -> Iterator[CompiledRate]:
        left = count_max
        # The shards are by hash of the id: as good as chance, and no walk over a million rates.
        for shard in self.rulebook.rates.by_id:
            for rate in shard.values():
                if rate.effective_to_us > self.now_us:
                    if not left:
                        return
                    left -= 1
                    yield rate

    def without(self, *names: str) -> Rulebook:
        """The rulebook without any version of some rules, and without rates."""
        rules = {key: known for key, known in self.rulebook.rules.items() if known.compiled.name not in names}
        return self._with_rules(rules)

    def with_names_exchanged(self, first: CheckedRule, second: CheckedRule) -> Rulebook:
        """The rules, without rates, with the names of two exchanged, so that what names decide comes out the other way."""
        one, two = first.compiled, second.compiled
        rules = {
            key: known for key, known in self.rulebook.rules.items() if known.compiled.name not in (one.name, two.name)
        }
        for rule, name in ((one, two.name), (two, one.name)):
            stored = self.rulebook.rules[rule.id].stored
            rules[rule.id] = KnownRule(stored, msgspec.structs.replace(rule, name=name))
        return self._with_rules(rules)

    def _with_rules(self, rules: dict[str, KnownRule]) -> Rulebook:
        held = self.rulebook
        rates = build_rate_index(())
        return Rulebook(held.version, rates, rules, held.flags, held.coupon_uses, held.catalog, held.customers)


def row_of_rate(rate: CompiledRate) -> RowNamed:
    """How findings name a rate."""
    return RowNamed("rate", rate.id)


def _checked_rules(known_rules: Iterable[KnownRule], now_us: int) -> list[CheckedRule]:
    by_name: dict[str, list[tuple[KnownRule, Periods]]] = {}
    for known in known_rules:
        compiled = known.compiled
        own = clipped(compiled.effective_from_us, compiled.effective_to_us, now_us)
        by_name.setdefault(compiled.name, []).append((known, own))
    checked = []
    for versions in by_name.values():
        counting = counting_periods((known.compiled.version, own) for known, own in versions)
        for known, own in versions:
            conditions = known.stored.draft.conditions or Conditions()
            checked.append(CheckedRule(known.compiled, conditions, own, counting[known.compiled.version]))
    return checked
