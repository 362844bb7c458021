"""People accept and reject decisions that wait, and decide on prices themselves.

The product's row is the lock of everything that moves its price; behind it the decision is looked at again.

Source: docs/spec/price-decisions.md#people-decide.
"""

from uuid import UUID

from quote_service.intelligence.price_decisions.model.decide import Decided, judge_price
from quote_service.intelligence.price_decisions.model.decisions import (
    WAITING,
    DecisionDetail,
    DecisionOrigin,
    ManualDraft,
)
from quote_service.intelligence.price_decisions.model.errors import (
    DecisionStateForbids,
    PriceMovedSince,
    PriceOutsideBounds,
)
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.shown import shown_or_none
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.intelligence.price_decisions.operations.publish_decision import publish_decision
from quote_service.intelligence.price_decisions.operations.set_price import hold_item, set_price
from quote_service.intelligence.price_decisions.tables.decided_products import promote_item
from quote_service.intelligence.price_decisions.tables.decision_changes import (
    NewDecision,
    apply_decision,
    insert_decision,
    settle_decision,
)
from quote_service.intelligence.price_decisions.tables.decisions import read_decision, waiting_decision
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import NotANumber, scale_decimal
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.operations.require_product import require_product


async def accept_decision(
    change: Change,
    decision_id: UUID,
    note: str | None,
    precondition: Precondition,
    terms: DecisionTerms,
) -> DecisionDetail:
    """Set the price that a waiting decision suggests.

    Args:
        change: Who accepts.
        decision_id: Which.
        note: Why, in words.
        precondition: The version that the person has seen.
        terms: Of the settings.

    Raises:
        NotFound: There is no such decision.
        Stale: It has been changed since.
        DecisionStateForbids: It does not wait, or suggests nothing, or its price is not decided about any more.
        PriceMovedSince: The catalog has another price by now.
        PriceOutsideBounds: The policy in force has changed.
    """
    first = await read_decision(change.connection, decision_id)
    item = (first.product_id, first.currency)
    held = await hold_item(change.connection, item)
    before = await read_decision(change.connection, decision_id, lock=True)
    _require_waiting(before, precondition)
    facts = (await gather_facts(change.connection, [item], terms)).get(item)
    if before.price is None:
        raise DecisionStateForbids("This decision suggests no price; decide on one")
    if held is None or facts is None or facts.current_minor != scale_decimal(before.current_price, EXPONENTS[item[1]]):
        raise PriceMovedSince("The price has moved since the decision was made; a new one follows")
    # The next run ends what waits of such a product; until then nobody shall be quicker.
    if "not_sold" in facts.obstacles:
        raise DecisionStateForbids("The product is not sold any more")
    if facts.mode == "off":
        raise DecisionStateForbids("The policy in force decides on no prices of this product")
    price_minor = scale_decimal(before.price, facts.exponent)
    _require_allowed(facts, price_minor)
    at = change.at
    await apply_decision(change.connection, decision_id, change.actor, at, note, facts, price_minor)
    await set_price(change.connection, held, facts, price_minor, decision_id, change.actor, note or "accepted")
    await promote_item(change.connection, item)
    return await publish_decision(change, decision_id, before)


async def reject_decision(
    change: Change, decision_id: UUID, note: str | None, precondition: Precondition
) -> DecisionDetail:
    """Leave the price as it is, whatever a waiting decision suggests.

    Raises:
        NotFound, Stale, DecisionStateForbids: As `accept_decision`.
    """
    first = await read_decision(change.connection, decision_id)
    await hold_item(change.connection, (first.product_id, first.currency))
    before = await read_decision(change.connection, decision_id, lock=True)
    _require_waiting(before, precondition)
    await settle_decision(change.connection, decision_id, "rejected", change.actor, change.at, note)
    return await publish_decision(change, decision_id, before)


