"""The tables of pricing rules and feature flags refuse what the specs refuse, whoever writes to them."""

from datetime import timedelta
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict, Invalid, NameTaken, VersionConflict
from tests.postgres.rows import LONG_AGO, Written, change, insert_flag, insert_rule


@pytest.mark.parametrize(
    "columns",
    [
        {"effective_to": LONG_AGO},
        {"version": 0},
        {"name": ""},
        {"name": "n" * 201},
        {"type": "SURPRISE"},
        {"configuration": [1]},
        {"conditions": "always"},
        {"type": "DELIVERY_FEE", "configuration": {"base_fee": 10}},
        {"type": "SMALL_BASKET_FEE", "configuration": {"threshold": 10, "fee": 1}},
        {"type": "EXPRESS_FEE", "configuration": {"base_fee": 10}},
        {"currency": "tl"},
        {"priority": -1_000_001},
        {"region": "TR", "region_key": ""},
        {"name": "zero \x00 byte"},
        {"configuration": {"zero": "\x00"}},
    ],
)
async def test_a_rule_that_the_spec_refuses_is_not_stored(database: Database, columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await insert_rule(connection, **columns)


async def test_a_version_of_a_rule_exists_once_and_all_are_of_one_type(database: Database) -> None:
    async with database.transaction() as connection:
        await insert_rule(connection, name="vat")
        await insert_rule(connection, name="vat", version=2)
        await insert_rule(connection, name="VAT")
    with pytest.raises(VersionConflict):
        async with database.transaction() as connection:
            await insert_rule(connection, name="vat", version=2)
    with pytest.raises(Conflict, match="one type"):
        async with database.transaction() as connection:
            await insert_rule(connection, name="vat", version=3, type="FREE_DELIVERY")


@pytest.mark.parametrize(
    "columns",
    [
        {"configuration": {"rate": 20}},
        {"configuration": Written('{"rate": 18.0}')},
        {"priority": 1},
        {"effective_to": LONG_AGO + timedelta(days=1)},
        {"created_by": "somebody else"},
        {"version": 2},
    ],
)
async def test_a_version_of_a_rule_never_changes_but_can_be_switched(
    database: Database, columns: dict[str, Any]
) -> None:
    async with database.transaction() as connection:
        identifier = await insert_rule(connection)
        await change(connection, "pricing_rules", identifier, is_active=False)
        await change(connection, "pricing_rules", identifier, is_active=True)
    with pytest.raises(Conflict):
        async with database.transaction() as connection:
            await change(connection, "pricing_rules", identifier, is_active=False, **columns)
    async with database.read() as connection:
        row = await connection.fetchrow("SELECT is_active, revision FROM pricing_rules WHERE id = $1", identifier)
        assert row is not None
        assert tuple(row) == (True, 3)


@pytest.mark.parametrize(
    "columns",
    [
        {"value": 1},
        {"value": None},
        {"type": "STRING"},
        {"type": "NUMBER", "value": "10"},
        {"type": "PERCENTAGE", "value": 100.001},
        {"type": "PERCENTAGE", "value": -1},
        {"type": "PERCENTAGE", "value": "50"},
        {"type": "PERCENTAGE", "value": 50, "default_value": False},
        {"default_value": "no"},
        {"type": "SURPRISE"},
        {"key": ""},
        {"key": "k" * 51},
        {"key": "with space"},
        {"key": "line\n"},
        {"rollout": []},
        {"salt": ""},
        {"algorithm": "coin"},
    ],
)
async def test_a_flag_that_the_spec_refuses_is_not_stored(database: Database, columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        async with database.transaction() as connection:
            await insert_flag(connection, **columns)


async def test_a_key_stays_taken_when_its_flag_is_archived(database: Database) -> None:
    async with database.transaction() as connection:
        identifier = await insert_flag(connection, key="taken")
    with pytest.raises(NameTaken):
        async with database.transaction() as connection:
            await insert_flag(connection, key="taken")
    async with database.transaction() as connection:
        await change(connection, "feature_flags", identifier, is_archived=True)
    with pytest.raises(NameTaken):
        async with database.transaction() as connection:
            await insert_flag(connection, key="taken")
