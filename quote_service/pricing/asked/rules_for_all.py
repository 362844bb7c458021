"""The rules that everybody's price went by, stretch by stretch: without an account, a tier, a code, or a flag that is for some.

Source: docs/spec/price-reductions.md#everybody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from quote_service.platform.system.instants import SECOND_US
from quote_service.pricing.asked.flags_for_all import StandingFlag, flag_edges, flags_for_all
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.category_tree import CategoryTree
from quote_service.pricing.commission.rate_index import build_rate_index
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS
from quote_service.pricing.conditions.time_windows import TimeWindow
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.compile_rule import compile_rule
from quote_service.pricing.rulebook.effective_period import counting_versions
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.rulebook.rule import read_configuration
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.stored import StoredRule

PROMOTION: Final = "PROMOTION"
#: The types of rules that can lower what everybody is asked for.
TYPES_FOR_ALL: Final = (PROMOTION, *(name for name, each in RULE_TYPES.items() if each.adjusts_price is not None))
#: Conditions about the shopper that may hold for everybody.
_FOR_ALL: Final = {"flag", "express"}
_DAY_US: Final = 24 * 3600 * SECOND_US


class StandingRule(NamedTuple):
    """A version of a rule that was written and switched on for `since_us <= t < until_us`, whatever dates it has itself."""

    stored: StoredRule
    since_us: int
    until_us: int


class StandingSpend(NamedTuple):
    """What all customers together had spent of the budget of a rule, which could not cover a discount, for `since_us <= t < until_us`."""

    rule_name: str
    currency: str
    spent_minor: int
    since_us: int
    until_us: int


class BookForAll(NamedTuple):
    """Rules that were all in force, and open, at `at_us`: the instant to ask them about."""

    rulebook: Rulebook
    at_us: int


class RulesSince(NamedTuple):
    """What counted from an instant until the next."""

    from_us: int
    book: BookForAll


def rules_for_all(
    standing: Iterable[StandingRule],
    parents: Mapping[str, str | None],
    from_us: int,
    until_us: int,
    spends: Sequence[StandingSpend] = (),
    flags: Sequence[StandingFlag] = (),
) -> list[RulesSince]:
    """Which rules counted for everybody at each instant, from the first until the last one.

    Args:
        standing: Every version of `TYPES_FOR_ALL` that stood in between.
        parents: The categories above each category.
        from_us: The first instant.
        until_us: The last one.
        spends: What was spent of budgets in between: a promotion that has used up its budget is asked of nobody.
        flags: Those that rules ask for.

    Raises:
        msgspec.ValidationError: A rule's configuration does not fit its type in this release.
    """
    tree, catalog = CategoryTree(parents), CatalogSnapshot(parents=parents)
    known = [(_known(each.stored, tree), each) for each in standing]
    # A version for some hides those below it from all; a rule whose versions are all for some hides nothing of interest.
    names = {rule.compiled.name for rule, each in known if _may_be_for_all(each.stored)}
    known = [(rule, each) for rule, each in known if rule.compiled.name in names]
    spends = [each for each in spends if each.rule_name in names]
    edges = {from_us, *_edges(known, from_us, until_us)}
    edges.update(edge_us for edge_us in flag_edges(flags) if from_us < edge_us <= until_us)
    turns = (turn_us for each in spends for turn_us in (each.since_us, each.until_us))
    edges.update(turn_us for turn_us in turns if from_us < turn_us <= until_us)
    books: dict[tuple[frozenset[str], frozenset[StandingSpend], frozenset[str]], BookForAll] = {}
    found: list[RulesSince] = []
    for edge_us in sorted(edges):
        there = {rule.compiled.id: rule for rule, each in known if each.since_us <= edge_us < each.until_us}
        counting = counting_versions((rule.compiled for rule in there.values()), edge_us)
        ids = frozenset(rule.id for rule in counting if rule.window is None or rule.window.is_open(edge_us))
        spent = frozenset(each for each in spends if each.since_us <= edge_us < each.until_us)
        true = flags_for_all(flags, edge_us)
        key = (ids, spent, frozenset(true))
        if key not in books:
            rules = {rule_id: there[rule_id] for rule_id in sorted(ids)}
            of_all: dict[tuple[str, str, str | None], int] = {}
            of_all.update(((each.rule_name, each.currency, None), each.spent_minor) for each in spent)
            rulebook = Rulebook(0, build_rate_index(()), rules, true, {}, catalog, budget_spends=of_all)
            books[key] = BookForAll(rulebook, edge_us)
        if not found or found[-1].book is not books[key]:
            found.append(RulesSince(edge_us, books[key]))
    return found


def flags_asked_for(standing: Iterable[StandingRule]) -> set[str]:
    """The keys of the flags that rules ask for."""
    rules = [each.stored.draft for each in standing]
    of_types = {RULE_TYPES[each.type].adjusts_price for each in rules}
    own = {each.conditions.flag for each in rules if each.conditions is not None}
    return {key for key in (*own, *(step.flag for step in of_types if step is not None)) if key is not None}


def _may_be_for_all(stored: StoredRule) -> bool:
    conditions = stored.draft.conditions
    return conditions is None or all(getattr(conditions, name) is None for name in SHOPPER_CONDITIONS.keys() - _FOR_ALL)


def _known(stored: StoredRule, tree: CategoryTree) -> KnownRule:
    return KnownRule(stored, compile_rule(stored, read_configuration(stored.draft), tree))


def _edges(known: Sequence[tuple[KnownRule, StandingRule]], from_us: int, until_us: int) -> Iterator[int]:
    """The instants in between at which a rule comes or goes."""
    for rule, each in known:
        compiled = rule.compiled
        first_us = max(from_us, each.since_us, compiled.effective_from_us)
        last_us = min(until_us, each.until_us, compiled.effective_to_us)
        if first_us > last_us:
            continue
        yield first_us
        yield last_us
        if compiled.window is not None:
            for day in range(first_us // _DAY_US, last_us // _DAY_US + 1):
                yield from (edge_us for edge_us in _turns(compiled.window, day) if first_us < edge_us < last_us)


@lru_cache(maxsize=20_000)  # some days of some windows
def _turns(window: TimeWindow, day: int) -> tuple[int, ...]:
    """The instants of a day of UTC at which a window opens or shuts."""
    return tuple(window.turns(day * _DAY_US, (day + 1) * _DAY_US))
