"""The tables of what is limited hold together, whoever writes to them: coupons, budgets, units and reservations."""

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict, Invalid
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import LONG_AGO


async def test_one_quote_uses_a_coupon_once_and_one_counter_counts(database: Database) -> None:
    use = "INSERT INTO coupon_uses VALUES ($1, 'ten off', 'ten', $2, now())"
    count = "INSERT INTO coupon_usage VALUES ('ten off', $1, 1)"
    quote, customer = new_id(), new_id()
    async with database.transaction() as connection:
        await connection.execute(use, quote, customer)
        await connection.execute(count, None)
        await connection.execute(count, customer)
    for statement, arguments in ((use, (quote, customer)), (count, (None,)), (count, (customer,))):
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(statement, *arguments)
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await connection.execute("UPDATE coupon_usage SET uses = uses - 2")


async def test_a_budget_is_never_reported_of_another_rule_or_currency(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO budget_exhaustions (rule_name, currency, spent_minor) VALUES ('ten off', 'TRY', 5)"
        )
    for change_of in ("rule_name = 'nine off'", "currency = 'EUR'", "customer_id = gen_random_uuid()"):
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(f"UPDATE budget_exhaustions SET {change_of} WHERE rule_name = 'ten off'")
    async with database.transaction() as connection:
        await connection.execute("UPDATE budget_exhaustions SET spent_minor = 4 WHERE rule_name = 'ten off'")
        former = await connection.fetchrow(
            "SELECT spent_minor, replaced_in > changed_in FROM budget_exhaustion_history WHERE rule_name = 'ten off'"
        )
    assert former is not None
    assert tuple(former) == (5, True)


async def test_no_quote_gives_back_more_than_it_took(database: Database) -> None:
    units = "INSERT INTO claimed_units (quote_id, line, item_id, quantity, is_taken, given_back) VALUES ($1, 0, $1, 2, $2, $3)"
    spend = """INSERT INTO budget_spends (quote_id, rule_id, rule_name, currency, amount_minor, is_taken, given_back_minor)
    VALUES ($1, $1, 'ten off', 'TRY', 2, $2, $3)"""
    for statement in (units, spend):
        for is_taken, back in ((True, 3), (True, -1), (False, 1)):
            with pytest.raises(Invalid):
                async with database.transaction() as connection:
                    await connection.execute(statement, new_id(), is_taken, back)
        async with database.transaction() as connection:
            await connection.execute(statement, new_id(), True, 2)


async def test_a_reservation_is_held_or_has_ended(database: Database) -> None:
    made = """INSERT INTO reservations (quote_id, status, coupon_rules, coupon_codes, reserved_by, held_until, ended_at)
    VALUES ($1, $2, $3, '{}', 'ayşe', now(), $4)"""
    wrong: tuple[tuple[str, list[str], object], ...] = (
        ("held", [], LONG_AGO),
        ("released", [], None),
        ("kept", [], LONG_AGO),
        ("held", ["ten off"], None),
    )
    for status, rules, ended_at in wrong:
        with pytest.raises(Invalid):
            async with database.transaction() as connection:
                await connection.execute(made, new_id(), status, rules, ended_at)
    async with database.transaction() as connection:
        await connection.execute(made, new_id(), "expired", [], LONG_AGO)
