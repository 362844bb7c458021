"""Change sets are published all at once, and not over what others changed.

Source: docs/spec/change-sets.md#publishing; docs/spec/change-sets.md#conflicts.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.catalog.shop import a_price
from tests.change_sets.desk import SETS, Desk, a_flag, a_rule, draft_of, everything, state_now
from tests.commission_rates.rates import a_rate


def test_everything_of_a_set_counts_from_one_instant(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    assert (made["status"], made["edition"], made["version"]) == ("draft", 1, 1)
    before = state_now(desk, things)
    published = desk.published(made)
    assert (published["status"], published["published_by"]) == ("published", desk.person.id)
    now = state_now(desk, things)
    assert now["rule"][0] == ({"base_fee": 12.50}, None)
    assert (now["ended_rule"], [rule[0] for rule in now["new_rule"]]) == ([], [{"base_fee": 10.00}])
    assert (now["rate"][0], now["rate"][2]) == (12, before["rate"][2])
    assert now["ended_rate"][3] == published["published_at"]
    assert (now["flag"], now["ended_flag"]) == ((2.5, True, False), (1.5, False, False))
    assert now["price"] == 89.90
    created = desk.rate_now(published["rates"][2]["rate_id"])
    assert (created["rate"], created["effective_from"]) == (3, published["published_at"])
    assert desk.active_rules(things["new_rule"]["name"])[0]["effective_from"] == published["published_at"]
    assert desk.shown(made) == {**published, "conflicts": []}


def test_the_audit_log_names_the_set_with_everything_that_it_changed(desk: Desk) -> None:
    things = everything(desk)
    made = desk.published(desk.drafted(**things["changes"]))
    answer = desk.service.http.get(
        "/api/v1/audit", params={"change_set_id": made["id"], "limit": 100}, headers=desk.service.as_role("admin")
    )
    rows = answer.json()["data"]
    assert sorted(row["action"] for row in rows) == [
        *("change_set.create", "change_set.publish"),
        *("flag.create", "flag.replace", "flag.replace"),
        "price.change",
        *("rate.create", "rate.end", "rate.replace"),
        *("rule.create", "rule.deactivate", "rule.replace"),
    ]
    assert {row["actor"] for row in rows} == {desk.person.id}
    history = desk.done("GET", f"/products/{things['product']['id']}/price-history")[0]
    assert (history["reason"], history["note"]) == ("manual", f"change set: {made['name']}")


def test_a_set_is_published_whole_or_not_at_all(desk: Desk) -> None:
    """The price is past its bound only when it is published: somebody raised the bound meanwhile."""
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    product = desk.done("GET", f"/products/{things['product']['id']}")
    draft = {"sku": product["sku"], "name": product["name"], "prices": [a_price(min_price=95)]}
    desk.done("PUT", f"/products/{product['id']}", draft)
    before = state_now(desk, things)
    assert desk.refused("POST", f"{SETS}/{made['id']}/publish") == (422, "validation-error", ["/prices/0/price"])
    assert state_now(desk, things) == before
    assert desk.shown(made)["status"] == "draft"


def changed_underneath(desk: Desk, things: dict[str, Any]) -> list[str]:
    """Others change one thing of each kind; the pointers of the changes that are about them."""
    rule = {name: things["rule"][name] for name in ("name", "type", "currency", "region")}
    desk.done("PUT", f"/pricing-rules/{things['rule']['id']}", {**rule, "configuration": {"base_fee": 99}})
    desk.done("POST", "/pricing-rules", things["new_rule"])
    desk.done("DELETE", f"/commission-rates/{things['ended_rate']['id']}")
    desk.done("POST", f"/feature-flags/{things['flag']['id']}/kill")
    desk.done("POST", "/feature-flags", things["new_flag"])
    desk.done("POST", f"/products/{things['product']['id']}/price", {"price": 94.5, "currency": "TRY"})
    return ["/rules/0", "/rules/2", "/rates/1", "/flags/0", "/flags/2", "/prices/0"]


def test_what_was_changed_underneath_is_shown_and_keeps_the_set_from_being_published(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    assert desk.shown(made)["conflicts"] == []
    touched = changed_underneath(desk, things)
    before = state_now(desk, things)
    assert desk.refused("POST", f"{SETS}/{made['id']}/publish") == (409, "change-set-conflicts", touched)
    assert desk.refused("POST", f"{SETS}/{made['id']}/publish", {"publish_at": "2126-01-01T00:00:00Z"})[1:] == (
        "change-set-conflicts",
        touched,
    )
    assert state_now(desk, things) == before
    conflicts = {each["pointer"]: each for each in desk.shown(made)["conflicts"]}
    assert list(conflicts) == touched
    assert conflicts["/rules/0"]["before"][-1]["configuration"] == {"base_fee": 10.00}
    assert conflicts["/rules/0"]["now"][-1]["configuration"] == {"base_fee": 99}
    assert conflicts["/rules/2"]["before"] is None
    assert (conflicts["/flags/0"]["before"]["is_enabled"], conflicts["/flags/0"]["now"]["is_enabled"]) == (True, False)
    assert (conflicts["/prices/0"]["before"], conflicts["/prices/0"]["now"]) == (100, 94.5)


def test_an_edit_elsewhere_in_the_set_resolves_no_conflict(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    touched = changed_underneath(desk, things)
    changed = {"name": "another name", **things["changes"]}
    changed["prices"] = [*changed["prices"], {"product_id": desk.product()["id"], "currency": "TRY", "price": 77}]
    replaced = desk.done("PUT", f"{SETS}/{made['id']}", changed)
    assert (replaced["edition"], replaced["version"]) == (2, 2)
    assert [each["pointer"] for each in desk.shown(made)["conflicts"]] == touched


def test_conflicts_are_resolved_one_by_one(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    touched = changed_underneath(desk, things)
    conflicts = {each["pointer"]: each for each in desk.shown(made)["conflicts"]}

    def resolution(pointer: str, keep: str) -> dict[str, str]:
        return {"pointer": pointer, "keep": keep, "state": conflicts[pointer]["state"]}

    kept = [resolution(pointer, "draft") for pointer in touched if pointer != "/rates/1"]
    resolved = desk.done("POST", f"{SETS}/{made['id']}/resolve", {"resolutions": kept})
    assert resolved["edition"] == 2
    assert [resolved["rules"][2]["action"], resolved["flags"][2]["action"]] == ["replace", "replace"]
    assert desk.refused("POST", f"{SETS}/{made['id']}/publish")[1:] == ("change-set-conflicts", ["/rates/1"])
    gone = desk.done("POST", f"{SETS}/{made['id']}/resolve", {"resolutions": [resolution("/rates/1", "current")]})
    assert [rate["action"] for rate in gone["rates"]] == ["replace", "create"]
    desk.published(made)
    now = state_now(desk, things)
    assert (now["rule"][0][0], now["flag"], now["price"]) == ({"base_fee": 12.50}, (2.5, True, False), 89.90)
    assert [rule["version"] for rule in desk.active_rules(things["new_rule"]["name"])] == [2, 1]


def test_what_was_changed_once_more_is_not_resolved_unseen(desk: Desk) -> None:
    product = desk.product()
    made = desk.drafted(prices=[{"product_id": product["id"], "currency": "TRY", "price": 80}])
    price = f"/products/{product['id']}/price"
    desk.done("POST", price, {"price": 90, "currency": "TRY"})
    (conflict,) = desk.shown(made)["conflicts"]
    desk.done("POST", price, {"price": 91, "currency": "TRY"})
    seen = {"resolutions": [{"pointer": "/prices/0", "keep": "draft", "state": conflict["state"]}]}
    path = f"{SETS}/{made['id']}/resolve"
    assert desk.refused("POST", path, seen) == (409, "change-set-conflicts", ["/prices/0"])
    desk.done("POST", price, {"price": 100, "currency": "TRY"})
    assert desk.shown(made)["conflicts"] == []  # it is as the author saw it
    assert desk.refused("POST", path, seen) == (422, "validation-error", ["/resolutions/0/pointer"])
    assert desk.published(made)["status"] == "published"


def test_a_change_that_cannot_be_done_any_more_has_to_go(desk: Desk) -> None:
    flag, rule = desk.flag(), desk.rule()
    made = desk.drafted(flags=[{"action": "end", "key": flag["key"]}], rules=[{"action": "end", "name": rule["name"]}])
    desk.done("DELETE", f"/feature-flags/{flag['id']}")
    desk.done("DELETE", f"/pricing-rules/{rule['id']}")
    conflicts = desk.shown(made)["conflicts"]
    assert [each["now"] for each in conflicts] == [None, None]
    kept = [{"pointer": each["pointer"], "keep": "draft", "state": each["state"]} for each in conflicts]
    refused = desk.refused("POST", f"{SETS}/{made['id']}/resolve", {"resolutions": kept})
    assert refused == (422, "validation-error", ["/rules/0/name", "/flags/0/key"])


def test_a_rule_that_starts_later_leaves_the_present_version_alone(desk: Desk) -> None:
    rule = desk.rule()
    draft = {name: rule[name] for name in ("name", "type", "currency", "region", "configuration")}
    later = {**draft, "configuration": {"base_fee": 0}, "effective_from": "2126-01-01T00:00:00Z"}
    desk.published(desk.drafted(rules=[{"action": "replace", "draft": later}]))
    assert [each["version"] for each in desk.active_rules(rule["name"])] == [2, 1]


def test_rates_make_room_for_one_another_within_a_set(desk: Desk) -> None:
    rate = desk.rate()
    made = desk.drafted(
        rates=[{"action": "create", "draft": {**draft_of(rate), "rate": 5}}, {"action": "end", "rate_id": rate["id"]}]
    )
    published = desk.published(made)
    assert desk.rate_now(published["rates"][0]["rate_id"])["rate"] == 5
    second = desk.drafted(rates=[{"action": "create", "draft": draft_of(rate)}])
    assert desk.refused("POST", f"{SETS}/{second['id']}/publish") == (422, "validation-error", ["/rates/0/draft"])


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"rules": [{"action": "create"}]}, ["/rules/0/draft"]),
        ({"rules": [{"action": "end"}]}, ["/rules/0/name"]),
        ({"rules": [{"action": "end", "name": "there is none"}]}, ["/rules/0/name"]),
        ({"rules": [{"action": "replace", "draft": a_rule(name="none")}]}, ["/rules/0/draft/name"]),
        (
            {"rules": [{"action": "create", "draft": a_rule(configuration={"base_fee": -1})}]},
            ["/rules/0/draft/configuration/base_fee"],
        ),
        ({"rules": [{"action": "create", "draft": a_rule(currency=None)}]}, ["/rules/0/draft/currency"]),
        (
            {"rules": [{"action": "create", "draft": a_rule(name="twice")}, {"action": "end", "name": "twice"}]},
            ["/rules/1"],
        ),
        ({"rates": [{"action": "create", "draft": a_rate(rate=101)}]}, ["/rates/0/draft/rate"]),
        ({"rates": [{"action": "replace", "draft": a_rate()}]}, ["/rates/0/rate_id"]),
        (
            {"rates": [{"action": "end", "rate_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"}]},
            ["/rates/0/rate_id"],
        ),
        ({"flags": [{"action": "create", "draft": a_flag(value="text")}]}, ["/flags/0/draft/value"]),
        ({"flags": [{"action": "end", "key": "none"}]}, ["/flags/0/key"]),
        ({"prices": [{"product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e", "currency": "TRY", "price": 1}]}, ["/prices/0"]),
        ({"prices": [{"product_id": "x", "currency": "TRY", "price": 1}]}, ["/prices/0/product_id"]),
        (
            {"prices": [{"product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e", "currency": "AAA", "price": -1}]},
            ["/prices/0/price", "/prices/0/currency"],
        ),
        ({"surprise": []}, ["/surprise"]),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_draft_with_faults_is_refused_with_their_places(
    desk: Desk, changes: dict[str, Any], pointers: list[str]
) -> None:
    assert desk.refused("POST", SETS, {"name": "with faults", **changes}) == (422, "validation-error", pointers)


def test_what_is_there_already_cannot_be_created(desk: Desk) -> None:
    rule, flag = desk.rule(), desk.flag()
    changes = {
        "name": "again",
        "rules": [{"action": "create", "draft": a_rule(name=rule["name"])}],
        "flags": [{"action": "create", "draft": a_flag(key=flag["key"])}],
    }
    assert desk.refused("POST", SETS, changes)[2] == ["/rules/0/draft/name", "/flags/0/draft/key"]


def test_a_set_is_created_once_for_an_idempotency_key(desk: Desk) -> None:
    key, body = uuid4().hex, {"name": f"set {uuid4()}"}
    answers = [desk.ask("POST", SETS, body, **{"Idempotency-Key": key}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"] == f"{SETS}/{answers[0].json()['data']['id']}"


def test_a_version_that_is_gone_is_not_written_over(desk: Desk) -> None:
    made = desk.drafted()
    tag = desk.ask("GET", f"{SETS}/{made['id']}").headers["etag"]
    desk.done("PUT", f"{SETS}/{made['id']}", {"name": "second"}, **{"If-Match": tag})
    for method, path, body in (
        ("PUT", "", {"name": "third"}),
        ("DELETE", "", None),
        ("POST", "/publish", None),
        ("POST", "/publish", {"publish_at": "2126-01-01T00:00:00Z"}),
    ):
        refused = desk.refused(method, f"{SETS}/{made['id']}{path}", body, **{"If-Match": tag})
        assert refused[:2] == (412, "precondition-failed")


def test_what_is_decided_stays_so(desk: Desk) -> None:
    discarded, published = desk.drafted(), desk.published(desk.drafted())
    desk.done("DELETE", f"{SETS}/{discarded['id']}")
    desk.done("DELETE", f"{SETS}/{discarded['id']}")
    for made in (discarded, published):
        path = f"{SETS}/{made['id']}"
        assert desk.refused("PUT", path, {"name": "again"})[:2] == (409, "change-set-state")
        assert desk.refused("POST", f"{path}/publish")[:2] == (409, "change-set-state")
        assert desk.refused("DELETE", f"{path}/publish")[:2] == (409, "change-set-state")
    assert desk.refused("POST", f"{SETS}/{discarded['id']}/rollback")[:2] == (409, "change-set-state")
    assert desk.refused("DELETE", f"{SETS}/{published['id']}")[:2] == (409, "change-set-state")


def test_sets_are_listed_by_status_newest_first(desk: Desk) -> None:
    first, second = desk.drafted(), desk.published(desk.drafted())
    listed = [each["id"] for each in desk.done("GET", f"{SETS}?limit=200")]
    assert listed.index(second["id"]) < listed.index(first["id"])
    (row,) = [each for each in desk.done("GET", f"{SETS}?status=published&limit=200") if each["id"] == second["id"]]
    assert row == {name: second[name] for name in row}
    assert "rules" not in row
    assert first["id"] in {each["id"] for each in desk.done("GET", f"{SETS}?status=draft&limit=200")}


def test_a_set_that_is_sent_back_as_it_is_shown_means_the_same(desk: Desk) -> None:
    made = desk.drafted(**everything(desk)["changes"])
    shown = desk.shown(made)
    assert shown["prices"][0]["seen"]
    sections = ("rules", "rates", "flags", "prices")
    replaced = desk.done("PUT", f"{SETS}/{made['id']}", {**shown, "note": "sent back"})
    assert {name: replaced[name] for name in sections} == {name: shown[name] for name in sections}
    assert (replaced["note"], replaced["edition"]) == ("sent back", 2)
    assert desk.refused("PUT", f"{SETS}/{made['id']}", {**shown, "id": str(uuid4())})[2] == ["/id"]
    assert desk.refused("POST", SETS, shown)[0] == 422


def test_two_rates_of_a_set_that_clash_are_reported_by_their_places_in_it(desk: Desk) -> None:
    """The rates that end are none of the rows that are written."""
    ended, draft = desk.rate(), a_rate()
    clashing = [{"action": "create", "draft": draft}] * 2
    made = desk.drafted(rates=[{"action": "end", "rate_id": ended["id"]}, *clashing])
    (fault,) = desk.ask("POST", f"{SETS}/{made['id']}/publish").json()["errors"]
    assert fault["pointer"] == "/rates/2/draft"
    assert " as /rates/1/draft " in fault["detail"]
