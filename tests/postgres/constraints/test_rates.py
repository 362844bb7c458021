"""The table of commission rates refuses what the spec refuses, whoever writes to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid, RateOverlaps
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import LONG_AGO, change, insert_rate

DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)
TIERS = [{"up_to": 1000, "rate": 10}, {"up_to": None, "rate": 8}]


@pytest.mark.parametrize(
    "columns",
    [
        {"rate": "0"},
        {"rate": "100"},
        {"rate": "12.500000"},
        {"commission_type": "FLAT", "rate": "9999999999999.99", "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": TIERS, "currency": "TRY"},
        {"min_amount": "1.00", "max_amount": "1.00", "currency": "TRY"},
        {"region": "TR/İstanbul/Kadıköy", "logistics_provider": "hızlı", "priority": -1_000_000},
        {"effective_to": LONG_AGO + timedelta(microseconds=1)},
        {"seller_id": None, "priority": 999_999, "split": {"seller": 85, "logistics": 5}},
    ],
)
async def test_a_rate_that_the_spec_allows_is_stored(database: Database, columns: dict[str, Any]) -> None:
    async with database.transaction() as connection:
        assert await insert_rate(connection, **columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"effective_to": LONG_AGO},
        {"effective_to": LONG_AGO - DAY},
        {"effective_to": NEVER},
        {"rate": "-0.01"},
        {"rate": "100.01"},
        {"rate": "NaN"},
        {"rate": "Infinity"},
        {"rate": None},
        {"commission_type": "FLAT", "rate": "5"},
        {"commission_type": "FLAT", "rate": "-5", "currency": "TRY"},
        {"commission_type": "FLAT", "rate": "NaN", "currency": "TRY"},
        {"commission_type": "FLAT", "rate": "10000000000000", "currency": "TRY"},
        {"commission_type": "FLAT", "rate": None, "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": TIERS},
        {"commission_type": "TIERED", "rate": None, "tiers": None, "currency": "TRY"},
        {"commission_type": "TIERED", "rate": "5", "tiers": TIERS, "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": [], "currency": "TRY"},
        {"commission_type": "TIERED", "rate": None, "tiers": {"up_to": None}, "currency": "TRY"},
        {"tiers": TIERS, "currency": "TRY"},
        {"commission_type": "SURPRISE"},
        {"min_amount": "5"},
        {"max_amount": "5"},
        {"min_amount": "5", "max_amount": "4", "currency": "TRY"},
        {"min_amount": "-1", "currency": "TRY"},
        {"max_amount": "NaN", "currency": "TRY"},
        {"scope": "BASKET"},
        {"split": [85, 15]},
        {"currency": "try"},
        {"currency": "TRYX"},
        {"region": "TR", "region_key": ""},
        {"region": None, "region_key": "tr"},
        {"logistics_provider": ""},
        {"priority": 1_000_001},
        {"effective_from": None},
    ],
)
async def test_a_rate_that_the_spec_refuses_is_not_stored(database: Database, columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await insert_rate(connection, **columns)


SCOPE = {
    "seller_id": "0198f2b4-0000-7000-8000-000000000001",
    "category_id": "0198f2b4-0000-7000-8000-000000000002",
    "logistics_provider": "hızlı",
    "currency": "TRY",
    "region": "TR/İstanbul",
    "priority": 5,
}


@pytest.mark.parametrize(
    "difference",
    [
        {},
        {"region": "tr/ISTANBUL"},
        {"rate": "11"},
        {"commission_type": "FLAT", "scope": "ORDER"},
        {"effective_from": LONG_AGO + DAY, "effective_to": LONG_AGO + 2 * DAY},
        {"effective_from": LONG_AGO - DAY, "effective_to": LONG_AGO + timedelta(microseconds=1)},
    ],
)
async def test_a_rate_of_the_same_scope_in_the_same_period_overlaps(
    database: Database, difference: dict[str, Any]
) -> None:
    scope = SCOPE | {"seller_id": new_id()}
    async with database.transaction() as connection:
        await insert_rate(connection, **scope)
    with pytest.raises(RateOverlaps):
        async with database.transaction() as connection:
            await insert_rate(connection, **(scope | difference))


@pytest.mark.parametrize(
    "difference",
    [
        {"seller_id": None},
        {"category_id": None},
        {"logistics_provider": None},
        {"logistics_provider": "Hızlı"},
        {"currency": None},
        {"currency": "EUR"},
        {"region": None},
        {"region": "İstanbul"},
        {"region": "TR"},
        {"priority": 6},
        {"is_active": False},
        {"effective_from": LONG_AGO - DAY, "effective_to": LONG_AGO},
    ],
)
async def test_a_rate_that_differs_in_one_part_of_the_scope_stands_beside(
    database: Database, difference: dict[str, Any]
) -> None:
    scope = SCOPE | {"seller_id": new_id(), "category_id": new_id()}
    async with database.transaction() as connection:
        await insert_rate(connection, **scope)
        await insert_rate(connection, **(scope | difference))
        wanted = "SELECT count(*) FROM commission_rates WHERE seller_id = $1 OR category_id = $2"
        assert await connection.fetchval(wanted, scope["seller_id"], scope["category_id"]) == 2


async def test_the_parts_of_a_scope_do_not_run_into_each_other(database: Database) -> None:
    seller = new_id()
    async with database.transaction() as connection:
        await insert_rate(connection, seller_id=seller, region="a|b", logistics_provider="c")
        await insert_rate(connection, seller_id=seller, region="a", logistics_provider="b|c")
        await insert_rate(connection, seller_id=seller, region="a", logistics_provider="|b|c")
        assert await connection.fetchval("SELECT count(*) FROM commission_rates WHERE seller_id = $1", seller) == 3


async def test_a_bulk_change_may_exchange_the_periods_of_two_rates(database: Database) -> None:
    seller = new_id()
    early, late = (LONG_AGO, LONG_AGO + DAY), (LONG_AGO + DAY, LONG_AGO + 2 * DAY)
    async with database.transaction() as connection:
        first = await insert_rate(connection, seller_id=seller, effective_from=early[0], effective_to=early[1])
        second = await insert_rate(connection, seller_id=seller, effective_from=late[0], effective_to=late[1])

    async def set_periods(**periods: tuple[datetime, datetime]) -> None:
        async with database.transaction() as connection:
            await connection.execute("SET CONSTRAINTS commission_rates_no_overlap DEFERRED")
            for identifier, (starts, ends) in periods.items():
                await change(connection, "commission_rates", identifier, effective_from=starts, effective_to=ends)

    await set_periods(**{first: late, second: early})
    with pytest.raises(RateOverlaps):
        await set_periods(**{first: early})
