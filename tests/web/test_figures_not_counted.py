"""What pages say of payouts below zero, and of figures that are not counted. Source: docs/spec/commission.md#payouts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.access.running import RunningService, until
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of


def order_of(service: RunningService, seller_id: str) -> dict[str, Any]:
    """An order of 25.50 of this seller."""
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": seller_id,
        "items": [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 25.5}],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }
    headers = {**service.as_role("admin"), "Idempotency-Key": uuid4().hex}
    placed = service.http.post("/api/v1/orders", json=basket, headers=headers)
    assert placed.status_code == 201, placed.text
    return dict(placed.json()["data"])


def test_a_payout_below_zero_is_on_the_pages_of_the_order_and_of_the_statement(
    service: RunningService, signed_in: SignIn
) -> None:
    seller, visitor = str(uuid4()), signed_in("admin")
    assert "notice warn" not in visitor.see(f"/admin/orders/{order_of(service, seller)['id']}")
    rate = {"commission_type": "FLAT", "rate": 100, "currency": "TRY", "seller_id": seller}
    made = service.http.post("/api/v1/commission-rates", json=rate, headers=service.as_role("admin"))
    assert made.status_code == 201, made.text
    orders: list[dict[str, Any]] = []

    def is_charged() -> bool:
        orders.append(order_of(service, seller))
        return "warnings" in orders[-1]

    until(is_charged, "the rate counts")
    shown = visitor.see(f"/admin/orders/{orders[-1]['id']}")
    assert "74.50 TRY more than the lines of seller" in text_of(shown)
    assert shown.count('<p class="notice warn') == 1
    path = f"/admin/statements/{seller}?currency=TRY"
    until(lambda: "Payout negative" in text_of(visitor.see(path)), "the order is in the statement")
    statement = visitor.see(path)
    assert statement.count('class="tag warn"') == 1
    owes = "The seller owes this; later payouts are less by it." in statement
    closing = service.http.get(
        f"/api/v1/sellers/{seller}/statement", params={"currency": "TRY"}, headers=service.as_role("admin")
    ).json()["data"]["closing_balance"]
    assert owes is (closing < 0)


def test_figures_by_rule_show_a_dash_where_nothing_is_counted(service: RunningService, signed_in: SignIn) -> None:
    admin = service.as_role("admin")
    name = f"=tax {uuid4()}"
    rule = {"name": name, "type": "TAX", "configuration": {"rate": 20}, "region": "TR", "priority": 9}
    made = service.http.post("/api/v1/pricing-rules", json=rule, headers=admin)
    assert made.status_code == 201, made.text
    until(lambda: order_of(service, str(uuid4()))["tax_amount"] > 0, "the rule counts")
    visitor = signed_in("analyst")
    until(lambda: name in text_of(visitor.see("/admin/analytics?group_by=rule")), "the order is counted")
    shown = visitor.see("/admin/analytics?group_by=rule")
    assert 'title="Not counted">–</span></td>' in shown
    assert "Acceptance rate" in text_of(shown)
    assert "None" not in text_of(shown)
    assert "Acceptance rate" in text_of(visitor.see("/admin/analytics?group_by=seller"))
