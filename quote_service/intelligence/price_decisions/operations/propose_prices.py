"""Propose for all prices that are decided by themselves: what a run goes through, and what its circuit breaker goes by.

Source: docs/spec/price-decisions.md#runs.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from quote_service.intelligence.price_decisions.model.decide import decide_price
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.guardrails import Limits
from quote_service.intelligence.price_decisions.model.repeated_decision import (
    DecisionSummary,
    breaker_is_open,
    repeats_last,
    summary_of,
)
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.intelligence.price_decisions.operations.wait_for_looks import wait_for_looks
from quote_service.intelligence.price_decisions.tables.decisions import last_decisions
from quote_service.intelligence.price_decisions.tables.facts import Item, items_in_mode
from quote_service.intelligence.price_decisions.tables.runs import Run, keep_run
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.cancellation import end_if_cancelled

ITEMS_AT_ONCE = 100


@dataclass
class Plan:
    """What a run has proposed: the prices that say something new, and how far those that are set would move."""

    products: int = 0
    unchanged: int = 0
    to_decide: list[Item] = field(default_factory=list)
    looked_at: Counter[str] = field(default_factory=Counter)
    moves: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    limits: dict[str, Limits] = field(default_factory=dict)

    def open_breakers(self) -> frozenset[str]:
        """The currencies in which too much would move too far."""
        return frozenset(
            currency
            for currency, moves in self.moves.items()
            if breaker_is_open(moves, self.looked_at[currency], self.limits[currency])
        )

    def take_up(self, item: Item, facts: Facts, last: DecisionSummary | None) -> None:
        """Propose for one price.

        Args:
            item: Which.
            facts: What bears on it; its mode is not `off`.
            last: What was decided about it last.
        """
        summary = summary_of(facts, decide_price(facts))
        self.products += 1
        if facts.mode == "auto":
            self.looked_at[facts.currency] += 1
            self.limits[facts.currency] = facts.limits
            if summary.state == "applied" and summary.price_minor is not None:
                self.moves[facts.currency].append((facts.current_minor, summary.price_minor))
        if repeats_last(summary, last):
            self.unchanged += 1
        else:
            self.to_decide.append(item)


async def propose_prices(database: Database, run: Run, terms: DecisionTerms) -> Plan:
    """Propose for every price whose policy is not `off`; last for those that nobody has looked at yet.

    Raises:
        Unavailable: PostgreSQL is unavailable.
        RunLost: Another process took the run over.
    """
    plan, after = Plan(), None
    put_off: list[Item] = []
    while True:
        await _keep(database, run)
        async with database.snapshot() as connection:
            items = await items_in_mode(connection, after, ITEMS_AT_ONCE)
            found = await _known(connection, items, terms)
        for item, facts, last in found:
            if "not_looked_at" in facts.obstacles:
                put_off.append(item)
            else:
                plan.take_up(item, facts, last)
        if len(items) < ITEMS_AT_ONCE:
            break
        after = items[-1]
    # How far they would move counts for the breaker, so they are not left until each is decided about.
    await wait_for_looks(database, run, put_off, terms.look_seconds)
    for begin in range(0, len(put_off), ITEMS_AT_ONCE):
        await _keep(database, run)
        async with database.snapshot() as connection:
            found = await _known(connection, put_off[begin : begin + ITEMS_AT_ONCE], terms)
        for item, facts, last in found:
            if facts.mode != "off" and not facts.is_claimed:
                plan.take_up(item, facts, last)
    return plan


async def _keep(database: Database, run: Run) -> None:
    end_if_cancelled()
    async with database.transaction() as connection:
        await keep_run(connection, run)


async def _known(
    connection: Connection, items: Sequence[Item], terms: DecisionTerms
) -> list[tuple[Item, Facts, DecisionSummary | None]]:
    facts = await gather_facts(connection, items, terms)
    last = await last_decisions(connection, items)
    return [(item, known, last.get(item)) for item, known in facts.items()]
