"""What was in force in any rulebook version from one to another, for whoever prices many baskets by several of them.

Source: docs/spec/analytics.md#honoured-prices.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from quote_service.pricing.basket import Basket
from quote_service.pricing.catalog.category_tree import CategoryTree
from quote_service.pricing.commission.compiled_rate import CompiledRate, compile_rate
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.honoured.terms import rates_in_force, rules_in_force
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.compile_rule import compile_rule
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.rulebook.rule import read_configuration
from quote_service.pricing.rulebook.stored import StoredRule
from quote_service.rulebook.snapshot.model.position import Asked
from quote_service.rulebook.snapshot.model.rows_between import RowsBetween, Standing, counting


class _Rules:
    """The rules of versions that have the same ones, and what is in force in each stretch of time that is asked for."""

    __slots__ = ("_periods", "known")

    def __init__(self, known: dict[str, KnownRule]) -> None:
        self.known = known
        self._periods: list[tuple[EffectivePeriod, dict[str, KnownRule]]] = []

    def at(self, at_us: int) -> dict[str, KnownRule]:
        for period, found in self._periods:
            if period.from_us <= at_us < period.until_us:
                return found
        period = EffectivePeriod((known.compiled for known in self.known.values()), (), at_us)
        found = rules_in_force(self.known, period)
        self._periods.append((period, found))
        return found


class RulebookBetween:
    """Two instants with the same answer get the very same object, so that whoever compares them sees that at once."""

    def __init__(self, rows: RowsBetween, parents: Mapping[str, str | None]) -> None:
        """What `read_rows_between` found, compiled once.

        Raises:
            msgspec.ValidationError: A rule's configuration does not fit its type in this release.
        """
        tree = CategoryTree(parents)
        self._rows = rows
        self._known = [Standing(_compiled(each.row, tree), each.since, each.until) for each in rows.rules]
        self._rates = [Standing(compile_rate(each.row), each.since, each.until) for each in rows.rates]
        self._rule_turns, self._flag_turns = _turns(rows.rules), _turns(rows.flags)
        self._rules: dict[int, _Rules] = {}
        self._flags: dict[int, dict[str, StoredFlag]] = {}

    @property
    def asked(self) -> Asked:
        """The figures that any of the price rules asks for."""
        stock, hours = False, set[int]()
        for each in self._known:
            compiled = each.row.compiled
            step = RULE_TYPES[compiled.type].adjusts_price
            if step is not None:
                stock = stock or step.needs_stock
                window = step.demand_hours(compiled.effect)
                hours.update(() if window is None else (window,))
        return Asked(stock, frozenset(hours))

    def rules(self, version: int, at_us: int) -> Mapping[str, KnownRule]:
        """The rules in force in a version at an instant, by name."""
        turn = bisect_right(self._rule_turns, version)
        found = self._rules.get(turn)
        if found is None:
            found = self._rules[turn] = _Rules({known.compiled.id: known for known in counting(self._known, version)})
        return found.at(at_us)

    def flags(self, version: int) -> Mapping[str, StoredFlag]:
        """The flags of a version, by key."""
        turn = bisect_right(self._flag_turns, version)
        found = self._flags.get(turn)
        if found is None:
            found = self._flags[turn] = {flag.draft.key: flag for flag in counting(self._rows.flags, version)}
        return found

    def rates(self, version: int, at_us: int, basket: Basket) -> dict[str, CompiledRate]:
        """The rates in force in a version at an instant that lines of a basket can pay, by id."""
        sellers = {None, basket.seller_id, *(item.seller_id for item in basket.items)}
        categories = {None, *(item.category_id for item in basket.items)}
        concerned = (
            compiled.row
            for compiled, stored in zip(self._rates, self._rows.rates, strict=True)
            if stored.since <= version < stored.until
            and stored.row.seller_id in sellers
            and stored.row.category_id in categories
        )
        return rates_in_force(concerned, at_us)

    def coupon_uses(self, version: int, customer_id: str) -> dict[tuple[str, str | None], int]:
        """Uses of coupons that had reached a limit in a version, of all customers together and of one."""
        return {
            (each.rule_name, each.customer_id): each.uses
            for each in counting(self._rows.coupon_uses, version)
            if each.customer_id in (None, customer_id)
        }

    def budget_spends(self, version: int, customer_id: str) -> dict[tuple[str, str, str | None], int]:
        """What of budgets was spent, likewise."""
        return {
            (each.rule_name, each.currency, each.customer_id): each.spent_minor
            for each in counting(self._rows.budget_spends, version)
            if each.customer_id in (None, customer_id)
        }


def _compiled(stored: StoredRule, tree: CategoryTree) -> KnownRule:
    return KnownRule(stored, compile_rule(stored, read_configuration(stored.draft), tree))


def _turns(rows: Sequence[Standing[Any]]) -> list[int]:
    """The versions in which any of the rows came or went."""
    return sorted({each.since for each in rows} | {each.until for each in rows})
