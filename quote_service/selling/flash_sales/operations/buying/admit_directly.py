"""Sell straight through PostgreSQL while Redis is unavailable: the same row, the same constraints, a few at a time.

The purchase keeps the id that was sent to Redis: if Redis made the reservation all the same, it is this very purchase.

Source: docs/spec/flash-sales.md#without-redis; docs/spec/flash-sales.md#repair.
"""

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.instants import to_micros
from quote_service.selling.flash_sales.model.kept_refusals import FINAL_VERDICTS
from quote_service.selling.flash_sales.model.refusals import Verdict, refusal_of
from quote_service.selling.flash_sales.model.reservation import Reservation
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.recording.record_purchases import order_confirmed, status_once_taken
from quote_service.selling.flash_sales.tables.gate import GateAsk
from quote_service.selling.flash_sales.tables.kept_refusals import find_refusal, keep_refusal
from quote_service.selling.flash_sales.tables.purchases import (
    ToRecord,
    insert_purchases,
    insert_takings,
    read_purchase_by_key,
)
from quote_service.selling.flash_sales.tables.sales import database_now
from quote_service.selling.flash_sales.tables.stock import hold_item, note_drift, raise_customers, raise_sold


class _Refused(Exception):
    """What was written for a purchase that is refused is taken back."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


async def admit_directly(database: Database, ask: GateAsk, *, refuses_for_good: bool = True) -> bool:
    """Decide an ask finally; whether it was decided before, under the same key.

    Args:
        database: Of this process.
        ask: What is asked.
        refuses_for_good: Whether a refusal is final for the key, which it is not while Redis may have sold all the same.

    Raises:
        SaleNotActive, PriceChanged, LimitReached, SoldOut: As the gate would refuse.
        IdempotencyKeyReused: The key came before with another request.
        Unavailable: PostgreSQL gave no answer; the purchase may have been made.
    """
    async with database.transaction() as connection:
        item = await hold_item(connection, ask.item_id)
        kept = await read_purchase_by_key(connection, ask.customer_id, ask.idempotency_key, item.sale_id)
        if kept is not None:
            if kept.fingerprint != ask.fingerprint:
                raise refusal_of(Verdict.MISMATCH, item.currency)
            return True
        refused = await find_refusal(connection, ask)
        if refused is not None:
            raise refused.refusal_for(ask.fingerprint, item.currency)
        verdict: Verdict | None = None
        try:
            async with connection.transaction():
                await _sell(connection, item, ask)
        except _Refused as reported:
            verdict = reported.verdict
            if refuses_for_good and verdict in FINAL_VERDICTS:
                await keep_refusal(connection, ask, verdict, _number_of(verdict, item))
                await note_drift(connection, item.id)  # nor of what was refused for good
        crash_point("before_direct_commit")
    if verdict is not None:
        raise refusal_of(verdict, item.currency, _number_of(verdict, item))
    crash_point("after_direct_commit")
    return False


async def _sell(connection: Connection, item: StockItem, ask: GateAsk) -> None:
    now_ms = to_micros(await database_now(connection)) // 1000
    _refuse(_verdict_before(item, ask, now_ms))
    reservation = Reservation(
        id=ask.id,
        customer_id=ask.customer_id,
        quantity=ask.quantity,
        unit_price_minor=item.price_minor,
        reserved_ms=now_ms,
        expires_ms=now_ms + item.hold_ms if item.hold_ms else 0,
        epoch=item.epoch,
        number=0,
        fingerprint=ask.fingerprint,
        idempotency_key=ask.idempotency_key,
    )
    _refuse(await _take(connection, item, reservation))
    # Redis does not know of these units.
    await note_drift(connection, item.id)


def _number_of(verdict: Verdict, item: StockItem) -> int:
    return item.price_minor if verdict is Verdict.PRICE_CHANGED else item.limit


def _refuse(verdict: Verdict | None) -> None:
    if verdict is not None:
        raise _Refused(verdict)


def _verdict_before(item: StockItem, ask: GateAsk, now_ms: int) -> Verdict | None:
    """As `reserve` in Redis checks before it looks at who has how many; None where nothing stands against it."""
    if item.state != "active":
        return Verdict.NOT_ACTIVE
    if now_ms < item.starts_ms:
        return Verdict.NOT_STARTED
    if now_ms >= item.ends_ms:
        return Verdict.ENDED
    if item.price_minor != ask.price_minor:
        return Verdict.PRICE_CHANGED
    return Verdict.LIMIT if ask.quantity > item.limit else None


async def _take(connection: Connection, item: StockItem, reservation: Reservation) -> Verdict | None:
    """Take the units, or say what stands against it; then the transaction has to be given up."""
    given = ToRecord(reservation, status_once_taken(reservation))
    if not await insert_purchases(connection, item, [given], "postgres"):
        return Verdict.MISMATCH  # the key was used for another product of the sale at this very moment
    asked = [(reservation.customer_id, reservation.quantity)]
    if not await raise_customers(connection, item.id, asked, item.limit):
        return Verdict.LIMIT
    if not await raise_sold(connection, item.id, reservation.quantity, reservation.epoch, 0):
        return Verdict.SOLD_OUT
    await insert_takings(connection, item.id, [reservation])
    if given.status == "confirmed":
        await order_confirmed(connection, item, [reservation])
    return None
