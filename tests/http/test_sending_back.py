"""What a GET shows can be sent back by PUT with one member changed.

Source: docs/spec/wire.md#sending-back-what-is-shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.shop import pointers
from tests.change_sets.desk import a_flag, a_rule
from tests.commission_rates.rates import a_rate, tiered

Draft = dict[str, Any]
MADE: dict[str, tuple[str, Callable[[], Draft], Draft]] = {
    "rate": ("commission-rates", a_rate, {"rate": 13}),
    "tiered rate": ("commission-rates", tiered, {"priority": 3}),
    "rule": ("pricing-rules", lambda: a_rule(conditions={"min_subtotal": 5}), {"configuration": {"base_fee": 11}}),
    "flag": ("feature-flags", a_flag, {"value": 2.5}),
}


@pytest.fixture(params=MADE)
def thing(request: pytest.FixtureRequest, admin: httpx.Client) -> tuple[str, Draft, Draft]:
    """Where something is, what is shown of it, and a change of it."""
    path, draft, change = MADE[request.param]
    made = admin.post(f"/api/v1/{path}", json=draft())
    assert made.status_code == 201, made.text
    place = f"/api/v1/{path}/{made.json()['data']['id']}"
    return place, dict(admin.get(place).json()["data"]), change


def test_one_member_is_changed_and_the_others_stay(admin: httpx.Client, thing: tuple[str, Draft, Draft]) -> None:
    place, shown, change = thing
    answer = admin.put(place, json={**shown, **change, "created_by": "somebody"})
    assert answer.status_code == 200, answer.text
    now = answer.json()["data"]
    assert {name: now[name] for name in change} == change
    moved = {
        "id",
        "version",
        "updated_at",
        "updated_by",
        "changed_at",
        "changed_by",
        "created_at",
        "created_by",
        "revision",
        "warnings",
    }
    assert {name: now[name] for name in shown if name not in {*moved, *change}} == {
        name: shown[name] for name in shown if name not in {*moved, *change}
    }
    assert now["created_by"] != "somebody"


def test_what_is_something_elses_or_no_member_at_all_is_refused(
    admin: httpx.Client, thing: tuple[str, Draft, Draft]
) -> None:
    place, shown, _ = thing
    assert pointers(admin.put(place, json={**shown, "id": str(uuid4())})) == ["/id"]
    assert pointers(admin.put(place, json={**shown, "colour": "red"})) == ["/colour"]
    assert admin.get(place).json()["data"] == shown


@pytest.mark.parametrize("name", ["version", "created_by"])
def test_names_that_stand_twice_are_refused_as_everywhere(
    admin: httpx.Client, thing: tuple[str, Draft, Draft], name: str
) -> None:
    place, shown, change = thing
    for repeated in (name, *change):
        body = f"{json.dumps(shown)[:-1]}, {json.dumps(repeated)}: {json.dumps(shown[repeated])}}}"
        answer = admin.put(place, content=body, headers={"Content-Type": "application/json"})
        assert pointers(answer) == [f"/{repeated}"]
