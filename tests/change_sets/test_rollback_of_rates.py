"""Rates that cannot come back as they were, since another had their scope meanwhile.

Source: docs/spec/change-sets.md#rolling-back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.access.running import until
from tests.change_sets.desk import SETS, Desk, draft_of
from tests.change_sets.test_rollback import rolled_back


def swapped(desk: Desk, **fields: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A rate, a set that puts another in its place, and what is there of the set once it is published."""
    old = desk.rate(rate=10, **fields)
    draft = {**draft_of(old), "rate": 20}
    made = desk.published(
        desk.drafted(
            rates=[{"action": "create", "draft": draft}, {"action": "end", "rate_id": old["id"]}],
        )
    )
    return old, draft, made


def rates_of(desk: Desk, seller_id: str) -> list[dict[str, Any]]:
    """All rates of a seller, the earliest first."""
    answer = desk.service.http.get(
        "/api/v1/commission-rates", params={"seller_id": seller_id}, headers=desk.person.headers
    )
    return sorted(answer.json()["data"], key=lambda rate: str(rate["effective_from"]))


def test_a_rate_whose_place_another_took_comes_back_from_the_rollback_on(desk: Desk) -> None:
    """The past stays with those that counted then."""
    old, _, made = swapped(desk)
    back = rolled_back(desk, made)
    was, taken, now = rates_of(desk, old["seller_id"])
    assert (was["id"], was["rate"], was["effective_to"]) == (old["id"], 10, made["published_at"])
    assert (taken["rate"], taken["effective_from"], taken["effective_to"]) == (
        20, made["published_at"], back["rolled_back_at"],
    )  # fmt: skip
    assert (now["rate"], now["effective_from"], now["effective_to"]) == (10, back["rolled_back_at"], None)


def test_a_rate_whose_end_has_come_meanwhile_does_not_come_back(desk: Desk) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    old, _, made = swapped(desk, effective_to=end.isoformat())
    until(lambda: datetime.now(UTC) > end, "the rate would have ended")
    rolled_back(desk, made)
    assert [rate["rate"] for rate in rates_of(desk, old["seller_id"])] == [10, 20]


def test_a_rate_in_the_place_of_one_that_was_moved_is_minded_too(desk: Desk) -> None:
    old = desk.rate(rate=10, priority=1)
    moved = {"action": "replace", "rate_id": old["id"], "draft": {**draft_of(old), "priority": 2}}
    made = desk.published(desk.drafted(rates=[moved, {"action": "create", "draft": {**draft_of(old), "rate": 20}}]))
    back = rolled_back(desk, made)
    found = [(rate["rate"], rate["priority"], rate["effective_to"]) for rate in rates_of(desk, old["seller_id"])]
    at = back["rolled_back_at"]
    assert sorted(found, key=str) == sorted([(10, 2, at), (20, 1, at), (10, 1, None)], key=str)


def test_what_somebody_else_put_in_the_place_of_a_rate_has_to_end_first(desk: Desk) -> None:
    old = desk.rate(rate=10)
    made = desk.published(desk.drafted(rates=[{"action": "end", "rate_id": old["id"]}]))
    draft = draft_of(old) | {"rate": 30, "effective_from": made["published_at"]}
    theirs = desk.done("POST", "/commission-rates", draft)
    path = f"{SETS}/{made['id']}/rollback"
    assert desk.refused("POST", path) == (422, "validation-error", ["/rates/0/before"])
    assert desk.shown(made)["status"] == "published"
    desk.done("DELETE", f"/commission-rates/{theirs['id']}")
    back = desk.done("POST", path)
    *_, now = rates_of(desk, old["seller_id"])
    assert (now["rate"], now["effective_from"], now["effective_to"]) == (10, back["rolled_back_at"], None)
