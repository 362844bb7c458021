"""Lists of rules, who may touch them, and quotes that see a change within a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from quote_service.platform.system.new_ids import new_id
from tests.pricing_rules.drafts import PATH, created, delivery, new_name, pointers, tax


def listed(admin: httpx.Client, **filters: Any) -> list[tuple[str, int]]:
    answer = admin.get(PATH, params=filters)
    assert answer.status_code == 200, answer.text
    return [(row["name"], row["version"]) for row in answer.json()["data"]]


def test_filters_are_named_as_the_fields(admin: httpx.Client) -> None:
    draft = delivery()
    first = created(admin, draft)
    second = admin.put(f"{PATH}/{first['id']}", json=draft).json()["data"]
    admin.delete(f"{PATH}/{first['id']}")
    both = [(draft["name"], 2), (draft["name"], 1)]
    assert listed(admin, name=draft["name"]) == both
    assert listed(admin, region=draft["region"].upper()) == both
    assert listed(admin, name=draft["name"], type="DELIVERY_FEE", currency="TRY") == both
    assert listed(admin, name=draft["name"], type="TAX") == []
    assert listed(admin, name=draft["name"], currency="EUR") == []
    assert listed(admin, name=draft["name"], is_active="true") == [(draft["name"], second["version"])]
    assert listed(admin, name=draft["name"], is_active="false") == [(draft["name"], 1)]


def test_active_at_an_instant_is_the_highest_version_in_force(admin: httpx.Client) -> None:
    draft = delivery(effective_from="2030-01-01T00:00:00Z")
    made = created(admin, draft)
    dated = {**draft, "effective_from": "2031-01-01T00:00:00Z", "effective_to": "2032-01-01T00:00:00Z"}
    admin.put(f"{PATH}/{made['id']}", json=dated)
    for instant, version in (("2029", None), ("2030", 1), ("2031", 2), ("2032", 1)):
        expected = [] if version is None else [(draft["name"], version)]
        assert listed(admin, name=draft["name"], active_at=f"{instant}-01-01T00:00:00Z") == expected


def test_pages_hold_every_row_once(admin: httpx.Client) -> None:
    region = f"TR/{new_name('city')}"
    names = sorted(created(admin, tax(region=region))["name"] for _ in range(5))
    seen, parameters = [], {"region": region, "limit": "2"}
    while True:
        page = admin.get(PATH, params=parameters).json()
        seen += [row["name"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
    assert seen == names


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("cursor=x", "/query/cursor"),
        ("colour=red", "/query/colour"),
        ("type=MAGIC", "/query/type"),
        ("is_active=maybe", "/query/is_active"),
        ("active_at=2026-01-01T00:00:00", "/query/active_at"),
        ("region=ZZ", "/query/region"),
        ("name=a&name=b", "/query/name"),
    ],
)
def test_a_query_that_is_not_understood(admin: httpx.Client, query: str, pointer: str) -> None:
    assert pointers(admin.get(f"{PATH}?{query}")) == [pointer]


def test_nobody_gets_in_without_a_role(anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]) -> None:
    headers = key_with("quote:write", "quote:read")
    paths = [("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/versions?name=x"), ("POST", "/api/v1/rulebook/check")]
    one = f"{PATH}/{new_id()}"
    paths += [("GET", one), ("PUT", one), ("DELETE", one), ("POST", f"{one}/rollback"), ("GET", f"{one}/diff?to=1")]
    for method, path in paths:
        assert anonymous.request(method, path).status_code == 401
        assert anonymous.request(method, path, headers=headers).status_code == 403


def test_quotes_see_each_change_within_a_second(admin: httpx.Client, checkout: httpx.Client) -> None:
    city = new_name("city")
    draft = delivery(region=f"TR/{city}")
    first = created(admin, draft)
    _until_fee(checkout, city, 10)
    second = admin.put(f"{PATH}/{first['id']}", json={**draft, "configuration": {"base_fee": 12}}).json()["data"]
    _until_fee(checkout, city, 12)
    admin.delete(f"{PATH}/{second['id']}")
    _until_fee(checkout, city, 10)
    third = admin.post(f"{PATH}/{second['id']}/rollback").json()["data"]
    _until_fee(checkout, city, 12)
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    future = {**draft, "configuration": {"base_fee": 99}, "effective_from": later}
    assert admin.put(f"{PATH}/{third['id']}", json=future).status_code == 200
    _until_fee(checkout, city, 12)


def _until_fee(checkout: httpx.Client, city: str, fee: float) -> None:
    basket = {
        "customer_id": new_id(),
        "seller_id": new_id(),
        "items": [{"product_id": new_id(), "quantity": 1, "unit_price": 20}],
        "delivery_address": {"country": "TR", "city": city},
        "currency": "TRY",
    }
    deadline = time.monotonic() + 120
    while True:
        answer = checkout.post("/api/v1/quote", json=basket)
        assert answer.status_code == 200, answer.text
        if answer.json()["data"]["delivery_fee"] == fee:
            return
        assert time.monotonic() < deadline, answer.json()["data"]["delivery_fee"]
        basket["customer_id"] = new_id()
