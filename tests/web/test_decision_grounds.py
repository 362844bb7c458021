"""What a price decision went by besides, told to people: other ways of learning, shoppers, sizes, cost, a campaign.

Source: docs/spec/web.md#price-decisions; docs/spec/price-decisions.md#grounds.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.price_decisions.model.facts import BehaviourEffect
from quote_service.web.model.decisions.grounds import (
    METHODS,
    allowed_by,
    behaviour_sentence,
    margin_rows,
    sizes_of,
    standing_of_opinion,
)
from tests.access.running import RunningService, until
from tests.web.competition import Competition
from tests.web.conftest import SignIn
from tests.web.deciding import learn, suggest
from tests.web.signing_in import text_of
from tests.web.test_price_decisions import version_of

AGAINST = SecondOpinion("double_ml", -3.4, 0.2, 0.3, 180)
WEAK = SecondOpinion("instrument", -0.5, 3.0, 2.0, 180)
SEEN = BehaviourEffect(views_a_day=1120.5, carts_a_day=4.0, units_factor=1.12)


def test_sizes_stand_in_their_order_with_the_one_decided_about() -> None:
    family = {
        "units": 500,
        "others": [
            {"product_id": "small", "units": 250, "price": "6"},
            {"product_id": "big", "units": 1000, "price": 20},
        ],
    }
    reported = {"product_id": "middle", "current_price": "11", "family": family}
    sizes = sizes_of(reported, {"small": "Tea 250 g"})
    assert [(each.name, each.is_this, each.unit_price) for each in sizes] == [
        ("Tea 250 g", False, Decimal("0.024")),
        ("This one", True, Decimal("0.022")),
        ("Another size", False, Decimal("0.02")),
    ]
    assert sizes_of({**reported, "family": None}, {}) == []


def test_a_margin_is_reported_of_each_price_that_there_is() -> None:
    reported: dict[str, Any] = {"limits": {"cost": 70}, "current_price": 100, "price": 105}
    assert [(each.label, round(each.margin, 3)) for each in margin_rows(reported)] == [
        ("now", Decimal("0.3")),
        ("decided", Decimal("0.333")),
    ]
    assert [each.label for each in margin_rows({**reported, "price": 100})] == ["now"]
    assert [each.label for each in margin_rows({**reported, "price": None})] == ["now"]
    assert margin_rows({**reported, "limits": {"cost": None}}) == []
    assert margin_rows({**reported, "current_price": 0, "price": None}) == []


@pytest.mark.parametrize(
    ("factor", "reported"),
    [
        (1.12, "12.0 % more is expected to be sold"),
        (0.9, "10.0 % less is expected"),
        (1.0001, "changes nothing of what is expected"),
    ],
)
def test_behaviour_is_reported_by_what_follows_from_it(factor: float, reported: str) -> None:
    behaviour = {"views_a_day": 1120.5, "carts_a_day": 4, "units_factor": factor}
    assert reported in behaviour_sentence({"uses_behaviour": True, "behaviour": behaviour})
    assert "1,120.5 times a day" in behaviour_sentence({"uses_behaviour": True, "behaviour": behaviour})
    assert behaviour_sentence({"uses_behaviour": False, "behaviour": None}) == ""
    assert "nothing was known" in behaviour_sentence({"uses_behaviour": True, "behaviour": None})


def test_an_opinion_agrees_contradicts_or_does_not_count() -> None:
    found = [
        standing_of_opinion({"is_believable": believable, "contradicts": contradicts})[0]
        for believable, contradicts in ((True, False), (True, True), (False, False))
    ]
    assert found == ["Agrees", "Contradicts: no price is set by itself", "Too weak to count"]
    assert allowed_by({"bounds": []}, "family") is None


def test_every_method_has_its_words(service: RunningService) -> None:
    schema = service.http.get("/docs/openapi.json").json()["components"]["schemas"]["ShownOpinion"]
    assert set(schema["properties"]["method"]["enum"]) == set(METHODS)


@pytest.fixture(scope="module")
def competition(service: RunningService) -> Competition:
    return Competition(service, "Grounds Shop")


def policy_of(product: dict[str, Any], **fields: Any) -> dict[str, Any]:
    bounds = {"currency": "TRY", "mode": "suggest", "floor_price": 40, "highest_margin_percent": 60}
    return {"product_id": product["id"], **bounds, **fields}


def test_a_decision_shows_everything_it_went_by(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    name = f"soap {uuid4().hex[:6]}"
    small = competition.product("Olive soap 100 g", "60.00", cost=40)
    product = competition.product("Olive soap 200 g", "100.00", cost=70)
    competition.make("price-policies", policy_of(small, family={"name": name, "units": 100}))
    policy = competition.make("price-policies", policy_of(product, family={"name": name, "units": 200}))
    learn(service, product["id"], -2.0, 100_00, opinions=(AGAINST, WEAK), behaviour=SEEN)
    decision = suggest(service, product["id"])
    analyst = signed_in("analyst")
    for path in (
        f"/admin/decisions/{decision}",
        f"/admin/decisions/what-if?product_id={product['id']}&currency=TRY",
    ):
        html = analyst.see(path)
        shown = text_of(html)
        assert "From moves that nothing foretold" in shown
        assert "Contradicts: no price is set by itself" in shown
        assert "Too weak to count" in shown
        assert "1,120.5 times a day" in shown
        assert "12.0 % more is expected to be sold" in shown
        assert f'href="/admin/market/{small["id"]}?currency=TRY">Olive soap 100 g</a>' in html
        assert "So this one may cost 60.00 to 120.00" in shown
        assert "At 100.00 (now) the margin is 30.0" in shown
        assert f'href="/admin/price-policies/{policy["id"]}">the product</a>' in html
        assert "Policy ids" not in shown


def test_a_test_that_is_proposed_is_drafted_by_a_button(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product = competition.product("Walnut soap", "100.00", cost=70)
    competition.make("price-policies", policy_of(product))
    learn(service, product["id"], -2.0, 100_00, doubts=("too_few_prices",))
    path = f"/admin/decisions/{suggest(service, product['id'])}"
    reported = "For 28 days it costs 105.00 TRY instead of 100.00 TRY in one of every two stretches of 48 hours"
    html = signed_in("analyst").see(path)
    assert reported in text_of(html)
    assert "Draft this experiment" not in html
    manager = signed_in("pricing_manager")
    html = manager.see(path)
    form = html[html.index('action="/admin/price-experiments/new"') :].partition("</form>")[0]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    drafted = manager.send("/admin/price-experiments/new", **{**fields, "csrf": manager.csrf()})
    assert drafted.status_code == 303, drafted.text
    shown = text_of(manager.see(drafted.headers["location"]))
    assert f"Price test of {product['id']}" in shown
    assert "Walnut soap" in shown
    asked = manager.see(f"/admin/decisions/what-if?product_id={product['id']}&currency=TRY")
    assert reported in text_of(asked)


def test_a_campaign_that_moves_the_price_is_reported_and_linked(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product = competition.product("Pine candle", "100.00", cost=50)
    competition.make("price-policies", policy_of(product))
    campaign = competition.make(
        "campaigns",
        {
            "name": "Candle week",
            "product_id": product["id"],
            "currency": "TRY",
            "duration": 72,
            "price_manipulation_limit": 10,
            "target_sales_count": 500,
        },
    )
    learn(service, product["id"], -2.0, 100_00)
    headers = service.as_role("admin")
    path = f"/api/v1/campaigns/{campaign['id']}"
    until(
        lambda: service.http.get(path, headers=headers).json()["data"]["status"] == "active", "the campaign is active"
    )
    html = signed_in("analyst").see(f"/admin/decisions/what-if?product_id={product['id']}&currency=TRY")
    assert f'href="/admin/campaigns/{campaign["id"]}">Candle week</a>' in html
    assert "0 of 500 units were sold" in text_of(html)
    assert "from 90.00 to 110.00" in text_of(html)


def test_the_list_begins_with_what_policies_decided(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product = competition.product("Cedar box", "100.00", cost=70)
    competition.make("price-policies", policy_of(product))
    learn(service, product["id"], -1.5, 100_00)
    decision = suggest(service, product["id"])
    by_hand = competition.make("decisions", {"product_id": product["id"], "currency": "TRY", "price": 101})
    analyst = signed_in("analyst")
    first = analyst.see("/admin/decisions")
    assert f"/admin/decisions/{decision}" in first
    assert by_hand["id"] not in first
    assert '<a href="/admin/decisions?origin=loop" aria-current="page">By policies</a>' in first
    assert '<option value="loop" selected>Policy</option>' in first
    people = analyst.see("/admin/decisions?origin=person")
    assert f"/admin/decisions/{by_hand['id']}" in people
    assert str(decision) not in people
    everything = analyst.see("/admin/decisions?status=")
    assert all(f"/admin/decisions/{each}" in everything for each in (decision, by_hand["id"]))
    assert '<a href="/admin/decisions?status=" aria-current="page">All</a>' in everything
    # Who asks for a product wants all of its decisions.
    own = analyst.see(f"/admin/decisions?product_id={product['id']}")
    assert all(f"/admin/decisions/{each}" in own for each in (decision, by_hand["id"]))
    assert "None here" in text_of(analyst.see("/admin/decisions?origin=roll_back"))


def test_a_price_past_its_bounds_is_refused_with_the_nearest(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product("Birch tray", "100.00", cost=70)
    competition.make("price-policies", policy_of(product))
    manager = signed_in("pricing_manager")
    assert "A price that you set by hand" in text_of(manager.see("/admin/decisions/new"))
    fields = {"/product_id": product["id"], "/currency": "TRY", "/price": "10", "key": uuid4().hex}
    refused = manager.send("/admin/decisions/new", **fields)
    assert refused.status_code == 409
    assert "The price is not allowed: lowest margin; the nearest is 73.6" in text_of(refused.text)


def test_a_product_is_meant_by_its_sku_or_name(signed_in: SignIn, competition: Competition) -> None:
    product = competition.product(f"Larch stool {uuid4().hex[:6]}", "40.00", cost=20)
    competition.make("price-policies", policy_of(product))
    analyst, manager = signed_in("analyst"), signed_in("pricing_manager")
    for meant in (product["sku"], product["name"], product["name"].upper(), product["id"]):
        body = analyst.http.get("/admin/decisions/what-if", params={"product_id": meant})
        assert body.status_code == 200, text_of(body.text)
        # The currency is its own, and the field says what people know it by.
        assert f'value="{product["sku"]}"' in body.text
        assert "40.00 TRY" in text_of(body.text).replace("\N{NO-BREAK SPACE}", " ")
        assert analyst.http.get("/admin/decisions", params={"product_id": meant}).status_code == 200
        assert analyst.http.get("/admin/price-performance", params={"product_id": meant}).status_code == 200
    for path in ("/admin/decisions/what-if", "/admin/price-performance", "/admin/decisions"):
        unknown = analyst.http.get(path, params={"product_id": "nothing is called so"})
        assert unknown.status_code == 422, path
        assert "must be a UUID" not in unknown.text
    back = manager.send("/admin/decisions/roll-back", product_id="nothing is called so", sure="yes")
    assert (back.status_code, "is no SKU or name of one product" in back.text) == (422, True)
    none = manager.send("/admin/decisions/roll-back", product_id=product["name"], sure="yes")
    assert "Nothing had moved by itself" in text_of(none.text)
    chosen = analyst.see(f"/admin/products/choices?q={product['id']}")
    assert (chosen.count("<option"), product["name"] in chosen) == (1, True)
    categories = analyst.http.get("/admin/categories/choices?q=nothing")
    assert (categories.status_code, categories.text.strip()) == (200, "")


def test_accepting_says_what_it_does_and_how_to_go_back(
    service: RunningService, signed_in: SignIn, competition: Competition
) -> None:
    product = competition.product("Ash spoon", "100.00", cost=70)
    competition.make("price-policies", policy_of(product))
    learn(service, product["id"], -1.5, 100_00)
    path = f"/admin/decisions/{suggest(service, product['id'])}"
    manager = signed_in("pricing_manager")
    form = manager.see(f"{path}/do/accept")
    assert "Suggests 105.00 instead of 100.00 TRY (+5.0 %)" in text_of(form)
    assert "Customers see the price at once" in text_of(form)
    done = manager.send(f"{path}/do/accept", version=version_of(form), key=uuid4().hex)
    assert "Accepted: the price is set." in text_of(manager.see(done.headers["location"]))
    shown = manager.see(path)
    assert f"what-if?product_id={product['id']}&amp;currency=TRY&amp;price=100" in shown
    assert f"/admin/price-performance?product_id={product['id']}" in shown
    assert "again…" not in text_of(signed_in("analyst").see(path))
