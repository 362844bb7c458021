"""Keep what a run has decided about a price: the decision, what it supersedes, the price that it moves, and what is told of it.

Source: docs/spec/price-decisions.md#runs.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from quote_service.intelligence.price_decisions.model.decide import Decided
from quote_service.intelligence.price_decisions.model.decisions import DecisionDetail
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.repeated_decision import repeats_last, summary_of
from quote_service.intelligence.price_decisions.operations.publish_decision import publish_decision
from quote_service.intelligence.price_decisions.operations.set_price import set_price
from quote_service.intelligence.price_decisions.tables.decision_changes import (
    NewDecision,
    insert_decision,
    settle_decision,
)
from quote_service.intelligence.price_decisions.tables.decisions import last_decisions, waiting_decision
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.instants import to_micros
from quote_service.shop.catalog.operations.steer_price import SteeredPrice

ACTOR: Final = "price decisions"


async def keep_decision(
    connection: Connection,
    decision_id: UUID,
    run_id: UUID,
    held: SteeredPrice,
    facts: Facts,
    decided: Decided,
    at: datetime,
) -> DecisionDetail | None:
    """Keep a decision, and set the price where the mode of the policy in force has it set by itself.

    Args:
        connection: Inside a transaction that holds the product.
        decision_id: What it is to be called; ids of later decisions of a price are greater.
        run_id: The run that decides.
        held: The price of the catalog.
        facts: What was decided by.
        decided: What comes of them.
        at: When it is decided.

    Returns:
        The decision; None where the last one of the price says the same.

    Raises:
        PriceMovedSince: The catalog has another price by now.
        Conflict, Invalid: It breaks a bound of what is in force.
    """
    item, said = (facts.product_id, facts.currency), summary_of(facts, decided)
    last = (await last_decisions(connection, [item])).get(item)
    if repeats_last(said, last):
        return None
    change = change_by_system(ACTOR, to_micros(at))
    waiting = await waiting_decision(connection, item)
    if waiting is not None:
        await settle_decision(connection, waiting.id, "superseded", ACTOR, at)
    new = NewDecision(
        id=decision_id,
        facts=facts,
        decided=decided,
        mode=said.mode,
        origin="loop",
        state=said.state,
        price_minor=said.price_minor,
        author=ACTOR,
        at=at,
        run_id=run_id,
    )
    await insert_decision(connection, new)
    if said.state == "applied":
        assert said.price_minor is not None
        await set_price(connection, held, facts, said.price_minor, new.id, ACTOR, f"run {run_id}")
    return await publish_decision(Change.within(connection, change), new.id)
