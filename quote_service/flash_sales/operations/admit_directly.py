"""Sell straight through PostgreSQL while Redis is away: the same row, the same constraints, a few at a time.

The purchase keeps the id that was sent to Redis: if Redis made the reservation all the same, it is this very purchase.

Source: spec 7, "Redis gone"; research 2.6.
"""

import msgspec

from quote_service.domain.errors import (
    IdempotencyKeyReused,
    LimitReached,
    PriceChanged,
    SaleNotActive,
    SoldOut,
)
from quote_service.domain.flash_sales.reservation import Reservation
from quote_service.domain.flash_sales.sale import of_minor
from quote_service.domain.flash_sales.stock_item import StockItem
from quote_service.domain.instants import to_micros
from quote_service.flows.flash_sales.record_purchases import status_once_taken
from quote_service.postgres.flash_sale_purchases import (
    ToRecord,
    insert_purchases,
    insert_takings,
    read_purchase_by_key,
)
from quote_service.postgres.flash_sale_stock import hold_item, note_drift, raise_customers, raise_sold
from quote_service.postgres.flash_sales import database_now
from quote_service.postgres.pool import Connection, Database
from quote_service.redis_store.flash_sales.gate import GateAsk
from quote_service.system.crash_points import crash_point


async def admit_directly(database: Database, ask: GateAsk) -> bool:
    """Decide an ask finally; whether it was decided before, under the same key.

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
                raise IdempotencyKeyReused(
                    "This key came before with another request; take a new key for a new request"
                )
            return True
        now_ms = to_micros(await database_now(connection)) // 1000
        _refuse(item, ask, now_ms)
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
        await _take(connection, item, reservation)
        # Redis does not know of these units.
        await note_drift(connection, item.id)
        crash_point("before_direct_commit")
    crash_point("after_direct_commit")
    return False


def _refuse(item: StockItem, ask: GateAsk, now_ms: int) -> None:
    if item.state != "active" or not item.starts_ms <= now_ms < item.ends_ms:
        raise SaleNotActive("This flash sale is not active now")
    if item.price_minor != ask.price_minor:
        raise price_changed(item.price_minor, item.currency)
    if ask.quantity > item.limit:
        raise limit_reached(item.limit)


async def _take(connection: Connection, item: StockItem, reservation: Reservation) -> None:
    given = ToRecord(reservation, status_once_taken(reservation))
    if not await insert_purchases(connection, item, [given], "postgres"):
        raise SoldOut("This purchase cannot be made again")
    asked = [(reservation.customer_id, reservation.quantity)]
    if not await raise_customers(connection, item.id, asked, item.limit):
        raise limit_reached(item.limit)
    if not await raise_sold(connection, item.id, reservation.quantity, reservation.epoch, 0):
        raise SoldOut("There are not so many units left")
    await insert_takings(connection, item.id, [reservation])


def price_changed(price_minor: int, currency: str) -> PriceChanged:
    """The refusal that tells the price there is now."""
    price = msgspec.Raw(str(of_minor(price_minor, currency)).encode())
    return PriceChanged("A unit has another price now", unit_price=price, currency=currency)


def limit_reached(limit: int) -> LimitReached:
    """The refusal that tells the limit."""
    return LimitReached(f"A customer may have {limit} of these", per_customer_limit=limit)
