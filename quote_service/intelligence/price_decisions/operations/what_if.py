"""What would be decided about a price now, and what another would bring. Nothing is written.

Source: docs/spec/price-decisions.md#what-if.
"""

from typing import Any

import msgspec

from quote_service.intelligence.demand.optimiser.outlook import outlook
from quote_service.intelligence.price_decisions.model.decide import Candidate, decide_price, judge_price
from quote_service.intelligence.price_decisions.model.decisions import WhatIf, WhatIfDraft
from quote_service.intelligence.price_decisions.model.details import details_of, shown_candidate
from quote_service.intelligence.price_decisions.model.facts import Facts
from quote_service.intelligence.price_decisions.model.grounds import grounds_of
from quote_service.intelligence.price_decisions.model.propose import offer_of
from quote_service.intelligence.price_decisions.model.shown import shown_amount, shown_or_none
from quote_service.intelligence.price_decisions.operations.confirm_decision import not_sold
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.platform.money.numbers import NotANumber, scale_decimal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid


async def ask_what_if(connection: Connection, draft: WhatIfDraft, terms: DecisionTerms) -> WhatIf:
    """What the loop would decide, were the product in `auto`, and what a price to try would bring.

    Args:
        connection: On one state of the database.
        draft: The product, and the price to try.
        terms: Of the settings.

    Raises:
        Invalid: The product is not sold in this currency, or the price is finer than that.
    """
    item = (draft.product_id, draft.currency)
    facts = (await gather_facts(connection, [item], terms)).get(item)
    if facts is None:
        raise await not_sold(connection, item)
    decided = decide_price(facts)
    reported: dict[str, Any] = {
        **msgspec.structs.asdict(details_of(facts, decided)),
        **msgspec.structs.asdict(grounds_of(facts)),
        **_tried(facts, draft),
    }
    return WhatIf(
        product_id=facts.product_id,
        currency=facts.currency,
        mode=facts.mode,
        current_price=shown_amount(facts.current_minor, facts.exponent),
        outcome=decided.outcome,
        price=shown_or_none(decided.price_minor or decided.suggested_minor, facts.exponent),
        held_by=list(decided.held_by),
        confirmed_price=shown_or_none(facts.confirmed_minor or None, facts.exponent),
        day_start_price=shown_or_none(facts.day_start_minor or None, facts.exponent),
        uses_behaviour=facts.learned is not None and facts.learned.uses_behaviour,
        **reported,
    )


def _tried(facts: Facts, draft: WhatIfDraft) -> dict[str, Any]:
    names = ("tried", "tried_is_allowed", "tried_clamped_by", "tried_nearest_price")
    if draft.price is None:
        return dict.fromkeys(names)
    try:
        price_minor = scale_decimal(draft.price, facts.exponent)
    except NotANumber:
        raise Invalid.at("/price", "has more decimals than the currency") from None
    judged, offer = judge_price(facts, price_minor), offer_of(facts)
    allowed = judged.outcome != "held" and (judged.price_minor or facts.current_minor) == price_minor
    tried = None
    if offer is not None and price_minor > 0:
        tried = shown_candidate(Candidate((), outlook(offer, price_minor)), facts.exponent)
    nearest = shown_or_none(judged.nearest_minor(facts.current_minor), facts.exponent)
    reported = (tried, allowed, judged.clamped_by, nearest)
    return dict(zip(names, reported, strict=True))
