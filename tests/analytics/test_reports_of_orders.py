"""What is quoted, ordered and given back stands in reports. Source: docs/spec/analytics.md#reports."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from tests.orders.market import Market
from tests.quotes.lifecycle.shop import until


def _read(admin: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    answer = admin.get(f"/api/v1/analytics/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = json.loads(answer.text, parse_float=Decimal)["data"]["currencies"]
    return found


def test_orders_and_their_quotes_stand_in_reports(market: Market, admin: httpx.Client) -> None:
    tier = f"tier-{uuid4().hex[:8]}"
    market.charged()
    orders = [market.ordered_quote(customer_tier=tier) for _ in range(3)]
    market.quote(customer_tier=tier)
    market.quote(customer_tier=tier, is_express_delivery=True)
    assert market.do(orders[0]["id"], "cancel").status_code == 200

    def is_counted() -> bool:
        found = _read(admin, "pricing", tier=tier)
        return bool(found) and (
            found[0]["totals"]["quoted"]["answers"] >= 5 and found[0]["totals"]["sold"]["cancellations"] == 1
        )

    until(is_counted, "the quotes, orders and the cancellation are counted")
    (block,) = _read(admin, "pricing", tier=tier, group_by="day")
    sold = block["totals"]["sold"]
    total = sum(order["total_amount"] for order in orders)
    assert (sold["accepted"], sold["orders"], sold["total"]) == (3, 3, total)
    assert (sold["reversed_total"], sold["net_revenue"]) == (
        orders[0]["total_amount"],
        total - orders[0]["total_amount"],
    )
    assert [group["figures"] for group in block["groups"]] == [block["totals"]]
    (earned,) = _read(admin, "commission", tier=tier, group_by="seller")
    assert earned["totals"]["commission"] > 0
    assert earned["totals"]["net_commission"] * 3 == earned["totals"]["commission"] * 2
    assert [group["keys"]["seller"] for group in earned["groups"]] == [market.seller]
