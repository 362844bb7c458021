"""A run as of an instant of the past, for a history that is put in afterwards: by what was known then, in the caller's transaction.

The history has to be put in in its order: the policy in force, prices, models and earlier decisions are those that are there.

Source: docs/spec/price-decisions.md#runs-of-the-past.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec

from quote_service.intelligence.competitors.operations.compare_prices import PastPrice, comparable_micro, prices_of_past
from quote_service.intelligence.price_decisions.model.decide import decide_price
from quote_service.intelligence.price_decisions.model.decisions import DecisionDetail
from quote_service.intelligence.price_decisions.model.facts import Facts, SeenRival
from quote_service.intelligence.price_decisions.model.repeated_decision import breaker_is_open, summary_of
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.keep_decision import keep_decision
from quote_service.intelligence.price_decisions.operations.set_price import hold_item
from quote_service.intelligence.price_decisions.tables.facts import Item, read_facts
from quote_service.intelligence.price_decisions.tables.models import learned_of, newest_model
from quote_service.intelligence.price_decisions.tables.runs import Run, RunCounts, insert_past_run
from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.new_ids import new_id

_SEEN_WITHIN: Final = timedelta(days=30)


async def decide_past(
    connection: Connection, at: datetime, items: Sequence[Item], competitors: Mapping[UUID, str], terms: DecisionTerms
) -> list[DecisionDetail]:
    """Decide on prices as a run of that instant would have.

    The lowest price of 30 days is not told of the past: a policy that keeps to it must not be in force yet.

    Args:
        connection: Inside a transaction whose instant is set (`set_past`).
        at: When; at least a day ago, and behind all that was decided before.
        items: Products and currencies; those in the mode `off`, and those that an experiment has, are left alone.
        competitors: Names of those whose prices were seen.
        terms: Of the settings.

    Returns:
        What was decided; what the last decision of a price says already is not said again.

    Raises:
        Conflict, Invalid: It breaks a bound of what is in force.
    """
    known = await _facts_of(connection, at, items, competitors, terms)
    decided = [(facts, decide_price(facts)) for facts in known]
    moves = [
        (facts.current_minor, said.price_minor)
        for facts, said in ((facts, summary_of(facts, each)) for facts, each in decided)
        if said.state == "applied" and said.price_minor is not None
    ]
    automatic = [facts for facts in known if facts.mode == "auto"]
    is_open = bool(automatic) and breaker_is_open(moves, len(automatic), automatic[0].limits)
    at_ms, model = to_micros(at) // 1000, await newest_model(connection)
    run = Run(UUID(new_id(at_ms)), uuid4())
    made, became = [], Counter[str]()
    for facts in known:
        held = await hold_item(connection, (facts.product_id, facts.currency))
        assert held is not None, "what has facts is sold"
        new = await keep_decision(
            connection, UUID(new_id(at_ms)), run.id, held, facts, decide_price(facts, breaker_open=is_open), at
        )
        became["unchanged" if new is None else new.state] += 1
        if new is not None:
            made.append(new)
    counts = RunCounts(
        products=len(known),
        applied=became["applied"],
        suggested=became["suggested"],
        shadowed=became["shadow"],
        held=became["held"],
        unchanged=became["unchanged"],
        failed=0,
        breaker_open=is_open,
    )
    await insert_past_run(connection, run, at, None if model is None else model.id, counts)
    return made


async def _facts_of(
    connection: Connection, at: datetime, items: Sequence[Item], competitors: Mapping[UUID, str], terms: DecisionTerms
) -> list[Facts]:
    product_ids = [product_id for product_id, _ in items]
    rivals: dict[Item, dict[UUID, SeenRival]] = defaultdict(dict)
    for price in await prices_of_past(connection, product_ids, at - _SEEN_WITHIN, at):
        if price.variant_id is None:
            rivals[price.product_id, price.currency][price.listing_id] = _seen(price, at, competitors)
    model = await newest_model(connection)
    facts = await read_facts(
        connection,
        items,
        {item: tuple(found.values()) for item, found in rivals.items()},
        {} if model is None else await learned_of(connection, model, product_ids),
        horizon_days=terms.horizon_days,
        further={},
        at_war=frozenset(),
    )
    return [
        msgspec.structs.replace(known, lowest_30_days_minor=None)
        for known in facts.values()
        if known.mode != "off" and not known.is_claimed
    ]


def _seen(price: PastPrice, at: datetime, competitors: Mapping[UUID, str]) -> SeenRival:
    micro = comparable_micro(price)
    against = [*(["doubted"] if price.doubted_reason else []), *(["not_sold"] if micro is None else [])]
    return SeenRival(
        competitor_id=price.competitor_id,
        competitor=competitors.get(price.competitor_id, str(price.competitor_id)),
        listing_id=price.listing_id,
        price_minor=0 if against else round_half_away((micro or 0) * 10 ** EXPONENTS.get(price.currency, 2), MICRO),
        confirmed_at=price.observed_at,
        age_seconds=int((at - price.observed_at).total_seconds()),
        not_comparable=tuple(against),
    )
