"""A flag that is rolled back is off for everybody, until a person arms it again.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.rulebook.feature_flags.model.errors import FlagArchived
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.operations.roll_back_flag import rearm_flag, roll_back_flag
from tests.feature_flags.conftest import FLAGS, created, draft_of, eventually_asked
from tests.fixtures.serve import in_database

CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
ARMS = [{"key": "a", "value": True, "weight": 1}]
Operation = Callable[..., Awaitable[FlagRecord]]


def change(url: str, operation: Operation, flag_id: str) -> FlagRecord:
    async def work(database: Database) -> FlagRecord:
        connection: Connection
        async with database.transaction() as connection:
            return await operation(Change.within(connection, change_by_system("test", now_us())), UUID(flag_id))

    return in_database(url, work)


@pytest.mark.parametrize(
    "rollout", [None, {"percentage": 100}, {"variants": ARMS, "overrides": {CUSTOMER: "a"}}], ids=str
)
def test_it_is_off_for_everybody_until_it_is_armed(
    service: Any, admin: httpx.Client, checkout: httpx.Client, rollout: Any
) -> None:
    data = created(admin, rollout=rollout)
    path, key = f"{FLAGS}/{data['id']}", data["key"]
    assert data["state"] == "ACTIVE"
    assert eventually_asked(checkout, key, customer_id=CUSTOMER)["value"] is True

    change(service.database_url, roll_back_flag, data["id"])
    reported = eventually_asked(checkout, key, 2, customer_id=CUSTOMER)
    assert (reported["value"], reported["reason"], reported["variant"]) == (False, "DISABLED", None)
    shown = admin.get(path).json()["data"]
    assert (shown["state"], shown["is_enabled"], shown["rollout"]) == ("ROLLED_BACK", True, data["rollout"])

    edited = admin.put(path, json=draft_of(data, name="edited")).json()["data"]
    assert (edited["state"], edited["version"]) == ("ROLLED_BACK", 3)
    assert eventually_asked(checkout, key, 3, customer_id=CUSTOMER)["reason"] == "DISABLED"

    change(service.database_url, rearm_flag, data["id"])
    assert eventually_asked(checkout, key, 4, customer_id=CUSTOMER)["value"] is True
    states = [version["state"] for version in admin.get(f"{path}/history").json()["data"]]
    assert states == ["ACTIVE", "ROLLED_BACK", "ROLLED_BACK", "ACTIVE"]


def test_it_is_recorded_once(service: Any, admin: httpx.Client) -> None:
    data = created(admin)
    for operation in (roll_back_flag, roll_back_flag, rearm_flag, rearm_flag):
        change(service.database_url, operation, data["id"])
    rows = admin.get("/api/v1/audit", params={"object_id": data["id"]}).json()["data"]
    assert [row["action"] for row in rows] == ["flag.rearm", "flag.roll_back", "flag.create"]
    assert (rows[1]["before"]["state"], rows[1]["after"]["state"]) == ("ACTIVE", "ROLLED_BACK")


def test_an_archived_one_stays_as_it_is(service: Any, admin: httpx.Client) -> None:
    data = created(admin)
    admin.delete(f"{FLAGS}/{data['id']}")
    for operation in (roll_back_flag, rearm_flag):
        with pytest.raises(FlagArchived):
            change(service.database_url, operation, data["id"])
