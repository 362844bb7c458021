"""Guardrails are written with a flag, kept with each of its versions, and refused where they make no sense.

Source: docs/spec/experiments.md#guardrails.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, FlagRollback
from quote_service.rulebook.feature_flags.operations.roll_back_flag import roll_back_flag
from tests.feature_flags.conftest import FLAGS, created, draft_of, faults, flag, new_key
from tests.fixtures.serve import in_database

CONVERSION = {"metric": "conversion", "direction": "higher_is_better"}
CLICKS = {"metric": "clicks", "direction": "higher_is_better", "measure": "mean_per_exposure", "max_regression": 0.10}


def test_they_are_kept_as_they_were_written_with_every_version(admin: httpx.Client) -> None:
    data = created(admin, rollout={"percentage": 5}, guardrails=[CONVERSION, CLICKS])
    path = f"{FLAGS}/{data['id']}"
    assert data["guardrails"] == [CONVERSION, CLICKS]
    body = json.dumps(draft_of(data)).replace('"max_regression": 0.1}', '"max_regression": 0.10}')
    assert admin.put(path, content=body, headers={"Content-Type": "application/json"}).status_code == 200
    assert '"max_regression":0.10' in admin.get(path).text
    replaced = admin.put(path, json=draft_of(data, guardrails=None)).json()["data"]
    assert replaced["guardrails"] is None
    history = admin.get(f"{path}/history").json()["data"]
    assert [version["guardrails"] for version in history] == [None, [CONVERSION, CLICKS], [CONVERSION, CLICKS]]


@pytest.mark.parametrize(
    ("guardrail", "pointer", "detail"),
    [
        ({"metric": "revenue"}, "metric", "needs a currency, such as revenue.USD"),
        ({"metric": "clicks"}, "measure", "is required for a metric that is only reported"),
        ({"metric": "revenue.lira"}, "measure", "is required for a metric that is only reported"),
        ({"metric": "9 lives"}, "metric", "matching"),
        ({"max_regression": -0.1}, "max_regression", "must be from 0 to 1000"),
        ({"max_regression": 1, "direction": "higher_is_better"}, "max_regression", "must be below 1"),
        ({"metric": "latency_ms", "min_exposures": 99}, "min_exposures", "must be 100 or more"),
        ({"min_events": 0}, "min_events", ">= 1"),
        ({"direction": "sideways"}, "direction", "must be one of"),
        ({"threshold": 5}, "threshold", "is not a known field"),
    ],
)
def test_what_makes_no_sense_is_refused(
    admin: httpx.Client, guardrail: dict[str, Any], pointer: str, detail: str
) -> None:
    written = {"metric": "error", "direction": "lower_is_better", **guardrail}
    found = faults(admin.post(FLAGS, json=flag(guardrails=[written])))
    assert list(found) == [f"/guardrails/0/{pointer}"]
    assert detail in found[f"/guardrails/0/{pointer}"]


def test_a_metric_is_guarded_once_and_by_customers(admin: httpx.Client) -> None:
    found = faults(admin.post(FLAGS, json=flag(guardrails=[CONVERSION, CONVERSION])))
    assert found == {"/guardrails/1/metric": "already has a guardrail"}
    found = faults(admin.post(FLAGS, json=flag(guardrails=[CONVERSION], rollout={"stickiness": "session"})))
    assert list(found) == ["/guardrails"]


def harm_of(version: int) -> FlagRollback:
    return FlagRollback(
        at=datetime(2026, 3, 1, tzinfo=UTC),
        version=version,
        arm="on",
        control="off",
        metric="error",
        measure="rate",
        direction="lower_is_better",
        exposures=1000,
        control_exposures=1010,
        events=60,
        control_events=10,
        value=0.06,
        control_value=0.0099,
        tolerated=0.0099,
        level=0.05,
        log_e_value=17.25,
        bound=None,
    )


def test_what_did_harm_is_reported_until_a_person_arms_the_flag(
    service: Any, admin: httpx.Client, caller_with_role: Any, key_with: Any
) -> None:
    key = new_key()
    data = created(admin, key=key, rollout={"percentage": 50})
    path = f"{FLAGS}/{data['id']}"

    def roll_back(version: int) -> FlagRecord:
        async def work(database: Database) -> FlagRecord:
            async with database.transaction() as connection:
                change = change_by_system("experiments", now_us())
                return await roll_back_flag(Change.within(connection, change), UUID(data["id"]), harm_of(version))

        return in_database(service.database_url, work)

    assert roll_back(7).state == "ACTIVE"  # it was about another version
    assert roll_back(1).state == "ROLLED_BACK"
    shown = admin.get(path).json()["data"]
    assert (shown["version"], shown["rollback"]["events"], shown["rollback"]["log_e_value"]) == (2, 60, 17.25)
    (row,) = admin.get("/api/v1/audit", params={"object_id": data["id"], "action": "flag.roll_back"}).json()["data"]
    assert (row["actor"], row["after"]["rollback"]) == ("experiments", shown["rollback"])

    def listed(state: str) -> list[str]:
        answer = admin.get(FLAGS, params={"state": state, "key_prefix": key})
        return [flag["key"] for flag in answer.json()["data"]]

    assert (listed("ROLLED_BACK"), listed("ACTIVE")) == ([key], [])
    assert httpx.post(f"{service.url}{path}/rearm", headers=key_with("flags:write")).status_code == 403
    rearmed = httpx.post(f"{service.url}{path}/rearm", headers=caller_with_role("pricing_manager")).json()["data"]
    assert (rearmed["state"], rearmed["rollback"], rearmed["version"]) == ("ACTIVE", None, 3)
    assert admin.post(f"{path}/rearm").json()["data"]["version"] == 3
    assert (listed("ROLLED_BACK"), listed("ACTIVE")) == ([], [key])
