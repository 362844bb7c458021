"""Learn demand from what was sold, and keep it as a version. Runs in a process of its own.

Source: docs/spec/price-decisions.md#models.
"""

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from quote_service.intelligence.price_decisions.model.facts import Learned
from quote_service.intelligence.price_decisions.model.learn_panel import (
    LearntPanel,
    PanelItem,
    learn_from_sales,
    libraries,
)
from quote_service.intelligence.price_decisions.model.sales_days import SaleRow
from quote_service.intelligence.price_decisions.operations.read_sales import LearningTerms, Sales, read_sales
from quote_service.intelligence.price_decisions.tables.facts import database_now
from quote_service.intelligence.price_decisions.tables.models import NewModel, insert_model, newest_model
from quote_service.intelligence.price_decisions.tables.sold import SoldDay, learning_alone
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.new_ids import new_id

__all__ = ["LearningTerms", "SoldDay", "learn_if_due", "learn_past"]


async def learn_if_due(database: Database, terms: LearningTerms) -> UUID | None:
    """Learn where it is time, and nobody else does.

    Returns:
        The new version; None where it is not time, somebody else learns, or nothing was sold to learn from.

    Raises:
        Unavailable: PostgreSQL is unavailable. Nothing is kept, and the next process learns again.
    """
    async with database.read() as alone, learning_alone(alone) as is_alone:
        if not is_alone:
            return None
        async with database.snapshot() as connection:
            newest = await newest_model(connection)
            if newest is not None and newest.age_seconds < terms.interval_seconds:
                return None
            now = await database_now(connection)
            sales = await read_sales(connection, terms, now)
        if not sales.items:
            return None
        started = time.monotonic()
        learnt = _learn(sales, "" if newest is None else newest.champion)
        new = _model(sales, learnt, now, time.monotonic() - started)
        async with database.transaction() as connection:
            await insert_model(connection, new)
        return new.id


async def learn_past(
    connection: Connection, terms: LearningTerms, at: datetime, sold: Sequence[SoldDay]
) -> UUID | None:
    """Learn as of an instant of the past, for a history that is put in afterwards and is not in reports yet.

    Args:
        connection: Inside a transaction.
        terms: Of the settings.
        at: When; prices of the catalog and of rivals are those that are there.
        sold: What was sold before that day, by product, currency and day.

    Returns:
        The new version; None where nothing was sold to learn from.
    """
    sales = await read_sales(connection, terms, at, sold)
    if not sales.items:
        return None
    newest, started = await newest_model(connection), time.monotonic()
    learnt = _learn(sales, "" if newest is None else newest.champion)
    new = _model(sales, learnt, at, time.monotonic() - started)
    await insert_model(connection, new)
    return new.id


def _learn(sales: Sales, reigning: str) -> LearntPanel:
    rows = [
        SaleRow(
            item=number,
            day=sold.day.toordinal(),
            units=sold.units,
            price_minor=sold.gross_minor / sold.units,
            discount=min(1.0, max(0.0, sold.discount_minor / sold.gross_minor)),
            rival_minor=sales.rivals[number].get(sold.day),
            cost_minor=sales.costs[number].get(sold.day),
            behaviour=_behaviour(sales, number, sold.day),
        )
        for number, days in enumerate(sales.days)
        for sold in days
    ]
    today = sales.last_day + timedelta(days=1)
    items = [
        PanelItem(
            str(item[0]),
            f"{price.category} {item[1]}",
            price.current_minor,
            sales.rivals[number].get(sales.last_day),
            _behaviour(sales, number, today),
        )
        for number, (item, price) in enumerate(zip(sales.items, sales.prices, strict=True))
    ]
    return learn_from_sales(rows, items, sales.last_day.toordinal(), reigning)


def _behaviour(sales: Sales, number: int, day: date) -> tuple[float, ...] | None:
    return None if sales.behaviour is None else sales.behaviour.before(sales.items[number][0], day)


def _model(sales: Sales, learnt: LearntPanel, now: datetime, seconds: float) -> NewModel:
    model_id = UUID(new_id(to_micros(now) // 1000))
    return NewModel(
        id=model_id,
        created_at=now,
        learned_from=min(days[0].day for days in sales.days),
        learned_until=sales.last_day,
        rows=sum(len(days) for days in sales.days),
        champion=learnt.champion,
        trials=learnt.trials,
        uses_behaviour=learnt.uses_behaviour,
        seconds=round(seconds, 3),
        learned_with=libraries(),
        products={
            item: Learned(
                model_id,
                price.current_minor,
                units,
                elasticity,
                learnt.uses_behaviour,
                learnt.second_opinions[number],
                learnt.behaviour[number],
            )
            for number, (item, price, units, elasticity) in enumerate(
                zip(sales.items, sales.prices, learnt.units_a_day, learnt.elasticities, strict=True)
            )
        },
    )
