"""Change sets and replays as pages: what changes, whose version stays, what came of it. Source: docs/spec/web.md#change-sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from quote_service.steering.replay.routes import examples
from quote_service.web.model.replays import NOT_REPRODUCED, histogram, supposed
from quote_service.web.rendering.assets import read_assets
from quote_service.web.rendering.templates import Templates
from quote_service.web.routes.people_names import in_words
from tests.access.running import RunningService
from tests.change_sets.desk import SETS, Desk, a_flag, a_rule
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of
from tests.web.test_actions import place_order
from tests.web.test_price_decisions import version_of


@pytest.fixture
def desk(service: RunningService) -> Desk:
    return Desk(service, service.new_person("pricing_manager"))


def a_set(desk: Desk) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A set that changes a flag and a price and makes a rule, with the flag and the product."""
    flag, product = desk.flag(), desk.product()
    changed = a_flag(key=flag["key"], value=2.5)
    made = desk.drafted(
        rules=[{"action": "create", "draft": a_rule(name=f"new fee {uuid4().hex[:6]}")}],
        flags=[{"action": "replace", "draft": changed}],
        prices=[{"product_id": product["id"], "currency": "TRY", "price": 89.90}],
    )
    return made, flag, product


def test_a_set_shows_each_change_field_by_field(desk: Desk, signed_in: SignIn) -> None:
    made, flag, product = a_set(desk)
    shown = text_of(signed_in("analyst").see(f"/admin/change-sets/{made['id']}"))
    assert f"Flag {flag['key']} Changed Field Before With the set Value 1.5 2.5" in shown
    assert f"Price {product['name']}, TRY Changed" in shown
    assert "Base fee – 10" in shown
    assert "Effective from" not in shown
    assert "changed by somebody since" not in shown


def test_conflicts_are_resolved_by_choosing_whose_version_stays(desk: Desk, signed_in: SignIn) -> None:
    made, flag, _ = a_set(desk)
    path = f"/admin/change-sets/{made['id']}"
    manager = signed_in("pricing_manager")
    assert "Resolve conflicts" not in manager.see(path)
    desk.done("PUT", f"/feature-flags/{flag['id']}", a_flag(key=flag["key"], value=7), **{"If-Match": "*"})
    shown = text_of(manager.see(path))
    assert "1 conflict" in shown
    assert "Value 1.5 7" in shown
    assert "Resolve conflicts" not in signed_in("analyst").see(path)
    form = manager.see(f"{path}/do/resolve")
    (conflict,) = desk.shown(made)["conflicts"]
    assert f'name="/resolutions/0/etag" value="{conflict["etag"]}"' in form
    chosen = {"/resolutions/0/pointer": conflict["pointer"], "/resolutions/0/etag": conflict["etag"]}
    nothing = manager.send(f"{path}/do/resolve", **chosen, version=version_of(form), key=uuid4().hex)
    assert (nothing.status_code, 'role="alert"' in nothing.text) == (422, True)
    stale = {**chosen, "/resolutions/0/etag": "0000000000000000", "/resolutions/0/keep": "draft"}
    refused = manager.send(f"{path}/do/resolve", **stale, version=version_of(form), key=uuid4().hex)
    assert (refused.status_code, 'value="draft" required checked' in refused.text) == (409, True)
    kept = {**chosen, "/resolutions/0/keep": "draft"}
    done = manager.send(f"{path}/do/resolve", **kept, version=version_of(form), key=uuid4().hex)
    assert done.status_code == 303, text_of(done.text)
    assert desk.shown(made)["conflicts"] == []


