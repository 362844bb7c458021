"""Deliveries as rows: taken by one sender at a time, decided, replayed, listed, removed.

Source: docs/spec/webhooks.md#deliveries.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements
from quote_service.platform.system.errors import NotFound
from quote_service.platform.webhooks.model.deliveries import TRY_SECONDS, Delivery, DeliveryState, DueDelivery, Outcome

STATEMENTS = Statements(__file__, "deliveries")


class Waiting(NamedTuple):
    """How many deliveries wait, and are parked, and how long the one that is due first waits for a sender."""

    pending: int
    parked: int
    overdue_seconds: float


async def insert_test(connection: Connection, event_id: UUID, endpoint_id: UUID, data: bytes) -> None:
    """Write an event for one endpoint alone."""
    await connection.execute(STATEMENTS["insert_test"], event_id, endpoint_id, data.decode())


async def claim_due(
    connection: Connection, busy: Mapping[UUID, int], *, at_once: int, limit: int, claim_seconds: float
) -> list[DueDelivery]:
    """Take deliveries that are due; nobody else gets them while the claim lasts.

    Args:
        connection: Of the service.
        busy: How many the caller has under way already, by endpoint.
        at_once: How many it may have under way to one endpoint.
        limit: How many to take.
        claim_seconds: Longer than an attempt may last.
    """
    rows = await connection.fetch(
        STATEMENTS["claim_due"], list(busy), list(busy.values()), at_once, limit, claim_seconds
    )
    return sorted((DueDelivery(**dict(row)) for row in rows), key=lambda due: due.event_id)


@STATEMENTS.query()
async def note_delivered(connection: Connection, due: DueDelivery, outcome: Outcome) -> None:
    """Write that a delivery has succeeded."""


@STATEMENTS.query()
async def note_failed(
    connection: Connection, due: DueDelivery, outcome: Outcome, pause_seconds: float
) -> DeliveryState | None:
    """Write that an attempt has failed: what the delivery is now; None where somebody else has taken it since."""


@STATEMENTS.query()
async def park_pending(connection: Connection, endpoint_id: UUID, reason: str) -> None:
    """Park all that an endpoint has coming."""


@STATEMENTS.query()
async def replay_one(
    connection: Connection, endpoint_id: UUID, event_id: UUID, *, try_seconds: int = TRY_SECONDS
) -> None:
    """Make a delivery due now, for another day; one that is under way stays as it is."""


@STATEMENTS.query()
async def replay_range(
    connection: Connection,
    endpoint_id: UUID,
    state: DeliveryState,
    begin: datetime | None,
    end: datetime | None,
    limit: int,
    *,
    try_seconds: int = TRY_SECONDS,
) -> Affected:
    """Make the deliveries of a range due now, the oldest first; how many that were."""


async def read_delivery(connection: Connection, endpoint_id: UUID, event_id: UUID) -> tuple[Delivery, str, str | None]:
    """A delivery, the JSON of its event's data, and the `traceparent` of what has written it.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(STATEMENTS["delivery"], endpoint_id, event_id)
    if row is None:
        raise NotFound("There is no such delivery")
    fields = dict(row)
    data: str = fields.pop("data")
    traceparent: str | None = fields.pop("traceparent")
    return Delivery(**fields), data, traceparent


@STATEMENTS.query()
async def park_overdue(connection: Connection, limit: int, reason: str) -> Affected:
    """Park what has no chance of a turn any more, `limit` at most; how many that were."""


async def remove_old(connection: Connection, limit: int, *, delivered_days: int, parked_days: int) -> int:
    """Remove what was delivered or parked so long ago with its events, `limit` at most; how many that were."""
    return await _remove(
        connection, await connection.fetch(STATEMENTS["remove_old"], limit, delivered_days, parked_days)
    )


async def remove_of_deleted(connection: Connection, limit: int) -> int:
    """Remove deliveries of endpoints that are deleted, `limit` at most; how many that were."""
    return await _remove(connection, await connection.fetch(STATEMENTS["remove_of_deleted"], limit))


async def _remove(connection: Connection, gone: Sequence[Record]) -> int:
    """Remove the events that no other delivery needs."""
    await connection.execute(STATEMENTS["remove_needless_events"], list({row["event_id"] for row in gone}))
    return len(gone)


@STATEMENTS.query()
async def count_waiting(connection: Connection) -> Waiting:
    """How many deliveries wait, and are parked."""


DELIVERY_ROWS = ListedRows(
    Delivery,
    STATEMENTS["deliveries"],
    order="-id",
    sorts=("time", "last_attempt_at", "next_attempt_at", "attempts"),
    search=("subject", "last_error"),
)