async def decide_by_hand(change: Change, draft: ManualDraft, terms: DecisionTerms) -> DecisionDetail:
    """Set a price that a person decides on, inside the bounds of the policy in force.

    Args:
        change: Who decides.
        draft: The price.
        terms: Of the settings.

    Raises:
        Invalid: There is no such price, it has more decimals than the currency, or it is the price already.
        PriceOutsideBounds: It is past a bound, or there is no floor or cost to hold it against.
    """
    item = (draft.product_id, draft.currency)
    held = await hold_item(change.connection, item)
    facts = (await gather_facts(change.connection, [item], terms)).get(item)
    if held is None or facts is None:
        raise await not_sold(change.connection, item)
    if "not_sold" in facts.obstacles:
        raise Invalid.at("/product_id", "is not sold any more")
    try:
        price_minor = scale_decimal(draft.price, facts.exponent)
    except NotANumber:
        raise Invalid.at("/price", "has more decimals than the currency") from None
    if draft.price == held.current:
        raise Invalid.at("/price", "is the price already")
    decided = _require_allowed(facts, price_minor)
    return await apply_by_hand(change, facts, decided, price_minor, "person", draft.note)


async def apply_by_hand(
    change: Change,
    facts: Facts,
    decided: Decided,
    price_minor: int,
    origin: DecisionOrigin,
    note: str | None,
) -> DecisionDetail:
    """Set a price that is allowed and whose product is held; what waited for a person is over."""
    item = (facts.product_id, facts.currency)
    held = await hold_item(change.connection, item)
    assert held is not None
    at = change.at
    await supersede_waiting(change, item)
    new = NewDecision(
        id=UUID(new_id(change.at_us // 1000)),
        facts=facts,
        decided=decided,
        mode="manual",
        origin=origin,
        state="applied",
        price_minor=price_minor,
        author=change.actor,
        at=at,
        by_person=True,
        note=note,
    )
    await insert_decision(change.connection, new)
    words = note or {"person": "decided by hand", "experiment": "price experiment"}.get(origin, "rolled back")
    await set_price(change.connection, held, facts, price_minor, new.id, change.actor, words)
    if origin == "person":
        await promote_item(change.connection, item)
    return await publish_decision(change, new.id)


async def supersede_waiting(change: Change, item: Item) -> None:
    """Another decision comes before what waits for a person of a price that is held."""
    waiting = await waiting_decision(change.connection, item)
    if waiting is not None:
        await settle_decision(change.connection, waiting.id, "superseded", change.actor, change.at)


async def require_named_product(connection: Connection, product_id: UUID) -> None:
    """Return where there is the product that a document names.

    Raises:
        Invalid: There is none.
    """
    try:
        await require_product(connection, product_id)
    except NotFound:
        raise Invalid.at("/product_id", "there is no such product") from None


async def not_sold(connection: Connection, item: Item) -> Invalid:
    """Why a product of a document has no price in its currency: it is sold in others.

    Raises:
        Invalid: There is no such product.
    """
    await require_named_product(connection, item[0])
    return Invalid.at("/currency", "the product is not sold in it")


def _require_waiting(decision: DecisionDetail, precondition: Precondition) -> None:
    precondition.require(str(decision.id), decision.version)
    if decision.state not in WAITING:
        raise DecisionStateForbids(f"This decision is {decision.state} already")


def _require_allowed(facts: Facts, price_minor: int) -> Decided:
    """What is judged of a price that a person wants.

    Raises:
        PriceOutsideBounds: The guardrails would have another.
    """
    decided = judge_price(facts, price_minor)
    if decided.outcome == "set" and decided.price_minor == price_minor:
        return decided
    if "finer_price" in facts.obstacles and decided.outcome == "unchanged" and price_minor == facts.current_minor:
        return decided  # what has more decimals than the currency is cut off
    nearest = shown_or_none(decided.nearest_minor(facts.current_minor), facts.exponent)
    rule = decided.refused_by
    raise PriceOutsideBounds(f"The price is not allowed: {rule.replace('_', ' ')}", rule=rule, nearest_price=nearest)
