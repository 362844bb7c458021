"""Give back what quotes hold that are not going to be accepted: released by whoever reserved them, or over.

Source: docs/spec/reservations.md#the-end-of-a-reservation.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.traces import traced_work
from quote_service.shop.reservations.model.refusals import QuoteAccepted
from quote_service.shop.reservations.model.reservation import Reservation, ReservationStatus
from quote_service.shop.reservations.model.rule_terms import UseKey
from quote_service.shop.reservations.operations.put_back import put_back_counts, put_back_units, record_lowered
from quote_service.shop.reservations.tables.budgets import spends_of_quotes
from quote_service.shop.reservations.tables.claimed_units import units_of_quotes
from quote_service.shop.reservations.tables.reservations import due_reservations, end_held, forget_ended, hold_quotes

QUOTES_AT_ONCE = 100
SWEEP = "reservation-sweep"


async def release(change: Change, held: Reservation) -> bool:
    """Release a quote; False where it holds nothing any more.

    Args:
        change: Who releases it, in the transaction that holds the quote.
        held: What `hold_quotes` has answered of it.

    Raises:
        QuoteAccepted: What it held is in use.
    """
    if held.status == "taken":
        raise QuoteAccepted("The quote has been accepted; what it takes is in use")
    if held.status != "held":
        return False
    await _end(change.connection, [held], "released", change.actor)
    return True


@traced_work("release reservations")
async def release_due(database: Database) -> int:
    """Give back what reservations hold that are over, each once; how many they were.

    Any number of processes may do so: one at a time does, and PostgreSQL decides what is over.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.transaction() as connection:
        due = await due_reservations(connection, QUOTES_AT_ONCE)
        if not due:
            return 0
        # Looked at again once they are held: meanwhile one may have been accepted, or its hold extended.
        held = await hold_quotes(connection, due)
        over = [each for each in held.values() if each.status == "held" and each.is_over]
        if over:
            await _end(connection, over, "expired", SWEEP)
            crash_point("before_reservations_end")
    crash_point("after_reservations_end")
    return len(over)


async def forget_ended_reservations(database: Database) -> int:
    """Remove what ended a day ago; how many rows.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.transaction() as connection:
        return await forget_ended(connection, QUOTES_AT_ONCE)


async def _end(
    connection: Connection, reservations: Collection[Reservation], status: ReservationStatus, actor: str
) -> None:
    quote_ids: list[UUID] = [each.quote_id for each in reservations]
    uses = [UseKey(name, each.customer_id) for each in reservations for name in each.coupon_rules]
    spends = await spends_of_quotes(connection, quote_ids, is_taken=False)
    units = await units_of_quotes(connection, quote_ids, is_taken=False)
    reported = await put_back_counts(connection, uses, spends)
    await put_back_units(connection, units, were_held=True, actor=actor, reason=status)
    await end_held(connection, quote_ids, status)
    await record_lowered(connection, reported)
