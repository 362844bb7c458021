"""Take for good what accepted quotes rest on: units of stock, uses of coupons, and discounts out of budgets.

Source: docs/spec/reservations.md; docs/decisions/reservations.md.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.shop.inventory.model.held_item import Move
from quote_service.shop.inventory.operations.move_units import move_units
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.decide_claim import GrantedClaim
from quote_service.shop.reservations.model.reservation import Reservation
from quote_service.shop.reservations.operations.consume_claims import consume_claims, record_exhausted
from quote_service.shop.reservations.operations.hold_quotes import HeldQuotes, hold_quotes
from quote_service.shop.reservations.tables.budgets import Spend, insert_spends
from quote_service.shop.reservations.tables.claimed_units import LineUnits, insert_units, units_of_quotes
from quote_service.shop.reservations.tables.coupon_uses import CouponUse, record_uses
from quote_service.shop.reservations.tables.reservations import take_held

SOLD = "sold"


async def take(
    change: Change, claims: Sequence[Claim], quotes: HeldQuotes | None = None
) -> list[QuoteServiceError | None]:
    """Take what quotes rest on; what a quote has reserved is its own, and turns into use.

    A claim that cannot be met is refused alone and takes nothing; the others go on. Claims are decided in their order.
    The statements are as many for one as for a hundred.

    Args:
        change: Who takes and when, in a transaction that locks nothing of rules, stock or the ledger yet, and holds the
            customers (as a row of accepted_quotes does). Where the caller ends it by an error, nothing is taken, and nothing
            is reported of a refusal: see `record_refused`.
        claims: One a quote, of quotes that have taken nothing yet.
        quotes: What `hold_quotes` has answered, where the caller has held them; None to hold them here.

    Returns:
        For each claim None, or why it is refused: OutOfStock, CouponExhausted, BudgetExhausted, or Invalid where the
        customer has to be known and is not.
    """
    if quotes is None:
        quotes = await hold_quotes(change.connection, [claim.quote_id for claim in claims])
    held = {
        claim.quote_id: reservation
        for claim in claims
        if (reservation := quotes.get(claim.quote_id)) is not None and reservation.status == "held"
    }
    held_units = await units_of_quotes(change.connection, list(held), is_taken=False) if held else []
    fresh = [claim for claim in claims if claim.quote_id not in held]
    consumed = await consume_claims(change.connection, fresh, {units.item_id for units in held_units})
    met = consumed.met
    new_units = [LineUnits(each.claim.quote_id, *units) for each in met for units in each.units]
    moves: dict[UUID, Move] = {}
    for units, is_held in (*((each, True) for each in held_units), *((each, False) for each in new_units)):
        move = moves.get(units.item_id, Move(0, 0))
        moves[units.item_id] = Move(move.quantity - units.quantity, move.reserved - units.quantity * is_held)
    await move_units(change.connection, consumed.items, moves, actor=change.actor, reason=SOLD)
    if new_units:
        await insert_units(change.connection, new_units, is_taken=True)
    if spends := spends_of(met):
        await insert_spends(change.connection, spends, is_taken=True)
    if held:
        await take_held(change.connection, list(held))
    if uses := _uses(met, held, claims):
        await record_uses(change.connection, uses, change.at)
    await record_exhausted(change.connection, consumed)
    refused = {
        claim.quote_id: outcome
        for claim, outcome in zip(fresh, consumed.outcomes, strict=True)
        if isinstance(outcome, QuoteServiceError)
    }
    return [refused.get(claim.quote_id) for claim in claims]


def spends_of(met: Sequence[GrantedClaim]) -> list[Spend]:
    """What claims take out of budgets."""
    return [
        Spend(
            each.claim.quote_id,
            terms.rule_id,
            terms.rule_name,
            each.claim.currency,
            each.claim.customer_id,
            amount_minor,
        )
        for each in met
        for terms, amount_minor in each.spends
    ]


def _uses(met: Sequence[GrantedClaim], held: Mapping[UUID, Reservation], claims: Sequence[Claim]) -> list[CouponUse]:
    used = [
        CouponUse(each.claim.quote_id, terms.rule_name, terms.code or "", each.claim.customer_id)
        for each in met
        for terms in each.coupons
    ]
    for claim in claims:
        if (reservation := held.get(claim.quote_id)) is not None:
            used += [
                CouponUse(claim.quote_id, name, code, reservation.customer_id)
                for name, code in zip(reservation.coupon_rules, reservation.coupon_codes, strict=True)
            ]
    return used
