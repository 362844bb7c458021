"""Announcing, changing and moving flash sales.

Source: docs/spec/flash-sales.md#sales; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.flash_sales.sales import SALES, Sales, a_sale, an_item, code_of, instant


def test_a_sale_is_made_shown_and_listed(sales: Sales) -> None:
    item = an_item(list_price=24.5)
    answer = sales.admin.post(SALES, json=a_sale(item, hold_seconds=30))
    made = answer.json()["data"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{SALES}/{made['id']}"
    assert (made["state"], made["hold_seconds"], made["items"]) == ("scheduled", 30, [{**item, "list_price": 24.50}])
    assert b'"list_price":24.50' in answer.content
    shown = sales.admin.get(answer.headers["location"])
    assert shown.json()["data"] == made
    assert shown.headers["etag"] == answer.headers["etag"]
    listed = sales.admin.get(SALES, params={"product_id": item["product_id"]}).json()["data"]
    assert listed == [made]
    assert sales.admin.get(SALES, params={"product_id": item["product_id"], "state": "active"}).json()["data"] == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"ends_at": "2026-01-01T00:00:00Z"}, "/ends_at"),
        ({"starts_at": "2026-01-01T00:00:00"}, "/starts_at"),
        ({"items": []}, "/items"),
        ({"items": [an_item(sale_price=19.999)]}, "/items/0/sale_price"),
        ({"items": [an_item(sale_price=-1)]}, "/items/0/sale_price"),
        ({"items": [an_item(currency="XXQ")]}, "/items/0/currency"),
        ({"items": [an_item(allocated_stock=-1)]}, "/items/0/allocated_stock"),
        ({"items": [an_item(per_customer_limit=0)]}, "/items/0/per_customer_limit"),
        ({"items": [an_item(product_id="x")]}, "/items/0/product_id"),
        ({"hold_seconds": 0}, "/hold_seconds"),
        ({"price": 1}, "/price"),
    ],
)
def test_what_cannot_be_is_named(sales: Sales, fields: dict[str, object], pointer: str) -> None:
    answer = sales.admin.post(SALES, json=a_sale(**fields))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_product_is_on_one_open_sale_at_a_time(sales: Sales) -> None:
    item = an_item()
    first = sales.create(a_sale(item))
    refused = sales.admin.post(SALES, json=a_sale(item, starts_at=instant(7000), ends_at=instant(9000)))
    assert (refused.status_code, code_of(refused)) == (409, "sale-overlaps")
    assert first["id"] in refused.json()["detail"]
    after = sales.create(a_sale(item, starts_at=first["ends_at"], ends_at=instant(9000)))
    early = sales.step(after["id"], "activate")
    assert (early.status_code, code_of(early)) == (409, "sale-overlaps")
    assert sales.step(first["id"], "cancel").json()["data"]["state"] == "cancelled"
    assert sales.step(after["id"], "activate").status_code == 200


def test_of_many_overlapping_sales_made_at_once_one_is_made(sales: Sales) -> None:
    item = an_item()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: sales.admin.post(SALES, json=a_sale(item)), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


def test_the_same_key_makes_one_sale(sales: Sales) -> None:
    sale, key = a_sale(), uuid4().hex
    first, second = (sales.admin.post(SALES, json=sale, headers={"Idempotency-Key": key}) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


def test_the_clock_begins_and_ends_a_sale(sales: Sales) -> None:
    sale = sales.create(a_sale(starts_at=instant(0.3), ends_at=instant(1.5)))

    def state() -> str:
        return str(sales.admin.get(f"{SALES}/{sale['id']}").json()["data"]["state"])

    until(lambda: state() == "active", "the sale has begun")
    until(lambda: state() == "ended", "the sale is over")
    audited = sales.admin.get("/api/v1/audit", params={"object_id": sale["id"]}).json()["data"]
    assert [row["action"] for row in audited] == ["flash_sale.end", "flash_sale.activate", "flash_sale.create"]
    assert audited[0]["actor_kind"] == "system"


def test_a_sale_moves_only_forward(sales: Sales) -> None:
    on = sales.on_sale()
    again = sales.step(on.id, "activate")
    assert (again.status_code, code_of(again)) == (409, "sale-state")
    assert sales.step(on.id, "end").json()["data"]["state"] == "ended"
    for step in ("activate", "end", "cancel"):
        assert sales.step(on.id, step).status_code == 409
    assert sales.admin.put(f"{SALES}/{on.id}", json=a_sale()).status_code == 409
    scheduled = sales.create(a_sale())
    assert sales.step(scheduled["id"], "end").status_code == 409
    assert sales.admin.delete(f"{SALES}/{scheduled['id']}").status_code == 204
    assert sales.admin.get(f"{SALES}/{scheduled['id']}").json()["data"]["state"] == "cancelled"


def test_a_scheduled_sale_is_replaced_whole(sales: Sales) -> None:
    made = sales.admin.post(SALES, json=a_sale())
    path, tag = made.headers["location"], made.headers["etag"]
    sale = a_sale(an_item(), an_item())
    changed = sales.admin.put(path, json=sale, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert changed.json()["data"]["items"] == [{**item, "list_price": None} for item in sale["items"]]
    stale = sales.admin.put(path, json=sale, headers={"If-Match": tag})
    assert (stale.status_code, code_of(stale)) == (412, "precondition-failed")
    assert sales.admin.post(f"{path}/cancel", headers={"If-Match": tag}).status_code == 412


def put(sales: Sales, sale: dict[str, Any], **item: object) -> httpx.Response:
    fields = ("name", "starts_at", "ends_at", "hold_seconds")
    [before] = sale["items"]
    body = {**{name: sale[name] for name in fields}, "items": [{**before, **item}]}
    return sales.admin.put(f"{SALES}/{sale['id']}", json=body)


def test_stock_of_an_active_sale_is_raised_and_lowered_to_what_is_taken(sales: Sales) -> None:
    on = sales.on_sale(allocated_stock=3, per_customer_limit=3)
    for _ in range(2):
        sales.bought(on)
    refused = put(sales, on.sale, allocated_stock=1)
    assert refused.status_code == 409, refused.text
    assert (refused.status_code, code_of(refused), refused.json()["sold"]) == (409, "stock-below-sold", 2)
    assert put(sales, on.sale, allocated_stock=2).status_code == 200
    assert code_of(sales.buy(on)) == "sold-out"
    raised = put(sales, on.sale, allocated_stock=4)
    assert raised.status_code == 200, raised.text
    assert [sales.buy(on).status_code for _ in range(3)] == [202, 202, 409]
    assert sales.figures(on)["stock"] == 0


def test_price_and_limit_of_an_active_sale_change_for_the_next_buyer(sales: Sales) -> None:
    on = sales.on_sale(per_customer_limit=1)
    sales.bought(on)
    assert put(sales, on.sale, sale_price=15.5, per_customer_limit=2).status_code == 200
    old = sales.buy(on)
    assert (old.status_code, code_of(old), old.json()["unit_price"]) == (409, "price-changed", 15.5)
    assert b'"unit_price":15.50' in old.content
    assert sales.bought(on, expected_price=15.5, quantity=2)["total"] == 31


def test_what_a_buyer_was_notified_no_longer_changes(sales: Sales) -> None:
    on = sales.on_sale()
    for other in ({"product_id": str(uuid4())}, {"currency": "EUR"}):
        assert code_of(put(sales, on.sale, **other)) == "sale-state"
    moved = put(sales, {**on.sale, "starts_at": instant(60)})
    assert code_of(moved) == "sale-state"


def test_unknown_sales_are_404(sales: Sales) -> None:
    path = f"{SALES}/{uuid4()}"
    assert sales.admin.get(path).status_code == 404
    assert sales.admin.put(path, json=a_sale()).status_code == 404
    assert sales.admin.post(f"{path}/activate").status_code == 404
    assert sales.admin.get(f"{path}/figures").status_code == 404
    assert sales.checkout.get(f"{path}/customers/{uuid4()}/summary").status_code == 404
