"""What followers and the history need is neither removed nor rewritten, whoever writes to the tables."""

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import change, insert_flag, insert_rate


@pytest.mark.parametrize(
    "table",
    [
        "rulebook_state",
        "commission_rates",
        "commission_rate_history",
        "pricing_rules",
        "pricing_rule_history",
        "feature_flags",
        "feature_flag_history",
        "coupon_exhaustions",
        "coupon_uses",
        "budget_exhaustions",
        "budget_exhaustion_history",
    ],
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_nothing_that_followers_or_the_history_need_is_removed(
    database: Database, table: str, statement: str
) -> None:
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(statement.format(table))


@pytest.mark.parametrize("table", ["commission_rate_history", "pricing_rule_history", "feature_flag_history"])
async def test_history_is_never_rewritten(database: Database, table: str) -> None:
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await connection.execute(f"UPDATE {table} SET changed_by = 'nobody'")


@pytest.mark.parametrize("table", ["commission_rates", "feature_flags"])
async def test_an_identity_never_changes(database: Database, table: str) -> None:
    async with database.transaction() as connection:
        identifier = await (insert_rate if table == "commission_rates" else insert_flag)(connection)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await change(connection, table, identifier, id=new_id())


async def test_a_mistake_in_a_statement_is_not_dressed_up(database: Database) -> None:
    with pytest.raises(asyncpg.UndefinedColumnError):
        async with database.read() as connection:
            await connection.fetch("SELECT no_such_column")
    with pytest.raises(asyncpg.InterfaceError):
        async with database.read() as connection:
            await connection.fetch("SELECT $1::int", 1, 2)
