"""Keep for a quote what its price rests on, until it is accepted, released or over.

Source: docs/spec/reservations.md#reserving.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, QuoteServiceError
from quote_service.shop.inventory.model.held_item import Move
from quote_service.shop.inventory.operations.move_units import move_units
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.decide_claim import GrantedClaim
from quote_service.shop.reservations.model.refusals import ReservationLimit
from quote_service.shop.reservations.model.reservation import Hold, HoldLimits, Reservation
from quote_service.shop.reservations.operations.consume_claims import consume_claims, record_exhausted
from quote_service.shop.reservations.operations.take import spends_of
from quote_service.shop.reservations.tables.budgets import insert_spends
from quote_service.shop.reservations.tables.claimed_units import LineUnits, insert_units
from quote_service.shop.reservations.tables.reservations import (
    HeldUnits,
    extend_reservation,
    held_by,
    hold_customer,
    hold_reservations_of,
    insert_reservation,
)

RESERVED = "reserved"


async def reserve(
    change: Change, claim: Claim, hold: Hold, limits: HoldLimits, held: Reservation | None
) -> Reservation:
    """Reserve a quote that is not accepted, or hold on to one that is reserved: the same answer but for `held_until`.

    Args:
        change: Who reserves, in the transaction that holds the quote.
        claim: What the quote takes.
        hold: How long.
        limits: Of its customer; where nobody knows whose quote it is, there are none.
        held: What `hold_quotes` has answered of it.

    Raises:
        OutOfStock, CouponExhausted, BudgetExhausted: The quote cannot have what its price rests on.
        ReservationLimit: The customer holds too much already.
        Invalid: The customer has to be known, and is not.
    """
    if claim.customer_id is not None:
        await hold_customer(change.connection, claim.customer_id)
    if held is not None and held.status == "held":
        return await extend_reservation(change.connection, claim.quote_id, hold)
    others = await _others(change.connection, claim)
    if len({each.quote_id for each in others}) >= limits.reservations_max:
        raise ReservationLimit("The customer has too many reservations", limit=limits.reservations_max)
    consumed = await consume_claims(change.connection, [claim], ())
    (met,) = consumed.outcomes
    if isinstance(met, QuoteServiceError):
        raise met
    if claim.customer_id is not None:
        _require_units(met, others, limits.units_max)
    units = [LineUnits(claim.quote_id, *each) for each in met.units]
    moves = {item: Move(0, count) for item, count in _by_item(units).items()}
    await move_units(change.connection, consumed.items, moves, actor=change.actor, reason=RESERVED)
    if units:
        await insert_units(change.connection, units, is_taken=False)
    if spends := spends_of([met]):
        await insert_spends(change.connection, spends, is_taken=False)
    coupons = [(terms.rule_name, terms.code or "") for terms in met.coupons]
    made = await insert_reservation(change.connection, claim.quote_id, claim.customer_id, coupons, change.actor, hold)
    await record_exhausted(change.connection, consumed)
    return made


async def _others(connection: Connection, claim: Claim) -> list[HeldUnits]:
    if claim.customer_id is None:
        return []
    await hold_reservations_of(connection, claim.customer_id)
    return await held_by(connection, claim.customer_id, claim.quote_id)


def _require_units(met: GrantedClaim, others: Sequence[HeldUnits], units_max: int) -> None:
    held: Counter[UUID] = Counter()
    for each in others:
        if each.item_id is not None and each.quantity is not None:
            held[each.item_id] += each.quantity
    for _, item, quantity in met.units:
        held[item] += quantity
    faults = tuple(
        Fault(f"/items/{line}", f"{held[item]} units would be reserved of one product or variant")
        for line, item, _ in met.units
        if held[item] > units_max
    )
    if faults:
        raise ReservationLimit("The customer would hold too many units", limit=units_max, faults=faults)


def _by_item(units: Sequence[LineUnits]) -> Counter[UUID]:
    counts: Counter[UUID] = Counter()
    for each in units:
        counts[each.item_id] += each.quantity
    return counts
