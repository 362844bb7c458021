"""Price decisions as they are kept, settled, accepted and forgotten.

Source: docs/spec/price-decisions.md#decisions.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.intelligence.price_decisions.model.decide import Decided
from quote_service.intelligence.price_decisions.model.decisions import DecisionMode, DecisionOrigin, DecisionState
from quote_service.intelligence.price_decisions.model.details import details_of
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.grounds import grounds_of
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "decision_changes")


class NewDecision(NamedTuple):
    """A decision to be kept.

    Attributes:
        price_minor: What is set or suggested; None for nothing.
        by_person: A person decides it, so how far is up to them.
        at: When it is made.
    """

    id: UUID
    facts: Facts
    decided: Decided
    mode: DecisionMode
    origin: DecisionOrigin
    state: DecisionState
    price_minor: int | None
    author: str
    at: datetime
    by_person: bool = False
    run_id: UUID | None = None
    note: str | None = None


async def insert_decision(connection: Connection, new: NewDecision) -> None:
    """Keep a decision.

    Raises:
        PriceMovedSince: The catalog has another price by now.
        Conflict, Invalid: It breaks a bound of what is in force.
    """
    facts, decided, learned = new.facts, new.decided, new.facts.learned
    is_applied = new.state == "applied"
    is_decided = is_applied or new.by_person
    await connection.execute(
        STATEMENTS["insert_decision"],
        new.id,
        facts.product_id,
        facts.currency,
        facts.exponent,
        new.mode,
        new.origin,
        new.state,
        new.run_id,
        None if learned is None else learned.model_id,
        facts.current_minor,
        decided.proposed_minor,
        new.price_minor,
        facts.floor_minor,
        facts.ceiling_minor,
        facts.minimum_advertised_minor,
        facts.cost_minor,
        facts.confirmed_minor or None,
        facts.day_start_minor or None,
        facts.limits.lowest_margin_bp,
        facts.limits.highest_margin_bp,
        facts.limits.step_bp,
        facts.limits.day_bp,
        facts.limits.cumulative_bp,
        new.by_person,
        list(decided.held_by) if new.state in ("held", "shadow") else [],
        decided.low_by,
        decided.high_by,
        decided.clamped_by,
        learned is not None and learned.uses_behaviour,
        write_document(details_of(facts, decided)).decode(),
        write_document(grounds_of(facts, by_person=new.by_person)).decode(),
        new.note,
        new.author,
        new.at,
        new.author if is_decided else None,
        new.at if is_decided else None,
        new.at if is_applied else None,
    )


@STATEMENTS.query()
async def settle_decision(
    connection: Connection, decision_id: UUID, state: DecisionState, author: str, at: datetime, note: str | None = None
) -> None:
    """Write down what becomes of a decision that waited, or of one that is taken back."""


@STATEMENTS.query()
async def settle_left(connection: Connection, author: str, after: UUID | None, limit: int) -> UUID | None:
    """What waits for a person is over where the price is not decided about any more: off, retired, or in an experiment.

    Args:
        connection: Inside a transaction.
        author: Who settles it.
        after: Only what waits from behind this decision.
        limit: How many to look at.

    Returns:
        The last that was looked at; None for none.
    """


@STATEMENTS.query()
async def apply_decision(
    connection: Connection,
    decision_id: UUID,
    author: str,
    at: datetime,
    note: str | None,
    facts: Facts,
    price_minor: int,
) -> None:
    """A person accepts a decision that waited, by what holds now.

    Raises:
        Invalid: It breaks a bound of what is in force.
    """


@STATEMENTS.query()
async def forget_decisions(connection: Connection, days: int, limit: int) -> Affected:
    """Remove old decisions that set nothing; how many went."""