def test_a_set_is_tried_published_and_rolled_back(desk: Desk, service: RunningService, signed_in: SignIn) -> None:
    place_order(service)
    made, flag, _ = a_set(desk)
    path = f"/admin/change-sets/{made['id']}"
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    tried = text_of(analyst.see(f"{path}/trial"))
    assert "It can be published" in tried
    assert "Baskets that were accepted last" in tried
    started = analyst.send(f"{path}/trial", key=uuid4().hex)
    assert started.status_code == 303, text_of(started.text)
    replay = text_of(analyst.see(started.headers["location"]))
    assert f"Flag changed: {flag['key']}" in replay
    assert made["name"] in replay
    desk.published(made)
    published = manager.see(path)
    assert "Roll it back" in published
    assert "Publish it" not in published
    assert "/edit" not in published
    assert manager.http.get(f"{path}/do/publish").status_code == 404
    assert "can be published" not in text_of(analyst.see(f"{path}/trial"))
    form = manager.see(f"{path}/do/rollback")
    assert "Nobody has changed what the set is about" in text_of(form)
    back = manager.send(f"{path}/do/rollback", version=version_of(form), key=uuid4().hex)
    assert back.status_code == 303, text_of(back.text)
    assert desk.shown(made)["status"] == "rolled_back"


def test_a_scheduled_set_is_taken_back(desk: Desk, signed_in: SignIn) -> None:
    made, _, _ = a_set(desk)
    desk.published(made, publish_at="2090-01-01T00:00:00Z")
    path, manager = f"/admin/change-sets/{made['id']}", signed_in("pricing_manager")
    shown = manager.see(path)
    assert "Do not publish it then" in shown
    taken = manager.send(f"{path}/do/unschedule", version=version_of(shown))
    assert taken.status_code == 303, text_of(taken.text)
    assert desk.shown(made)["status"] == "draft"
    assert "Do not publish it then" not in manager.see(path)


def test_only_sets_are_tried(signed_in: SignIn) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    analyst = signed_in("analyst")
    assert analyst.http.get(f"/admin/orders/{nowhere}/trial").status_code == 404
    assert analyst.http.get(f"/admin/change-sets/{nowhere}/trial").status_code == 404
    assert SETS.endswith("change-sets")


def test_a_replay_shows_what_it_supposes_what_changes_most_and_what_is_left_out() -> None:
    detail: dict[str, Any] = {**examples.DETAIL, "warnings": []}
    result = detail["result"]
    html = Templates(read_assets()).render(
        "subjects/replay.html",
        {
            "document": detail,
            "supposed": list(supposed(detail["change"], {})),
            "histograms": {block["currency"]: histogram(block["histogram"]) for block in result["currencies"]},
            "names": {result["currencies"][0]["sellers"][0]["key"]: "Kaya Shoes"},
            "not_reproduced": NOT_REPRODUCED,
            "change_set": None,
        },
    )
    shown = text_of(html)
    assert "Rule added: Spring" in shown
    assert "Rule left out: Winter" in shown
    assert "1 could not be priced again" in shown
    assert "accepted by its signature alone" in shown
    assert "with Spring" in shown
    assert "100.00 → 80.00" in shown
    assert "Kaya Shoes" in shown
    assert "10 to 25 % less 1 quote" in shown


def test_a_histogram_has_no_empty_ends() -> None:
    bars: list[Mapping[str, Any]] = [
        {"from_percent": None, "to_percent": -50, "quotes": 0},
        {"from_percent": -50, "to_percent": -25, "quotes": 2},
        {"from_percent": 0, "to_percent": 0, "quotes": 0},
        {"from_percent": 0, "to_percent": 1, "quotes": 1},
        {"from_percent": 50, "to_percent": None, "quotes": 4},
        {"from_percent": 60, "to_percent": None, "quotes": 0},
    ]
    assert [(bar.label, bar.side, bar.share) for bar in histogram(bars)] == [
        ("25 to 50 % less", "down", 0.5),
        ("the same", "", 0),
        ("0 to 1 % more", "up", 0.25),
        ("more than 50 % more", "up", 1),
    ]
    assert histogram([]) == []


def test_ids_in_sentences_are_people_or_their_ends() -> None:
    one = "01a208b5-d572-79a9-b371-32ec834e0411"
    assert in_words(f"changed by {one}", {one: "ada@example.com"}) == "changed by ada@example.com"
    assert in_words(f"changed by {one}", {}) == "changed by …834e0411"
