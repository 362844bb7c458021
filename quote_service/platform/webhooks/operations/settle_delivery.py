"""What becomes of a delivery after an attempt, and of its endpoint.

Source: docs/spec/webhooks.md#deliveries.
"""

import random
from contextlib import suppress

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.webhooks.model.deliveries import DeliveryState, DueDelivery, Outcome, pause_seconds
from quote_service.platform.webhooks.model.endpoints import DisabledReason
from quote_service.platform.webhooks.operations.write_endpoint import disable_endpoint
from quote_service.platform.webhooks.tables.deliveries import note_delivered, note_failed
from quote_service.platform.webhooks.tables.endpoints import (
    has_failed_too_long,
    hold_endpoint,
    note_failing,
    note_working,
)

_ACTOR = "webhooks"


class _TooLate(Exception):
    """Somebody else has the delivery by now, or has settled it: what this attempt found is not written."""


async def settle_delivery(
    database: Database, due: DueDelivery, outcome: Outcome, failing_days: int
) -> DeliveryState | None:
    """Write how an attempt ended: what the delivery is now, None where somebody else has taken it since.

    Args:
        database: Of the service.
        due: What was attempted.
        outcome: How it ended.
        failing_days: After so many days of failures an endpoint is disabled.

    Raises:
        Unavailable: PostgreSQL cannot be reached; the delivery is due again when the claim is over.
    """
    if outcome.error is None:
        async with (
            database.read() as connection
        ):  # each statement is right by itself, and costs no transaction around it
            await note_delivered(connection, due, outcome)
            if due.is_failing:
                await note_working(connection, due.endpoint_id)
        return "delivered"
    with suppress(_TooLate):
        async with database.transaction() as connection:
            return await _settle_failure(connection, due, outcome, failing_days)
    return None


async def _settle_failure(
    connection: Connection, due: DueDelivery, outcome: Outcome, failing_days: int
) -> DeliveryState:
    # The endpoint is always locked before its deliveries: whoever disables it does so too.
    reason = None if due.is_test else await _note_failure(connection, due, outcome, failing_days)
    pause = max(pause_seconds(due.attempts_in_row, random.random()), outcome.wait_seconds)  # noqa: S311 (jitter)
    state = await note_failed(connection, due, outcome, pause)
    if state is None:
        raise _TooLate
    if reason is not None:
        await disable_endpoint(Change.within(connection, change_by_system(_ACTOR, now_us())), due.endpoint_id, reason)
    return state


async def _note_failure(
    connection: Connection, due: DueDelivery, outcome: Outcome, failing_days: int
) -> DisabledReason | None:
    """Note that an endpoint fails: why it has to be disabled, None where it has not. It is locked where it is changed."""
    if not due.is_failing:
        await note_failing(connection, due.endpoint_id)
    reason: DisabledReason | None = None
    if outcome.is_gone:
        reason = "gone"
    elif due.is_failing and await has_failed_too_long(connection, due.endpoint_id, failing_days):
        reason = "failing"
    if reason is not None:
        await hold_endpoint(connection, due.endpoint_id)
    return reason
