"""Hundreds of prices of a set are moved together, each with a history of its own.

Source: docs/spec/change-sets.md#publishing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.steering.change_sets.operations.publish_change_set import publish_change_set
from quote_service.steering.change_sets.operations.roll_back_change_set import roll_back_change_set
from tests.catalog.shop import a_price
from tests.change_sets.desk import SETS, Desk


def to(price: float, product: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"product_id": product["id"], "currency": "TRY", "price": price, **fields}


def history(desk: Desk, product: dict[str, Any]) -> list[dict[str, Any]]:
    """Moves since the product was made, the first first."""
    moves = desk.done("GET", f"/products/{product['id']}/price-history")
    return [move for move in reversed(moves) if move["old_price"] is not None]


def variants_now(desk: Desk, product: dict[str, Any]) -> dict[str, Any]:
    shown = desk.done("GET", f"/products/{product['id']}")
    return {each["id"]: each["prices"][0]["current_price"] for each in shown["variants"]}


def test_each_price_has_its_own_change_history_and_audit_row(desk: Desk) -> None:
    products = [desk.product() for _ in range(3)]
    made = desk.published(desk.drafted(prices=[to(91 + n, each) for n, each in enumerate(products)]))
    for n, product in enumerate(products):
        (move,) = history(desk, product)
        (change,) = desk.done("GET", f"/products/{product['id']}/price-changes")
        assert (move["old_price"], move["new_price"], move["source_id"]) == (100, 91 + n, change["id"])
        assert move["note"] == change["reason_note"] == f"change set: {made['name']}"
        assert (change["status"], change["applied_price"]) == ("done", 91 + n)
        (row,) = desk.service.audited(change["id"])
        assert (row["action"], row["after"]["price"]) == ("price.change", 91 + n)


def test_a_product_and_its_variants_are_moved_in_one_set(desk: Desk) -> None:
    """One variant has a price of its own, one is given its first, and one follows."""
    variants: list[dict[str, Any]] = [
        {"sku": f"SKU-{uuid4().hex}", "name": name} for name in ("own", "first", "follows")
    ]
    variants[0]["prices"] = [{"currency": "TRY", "current_price": 120}]
    product = desk.product(variants=variants)
    own, first, follows = (each["id"] for each in product["variants"])
    made = desk.published(
        desk.drafted(prices=[to(125, product, variant_id=own), to(93, product), to(95, product, variant_id=first)])
    )
    assert variants_now(desk, product) == {own: 125, first: 95, follows: 93}
    desk.done("POST", f"{SETS}/{made['id']}/rollback")
    assert variants_now(desk, product) == {own: 120, first: 100, follows: 100}


def test_every_price_past_its_bound_is_pointed_at_and_none_is_moved(desk: Desk) -> None:
    products = [desk.product(prices=[a_price(max_price=high)]) for high in (200, 110, 200, 110)]
    made = desk.drafted(prices=[to(150, each) for each in products])
    answer = desk.refused("POST", f"{SETS}/{made['id']}/publish")
    assert answer == (422, "validation-error", ["/prices/1/price", "/prices/3/price"])
    assert [desk.price_now(each) for each in products] == [100] * 4
    assert [desk.done("GET", f"/products/{each['id']}/price-changes") for each in products] == [[]] * 4


async def test_many_prices_take_the_statements_of_one(desk: Desk, database_url: str) -> None:
    sets = [
        desk.drafted(prices=[to(90, desk.product()) for _ in range(number)])
        for number in (1, 1, 60)  # the driver asks for types at first
    ]
    change = change_by_system("many prices", now_us())
    connection = await asyncpg.connect(database_url)
    statements: list[str] = []
    counts = []
    try:
        for made in sets:
            statements.clear()
            with connection.query_logger(lambda record: statements.append(record.query)):
                async with connection.transaction():
                    await publish_change_set(
                        Change.within(connection, change), UUID(made["id"]), UNCONDITIONAL, needs_approval=False
                    )
                published = len(statements)
                async with connection.transaction():
                    await roll_back_change_set(Change.within(connection, change), UUID(made["id"]), [], UNCONDITIONAL)
                counts.append((published, len(statements)))
    finally:
        await connection.close()
    assert counts[1] == counts[2]
