"""A published change set is rolled back as one.

Source: docs/spec/change-sets.md#rolling-back.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from quote_service.platform.system.errors import Conflict
from tests.change_sets.desk import SETS, Desk, everything, state_now
from tests.commission_rates.rates import a_rate


def rolled_back(desk: Desk, made: dict[str, Any], *resolutions: dict[str, Any]) -> dict[str, Any]:
    body = {"resolutions": list(resolutions)} if resolutions else None
    return dict(desk.done("POST", f"{SETS}/{made['id']}/rollback", body))


def test_what_was_in_force_before_is_again(desk: Desk) -> None:
    things = everything(desk)
    before = state_now(desk, things)
    made = desk.published(desk.drafted(**things["changes"]))
    assert state_now(desk, things) != before
    done = rolled_back(desk, made)
    assert (done["status"], done["rolled_back_by"]) == ("rolled_back", desk.person.id)
    assert state_now(desk, things) == before
    assert desk.rate_now(made["rates"][2]["rate_id"])["effective_to"] == done["rolled_back_at"]
    assert desk.done("GET", f"/feature-flags?key_prefix={things['new_flag']['key']}") == []
    assert desk.shown(made)["conflicts"] == []
    assert desk.refused("POST", f"{SETS}/{made['id']}/rollback")[:2] == (409, "change-set-state")
    rows = desk.service.http.get(
        "/api/v1/audit", params={"change_set_id": made["id"], "limit": 100}, headers=desk.service.as_role("admin")
    ).json()["data"]
    assert [row["action"] for row in rows].index("change_set.roll_back") < [row["action"] for row in rows].index(
        "change_set.publish"
    )


def test_versions_that_counted_one_after_the_other_come_back_in_their_order(desk: Desk) -> None:
    rule = desk.rule()
    draft = {name: rule[name] for name in ("name", "type", "currency", "region", "configuration")}
    later = {**draft, "configuration": {"base_fee": 5}, "effective_from": "2126-01-01T00:00:00Z"}
    desk.done("PUT", f"/pricing-rules/{rule['id']}", later)
    made = desk.published(desk.drafted(rules=[{"action": "end", "name": rule["name"]}]))
    assert desk.active_rules(rule["name"]) == []
    rolled_back(desk, made)
    again = desk.active_rules(rule["name"])[::-1]
    assert [each["configuration"]["base_fee"] for each in again] == [10, 5]
    assert [each["effective_from"] for each in again][1] == "2126-01-01T00:00:00Z"
    assert [each["version"] for each in again] == [3, 4]


def test_what_the_set_wrote_does_not_come_back_when_what_is_restored_goes(desk: Desk) -> None:
    rule = desk.rule()
    draft = {name: rule[name] for name in ("name", "type", "currency", "region")}
    change = {"action": "replace", "draft": {**draft, "configuration": {"base_fee": 20}}}
    made = desk.published(desk.drafted(rules=[change]))
    rolled_back(desk, made)

    def fees() -> list[Any]:
        return [each["configuration"]["base_fee"] for each in desk.active_rules(rule["name"])]

    assert set(fees()) == {10}
    while fees():
        (counting,) = desk.rules_in_force(rule["name"])
        assert counting["configuration"] == {"base_fee": 10}
        desk.done("DELETE", f"/pricing-rules/{counting['id']}")
    assert desk.rules_in_force(rule["name"]) == []


def test_what_was_changed_since_is_listed_and_has_to_be_decided(desk: Desk) -> None:
    things = everything(desk)
    before = state_now(desk, things)
    made = desk.published(desk.drafted(**things["changes"]))
    desk.done("POST", f"/products/{things['product']['id']}/price", {"price": 70, "currency": "TRY"})
    desk.done("POST", f"/feature-flags/{things['flag']['id']}/kill")
    after = state_now(desk, things)
    path = f"{SETS}/{made['id']}/rollback"
    assert desk.refused("POST", path) == (409, "change-set-conflicts", ["/flags/0", "/prices/0"])
    assert state_now(desk, things) == after
    flag, price = desk.shown(made)["conflicts"]
    assert (price["before"], price["now"]) == (89.90, 70)
    kept = {"pointer": price["pointer"], "keep": "current", "state": price["state"]}
    assert desk.refused("POST", path, {"resolutions": [kept]})[1:] == ("change-set-conflicts", ["/flags/0"])
    restored = {"pointer": flag["pointer"], "keep": "before", "state": flag["state"]}
    rolled_back(desk, made, kept, restored)
    assert state_now(desk, things) == {**before, "price": 70}


def test_a_decision_about_something_else_is_refused(desk: Desk) -> None:
    product = desk.product()
    made = desk.published(desk.drafted(prices=[{"product_id": product["id"], "currency": "TRY", "price": 80}]))
    path = f"{SETS}/{made['id']}/rollback"
    of_none = {"pointer": "/prices/0", "keep": "current", "state": "0"}
    assert desk.refused("POST", path, {"resolutions": [of_none]}) == (
        422, "validation-error", ["/resolutions/0/pointer"],
    )  # fmt: skip
    desk.done("POST", f"/products/{product['id']}/price", {"price": 85, "currency": "TRY"})
    assert desk.refused("POST", path, {"resolutions": [of_none]})[1:] == ("change-set-conflicts", ["/prices/0"])


def test_a_set_that_only_created_leaves_nothing_in_force(desk: Desk) -> None:
    things = everything(desk)
    changes = {section: things["changes"][section][2:] for section in ("rules", "rates", "flags")}
    made = desk.published(desk.drafted(**changes))
    rolled_back(desk, made)
    assert desk.active_rules(things["new_rule"]["name"]) == []


def test_what_an_earlier_release_wrote_otherwise_is_rolled_back_all_the_same(desk: Desk) -> None:
    """A release that knows a field more writes the same contents in other bytes."""
    things = everything(desk)
    before = state_now(desk, things)
    made = desk.published(desk.drafted(**things["changes"]))
    older = str(uuid4())
    names = ", ".join(("name", "note", "status", "edition", "authors", "publish_at", "published_by", "published_at"))
    authorship = "created_by, created_at, changed_by, changed_at"
    desk.service.rows(
        f"""INSERT INTO change_sets (id, content, {names}, {authorship})
        SELECT $1, content::jsonb::text::json, {names}, {authorship} FROM change_sets WHERE id = $2 RETURNING id""",
        older, made["id"],
    )  # fmt: skip
    rolled_back(desk, {"id": older})
    assert state_now(desk, things) == before


@pytest.mark.parametrize(
    "change",
    [
        "content = '{}'",
        "edition = edition + 1",
        "status = 'draft', published_at = NULL",
        "status = 'discarded', published_at = NULL",
    ],
)
def test_what_was_published_is_not_rewritten(desk: Desk, change: str) -> None:
    made = desk.published(desk.drafted())
    for statement in (f"UPDATE change_sets SET {change} WHERE id = $1", "DELETE FROM change_sets WHERE id = $1"):
        with pytest.raises(Conflict):
            desk.service.rows(f"{statement} RETURNING id", made["id"])
    assert desk.shown(made)["status"] == "published"


def test_many_rates_end_together_each_with_its_row_and_event(desk: Desk) -> None:
    drafts = [a_rate() for _ in range(30)]
    made = desk.published(desk.drafted(rates=[{"action": "create", "draft": draft} for draft in drafts]))
    ids = {change["rate_id"] for change in made["rates"]}
    assert len(ids) == 30
    by_hand = min(ids)
    desk.done("DELETE", f"/commission-rates/{by_hand}")
    (conflict,) = desk.shown(made)["conflicts"]
    decided = {"pointer": conflict["pointer"], "keep": "before", "state": conflict["state"]}
    desk.done("POST", f"{SETS}/{made['id']}/rollback", {"resolutions": [decided]})
    ended = [desk.rate_now(rate_id) for rate_id in ids]
    assert all(rate["effective_to"] is not None for rate in ended)
    # One that has ended already stays as it is.
    assert {rate["version"] for rate in ended} == {2}
    for rate_id in ids:
        rows = [row for row in desk.service.audited(rate_id) if row["action"] == "rate.end"]
        assert len(rows) == 1
        assert [row["change_set_id"] is None for row in rows] == [rate_id == by_hand]
