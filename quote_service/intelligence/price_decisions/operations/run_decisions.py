"""A run over all prices that are decided by themselves: propose for all, then decide one by one.

A decision, the price that it moves and what is told of it are one transaction, which also makes sure that the run is still this
process's. What the run proposed is only what the circuit breaker goes by: behind the product's lock the facts are looked at again.
A product with a price that nobody has looked at yet is put off until somebody has; where nobody does, its price is held.

Source: docs/spec/price-decisions.md#runs.
"""

from collections import Counter
from typing import Literal
from uuid import UUID, uuid4

import msgspec
import structlog

from quote_service.intelligence.price_decisions.model.decide import decide_price
from quote_service.intelligence.price_decisions.model.decisions import DecisionState
from quote_service.intelligence.price_decisions.operations.gather_facts import (
    DecisionTerms,
    gather_facts,
    rivals_are_as_seen,
)
from quote_service.intelligence.price_decisions.operations.keep_decision import keep_decision
from quote_service.intelligence.price_decisions.operations.propose_prices import propose_prices
from quote_service.intelligence.price_decisions.operations.set_price import hold_item
from quote_service.intelligence.price_decisions.operations.settle_left import settle_what_is_left
from quote_service.intelligence.price_decisions.operations.wait_for_looks import wait_for_looks
from quote_service.intelligence.price_decisions.tables.facts import Item, database_now
from quote_service.intelligence.price_decisions.tables.models import newest_model
from quote_service.intelligence.price_decisions.tables.runs import (
    Run,
    RunCounts,
    RunLost,
    begin_run,
    finish_run,
    keep_run,
    run_is_due,
)
from quote_service.platform.postgres.pool import Database
from quote_service.platform.postgres.sqlstates import concerns_transaction
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import Conflict, Invalid, Unavailable
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.traces import traced_work

#: What becomes of a price in a run; None where there is nothing to say.
_Became = DecisionState | Literal["put_off", "failed"] | None

_log = structlog.get_logger(__name__)


@traced_work("decide prices")
async def run_if_due(database: Database, terms: DecisionTerms) -> RunCounts | None:
    """Run where it is time, and nobody else is at it.

    Returns:
        What the run came to; None where there was none.

    Raises:
        Unavailable: PostgreSQL is unavailable. What was decided stays, and the next run begins again.
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
    plan = await propose_prices(database, run, terms)
    open_in = plan.open_breakers()
    for currency in sorted(open_in):
        _log.warning("price_breaker_open", run_id=str(run.id), currency=currency, moves=len(plan.moves[currency]))
    became: Counter[_Became] = Counter()
    put_off = [item for item in plan.to_decide if await _try(database, run, item, terms, open_in, became, waits=True)]
    if put_off:
        await wait_for_looks(database, run, put_off, terms.look_seconds)
        for item in put_off:
            await _try(database, run, item, terms, open_in, became, waits=False)
    counts = RunCounts(
        products=plan.products,
        applied=became["applied"],
        suggested=became["suggested"],
        shadowed=became["shadow"],
        held=became["held"],
        unchanged=plan.unchanged + became["unchanged"] + became[None],
        failed=became["failed"],
        breaker_open=bool(open_in),
    )
    await settle_what_is_left(database)
    async with database.transaction() as connection:
        await finish_run(connection, run, counts)
    return counts


async def _try(
    database: Database,
    run: Run,
    item: Item,
    terms: DecisionTerms,
    open_in: frozenset[str],
    became: Counter[_Became],
    *,
    waits: bool,
) -> bool:
    """Decide about one price, and count what has become of it; true where it is put off."""
    end_if_cancelled()
    try:
        state = await _decide(database, run, item, terms, breaker_open=item[1] in open_in, waits=waits)
    except RunLost:
        raise
    except Unavailable as failure:
        if not concerns_transaction(failure):
            raise
        state = "failed"
    except (Conflict, Invalid) as refusal:
        # The price or its policy was changed meanwhile, or a bound was about to be broken: the database says no.
        _log.warning("price_not_decided", product_id=str(item[0]), currency=item[1], reason=refusal.code)
        state = "failed"
    became[state] += 1
    return state == "put_off"


async def _decide(
    database: Database, run: Run, item: Item, terms: DecisionTerms, *, breaker_open: bool, waits: bool
) -> _Became:
    """Decide about one price; what has become of it, None where there is nothing to say after all."""
    async with database.transaction() as connection:
        await keep_run(connection, run)
        held = await hold_item(connection, item)
        facts = (await gather_facts(connection, [item], terms)).get(item)
        if held is None or facts is None or facts.mode == "off" or facts.is_claimed:
            return None
        if not await rivals_are_as_seen(connection, facts):
            # A price has come, or was doubted, in between: as if it had not been looked at.
            facts = msgspec.structs.replace(facts, obstacles=(*facts.obstacles, "not_looked_at"))
        if waits and "not_looked_at" in facts.obstacles:
            return "put_off"
        decided, at = decide_price(facts, breaker_open=breaker_open), await database_now(connection)
        new = await keep_decision(connection, UUID(new_id()), run.id, held, facts, decided, at)
        crash_point("before_price_decision_commit")
    crash_point("after_price_decision_commit")
    return None if new is None else new.state
