"""Signals as they are raised, go on, end and are forgotten.

Source: docs/spec/signals.md#signals.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from quote_service.intelligence.signals.model.detection.found import Found
from quote_service.intelligence.signals.model.signals import Evidence, SignalDetail, SignalKind
from quote_service.intelligence.signals.model.thresholds import Rule
from quote_service.intelligence.signals.tables.signals import row_values
from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements
from quote_service.platform.system.instants import SECOND_US, from_micros
from quote_service.platform.system.new_ids import new_id

STATEMENTS = Statements(__file__, "notes")


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What a signal is about."""

    subject: str
    product_id: UUID | None = None
    variant_id: UUID | None = None
    competitor_id: UUID | None = None
    listing_id: UUID | None = None
    source_id: UUID | None = None
    currency: str | None = None


async def raise_signal(
    connection: Connection, found: Found, matter: Matter, rule: Rule, evidence: Sequence[Evidence], at: datetime
) -> UUID | None:
    """Raise a signal, or count it in the open one of its kind and subject; the id of a new one.

    What happened so long ago that it has expired raises nothing.
    """
    until = _until(found, rule)
    if until <= at:
        return None
    signal_id = UUID(new_id())
    written = await connection.fetchval(
        STATEMENTS["raise_signal"],
        signal_id,
        found.kind,
        matter.subject,
        matter.product_id,
        matter.variant_id,
        matter.competitor_id,
        matter.listing_id,
        matter.source_id,
        matter.currency,
        None if found.before is None else _text(found.before.micro),
        None if found.now is None else _text(found.now.micro),
        _text(found.measured_micro),
        str(rule.count) if found.kind == "price_war" else None if rule.threshold is None else str(rule.threshold),
        write_document(evidence).decode(),
        from_micros(found.at_us),
        until,
        at,
    )
    return signal_id if written == signal_id else None


async def continue_signal(
    connection: Connection, found: Found, matter: Matter, rule: Rule, evidence: Sequence[Evidence], at: datetime
) -> bool:
    """Note that what a signal tells of goes on, acknowledged or not; false where there is none in effect."""
    written = await connection.execute(
        STATEMENTS["continue_signal"],
        found.kind,
        matter.subject,
        None if found.before is None else _text(found.before.micro),
        None if found.now is None else _text(found.now.micro),
        _text(found.measured_micro),
        write_document(evidence).decode(),
        from_micros(found.at_us),
        _until(found, rule),
        at,
    )
    return not str(written).endswith(" 0")


@STATEMENTS.query()
async def resolve_signal(
    connection: Connection, kind: SignalKind, subject: str, over_at: datetime, at: datetime
) -> list[UUID]:
    """Note that what signals of a kind and subject tell of is over; which they are."""


@STATEMENTS.query()
async def end_expired(connection: Connection, at: datetime, limit: int) -> Affected:
    """End what nobody has acknowledged in time, but for wars; how many."""


@STATEMENTS.query()
async def end_wars(connection: Connection, at: datetime, limit: int) -> list[UUID]:
    """Resolve wars in which nobody has undercut for long enough; which."""


async def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Remove up to `limit` signals, and as many states, that nothing has touched since; the most of a kind."""
    removed = [
        await connection.execute(query, before, limit)
        for query in (STATEMENTS["forget_signals"], STATEMENTS["forget_states"])
    ]
    return max(int(str(each).rpartition(" ")[2]) for each in removed)


@STATEMENTS.query()
async def count_open(connection: Connection) -> dict[str, int]:
    """Open signals by kind; kinds without one are left out."""


async def signals_by_id(connection: Connection, ids: Sequence[UUID]) -> list[SignalDetail]:
    """Signals with what they go by."""
    return [
        SignalDetail(**{**row_values(row), "evidence": convert_exact(parse_exact(row["evidence"]), list[Evidence])})
        for row in await connection.fetch(STATEMENTS["signals_by_id"], ids)
    ]


def _until(found: Found, rule: Rule) -> datetime:
    until_us = found.until_us
    return from_micros(found.at_us + rule.expires_seconds * SECOND_US if until_us is None else until_us)


def _text(micro: int | None) -> str | None:
    return None if micro is None else f"{Decimal(micro).scaleb(-FACTOR_PLACES):f}"
