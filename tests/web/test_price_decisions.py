"""Price decisions as pages: why, within what, and what a person does about it. Source: docs/spec/web.md#price-decisions."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quote_service.web.model.decisions.sentences import DOUBTS, HELD, LABELS, RULES, elasticity_sentence, headline
from quote_service.web.model.subjects.intelligence import DECISIONS
from quote_service.web.rendering.decisions.bounds_chart import bounds_chart
from quote_service.web.rendering.decisions.elasticity_bar import elasticity_bar
from quote_service.web.rendering.decisions.outcomes_chart import outcomes_chart
from tests.access.running import RunningService
from tests.web.competition import Competition
from tests.web.conftest import SignIn
from tests.web.deciding import learn, suggest
from tests.web.signing_in import text_of


def test_bounds_are_drawn_beside_the_price_that_was_decided() -> None:
    bounds: list[dict[str, Any]] = [
        {"rule": "floor", "lowest": "10", "highest": None},
        {"rule": "step", "lowest": "95", "highest": "105"},
        {"rule": "position", "lowest": None, "highest": "104"},
    ]
    chart = bounds_chart(bounds, {"now": "100", "proposed": "112", "decided": "104"}, ["step", "position"])
    assert chart is not None
    assert [bar.binds for bar in chart.bars] == [False, True, True]
    floor, step, position = chart.bars
    # A floor far below does not squeeze what matters: it reaches from edge to edge, as what has no limit does.
    assert (floor.x, floor.x + floor.width) == (230, 985)
    assert position.x == 230
    now, proposed, decided = (mark.x for mark in chart.marks)
    assert step.x < now < decided < step.x + step.width < proposed
    assert abs(decided - (position.x + position.width)) < 0.2
    assert bounds_chart([], {"now": "100"}, []) is None


def test_outcomes_are_a_line_by_price() -> None:
    def candidate(price: str, profit: str, *labels: str) -> dict[str, object]:
        return {"price": price, "profit": profit, "units": 10, "labels": list(labels)}

    chart = outcomes_chart(
        [candidate("105", "300", "decided"), candidate("95", "200"), candidate("100", "250", "now")], LABELS
    )
    assert chart is not None
    assert [each.name for each in chart.outcomes] == ["", "now", "decided"]
    assert [each.is_decided for each in chart.outcomes] == [False, False, True]
    xs, ys = [each.x for each in chart.outcomes], [each.y for each in chart.outcomes]
    assert (xs, ys) == (sorted(xs), sorted(ys, reverse=True))
    assert outcomes_chart([candidate("95", "200")], LABELS) is None


def test_an_elasticity_stays_on_its_scale_and_is_reported_in_words() -> None:
    known = elasticity_bar(-2, -2.5, -1.5)
    assert known.x < known.mean < known.x + known.width < known.one
    assert elasticity_bar(-40, -90, 9).x == 0
    reported = elasticity_sentence({"mean": -1.943, "low": -2.4, "high": -1.5})
    assert reported == "At a price 1 % higher, 1.94 % less is sold; nine in ten between 1.50 and 2.40."


def test_every_state_has_a_sentence() -> None:
    decision = {"current_price": "100", "price": "104", "currency": "EUR"}
    assert headline({**decision, "status": "suggested"}) == "Suggests 104 instead of 100 EUR (+4.0 %)"
    assert headline({**decision, "status": "held"}) == "Holds 100 EUR; a person may set 104"
    assert headline({**decision, "status": "held", "price": None}) == "Holds 100 EUR"
    assert headline({**decision, "status": "superseded", "price": None}) == "Was superseded"
    states = ("applied", "rolled_back", "shadow", "unchanged", "rejected", "superseded")
    assert len({headline({**decision, "status": state}) for state in states}) == len(states)


@pytest.fixture(scope="module")
def competition(service: RunningService) -> Competition:
    return Competition(service, "Harbour Shop")


def decided_of(service: RunningService, competition: Competition, name: str) -> tuple[dict[str, Any], str]:
    """A product whose price a decision would raise, and that decision."""
    product = competition.product(name, "100.00", cost=70)
    competition.make(
        "price-policies",
        {
            "product_id": product["id"],
            "currency": "TRY",
            "mode": "suggest",
            "floor_price": 80,
            "highest_margin_percent": 60,
        },
    )
    learn(service, product["id"], -1.5, 100_00)
    return product, str(suggest(service, product["id"]))


def test_every_word_of_a_decision_is_known(service: RunningService) -> None:
    schemas = service.http.get("/docs/openapi.json").json()["components"]["schemas"]

    def choices(schema: str, member: str) -> set[str]:
        found = schemas[schema]["properties"][member]
        found = found.get("items", found)
        branches = [found, *found.get("anyOf", ())]
        named = [schemas[each["$ref"].rpartition("/")[2]] for each in branches if "$ref" in each]
        return {choice for each in (*branches, *named) for choice in each.get("enum", ())} - {None}

    assert choices("ShownBound", "rule") == set(RULES)
    assert choices("DecisionRecord", "held_by") == set(HELD)
    assert choices("ShownCandidate", "labels") == set(LABELS)
    assert choices("ModelProduct", "doubts") == set(DOUBTS)
    states = next(each.choices for each in DECISIONS.filters if each.name == "status")
    assert choices("DecisionRecord", "status") == set(states)


def test_a_decision_is_explained_accepted_and_rolled_back(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product, decision = decided_of(service, competition, "Glass lamp")
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    path = f"/admin/decisions/{decision}"
    shown = text_of(manager.see(path))
    assert "Glass lamp" in shown
    assert "Suggests 105.00 instead of 100.00 TRY (+5.0 %)" in shown
    assert "Step of one decision" in shown
    assert "1.50 % less is sold" in shown
    assert f"{path}/do/accept" not in analyst.see(path)
    assert "Glass lamp" in text_of(analyst.see(f"/admin/decisions?status=suggested&product_id={product['id']}"))
    form = manager.see(f"{path}/do/accept")
    fields = {"/note": "as agreed", "version": version_of(form), "key": "accepted-once"}
    assert analyst.send(f"{path}/do/accept", **fields).status_code == 403
    accepted = manager.send(f"{path}/do/accept", **fields)
    assert accepted.status_code == 303, text_of(accepted.text)
    assert "Set 105.00 instead of 100.00" in text_of(manager.see(path))
    late = manager.send(f"{path}/do/accept", **fields)
    assert late.status_code in (409, 412)
    assert "105.0" in text_of(manager.see(f"/admin/market/{product['id']}"))
    assert analyst.http.get("/admin/decisions/roll-back").status_code == 404
    assert analyst.send("/admin/decisions/roll-back", sure="yes").status_code == 403
    unsure = manager.send("/admin/decisions/roll-back", product_id=product["id"])
    assert (unsure.status_code, "went back" in text_of(unsure.text)) == (200, False)
    back = manager.send("/admin/decisions/roll-back", product_id=product["id"], sure="yes", note="too soon")
    assert (back.status_code, "0 prices went back" in text_of(back.text)) == (200, True)  # a person has confirmed it


def test_a_decision_is_rejected(service: RunningService, signed_in: SignIn, competition: Competition) -> None:
    _, decision = decided_of(service, competition, "Brass hook")
    manager = signed_in("pricing_manager")
    path = f"/admin/decisions/{decision}"
    fields = {"version": version_of(manager.see(f"{path}/do/reject")), "key": "rejected-once"}
    assert manager.send(f"{path}/do/reject", **fields).status_code == 303
    shown = manager.see(path)
    assert "and was rejected" in text_of(shown)
    assert f"{path}/do/accept" not in shown


def test_what_if_says_what_a_price_would_bring_and_who_may_sets_it(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product, _ = decided_of(service, competition, "Felt slippers")
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    asked = f"/admin/decisions/what-if?product_id={product['id']}&currency=TRY"
    page_text = text_of(analyst.see(f"{asked}&price=102"))
    assert "It would set 105.00" in page_text
    assert "A person could set 102" in page_text
    assert "Set 102 TRY now" not in page_text
    low = text_of(analyst.see(f"{asked}&price=60"))
    assert "Not allowed" in low
    assert "the nearest is 80" in low
    wrong = analyst.http.get(f"{asked}&price=much")
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (422, True)
    page = manager.see(f"{asked}&price=102")
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    fields = {"/product_id": product["id"], "/currency": "TRY", "/price": "102", "/note": "", "key": found[1]}
    made = manager.send("/admin/decisions/new", **fields)
    assert made.status_code == 303, text_of(made.text)
    assert "Set 102.00 instead of 100.00" in text_of(manager.see(made.headers["location"]))


def test_policies_and_what_was_learnt_are_shown(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product = competition.product("Cork board", "40.00", cost=20)
    model = learn(service, product["id"], -2.2, 40_00)
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    shown = text_of(analyst.see(f"/admin/price-models/{model}"))
    assert "Cork board" in shown
    assert "\N{MINUS SIGN}2.40 to \N{MINUS SIGN}2.00" in shown
    fields = {
        "/product_id": product["id"],
        "/currency": "TRY",
        "/mode": "shadow",
        "/floor_price": "30",
        "key": "policy",
    }
    made = manager.send("/admin/price-policies/new", **fields)
    assert made.status_code == 303, text_of(made.text)
    assert "<h1>Cork board</h1>" in manager.see(made.headers["location"])
    all_of_them = manager.send(
        "/admin/price-policies/new", **{"/currency": "TRY", "/step_percent": "4", "key": "policy-of-all"}
    )
    assert all_of_them.status_code == 303
    assert "<h1>All products</h1>" in manager.see(all_of_them.headers["location"])
    assert "No run yet" in text_of(analyst.see("/admin/decisions/runs"))


def test_an_experiment_is_drafted_and_what_prices_brought_is_reported(
    signed_in: SignIn, competition: Competition
) -> None:
    one, other = competition.product("Rope ladder", "50.00"), competition.product("Deck chair", "80.00")
    clusters = [{"name": each["name"], "product_ids": [each["id"]]} for each in (one, other)]
    change = {"currency": "TRY", "design": "clusters", "change_percent": 5, "days": 14}
    drafted = competition.make("price-experiments", {"name": "Dearer by the sea", **change, "clusters": clusters})
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    path = f"/admin/price-experiments/{drafted['id']}"
    shown = text_of(analyst.see(path))
    assert "It says nothing yet" in shown
    assert "Rope ladder" in shown
    assert 'data-opens="do-start"' not in analyst.see(path)
    gone = manager.send(f"{path}/do/discard", version="*")
    assert (gone.status_code, gone.headers["location"]) == (303, "/admin/price-experiments")
    assert "Nothing was sold at a decided price" in text_of(analyst.see("/admin/price-performance?currency=TRY"))
    wrong = analyst.http.get("/admin/price-performance?from=2026-02-01&to=2026-01-01")
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)


def version_of(html: str) -> str:
    """The version that a form carries."""
    found = re.search(r'name="version" value="([^"]+)"', html)
    assert found is not None
    return found[1].replace("&#34;", '"')
