"""A version with a lower limit knows how often the coupon was used before (docs/spec/pricing-rules.md#coupons)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import httpx

from quote_service.platform.system.new_ids import new_id
from tests.fixtures.service import Service
from tests.pricing_rules.drafts import PATH, created, new_name


def test_a_lower_limit_counts_what_was_used_before(
    service: Service, admin: httpx.Client, checkout: httpx.Client
) -> None:
    name = new_name("coupon")
    often, seldom = new_id(), new_id()
    configuration = {"kind": "percent", "value": 10, "code": name, "usage_limit": 100, "usage_limit_per_customer": 50}
    draft = {"name": name, "type": "COUPON", "configuration": configuration}
    made = created(admin, draft)
    asyncio.run(_use(service.database_url, name, {None: 9, often: 6, seldom: 3}))
    _until(checkout, name, often, None)
    stricter = {**draft, "configuration": {**configuration, "usage_limit_per_customer": 5}}
    second = admin.put(f"{PATH}/{made['id']}", json=stricter).json()["data"]
    _until(checkout, name, often, "exhausted")
    _until(checkout, name, seldom, None)
    for_all = {**draft, "configuration": {**configuration, "usage_limit": 9}}
    third = admin.put(f"{PATH}/{second['id']}", json=for_all).json()["data"]
    _until(checkout, name, seldom, "exhausted")
    assert admin.put(f"{PATH}/{third['id']}", json=draft).status_code == 200
    _until(checkout, name, seldom, None)


async def _use(database_url: str, name: str, uses: dict[str | None, int]) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for customer, count in uses.items():
            statement = "INSERT INTO coupon_usage (rule_name, customer_id, uses) VALUES ($1, $2, $3)"
            await connection.execute(statement, name, customer, count)
    finally:
        await connection.close()


def _until(checkout: httpx.Client, name: str, customer: str, reason: str | None) -> None:
    basket: dict[str, Any] = {
        "customer_id": customer,
        "seller_id": new_id(),
        "items": [{"product_id": new_id(), "quantity": 1, "unit_price": 20}],
        "delivery_address": {"country": "TR", "city": "Izmir"},
        "currency": "TRY",
        "coupon_codes": [name],
    }
    deadline = time.monotonic() + 120
    while True:
        answer = checkout.post("/api/v1/quote", json=basket)
        assert answer.status_code == 200, answer.text
        (coupon,) = answer.json()["data"]["coupons"]
        if coupon["reason"] == reason:
            return
        assert time.monotonic() < deadline, coupon
