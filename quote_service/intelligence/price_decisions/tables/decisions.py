"""Price decisions as they are read: one with all that it went by, lists, what waits, and the newest of a price.

Source: docs/spec/price-decisions.md#decisions.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.intelligence.price_decisions.model.decisions import (
    DecisionDetail,
    DecisionMode,
    DecisionRecord,
    DecisionState,
)
from quote_service.intelligence.price_decisions.model.grounds import Grounds
from quote_service.intelligence.price_decisions.model.repeated_decision import DecisionSummary
from quote_service.intelligence.price_decisions.model.shown import shown_amount, shown_or_none
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound

STATEMENTS = Statements(__file__, "decisions")
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


class Waiting(NamedTuple):
    """A decision that waits for a person."""

    id: UUID
    state: DecisionState
    current_minor: int
    price_minor: int | None
    held_by: tuple[str, ...]
    mode: DecisionMode


async def read_decision(connection: Connection, decision_id: UUID, *, lock: bool = False) -> DecisionDetail:
    """A decision with what it went by; with `lock` kept from others until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if lock:
        await connection.execute(STATEMENTS["lock_decision"], decision_id)
    row = await connection.fetchrow(STATEMENTS["decision"], decision_id)
    if row is None:
        raise NotFound("There is no such price decision")
    values = _values(row)
    kept: dict[str, Any] = dict(_details(values.pop("details")))
    grounds = values.pop("grounds")
    further = {**_NO_GROUNDS, **({} if grounds is None else _details(grounds))}
    return DecisionDetail(**values, **kept, **further)


def _values(row: Record) -> dict[str, Any]:
    values = dict(row)
    exponent = values.pop("exponent")
    for column, name in _AMOUNTS.items():
        values[name] = shown_or_none(values.pop(column), exponent)
    values["current_price"] = shown_amount(row["current_minor"], exponent)
    values["lower_bound_by"], values["upper_bound_by"] = values.pop("low_by"), values.pop("high_by")
    return values


def _record(row: Record) -> DecisionRecord:
    values = _values(row)
    del values["confirmed_price"], values["day_start_price"]
    return DecisionRecord(**values)


async def waiting_decision(connection: Connection, item: Item) -> Waiting | None:
    """What waits for a person of a price, kept from others until the transaction ends; None for nothing."""
    row = await connection.fetchrow(STATEMENTS["waiting_decision"], *item)
    return None if row is None else Waiting(**{**dict(row), "held_by": tuple(row["held_by"])})


async def last_decisions(connection: Connection, items: Sequence[Item]) -> dict[Item, DecisionSummary]:
    """The newest decision of each of some prices; those without any have nothing."""
    rows = await connection.fetch(
        STATEMENTS["last_decisions"], [item[0] for item in items], [item[1] for item in items]
    )
    return {
        (row["product_id"], row["currency"]): DecisionSummary(
            row["state"], row["mode"], row["current_minor"], row["price_minor"], tuple(row["held_by"])
        )
        for row in rows
    }


@STATEMENTS.query()
async def count_waiting(connection: Connection) -> dict[str, int]:
    """How many decisions wait for a person, by state."""


DECISION_ROWS = ListedRows(
    DecisionRecord,
    STATEMENTS["decisions"],
    order="-id",
    sorts=("currency", "state", "created_at", "decided_at", "applied_at"),
    search=("note",),
    conditions={"since": "listed.created_at >= {}", "until": "listed.created_at < {}"},
    make=_record,
)
