"""Take back what decisions did to prices: each goes to the price that a person last confirmed, in a transaction of its own.

What was rolled back is only suggested from then on, until somebody accepts a decision or writes the policy again.

Source: docs/spec/price-decisions.md#roll-back.
"""

from quote_service.intelligence.price_decisions.model.decide import judge_price
from quote_service.intelligence.price_decisions.model.decisions import NotRolledBack, RollBackDraft, RolledBack
from quote_service.intelligence.price_decisions.operations.confirm_decision import apply_by_hand
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.intelligence.price_decisions.operations.publish_decision import publish_decision
from quote_service.intelligence.price_decisions.operations.set_price import hold_item
from quote_service.intelligence.price_decisions.tables.decided_products import (
    applied_by_itself,
    demote_item,
    items_to_roll_back,
)
from quote_service.intelligence.price_decisions.tables.decision_changes import settle_decision
from quote_service.intelligence.price_decisions.tables.decisions import read_decision
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.postgres.sqlstates import concerns_transaction
from quote_service.platform.system.changes import Author
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import QuoteServiceError, Unavailable


async def roll_back(database: Database, change: Author, draft: RollBackDraft, terms: DecisionTerms) -> RolledBack:
    """Take prices back to the confirmed ones; those that cannot go are told, and the others go.

    Stopped in between, the rest goes when it is asked for again: what has gone back is not looked at twice.

    Raises:
        Unavailable: PostgreSQL is unavailable.
    """
    async with database.read() as connection:
        items = await items_to_roll_back(connection, draft.product_id, draft.currency)
    done, refused = 0, []
    for item in items:
        try:
            reason = await _roll_back(database, change, item, draft.note, terms)
        except Unavailable as failure:
            if not concerns_transaction(failure):
                raise
            reason = "busy"
        except QuoteServiceError as failure:
            reason = failure.code
        if reason is None:
            done += 1
        elif reason:
            refused.append(NotRolledBack(product_id=item[0], currency=item[1], reason=reason))
        crash_point("after_price_roll_back")
    return RolledBack(rolled_back=done, not_rolled_back=refused)


async def _roll_back(
    database: Database, change: Author, item: Item, note: str | None, terms: DecisionTerms
) -> str | None:
    """As `roll_back_price`, in a transaction of its own."""
    async with database.transaction() as connection:
        return await roll_back_price(Change.within(connection, change), item, note, terms)


async def roll_back_price(change: Change, item: Item, note: str | None, terms: DecisionTerms) -> str | None:
    """Take one price back to the one that a person last confirmed.

    Args:
        change: Who takes it back.
        item: Which price.
        note: Why, in words.
        terms: Of the settings.

    Returns:
        What stands in the way; '' where there is nothing to take back any more, None when it is done.
    """
    await hold_item(change.connection, item)
    if item not in await items_to_roll_back(change.connection, *item):
        return ""
    facts = (await gather_facts(change.connection, [item], terms)).get(item)
    if facts is None:
        return ""
    at = change.at
    await demote_item(change.connection, item, at)
    decided = judge_price(facts, facts.confirmed_minor)
    if decided.price_minor != facts.confirmed_minor:
        # A floor has been raised since, say: nothing is set past it, and nothing more by itself either.
        return decided.refused_by
    for decision_id in await applied_by_itself(change.connection, item):
        before = await read_decision(change.connection, decision_id)
        await settle_decision(change.connection, decision_id, "rolled_back", change.actor, at)
        await publish_decision(change, decision_id, before)
    await apply_by_hand(change, facts, decided, facts.confirmed_minor, "roll_back", note)
    return None
