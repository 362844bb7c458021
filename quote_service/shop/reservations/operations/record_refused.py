"""After a refusal that ended its transaction: see to it that new quotes do not promise the same again.

The rulebook is told when a count reaches a limit. A version with a lower limit that is written in that very moment can miss
it, and a discount that a budget does not cover is not known before it is asked for: both are told here.

Source: docs/spec/reservations.md#budgets; docs/spec/pricing-rules.md#coupons.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.model.claim_terms import ClaimTerms
from quote_service.shop.reservations.tables import budgets, coupon_uses
from quote_service.shop.reservations.tables.rule_terms import read_terms


async def record_refused(database: Database, claim: Claim) -> None:
    """Tell the rulebook what a claim that was refused did not fit into."""
    rule_ids = {*claim.coupon_ids, *(discount.rule_id for discount in claim.discounts)}
    if not rule_ids:
        return
    async with database.transaction() as connection:
        terms = ClaimTerms(await read_terms(connection, rule_ids))
        uses, spends = terms.uses_wanted([claim]), terms.spends_wanted([claim])
        counts = await coupon_uses.counts_and_recorded(connection, uses) if uses else {}
        sums = await budgets.sums_and_recorded(connection, spends) if spends else {}
        full = [
            key
            for key, (count, reported) in counts.items()
            if reported != count and any(limit is not None and count >= limit for limit in terms.use_limits(key))
        ]
        short = [
            key
            for key, (spent, reported) in sums.items()
            if reported != spent
            and any(budget is not None and spent + spends[key] > budget for budget in terms.budgets(key))
        ]
        # Held, so that what is told is what there is when this ends.
        counted = await coupon_uses.count_uses(connection, dict.fromkeys(full, 0)) if full else {}
        spent_of = await budgets.count_spends(connection, dict.fromkeys(short, 0)) if short else {}
        if counted:
            await coupon_uses.record_exhaustions(connection, counted)
        if spent_of:
            await budgets.record_exhaustions(connection, spent_of)
