"""No price is decided past a bound that is in force, whoever writes the decision."""

from typing import Any

import pytest

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import LONG_AGO
from tests.price_decisions.shelves import Shelves

_DECIDED = {
    "state": "applied", "mode": "auto", "origin": "loop", "current_minor": 10_000, "price_minor": 10_500,
    "floor_minor": 7_500, "cost_minor": 7_000, "confirmed_minor": 10_000, "day_start_minor": 10_000, "lowest_margin_bp": 500,
    "highest_margin_bp": 6_000, "step_bp": 500, "day_bp": 1_000, "cumulative_bp": 2_000, "by_person": False,
    "currency": "EUR", "exponent": 2, "details": "{}", "created_by": "a test",
}  # fmt: skip


async def insert_decision(connection: Connection, product_id: Any, columns: dict[str, Any]) -> None:
    values = (
        _DECIDED | {"id": new_id(), "product_id": product_id, "created_at": LONG_AGO, "applied_at": LONG_AGO} | columns
    )
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    statement = f"INSERT INTO price_decisions ({', '.join(values)}) VALUES ({places})"
    await connection.execute(statement, *values.values())


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        # The row by itself, whatever it claims of the world.
        ({"floor_minor": None}, "price_decisions_floor"),
        ({"floor_minor": 10_501}, "price_decisions_floor"),
        ({"ceiling_minor": 10_499}, "price_decisions_ceiling"),
        ({"minimum_advertised_minor": 10_501}, "price_decisions_minimum_advertised"),
        ({"cost_minor": None}, "price_decisions_margins"),
        ({"cost_minor": 10_000}, "price_decisions_margins"),
        ({"highest_margin_bp": 3_000}, "price_decisions_margins"),
        ({"step_bp": 499}, "price_decisions_step"),
        ({"day_start_minor": 9_500}, "price_decisions_day"),
        ({"confirmed_minor": None}, "price_decisions_cumulative"),
        # What it claims, against what is in force.
        ({"current_minor": 10_001}, "price_decisions_moved"),
        (
            {"price_minor": 7_499, "by_person": True, "floor_minor": 7_400, "lowest_margin_bp": 0},
            "price_decisions_bounds",
        ),
        ({"price_minor": 10_501, "step_bp": 10_000}, "price_decisions_far"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
async def test_an_applied_price_decision_holds_every_bound_of_what_is_in_force(
    database: Database, columns: dict[str, Any], constraint: str
) -> None:
    product_id = await Shelves(database).product(mode="auto")
    with pytest.raises(Invalid) as refused:
        async with database.transaction() as connection:
            await insert_decision(connection, product_id, columns)
    assert getattr(refused.value.__cause__, "constraint_name", None) == constraint
    async with database.transaction() as connection:
        await insert_decision(connection, product_id, {})


async def test_prices_are_moved_by_decisions_that_are_there_and_in_no_other_mode(database: Database) -> None:
    product_id = await Shelves(database).product(mode="suggest")
    with pytest.raises(Invalid) as refused:
        async with database.transaction() as connection:
            await insert_decision(connection, product_id, {})
    assert getattr(refused.value.__cause__, "constraint_name", None) == "price_decisions_mode"
    for source in (new_id(), ""):
        with pytest.raises(Invalid):
            await move_as_a_decision(database, product_id, source)


async def move_as_a_decision(database: Database, product_id: Any, source: str) -> None:
    reported = "set_config('quote_service.price_reason', 'intelligence', true)"
    async with database.transaction() as connection:
        await connection.execute(f"SELECT {reported}, set_config('quote_service.price_source', $1, true)", source)
        await connection.execute("UPDATE product_prices SET current_price = 101 WHERE product_id = $1", product_id)
