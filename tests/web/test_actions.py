"""What is done to an object by a form of its own. Source: docs/spec/web.md#objects."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import Visitor, text_of


def place_order(service: RunningService) -> str:
    basket: dict[str, Any] = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": str(uuid4()), "quantity": 3, "unit_price": 25.5}],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }
    headers = {**service.as_role("admin"), "Idempotency-Key": uuid4().hex}
    placed = service.http.post("/api/v1/orders", json=basket, headers=headers)
    assert placed.status_code in (200, 201), placed.text
    return str(placed.json()["data"]["id"])


def key_of(html: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def refund(visitor: Visitor, path: str, key: str, **fields: str) -> Any:
    line = {"/lines/0/line_id": "1", "/lines/0/quantity": "1", "/delivery": "none", "/restock": "false"}
    return visitor.send(path, **{**line, "key": key, **fields})


def test_one_unit_of_an_order_is_refunded_after_a_look_at_what_that_does(
    service: RunningService, signed_in: SignIn
) -> None:
    visitor, order_id = signed_in("admin"), place_order(service)
    path = f"/admin/orders/{order_id}/do/refund"
    assert "Refund" in visitor.see(f"/admin/orders/{order_id}")
    form = visitor.see(path)
    assert 'name="/lines/0/quantity" value="3"' in form
    preview = refund(visitor, path, key_of(form), to="preview")
    assert preview.status_code == 200
    assert "What it would do" in text_of(preview.text)
    shown = text_of(preview.text)
    assert "The customer gets 25.50 TRY" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "The order is then partly refunded ; the stock stays as it is" in shown
    assert "Payout changes by" in shown
    assert "partly_refunded" not in preview.text
    order = f"/api/v1/orders/{order_id}"
    assert service.http.get(order, headers=service.as_role("admin")).json()["data"]["status"] == "placed"
    key = key_of(form)
    for _ in range(2):  # a button that is pressed twice refunds once
        done = refund(visitor, path, key)
        assert done.status_code == 303, text_of(done.text)
    refunds = service.http.get(f"{order}/refunds", headers=service.as_role("admin")).json()["data"]
    assert [each["total_amount"] for each in refunds] == [25.5]
    assert "Partly refunded" in text_of(visitor.see(done.headers["location"]))


def test_more_units_than_there_are_are_refused_at_their_field(service: RunningService, signed_in: SignIn) -> None:
    visitor, order_id = signed_in("admin"), place_order(service)
    path = f"/admin/orders/{order_id}/do/refund"
    refused = refund(visitor, path, key_of(visitor.see(path)), **{"/lines/0/quantity": "4"})
    assert refused.status_code in (409, 422)
    assert re.search(r'id="field-lines-0-quantity" aria-invalid="true"', refused.text)
    assert 'value="4"' in refused.text


def test_an_analyst_cannot_refund(service: RunningService, signed_in: SignIn) -> None:
    analyst, order_id = signed_in("analyst"), place_order(service)
    path = f"/admin/orders/{order_id}/do/refund"
    assert "/do/" not in analyst.see(f"/admin/orders/{order_id}")
    assert analyst.http.get(path).status_code == 404
    assert refund(analyst, path, uuid4().hex).status_code == 403


def test_a_flag_is_asked_for_a_customer(service: RunningService, signed_in: SignIn) -> None:
    draft = {"key": f"flag-{uuid4().hex[:6]}", "type": "STRING", "value": "blue", "is_enabled": True}
    flag = service.http.post("/api/v1/feature-flags", json=draft, headers=service.as_role("admin")).json()["data"]
    visitor = signed_in("pricing_manager")
    asked = visitor.send(f"/admin/flags/{flag['id']}/do/evaluate", **{"/customer_id": str(uuid4())})
    assert asked.status_code == 200, text_of(asked.text)
    assert "The answer" in text_of(asked.text)
    assert "blue" in text_of(asked.text)


def test_units_are_added_to_stock(service: RunningService, signed_in: SignIn) -> None:
    admin = service.as_role("admin")
    product = {"sku": f"S-{uuid4().hex[:6]}", "name": "Box", "prices": [{"currency": "TRY", "base_price": 5}]}
    product_id = service.http.post("/api/v1/products", json=product, headers=admin).json()["data"]["id"]
    put = service.http.put(
        f"/api/v1/inventory/{product_id}", json={"quantity": 7}, headers={**admin, "If-None-Match": "*"}
    )
    assert put.status_code in (200, 201), put.text
    visitor = signed_in("pricing_manager")
    path = f"/admin/inventory/{product_id}/do/adjust"
    form = visitor.see(path)
    done = visitor.send(path, **{"/delta": "5", "/reason": "counted again", "key": key_of(form)})
    assert done.status_code == 303, text_of(done.text)
    stock = service.http.get(f"/api/v1/inventory/{product_id}", headers=admin).json()["data"]
    assert stock["quantity"] == 12
    assert "counted again" in text_of(visitor.see(f"/admin/inventory/{product_id}"))


def test_a_product_shows_where_its_price_has_been(service: RunningService, signed_in: SignIn) -> None:
    admin = service.as_role("admin")
    product = {"sku": f"P-{uuid4().hex[:6]}", "name": "Lamp", "prices": [{"currency": "TRY", "base_price": 120}]}
    product_id = service.http.post("/api/v1/products", json=product, headers=admin).json()["data"]["id"]
    shown = signed_in("analyst").see(f"/admin/products/{product_id}")
    assert 'aria-label="Price in TRY over time"' in shown
    assert re.search(r"120(\.00)? from .* UTC, manual", shown)
    assert "Lowest of 30 days" in shown


def test_a_campaign_is_simulated_as_a_drawing(service: RunningService, signed_in: SignIn) -> None:
    admin = service.as_role("admin")
    product = {"sku": f"C-{uuid4().hex[:6]}", "name": "Tent", "prices": [{"currency": "TRY", "base_price": 100, "min_price": 50, "max_price": 200}]}  # fmt: skip
    product_id = service.http.post("/api/v1/products", json=product, headers=admin).json()["data"]["id"]
    draft = {
        "name": "Spring",
        "product_id": product_id,
        "currency": "TRY",
        "duration": 10,
        "price_manipulation_limit": 20,
        "target_sales_count": 100,
    }
    made = service.http.post("/api/v1/campaigns", json=draft, headers=admin)
    assert made.status_code == 201, made.text
    visitor = signed_in("pricing_manager")
    path = f"/admin/campaigns/{made.json()['data']['id']}/do/simulate"
    page_text = visitor.send(path, **{"/hourly_sales": "50, 5"}).text
    assert 'aria-label="Price from hour to hour"' in page_text
    assert "hour 1" in page_text


def test_the_audit_log_shows_what_changed(service: RunningService, signed_in: SignIn) -> None:
    admin = service.as_role("admin")
    draft = {"key": f"flag-{uuid4().hex[:6]}", "type": "NUMBER", "value": 4}
    flag = service.http.post("/api/v1/feature-flags", json=draft, headers=admin).json()["data"]
    service.http.put(
        f"/api/v1/feature-flags/{flag['id']}", json={**draft, "value": 5}, headers={**admin, "If-Match": "*"}
    )
    visitor = signed_in("admin")
    listed = visitor.see(f"/admin/audit?object_id={flag['id']}")
    assert re.search(r"<td>Value</td><td><del>4</del></td><td><ins>5</ins></td>", listed)
    (entry, *_) = re.findall(r'href="(/admin/audit/[^"/]+)"', listed)
    assert "Value 4 5" in text_of(visitor.see(entry))


def test_a_seller_has_a_statement(service: RunningService, signed_in: SignIn) -> None:
    admin = service.as_role("admin")
    seller = {"name": "Kaya Shoes", "external_ref": f"S-{uuid4().hex[:6]}"}
    seller_id = service.http.post("/api/v1/sellers", json=seller, headers=admin).json()["data"]["id"]
    visitor = signed_in("analyst")
    assert f"/admin/statements/{seller_id}" in visitor.see(f"/admin/sellers/{seller_id}")
    path = f"/admin/statements/{seller_id}"
    shown = text_of(visitor.see(f"{path}?currency=TRY&from=2026-01-01"))
    assert "Balance at the end 0.00 TRY" in shown
    assert "Nothing was posted in this time" in shown
    assert visitor.http.get(f"{path}/csv?currency=TRY").headers["content-type"].startswith("text/csv")
    refused = visitor.http.get(f"{path}?currency=nothing")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert signed_in("pricing_manager").http.get(path).status_code == 403
