"""Give back what accepted quotes have taken: all of it when an order is cancelled, a part when it is refunded.

Source: docs/spec/reservations.md#giving-back.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.shop.reservations.model.claim import PartBack
from quote_service.shop.reservations.operations.put_back import put_back_counts, put_back_units, record_lowered
from quote_service.shop.reservations.tables.budgets import return_spends, spends_of_quotes
from quote_service.shop.reservations.tables.claimed_units import return_units, units_of_quotes
from quote_service.shop.reservations.tables.coupon_uses import return_uses, uses_of_quotes
from quote_service.shop.reservations.tables.reservations import hold_quotes

CANCELLED = "cancelled"
RETURNED = "returned"


async def give_back(change: Change, quote_ids: Collection[UUID]) -> None:
    """Give back all that these quotes have taken and still have: units, uses of coupons, budgets.

    Once: a second call gives nothing back. Quotes that have taken nothing give nothing.

    Args:
        change: Who gives back, in a transaction that locks nothing of rules, stock or the ledger yet.
        quote_ids: Accepted quotes.
    """
    await hold_quotes(change.connection, quote_ids)
    uses = await uses_of_quotes(change.connection, quote_ids)
    spends = await spends_of_quotes(change.connection, quote_ids, is_taken=True)
    units = await units_of_quotes(change.connection, quote_ids, is_taken=True)
    reported = await put_back_counts(change.connection, uses, spends)
    await put_back_units(change.connection, units, were_held=False, actor=change.actor, reason=CANCELLED)
    if uses:
        await return_uses(change.connection, quote_ids, change.at)
    if spends:
        await return_spends(change.connection, spends)
    if units:
        await return_units(change.connection, units)
    await record_lowered(change.connection, reported)


async def give_back_part(change: Change, parts: Sequence[PartBack]) -> None:
    """Give back parts of what quotes have taken: units that go back on sale, discounts that are undone. Uses stay used.

    All of a transaction's in one call: two could wait for somebody who has what the second one needs. More than a line or
    a rule still has is as much as it has.

    Args:
        change: As of `give_back`.
        parts: One a quote.
    """
    quote_ids = [part.quote_id for part in parts]
    await hold_quotes(change.connection, quote_ids)
    amounts = {
        (part.quote_id, discount.rule_id): discount.amount_minor for part in parts for discount in part.discounts
    }
    counts = {(part.quote_id, line): count for part in parts for line, count in part.units.items()}
    spends = [
        spend._replace(amount_minor=amount)
        for spend in (await spends_of_quotes(change.connection, quote_ids, is_taken=True) if amounts else ())
        if (amount := min(spend.amount_minor, amounts.get((spend.quote_id, spend.rule_id), 0))) > 0
    ]
    units = [
        each._replace(quantity=quantity)
        for each in (await units_of_quotes(change.connection, quote_ids, is_taken=True) if counts else ())
        if (quantity := min(each.quantity, counts.get((each.quote_id, each.line), 0))) > 0
    ]
    reported = await put_back_counts(change.connection, (), spends)
    await put_back_units(change.connection, units, were_held=False, actor=change.actor, reason=RETURNED)
    if spends:
        await return_spends(change.connection, spends)
    if units:
        await return_units(change.connection, units)
    await record_lowered(change.connection, reported)
