"""Whom a change of a flag would touch, before it is made. Source: docs/spec/feature-flags.md#preview."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.feature_flags.conftest import FLAGS, created, draft_of, eventually_asked, faults

CUSTOMERS = [str(UUID(int=0x0199A1B2C3D47E5F8A9B000000000000 + number)) for number in range(400)]


def preview(admin: httpx.Client, flag: dict[str, Any], change: dict[str, Any], **members: Any) -> httpx.Response:
    customers = [{"customer_id": each} for each in CUSTOMERS]
    asked = {"flag": {**draft_of(flag), **change}, "customers": customers, **members}
    return admin.post(f"{FLAGS}/{flag['id']}/preview", json=asked)


def a_flag(admin: httpx.Client, **members: Any) -> dict[str, Any]:
    flag = created(admin, **{"type": "BOOLEAN", "value": True, "rollout": {"percentage": 0}, **members})
    eventually_asked(admin, str(flag["key"]))
    return flag


def test_a_preview_says_what_the_flag_then_says(admin: httpx.Client) -> None:
    flag = a_flag(admin, salt="preview")
    reported = preview(admin, flag, {"rollout": {"percentage": 25}})
    assert reported.status_code == 200, reported.text
    data = reported.json()["data"]
    inside = {each["customer_id"] for each in data["answers"] if each["would_be_inside"]}
    assert (data["customers"], data["inside"], data["leaving"]) == (400, 0, 0)
    assert data["would_be_inside"] == data["joining"] == len(inside)
    assert 75 < len(inside) < 125  # of 400 fixed ids, by a fixed salt
    assert admin.get(f"{FLAGS}/{flag['id']}").json()["data"]["version"] == flag["version"]
    same = a_flag(admin, rollout={"percentage": 25}, salt="preview")
    for customer in CUSTOMERS[:20]:
        answer = admin.post(f"{FLAGS}/{same['key']}/evaluate", json={"customer_id": customer}).json()["data"]
        assert (answer["value"] is True) == (customer in inside)
    # Raising a share puts nobody out.
    more = preview(admin, same, {"rollout": {"percentage": 60}}).json()["data"]
    assert (more["inside"], more["leaving"]) == (len(inside), 0)
    off = preview(admin, same, {"is_enabled": False}).json()["data"]
    assert (off["would_be_inside"], off["leaving"]) == (0, len(inside))


def test_a_customer_counts_once_and_by_region(admin: httpx.Client) -> None:
    flag = a_flag(admin)
    asked = [
        {"customer_id": CUSTOMERS[0], "region": "TR/Istanbul/Kadıköy"},
        {"customer_id": CUSTOMERS[0]},
        {"customer_id": CUSTOMERS[1], "region": "DE"},
    ]
    body = preview(admin, flag, {"rollout": {"regions": ["TR/Istanbul"]}}, customers=asked).json()["data"]
    assert [each["would_be_inside"] for each in body["answers"]] == [True, False]
    assert body["answers"][1]["reason"] == "DEFAULT"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rollout": {"percentage": 101}}, "/flag/rollout/percentage"),
        ({"key": "another"}, "/flag/key"),
        ({"salt": "another"}, "/flag/salt"),
        ({"algorithm": "unleash"}, "/flag/algorithm"),
    ],
)
def test_what_the_flag_could_not_be_is_refused(admin: httpx.Client, change: dict[str, Any], pointer: str) -> None:
    refused = preview(admin, a_flag(admin), change)
    assert refused.status_code == 422
    assert pointer in faults(refused)


def test_customers_and_flags_that_cannot_be_asked_for(admin: httpx.Client) -> None:
    flag = a_flag(admin)
    assert preview(admin, flag, {}, customers=[]).status_code == 422
    blank = preview(admin, flag, {}, customers=[{"customer_id": CUSTOMERS[0], "region": "//"}])
    assert (blank.status_code, list(faults(blank))) == (422, ["/customers/0/region"])
    assert preview(admin, {**flag, "id": str(uuid4())}, {}).status_code == 404
