"""The rulebook: one consistent, immutable snapshot of all rates, rules and flags, compiled and indexed.

It is swapped by one assignment. A change makes a new rulebook that shares what did not change; quotes that run keep the
one they began with.

Source: docs/spec/quotes.md#snapshot-and-clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.category_tree import CategoryTree
from quote_service.pricing.commission.compiled_rate import CompiledRate, compile_rate
from quote_service.pricing.commission.rate_index import RateIndex, build_rate_index, change_rate_index
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rulebook.compile_rule import compile_rule
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.rulebook.rule import read_configuration
from quote_service.pricing.rulebook.stored import RulebookChanges


class Rulebook:
    """`version` is the database's, 0 for the empty book. Everything is read only; the period last asked for is kept.

    `catalog` and `customers` change without a new version. `reach` distinguish what the category tree makes of rules that
    mean the categories below theirs; None where no rule does. `coupon_uses` holds only counts that have reached a limit of some
    version of the coupon, by rule name and customer (None: all customers together). `budget_spends` holds only sums, in minor
    units, of budgets that could not cover a discount, by rule name, currency and customer.
    """

    __slots__ = (
        "_period",
        "budget_spends",
        "catalog",
        "coupon_uses",
        "customers",
        "flags",
        "rates",
        "reach",
        "rules",
        "version",
    )

    def __init__(
        self,
        version: int,
        rates: RateIndex,
        rules: dict[str, KnownRule],
        flags: dict[str, StoredFlag],
        coupon_uses: dict[tuple[str, str | None], int],
        catalog: CatalogSnapshot | None = None,
        customers: CustomerSnapshot | None = None,
        budget_spends: dict[tuple[str, str, str | None], int] | None = None,
    ) -> None:
        self.version = version
        self.catalog = catalog if catalog is not None else CatalogSnapshot()
        self.customers = customers if customers is not None else CustomerSnapshot()
        self.rates = rates
        self.rules = rules
        self.flags = flags
        self.coupon_uses = coupon_uses
        self.budget_spends: dict[tuple[str, str, str | None], int] = budget_spends if budget_spends is not None else {}
        self.reach: str | None = None
        self._period: EffectivePeriod | None = None

    def period_at(self, at_us: int) -> EffectivePeriod:
        """The stretch of time around an instant, with the rules and flags in force."""
        period = self._period
        if period is None or not period.from_us <= at_us < period.until_us:
            period = EffectivePeriod((known.compiled for known in self.rules.values()), self.flags.values(), at_us)
            self._period = period
        return period

    def with_catalog(self, catalog: CatalogSnapshot, customers: CustomerSnapshot) -> "Rulebook":
        """The same rates, rules and flags beside another catalog and other customers."""
        rules = self.rules if catalog.parents is self.catalog.parents else _by_tree(self.rules, catalog.parents)
        changed = Rulebook(
            self.version, self.rates, rules, self.flags, self.coupon_uses, catalog, customers, self.budget_spends
        )
        if rules is self.rules:
            changed._period, changed.reach = self._period, self.reach
        else:
            changed.reach = _reach(rules)
        return changed


def empty_rulebook() -> Rulebook:
    """A book without a rate, rule or flag: every quote can be priced by it, at the lines' own prices."""
    return Rulebook(0, build_rate_index(()), {}, {}, {})


def apply_changes(rulebook: Rulebook, changes: RulebookChanges) -> Rulebook:
    """The rulebook after some changes; complete changes replace everything but the catalog and the customers.

    Raises:
        msgspec.ValidationError: A rule's configuration does not fit its type; the held rulebook is as it was.
    """
    held = empty_rulebook() if changes.is_complete else rulebook
    rates = change_rate_index(held.rates, _compiled(changes.rates), changes.ended_rate_ids)
    tree = CategoryTree(rulebook.catalog.parents)
    rules = dict(held.rules)
    for stored in changes.rules:
        if stored.draft.is_active:
            rules[stored.id] = KnownRule(stored, compile_rule(stored, read_configuration(stored.draft), tree))
        else:
            rules.pop(stored.id, None)
    flags = dict(held.flags)
    for flag in changes.flags:
        if flag.is_archived:
            flags.pop(flag.id, None)
        else:
            flags[flag.id] = flag
    coupon_uses = dict(held.coupon_uses)
    coupon_uses.update(((each.rule_name, each.customer_id), each.uses) for each in changes.exhaustions)
    spends = dict(held.budget_spends)
    spends.update(
        ((each.rule_name, each.currency, each.customer_id), each.spent_minor) for each in changes.budget_spends
    )
    changed = Rulebook(changes.version, rates, rules, flags, coupon_uses, rulebook.catalog, rulebook.customers, spends)
    changed.reach = _reach(rules)
    return changed


def _by_tree(rules: dict[str, KnownRule], parents: Mapping[str, str | None]) -> dict[str, KnownRule]:
    """The rules by another category tree; the very same where it makes no difference."""
    tree = CategoryTree(parents)
    changed = {}
    for rule_id, known in rules.items():
        if known.compiled.categories_below is not None:
            compiled = compile_rule(known.stored, read_configuration(known.stored.draft), tree)
            if compiled.categories_below != known.compiled.categories_below:
                changed[rule_id] = KnownRule(known.stored, compiled)
    return {**rules, **changed} if changed else rules


def _reach(rules: dict[str, KnownRule]) -> str | None:
    """A digest that is the same in every process that has the same rules and tree."""
    reached = sorted(
        (rule_id, sorted(known.compiled.categories_below))
        for rule_id, known in rules.items()
        if known.compiled.categories_below is not None
    )
    return blake2b(repr(reached).encode(), digest_size=16).hexdigest() if reached else None


def _compiled(rates: Iterable[StoredRate | CompiledRate]) -> Iterator[CompiledRate]:
    for rate in rates:
        yield rate if isinstance(rate, CompiledRate) else compile_rate(rate)
