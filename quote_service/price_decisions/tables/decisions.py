"""Price decisions as rows, and what is so of single products.

Source: docs/spec/price-decisions.md#decisions.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.documents.documents import write_document
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.price_decisions.tables.facts import Item
from quote_service.price_decisions.words.decide import Decided
from quote_service.price_decisions.words.decisions import (
    DecisionDetail,
    DecisionMode,
    DecisionOrigin,
    DecisionRecord,
    DecisionState,
)
from quote_service.price_decisions.words.details import details_of
from quote_service.price_decisions.words.facts import Facts
from quote_service.price_decisions.words.grounds import Grounds, grounds_of
from quote_service.price_decisions.words.say_again import Said
from quote_service.price_decisions.words.shown import shown_amount, shown_or_none
from quote_service.system.errors import NotFound

_QUERIES = load_queries(__file__, "decisions")
_INSERT = _QUERIES["insert_decision"]
_DECISION = _QUERIES["decision"]
_LOCK = _QUERIES["lock_decision"]
_PAGE = _QUERIES["page_of_decisions"]
_WAITING = _QUERIES["waiting_decision"]
_LAST = _QUERIES["last_decisions"]
_SETTLE = _QUERIES["settle"]
_APPLY = _QUERIES["apply"]
_DEMOTE = _QUERIES["demote"]
_PROMOTE = _QUERIES["promote_item"]
_CLAIM = _QUERIES["claim_item"]
_RELEASE = _QUERIES["release_items"]
_TO_ROLL_BACK = _QUERIES["items_to_roll_back"]
_BY_ITSELF = _QUERIES["applied_by_itself"]
_COUNT_WAITING = _QUERIES["count_waiting"]
_FORGET = _QUERIES["forget_decisions"]
_AMOUNTS = {
    "current_minor": "current_price",
    "proposed_minor": "proposed_price",
    "price_minor": "price",
    "confirmed_minor": "confirmed_price",
    "day_start_minor": "day_start_price",
}

# As they were kept: the record's fields of these names are handed on without a look.
_NO_GROUNDS: dict[str, Any] = msgspec.structs.asdict(Grounds())
_details = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


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


class Waiting(NamedTuple):
    """A decision that waits for a person."""

    id: UUID
    state: DecisionState
    current_minor: int
    price_minor: int | None
    held_by: tuple[str, ...]
    mode: DecisionMode


class DecisionFilter(msgspec.Struct, frozen=True):
    """Which decisions to list; None for all."""

    product_id: UUID | None = None
    currency: str | None = None
    state: DecisionState | None = None
    mode: DecisionMode | None = None
    origin: DecisionOrigin | None = None
    run_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


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
        _INSERT,
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
        write_document(grounds_of(facts)).decode(),
        new.note,
        new.author,
        new.at,
        new.author if is_decided else None,
        new.at if is_decided else None,
        new.at if is_applied else None,
    )


async def read_decision(connection: Connection, decision_id: UUID, *, lock: bool = False) -> DecisionDetail:
    """A decision with what it went by; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(_LOCK, decision_id)
    row = await connection.fetchrow(_DECISION, decision_id)
    if row is None:
        raise NotFound("There is no such price decision")
    values = _values(row)
    kept: dict[str, Any] = dict(_details(values.pop("details")))
    grounds = values.pop("grounds")
    further = {**_NO_GROUNDS, **({} if grounds is None else _details(grounds))}
    return DecisionDetail(**values, **kept, **further)


async def page_of_decisions(
    connection: Connection, wanted: DecisionFilter, *, before: UUID | None, limit: int
) -> list[DecisionRecord]:
    """Up to `limit` decisions, newest first, from below `before`."""
    rows = await connection.fetch(
        _PAGE,
        before,
        wanted.product_id,
        wanted.currency,
        wanted.state,
        wanted.mode,
        wanted.origin,
        wanted.run_id,
        wanted.since,
        wanted.until,
        limit,
    )
    found = []
    for row in rows:
        values = _values(row)
        del values["confirmed_price"], values["day_start_price"]
        found.append(DecisionRecord(**values))
    return found


async def waiting_decision(connection: Connection, item: Item) -> Waiting | None:
    """What waits for a person of a price, kept from others until the transaction ends; None for nothing."""
    row = await connection.fetchrow(_WAITING, *item)
    return None if row is None else Waiting(**{**dict(row), "held_by": tuple(row["held_by"])})


async def last_decisions(connection: Connection, items: Sequence[Item]) -> dict[Item, Said]:
    """The newest decision of each of some prices; those without any have nothing."""
    rows = await connection.fetch(_LAST, [item[0] for item in items], [item[1] for item in items])
    return {
        (row["product_id"], row["currency"]): Said(
            row["state"], row["mode"], row["current_minor"], row["price_minor"], tuple(row["held_by"])
        )
        for row in rows
    }


async def settle_decision(
    connection: Connection, decision_id: UUID, state: DecisionState, author: str, at: datetime, note: str | None = None
) -> None:
    """Write down what becomes of a decision that waited, or of one that is taken back."""
    await connection.execute(_SETTLE, decision_id, state, author, at, note)


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
    await connection.execute(
        _APPLY,
        decision_id,
        author,
        at,
        note,
        price_minor,
        facts.current_minor,
        facts.floor_minor,
        facts.ceiling_minor,
        facts.minimum_advertised_minor,
        facts.cost_minor,
        facts.limits.lowest_margin_bp,
        facts.limits.highest_margin_bp,
    )


async def demote_item(connection: Connection, item: Item, at: datetime) -> None:
    """From now on what would be set is suggested, until somebody confirms."""
    await connection.execute(_DEMOTE, *item, at)


async def promote_item(connection: Connection, item: Item) -> None:
    """Somebody has confirmed a price: what was rolled back may be set by itself again."""
    await connection.execute(_PROMOTE, *item)


async def claim_item(connection: Connection, item: Item, claimed_by: UUID) -> bool:
    """Take a price out of the loop; False where somebody else has it."""
    return await connection.fetchval(_CLAIM, *item, claimed_by) is not None


async def release_items(connection: Connection, claimed_by: UUID) -> None:
    """Give prices back to the loop."""
    await connection.execute(_RELEASE, claimed_by)


async def items_to_roll_back(connection: Connection, product_id: UUID | None, currency: str | None) -> list[Item]:
    """Prices that decisions have moved away from what a person last confirmed."""
    rows = await connection.fetch(_TO_ROLL_BACK, product_id, currency)
    return [(row["product_id"], row["currency"]) for row in rows]


async def applied_by_itself(connection: Connection, item: Item) -> list[UUID]:
    """Decisions that have set a price by themselves and were not taken back, oldest first."""
    return [row["id"] for row in await connection.fetch(_BY_ITSELF, *item)]


async def count_waiting(connection: Connection) -> dict[str, int]:
    """How many decisions wait for a person, by state."""
    return {row["state"]: row["prices"] for row in await connection.fetch(_COUNT_WAITING)}


async def forget_decisions(connection: Connection, days: int, limit: int) -> int:
    """Remove old decisions that set nothing; how many went."""
    removed = await connection.execute(_FORGET, days, limit)
    return int(removed.rpartition(" ")[2])


def _values(row: Record) -> dict[str, Any]:
    values = dict(row)
    exponent = values.pop("exponent")
    for column, name in _AMOUNTS.items():
        values[name] = shown_or_none(values.pop(column), exponent)
    values["current_price"] = shown_amount(row["current_minor"], exponent)
    values["lower_bound_by"], values["upper_bound_by"] = values.pop("low_by"), values.pop("high_by")
    return values
