"""Products with policies and a model of demand, as price decisions need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from quote_service.intelligence.demand.model import Doubt, Elasticity, PriceVariation, SecondOpinion
from quote_service.intelligence.price_decisions.model.facts import BehaviourEffect, Learned
from quote_service.intelligence.price_decisions.tables.facts import Item
from quote_service.intelligence.price_decisions.tables.models import NewModel, insert_model
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.new_ids import new_id
from tests.catalog.shop import a_product

POLICIES, DECISIONS, MODELS = "/api/v1/price-policies", "/api/v1/decisions", "/api/v1/price-models"


def made(client: httpx.Client, path: str, body: Any, status: int = 201) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def sold_at(client: httpx.Client, price: float = 100, cost: float | None = 70, **fields: Any) -> str:
    """A product that is sold in EUR at a price; its id."""
    prices = [{"currency": "EUR", "base_price": price, "cost_price": cost, **fields}]
    return str(made(client, "/api/v1/products", a_product(prices=prices))["id"])


def a_policy(product_id: str | None, **fields: Any) -> dict[str, Any]:
    return {"product_id": product_id, "currency": "EUR", "floor_price": 75, "highest_margin_percent": 60, **fields}


def elastic(mean: float, doubts: tuple[Doubt, ...] = ()) -> Elasticity:
    """An elasticity that is known well."""
    seen = PriceVariation(rows=200, distinct_prices=9, coefficient_of_variation=0.1, within=0.05)
    return Elasticity("of a test", mean, mean - 0.2, mean + 0.2, mean, 0.1, 0.9, seen, doubts)


async def keep_model(
    connection: Connection,
    items: Sequence[tuple[str, float, int]],
    *,
    doubts: tuple[Doubt, ...] = (),
    at: datetime | None = None,
    units_a_day: float = 20.0,
    opinions: tuple[SecondOpinion, ...] = (),
    behaviour: BehaviourEffect | None = None,
) -> UUID:
    """Keep a model that knows products by elasticity and reference price in minor units; its id."""
    model_id = UUID(new_id())
    known: dict[Item, Learned] = {
        (UUID(product_id), "EUR"): Learned(
            model_id,
            reference_minor,
            units_a_day,
            elastic(mean, doubts),
            behaviour is not None,
            opinions,
            behaviour,
        )
        for product_id, mean, reference_minor in items
    }
    new = NewModel(
        id=model_id,
        created_at=at or datetime.now(UTC),
        learned_from=date(2026, 1, 1),
        learned_until=date(2026, 6, 30),
        rows=200 * len(items),
        champion="response",
        trials=(),
        uses_behaviour=behaviour is not None,
        seconds=0.5,
        learned_with={"numpy": "2"},
        products=known,
    )
    await insert_model(connection, new)
    return model_id


def a_name() -> str:
    return uuid4().hex
