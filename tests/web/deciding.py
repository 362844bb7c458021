"""Price decisions that wait for a person, as a run leaves them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

from quote_service.intelligence.demand.model import Doubt, SecondOpinion
from quote_service.intelligence.price_decisions.model.decide import decide_price
from quote_service.intelligence.price_decisions.model.facts import BehaviourEffect, Learned
from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_decisions.operations.gather_facts import gather_facts
from quote_service.intelligence.price_decisions.tables.decision_changes import NewDecision, insert_decision
from quote_service.intelligence.price_decisions.tables.models import NewModel, insert_model
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.new_ids import new_id
from tests.access.running import RunningService
from tests.price_decisions.shop import elastic


def learn(
    service: RunningService,
    product_id: str,
    elasticity: float,
    price_minor: int,
    *,
    opinions: tuple[SecondOpinion, ...] = (),
    behaviour: BehaviourEffect | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> UUID:
    """Keep a model that knows one product, in TRY; its id."""
    model_id = UUID(new_id())
    answers = elastic(elasticity, doubts)
    known = Learned(model_id, price_minor, 20.0, answers, behaviour is not None, opinions, behaviour)
    new = NewModel(
        id=model_id,
        created_at=datetime.now(UTC),
        learned_from=date(2026, 1, 1),
        learned_until=date(2026, 6, 30),
        rows=200,
        champion="response",
        trials=(),
        uses_behaviour=behaviour is not None,
        seconds=0.5,
        learned_with={"numpy": "2"},
        products={(UUID(product_id), "TRY"): known},
    )

    async def keep() -> None:
        database = await Database.open(service.parts[Settings].database_url)
        try:
            async with database.transaction() as connection:
                await insert_model(connection, new)
        finally:
            await database.close()

    asyncio.run(keep())
    return model_id


def suggest(service: RunningService, product_id: str) -> UUID:
    """Decide about a product's price in TRY as the loop would, and let it wait for a person; the id of the decision."""

    async def decide() -> UUID:
        database = await Database.open(service.parts[Settings].database_url)
        item = (UUID(product_id), "TRY")
        try:
            async with database.transaction() as connection:
                facts = (await gather_facts(connection, [item], terms_of(service.parts[Settings])))[item]
                decided = decide_price(facts)
                new = NewDecision(
                    UUID(new_id()),
                    facts,
                    decided,
                    "suggest",
                    "loop",
                    "suggested" if decided.price_minor is not None else "held",
                    decided.price_minor if decided.price_minor is not None else decided.suggested_minor,
                    "price decisions",
                    datetime.now(UTC),
                )
                await insert_decision(connection, new)
                return new.id
        finally:
            await database.close()

    return asyncio.run(decide())
