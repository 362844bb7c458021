"""What people say to what is suggested to them: most is accepted, one suggestion is refused, in place of one a person sets another
price, and one product is taken back: from then on its prices are suggested, and the first waits.

Source: docs/spec/demonstration.md#decided-weeks.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from quote_service.intelligence.price_decisions.model.decisions import DecisionDetail, ManualDraft
from quote_service.intelligence.price_decisions.operations.confirm_decision import (
    accept_decision,
    decide_by_hand,
    reject_decision,
)
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.roll_back import roll_back_price
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS, legal
from quote_service.lab.demonstration.operations.open_shop import major
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import UNCONDITIONAL

_BY_HAND: Final = "Sencha 100 g"
_ROLLED_BACK: Final = "wrong_decimal"
# Runs of the past, from 0; of a short history the last but one.
_BY_HAND_RUN, _REFUSED_RUN = 0, 2
_WHY_REFUSED: Final = "Not before prices of the new harvest are known"
_WHY_BY_HAND: Final = "Half of it, until the new packets are printed"
_WHY_ROLLED_BACK: Final = "Our shop in town cannot follow before its price tags are printed"


async def answer_decisions(
    change: Change,
    made: Sequence[DecisionDetail],
    products: Sequence[UUID],
    run: int,
    runs: int,
    terms: DecisionTerms,
) -> None:
    """Answer what a run suggests. What the last run of the past suggests waits.

    Args:
        change: Its author, in a transaction whose instant is set (`set_past`).
        made: What the run decided.
        products: In the order of the goods.
        run: Its number, from 0.
        runs: How many there are of the past.
        terms: Of decisions.
    """
    goods = dict(zip(products, GOODS, strict=True))
    waiting = [decision for decision in made if decision.state == "suggested" and run < runs - 1]
    by_hand = [each for each in waiting if goods[each.product_id].name == _BY_HAND and run == _BY_HAND_RUN]
    waiting = sorted(
        (each for each in waiting if each not in by_hand), key=lambda each: products.index(each.product_id)
    )
    refused = waiting[-1:] if run == min(_REFUSED_RUN, runs - 2) else []
    for decision in by_hand:
        await decide_by_hand(change, _half_of(decision), terms)
    for decision in refused:
        await reject_decision(change, decision.id, _WHY_REFUSED, UNCONDITIONAL)
    for decision in waiting[: len(waiting) - len(refused)]:
        await accept_decision(change, decision.id, None, UNCONDITIONAL, terms)
    if run == runs - 2:
        [product_id] = [each for each, good in goods.items() if good.story == _ROLLED_BACK]
        await roll_back_price(change, (product_id, CURRENCY), _WHY_ROLLED_BACK, terms)


def _half_of(decision: DecisionDetail) -> ManualDraft:
    """The price half-way between today's and the suggested one."""
    assert decision.price is not None
    half = (Decimal(decision.current_price) + Decimal(decision.price)) / 2
    return ManualDraft(
        product_id=decision.product_id,
        currency=decision.currency,
        price=major(legal(int(half.scaleb(EXPONENTS[decision.currency])))),
        note=_WHY_BY_HAND,
    )
