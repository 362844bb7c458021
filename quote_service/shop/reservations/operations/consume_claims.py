"""Hold what quotes ask for, and decide which of them can have it; the writing of what is met is for whoever asked.

Counts are raised by all that is asked for, so that each counter is one row written once; what refused claims asked for is
taken off again.

Source: docs/spec/reservations.md; docs/decisions/reservations.md.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.shop.inventory.model.held_item import HeldItem
from quote_service.shop.inventory.operations.move_units import hold_items
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.claim_terms import ClaimTerms
from quote_service.shop.reservations.model.decide_claim import GrantedClaim, Stand
from quote_service.shop.reservations.model.rule_terms import BudgetKey, UseKey
from quote_service.shop.reservations.model.tally import Tally
from quote_service.shop.reservations.tables import budgets, coupon_uses
from quote_service.shop.reservations.tables.rule_terms import read_terms


class ConsumedClaims(msgspec.Struct, frozen=True):
    """What has become of claims, in their order; `items` are held, and `uses_to_record` and `spent_to_record` are for the end of the transaction."""

    outcomes: list[GrantedClaim | QuoteServiceError]
    items: Mapping[UUID, HeldItem]
    uses_to_record: dict[UseKey, int]
    spent_to_record: dict[BudgetKey, int]

    @property
    def met(self) -> list[GrantedClaim]:
        """Those that are met."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, GrantedClaim)]


async def consume_claims(
    connection: Connection, claims: Sequence[Claim], more_items: Collection[UUID]
) -> ConsumedClaims:
    """Decide claims in their order; each that is met leaves less to the next.

    Args:
        connection: Inside a transaction that holds their quotes.
        claims: None of them has been met before.
        more_items: Items to be held as well.
    """
    rule_ids = {rule_id for claim in claims for rule_id in claim.coupon_ids}
    rule_ids |= {discount.rule_id for claim in claims for discount in claim.discounts}
    terms = ClaimTerms(await read_terms(connection, rule_ids) if rule_ids else ())
    uses_wanted, spends_wanted = terms.uses_wanted(claims), terms.spends_wanted(claims)
    uses = await coupon_uses.count_uses(connection, uses_wanted) if uses_wanted else {}
    spent = await budgets.count_spends(connection, spends_wanted) if spends_wanted else {}
    items = await hold_items(connection, _items_of(claims) | set(more_items))
    stand = Stand(
        terms,
        Tally({key: count - uses_wanted[key] for key, count in uses.items()}),
        Tally({key: count - spends_wanted[key] for key, count in spent.items()}),
        items,
    )
    outcomes = [stand.decide(claim) for claim in claims]
    if too_many := {key: count - stand.uses.now[key] for key, count in uses.items() if count > stand.uses.now[key]}:
        await coupon_uses.uncount_uses(connection, too_many)
    if too_much := {key: count - stand.spent.now[key] for key, count in spent.items() if count > stand.spent.now[key]}:
        await budgets.uncount_spends(connection, too_much)
    return ConsumedClaims(
        outcomes,
        items,
        {key: stand.uses.now[key] for key in uses if stand.uses.is_to_record(key, terms.use_limits(key))},
        {key: stand.spent.now[key] for key in spent if stand.spent.is_to_record(key, terms.budgets(key))},
    )


async def record_exhausted(connection: Connection, consumed: ConsumedClaims) -> None:
    """Notify the rulebook of limits that are reached, and of budgets that did not cover a discount.

    The last thing in a transaction: the rulebook's lock is held to the commit, and everybody who writes a rule waits for it.
    """
    if consumed.uses_to_record:
        await coupon_uses.record_exhaustions(connection, consumed.uses_to_record)
    if consumed.spent_to_record:
        await budgets.record_exhaustions(connection, consumed.spent_to_record)


def _items_of(claims: Sequence[Claim]) -> set[UUID]:
    lines = [units for claim in claims for units in claim.units]
    return {units.product_id for units in lines} | {units.variant_id for units in lines if units.variant_id is not None}
