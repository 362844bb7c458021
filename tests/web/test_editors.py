"""The editor of rules and rates: what a draft would do, beside the draft. Source: docs/spec/web.md#editors."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from quote_service.web.model.example_basket import example_basket
from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of

TEA = {
    "id": "01934f2e-7b1c-7d1e-8000-000000000001",
    "name": "Tea",
    "tags": ["tea"],
    "category_id": "11111111-1111-4111-8111-111111111111",
    "prices": [{"currency": "TRY", "current_price": Decimal("40.00")}],
}


@pytest.fixture
def fee(service: RunningService) -> dict[str, Any]:
    """A delivery fee of a country that no other test delivers to."""
    rule = {
        "name": f"fee-{uuid4().hex[:8]}",
        "type": "DELIVERY_FEE",
        "currency": "EUR",
        "region": "PT",
        "configuration": {"base_fee": 10},
    }
    made = service.http.post("/api/v1/pricing-rules", json=rule, headers=service.as_role("admin"))
    assert made.status_code == 201, made.text
    held: dict[str, Any] = made.json()["data"]
    return held


def draft_of(fee: dict[str, Any], **fields: str) -> dict[str, str]:
    draft = {"/name": f"{fee['name']}-lisbon", "/currency": "EUR", "/region": "PT/Lisbon"}
    return {"variant": "DELIVERY_FEE", **draft, "/configuration/base_fee": "14.50", "of": fee["id"], **fields}


def test_a_price_stands_beside_the_draft_that_moves_it(signed_in: SignIn, fee: dict[str, Any]) -> None:
    visitor = signed_in("pricing_manager")
    copy = visitor.see(f"/admin/rules/new?of={fee['id']}")
    assert f'name="/name" value="{fee["name"]}-2"' in copy
    shown = text_of(visitor.send("/admin/rules/try", **draft_of(fee)).text)
    assert "Difference +4.50 EUR" in shown
    assert "Delivery fee 10.00 14.50 +4.50" in shown
    assert "to Lisbon, PT" in shown
    assert "Region PT PT/Lisbon" in shown
    assert "Base fee 10 14.50" in shown
    elsewhere = text_of(visitor.send("/admin/rules/try", **draft_of(fee), example_city="Porto").text)
    assert "This basket costs the same" in elsewhere


def test_a_draft_that_begins_tomorrow_is_priced_for_then(signed_in: SignIn, fee: dict[str, Any]) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
    visitor = signed_in("pricing_manager")
    shown = visitor.send("/admin/rules/try", **draft_of(fee, **{"/effective_from": tomorrow})).text
    assert "Difference +4.50 EUR" in text_of(shown)
    assert f'datetime="{tomorrow}Z"' in shown


def test_what_a_draft_lacks_is_said_instead_of_a_price(signed_in: SignIn) -> None:
    shown = signed_in("pricing_manager").send("/admin/rules/try", variant="DELIVERY_FEE")
    assert shown.status_code == 200
    assert "This shows once the draft is complete" in text_of(shown.text)
    assert "Base fee is required" in text_of(shown.text)


def test_a_finding_leads_to_its_basket_in_the_playground(signed_in: SignIn, fee: dict[str, Any]) -> None:
    visitor = signed_in("pricing_manager")
    draft = {"variant": "SMALL_BASKET_FEE", "/name": f"small-{uuid4().hex[:6]}", "/currency": "EUR", "/region": "PT"}
    found = visitor.send(
        "/admin/rules/check-draft",
        **{**draft, "/configuration/fee": "9", "/configuration/threshold": "50", "/configuration/mode": "fixed"},
    ).text
    assert "price-cliff" in found
    (path, *_) = (each for each in re.findall(r'href="(/admin/playground\?[^"]+)"', found) if "49.99" in each)
    playground = visitor.see(path.replace("&amp;", "&"))
    assert 'value="49.99"' in playground
    assert 'name="delivery_country" required value="PT"' in playground
    assert draft["/name"] in playground


def test_last_week_is_priced_with_a_draft_that_begins_later(
    service: RunningService, signed_in: SignIn, fee: dict[str, Any]
) -> None:
    visitor = signed_in("pricing_manager")
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
    shown = visitor.send("/admin/rules/last-week", **draft_of(fee, **{"/effective_from": tomorrow})).text
    path = re.search(r'hx-get="(/admin/last-week/([0-9a-f-]+))"', shown)
    assert path is not None, text_of(shown)
    assert visitor.http.get(path[1]).status_code == 200
    replay = service.http.get(f"/api/v1/analytics/replay/{path[2]}", headers=service.as_role("admin"))
    assert replay.status_code == 200


def test_an_analyst_edits_nothing(signed_in: SignIn, fee: dict[str, Any]) -> None:
    analyst = signed_in("analyst")
    for path in ("try", "check-draft", "last-week"):
        assert analyst.send(f"/admin/rules/{path}", **draft_of(fee)).status_code == 404


def test_whoever_saves_late_sees_what_the_other_has_changed(signed_in: SignIn, fee: dict[str, Any]) -> None:
    path = f"/admin/rules/{fee['id']}/edit"
    fields = {"variant": "DELIVERY_FEE", "/name": fee["name"], "/currency": "EUR", "/region": "PT"}
    one, other = signed_in("pricing_manager"), signed_in("admin")
    version = re.search(r'name="version" value="([^"]+)"', other.see(path))
    assert version is not None
    seen = version[1].replace("&#34;", '"')
    assert one.send(path, **fields, **{"/configuration/base_fee": "11"}, version=seen).status_code == 303
    late = other.send(path, **fields, **{"/configuration/base_fee": "12"}, version=seen).text
    assert "Somebody else has changed it" in text_of(late)
    assert "Base fee 12 11" in text_of(late)
    action, version = re.search(r'action="([^"]+/edit)"', late), re.search(r'name="version" value="([^"]+)"', late)
    assert action is not None
    assert version is not None
    again = other.send(
        action[1], **fields, **{"/configuration/base_fee": "12"}, version=version[1].replace("&#34;", '"')
    )
    assert again.status_code == 303, text_of(again.text)


@pytest.mark.parametrize(
    ("draft", "chosen", "expected"),
    [
        ({}, {}, {"items": [{"product_id": TEA["id"], "quantity": 1}], "currency": "TRY"}),
        ({"conditions": {"min_subtotal": Decimal(100)}}, {}, {"items": [{"product_id": TEA["id"], "quantity": 3}]}),
        ({"configuration": {"kind": "buy_x_get_y", "buy": 2, "get": 1}}, {"city": "İzmir"}, {"delivery_address": {"city": "İzmir", "country": "TR"}}),
        ({"region": "TR/Ankara/Çankaya"}, {}, {"delivery_address": {"city": "Ankara", "country": "TR", "district": "Çankaya"}}),
        ({"region": "Bursa"}, {}, {"delivery_address": {"city": "Bursa", "country": "TR"}}),
        ({"type": "COUPON", "configuration": {"code": "HALF"}}, {}, {"coupon_codes": ["HALF"]}),
        ({"type": "EXPRESS_FEE"}, {}, {"is_express_delivery": True}),
        ({"configuration": {"tiers": {"gold": {"percent": -5}}}}, {}, {"customer_tier": "gold"}),
        ({"configuration": {"breaks": [{"min_quantity": 6}]}}, {}, {"items": [{"product_id": TEA["id"], "quantity": 6}]}),
        ({"configuration": {"threshold": Decimal(30)}}, {}, {"items": [{"product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e", "quantity": 1, "unit_price": Decimal(24)}]}),
        ({"seller_id": "a", "logistics_provider": "swift"}, {"quantity": "7"}, {"seller_id": "a", "logistics_provider": "swift", "items": [{"product_id": TEA["id"], "quantity": 7}]}),
        ({"currency": "EUR", "category_id": "c"}, {}, {"currency": "EUR", "items": [{"product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e", "quantity": 1, "unit_price": Decimal(100), "category_id": "c"}]}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_the_basket_is_one_that_the_draft_is_about(
    draft: dict[str, Any], chosen: dict[str, str], expected: dict[str, Any]
) -> None:
    basket = example_basket(draft, [TEA], chosen)
    assert {name: basket.get(name) for name in expected} == expected
