"""A run over all prices that are decided by themselves: propose for all, then decide one by one.

A decision, the price that it moves and what is told of it are one transaction, which also makes sure that the run is still this
process's. What the run proposed is only what the circuit breaker goes by: behind the product's lock the facts are looked at again.

Source: docs/spec/price-decisions.md#runs.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import structlog

from quote_service.postgres.pool import Connection, Database
from quote_service.postgres.sqlstates import concerns_transaction
from quote_service.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.price_decisions.operations.set_price import hold_item, set_price
from quote_service.price_decisions.operations.tell_decision import tell_decision
from quote_service.price_decisions.tables.decisions import (
    NewDecision,
    insert_decision,
    last_decisions,
    settle_decision,
    waiting_decision,
)
from quote_service.price_decisions.tables.facts import Item, database_now, items_in_mode
from quote_service.price_decisions.tables.models import newest_model
from quote_service.price_decisions.tables.runs import (
    Run,
    RunCounts,
    RunLost,
    begin_run,
    finish_run,
    keep_run,
    run_is_due,
)
from quote_service.price_decisions.words.decide import decide_price
from quote_service.price_decisions.words.decisions import DecisionState
from quote_service.price_decisions.words.facts import Facts
from quote_service.price_decisions.words.guardrails import Limits
from quote_service.price_decisions.words.say_again import Said, breaker_is_open, is_said_again, said_of
from quote_service.system.cancellation import end_if_cancelled
from quote_service.system.changes import change_by_system
from quote_service.system.crash_points import crash_point
from quote_service.system.errors import Conflict, Invalid, Unavailable
from quote_service.system.instants import to_micros
from quote_service.system.new_ids import new_id

ACTOR = "price decisions"
ITEMS_AT_ONCE = 100

_log = structlog.get_logger(__name__)


@dataclass
class _Plan:
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


async def run_if_due(database: Database, terms: DecisionTerms) -> RunCounts | None:
    """Run where it is time, and nobody else is at it.

    Returns:
        What the run came to; None where there was none.

    Raises:
        Unavailable: PostgreSQL is away. What was decided stays, and the next run begins anew.
        RunLost: Another process took the run over.
    """
    async with database.transaction() as connection:
        if not await run_is_due(connection, terms.interval_seconds):
            return None
        model = await newest_model(connection)
        run = Run(UUID(new_id()), uuid4())
        if not await begin_run(connection, run, None if model is None else model.id):
            return None
    return await _run(database, run, terms)


async def _run(database: Database, run: Run, terms: DecisionTerms) -> RunCounts:
    plan = await _propose(database, run, terms)
    open_in = plan.open_breakers()
    for currency in sorted(open_in):
        _log.warning("price_breaker_open", run_id=str(run.id), currency=currency, moves=len(plan.moves[currency]))
    became: Counter[DecisionState | None] = Counter()
    failed = 0
    for item in plan.to_decide:
        end_if_cancelled()
        try:
            became[await _decide(database, run, item, terms, breaker_open=item[1] in open_in)] += 1
        except RunLost:
            raise
        except Unavailable as failure:
            if not concerns_transaction(failure):
                raise
            failed += 1
        except (Conflict, Invalid) as refusal:
            # The price or its policy was changed meanwhile, or a bound was about to be broken: the database says no.
            _log.warning("price_not_decided", product_id=str(item[0]), currency=item[1], reason=refusal.code)
            failed += 1
    counts = RunCounts(
        products=plan.products,
        applied=became["applied"],
        suggested=became["suggested"],
        shadowed=became["shadow"],
        held=became["held"],
        unchanged=plan.unchanged + became["unchanged"] + became[None],
        failed=failed,
        breaker_open=bool(open_in),
    )
    async with database.transaction() as connection:
        await finish_run(connection, run, counts)
    return counts


async def _propose(database: Database, run: Run, terms: DecisionTerms) -> _Plan:
    plan, after = _Plan(), None
    while True:
        end_if_cancelled()
        async with database.transaction() as connection:
            await keep_run(connection, run)
        async with database.snapshot() as connection:
            items = await items_in_mode(connection, after, ITEMS_AT_ONCE)
            facts = await gather_facts(connection, items, terms)
            last = await last_decisions(connection, items)
        for item, known in facts.items():
            _take_up(plan, item, known, last.get(item))
        if len(items) < ITEMS_AT_ONCE:
            return plan
        after = items[-1]


def _take_up(plan: _Plan, item: Item, facts: Facts, last: Said | None) -> None:
    said = said_of(facts, decide_price(facts))
    plan.products += 1
    if facts.mode == "auto":
        plan.looked_at[facts.currency] += 1
        plan.limits[facts.currency] = facts.limits
        if said.state == "applied" and said.price_minor is not None:
            plan.moves[facts.currency].append((facts.current_minor, said.price_minor))
    if is_said_again(said, last):
        plan.unchanged += 1
    else:
        plan.to_decide.append(item)


async def _decide(
    database: Database, run: Run, item: Item, terms: DecisionTerms, *, breaker_open: bool
) -> DecisionState | None:
    """Decide about one price; what has become of it, None where there is nothing to say after all."""
    async with database.transaction() as connection:
        await keep_run(connection, run)
        state = await _decide_held(connection, run, item, terms, breaker_open=breaker_open)
        crash_point("before_price_decision_commit")
    crash_point("after_price_decision_commit")
    return state


async def _decide_held(
    connection: Connection, run: Run, item: Item, terms: DecisionTerms, *, breaker_open: bool
) -> DecisionState | None:
    held = await hold_item(connection, item)
    facts = (await gather_facts(connection, [item], terms)).get(item)
    if held is None or facts is None or facts.mode == "off" or facts.is_claimed:
        return None
    decided = decide_price(facts, breaker_open=breaker_open)
    said = said_of(facts, decided)
    last = (await last_decisions(connection, [item])).get(item)
    if is_said_again(said, last):
        return None
    at = await database_now(connection)
    change = change_by_system(ACTOR, to_micros(at))
    waiting = await waiting_decision(connection, item)
    if waiting is not None:
        await settle_decision(connection, waiting.id, "superseded", ACTOR, at)
    new = NewDecision(
        id=UUID(new_id()),
        facts=facts,
        decided=decided,
        mode=said.mode,
        origin="loop",
        state=said.state,
        price_minor=said.price_minor,
        author=ACTOR,
        at=at,
        run_id=run.id,
    )
    await insert_decision(connection, new)
    if said.state == "applied":
        assert said.price_minor is not None
        await set_price(connection, held, facts, said.price_minor, new.id, ACTOR, f"run {run.id}")
    await tell_decision(connection, change, new.id)
    return said.state
