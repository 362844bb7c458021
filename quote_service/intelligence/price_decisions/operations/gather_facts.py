"""Gather what bears on prices: the policy in force, the catalog, competitors, what was learnt, and what is wrong with any.

Source: docs/spec/price-decisions.md#decisions.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from quote_service.intelligence.competitors.model.listings import ComparablePrice
from quote_service.intelligence.competitors.operations.compare_prices import prices_of_competitors
from quote_service.intelligence.price_decisions.model.facts import Facts, Family, Obstacle, SeenRival
from quote_service.intelligence.price_decisions.tables.facts import Item, database_now, read_facts, read_families
from quote_service.intelligence.price_decisions.tables.models import learned_of, newest_model
from quote_service.intelligence.signals.operations.read_signals import prices_pending, products_at_war
from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.postgres.pool import Connection


class DecisionTerms(NamedTuple):
    """What settings say of deciding.

    Attributes:
        horizon_days: Over how many days outcomes are reckoned.
        model_max_days: A model that is older decides nothing.
        keep_days: How long decisions that set nothing are kept.
        interval_seconds: From the start of one run to the next.
        look_seconds: How long a run waits for prices that are new to be looked at.
    """

    horizon_days: int = 7
    model_max_days: int = 14
    keep_days: int = 400
    interval_seconds: float = 3600.0
    look_seconds: float = 15.0


async def gather_facts(connection: Connection, items: Sequence[Item], terms: DecisionTerms) -> dict[Item, Facts]:
    """What bears on some prices at this moment, and on the other sizes of their families; those that are not sold have nothing.

    Args:
        connection: On one state of the database; or with the products held where something is to be decided on it, and
            `rivals_are_as_seen` asked afterwards.
        items: Products and currencies.
        terms: Of the settings.
    """
    families = await read_families(connection, items) if items else {}
    others = {(other.product_id, item[1]) for item, family in families.items() for other in family.others}
    found = await _gather(connection, [*items, *sorted(others - set(items))], terms)
    return {item: _with_family(known, families.get(item), found) for item in items if (known := found.get(item))}


def _with_family(facts: Facts, family: Family | None, found: Mapping[Item, Facts]) -> Facts:
    if family is None:
        return facts
    others = tuple(
        msgspec.structs.replace(other, facts=found.get((other.product_id, facts.currency))) for other in family.others
    )
    return msgspec.structs.replace(facts, family=msgspec.structs.replace(family, others=others))


async def _gather(connection: Connection, items: Sequence[Item], terms: DecisionTerms) -> dict[Item, Facts]:
    if not items:
        return {}
    product_ids = list(dict.fromkeys(product_id for product_id, _ in items))
    model = await newest_model(connection)
    learned = {} if model is None else await learned_of(connection, model, product_ids)
    prices = await prices_of_competitors(connection, product_ids)
    # After the prices: what is not pending any more has been doubted by now, if it was odd.
    pending = await prices_pending(connection, product_ids)
    is_stale = model is not None and model.age_seconds > terms.model_max_days * 86_400
    further: dict[Item, tuple[Obstacle, ...]] = {
        item: (*(("stale_model",) if is_stale else ()), *(("not_looked_at",) if item[0] in pending else ()))
        for item in items
    }
    now = await database_now(connection)
    rivals: dict[Item, list[SeenRival]] = defaultdict(list)
    for price in prices:
        # A variant of ours has prices of its own, which are not what is decided here.
        if price.product_id is not None and price.variant_id is None:
            rivals[price.product_id, price.currency].append(
                _seen(price, now, is_pending=price.listing_id in pending.get(price.product_id, ()))
            )
    return await read_facts(
        connection,
        items,
        {item: tuple(found) for item, found in rivals.items()},
        learned,
        horizon_days=terms.horizon_days,
        further=further,
        at_war=await products_at_war(connection, product_ids, now),
    )


async def rivals_are_as_seen(connection: Connection, facts: Facts) -> bool:
    """Whether competitors' prices are still what the facts say, so that none was doubted while they were gathered.

    An odd price that was new is either pending in the facts, or was looked at before they asked what is pending: then the doubt is
    seen now.

    Args:
        connection: The one that the facts were gathered on.
        facts: Gathered just now.
    """
    others = () if facts.family is None else facts.family.others
    known = [rival for of in (facts, *(other.facts for other in others)) if of is not None for rival in of.rivals]
    now = await prices_of_competitors(connection, [facts.product_id, *(other.product_id for other in others)])
    again = {
        (price.listing_id, price.confirmed_at, tuple(price.not_comparable))
        for price in now
        if price.currency == facts.currency and price.variant_id is None
    }
    return again == {
        (
            rival.listing_id,
            rival.confirmed_at,
            tuple(reason for reason in rival.not_comparable if reason != "not_looked_at"),
        )
        for rival in known
    }


def _seen(price: ComparablePrice, now: datetime, *, is_pending: bool) -> SeenRival:
    amount = price.comparable_price
    micro = 0 if amount is None else scale_decimal(amount, FACTOR_PLACES)
    exponent = EXPONENTS.get(price.currency, 2)
    return SeenRival(
        competitor_id=price.competitor_id,
        competitor=price.competitor,
        listing_id=price.listing_id,
        price_minor=round_half_away(micro * 10**exponent, MICRO),
        confirmed_at=price.confirmed_at,
        age_seconds=max(0, int((now - price.confirmed_at).total_seconds())),
        # It may be odd: whoever looks will say so in a moment.
        not_comparable=(*price.not_comparable, *(("not_looked_at",) if is_pending else ())),
    )
