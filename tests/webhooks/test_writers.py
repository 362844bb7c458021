"""Every writer tells what its object has become, as a GET shows it; source: docs/spec/webhooks.md#events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.platform.postgres.pool import Database
from tests.campaigns.running import Campaigns
from tests.commission_rates.rates import a_rate
from tests.fixtures.serve import QUOTE, a_basket
from tests.flash_sales.sales import Sales, a_sale
from tests.ledger.till import Till
from tests.orders.market import Market
from tests.quotes.lifecycle.shop import until
from tests.webhooks.sending import Shop


class Told:
    """An endpoint for everything, whose deliveries are read and not awaited."""

    def __init__(self, admin: httpx.Client) -> None:
        self.admin = admin
        body = {"url": "http://127.0.0.2:1024/", "event_types": ["*"]}
        self.id = self.ask("POST", "/webhooks", json=body)["id"]

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answered = self.admin.request(method, f"/api/v1{path}", **more)
        assert answered.is_success, answered.text
        return json.loads(answered.content, parse_float=Decimal)["data"] if answered.content else None

    def subjects(self, event: str) -> list[str]:
        """What events of this type are about."""
        listed = self.ask("GET", f"/webhooks/{self.id}/deliveries?limit=200&type={event}")
        return [each["subject"] for each in listed]

    def data(self, event: str, subject: str) -> Any:
        """The data of the one event of this type about a subject."""
        listed = self.ask("GET", f"/webhooks/{self.id}/deliveries?limit=200&type={event}")
        (found,) = [each for each in listed if each["subject"] == subject]
        return self.ask("GET", f"/webhooks/{self.id}/deliveries/{found['id']}")["event"]["data"]


@pytest.fixture
def told(admin: httpx.Client) -> Iterator[Told]:
    told = Told(admin)
    yield told
    told.ask("DELETE", f"/webhooks/{told.id}")


def test_rates(told: Told) -> None:
    draft = a_rate()
    made = told.ask("POST", "/commission-rates", json=draft)
    path = f"/commission-rates/{made['id']}"
    assert told.data("rate.created", made["id"]) == told.ask("GET", path)
    told.ask("PUT", path, json=draft | {"rate": 11})
    assert told.data("rate.updated", made["id"]) == told.ask("GET", path)
    told.ask("DELETE", path)
    assert told.data("rate.ended", made["id"]) == told.ask("GET", path)


def test_imported_rates(told: Told) -> None:
    rows = [a_rate() for _ in range(3)]
    for identifier in told.ask("PUT", "/commission-rates/bulk", json=rows)["ids"]:
        assert told.data("rate.created", identifier) == told.ask("GET", f"/commission-rates/{identifier}")


def test_rules(told: Told) -> None:
    draft = {"name": f"rule {uuid4()}", "type": "TAX", "configuration": {"rate": 18}, "region": f"TR/city-{uuid4()}"}
    first = told.ask("POST", "/pricing-rules", json=draft)
    assert told.data("rule.created", first["id"]) == told.ask("GET", f"/pricing-rules/{first['id']}")
    second = told.ask("PUT", f"/pricing-rules/{first['id']}", json=draft | {"configuration": {"rate": 20}})
    assert told.data("rule.updated", second["id"]) == told.ask("GET", f"/pricing-rules/{second['id']}")
    third = told.ask("POST", f"/pricing-rules/{first['id']}/rollback")
    assert told.data("rule.rolled_back", third["id"]) == told.ask("GET", f"/pricing-rules/{third['id']}")
    told.ask("DELETE", f"/pricing-rules/{third['id']}")
    assert told.data("rule.deactivated", third["id"]) == told.ask("GET", f"/pricing-rules/{third['id']}")


def test_flags(told: Told) -> None:
    draft = {"key": f"flag-{uuid4()}", "name": "a flag", "type": "NUMBER", "value": 10.0, "is_enabled": True}
    made = told.ask("POST", "/feature-flags", json=draft)
    path = f"/feature-flags/{made['id']}"
    assert told.data("flag.created", made["id"]) == told.ask("GET", path)
    told.ask("PUT", path, json=draft | {"name": "another"})
    assert told.data("flag.updated", made["id"]) == told.ask("GET", path)
    told.ask("POST", f"{path}/kill")
    assert told.data("flag.killed", made["id"]) == told.ask("GET", path)
    told.ask("DELETE", path)
    assert told.data("flag.archived", made["id"])["id"] == made["id"]


def test_flash_sales(told: Told) -> None:
    draft = a_sale()
    steps = {"activate": "sale.started", "end": "sale.ended"}
    made = told.ask("POST", "/flash-sales", json=draft)
    path = f"/flash-sales/{made['id']}"
    assert told.data("sale.created", made["id"])["id"] == made["id"]
    told.ask("PUT", path, json=draft | {"name": "another"})
    assert told.data("sale.updated", made["id"])["version"] == made["version"] + 1
    for step, event in steps.items():
        state = told.ask("POST", f"{path}/{step}")["state"]
        assert told.data(event, made["id"])["state"] == state
    other = told.ask("POST", "/flash-sales", json=a_sale())
    told.ask("POST", f"/flash-sales/{other['id']}/cancel")
    assert told.data("sale.cancelled", other["id"])["state"] == "cancelled"


def test_prices_and_campaigns(told: Told) -> None:
    prices = [{"currency": "TRY", "base_price": 100}]
    product = told.ask("POST", "/products", json={"sku": uuid4().hex, "name": "a jacket", "prices": prices})
    changed = told.ask("POST", f"/products/{product['id']}/price", json={"price": 90, "currency": "TRY"})
    assert told.data("price.changed", changed["id"])["price"] == 90
    draft = {
        "name": f"campaign {uuid4()}",
        "product_id": product["id"],
        "duration": 5,
        "price_manipulation_limit": 20,
        "target_sales_count": 100,
        "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    made = told.ask("POST", "/campaigns", json=draft)
    assert told.data("campaign.created", made["id"]) == made
    replaced = told.ask("PUT", f"/campaigns/{made['id']}", json=draft | {"duration": 6})
    assert told.data("campaign.updated", made["id"]) == replaced
    cancelled = told.ask("POST", f"/campaigns/{made['id']}/cancel")
    assert told.data("campaign.cancelled", made["id"]) == cancelled


def test_price_decisions(told: Told) -> None:
    prices = [{"currency": "TRY", "base_price": 100, "cost_price": 60, "min_price": 70}]
    product = told.ask("POST", "/products", json={"sku": uuid4().hex, "name": "a jacket", "prices": prices})
    draft = {"product_id": product["id"], "currency": "TRY", "highest_margin_percent": 60}
    told.ask("POST", "/price-policies", json=draft)
    wanted = {"product_id": product["id"], "currency": "TRY", "price": 90}
    made = told.ask("POST", "/decisions", json=wanted)
    assert told.data("decision.applied", made["id"]) == made == told.ask("GET", f"/decisions/{made['id']}")


def test_accepted_quotes_once(told: Told, checkout: httpx.Client) -> None:
    quote = checkout.post(QUOTE, json=a_basket()).json()["data"]
    accepted = [checkout.post(f"/api/v1/quotes/{quote['quote_id']}/accept") for _ in range(2)]
    assert (
        told.data("quote.accepted", quote["quote_id"]) == json.loads(accepted[0].content, parse_float=Decimal)["data"]
    )


def test_orders(told: Told, market: Market) -> None:
    placed = market.ordered_quote()
    assert told.data("order.placed", placed["id"]) == market.shown(placed["id"])
    assert told.data("quote.accepted", placed["quote_id"])["total_amount"] == placed["total_amount"]
    assert market.do(placed["id"], "fulfil").status_code == 200
    assert told.data("order.fulfilled", placed["id"]) == market.shown(placed["id"])
    other = market.ordered_quote()
    assert market.do(other["id"], "cancel").status_code == 200
    assert told.data("order.cancelled", other["id"]) == market.shown(other["id"])


def test_payouts(told: Told, till: Till) -> None:
    seller = till.seller_with(100_00)
    paid = told.ask(
        "POST", f"/sellers/{seller}/payouts", json={"amount": "60.50", "currency": "TRY", "reference": "T-1"}
    )
    assert told.data("payout.created", paid["id"]) == paid


def test_the_last_unit_of_a_sale(told: Told, admin: httpx.Client, checkout: httpx.Client) -> None:
    sales = Sales(admin, checkout)
    on = sales.on_sale(allocated_stock=2)
    for _ in range(2):
        assert told.subjects("sale.sold_out") == []
        purchase = sales.bought(on)
        until(lambda wanted=purchase["purchase_id"]: sales.purchase(wanted)["status"] == "confirmed", "it is recorded")
    item = {"flash_sale_id": on.id, "product_id": on.product_id, "currency": "TRY", "allocated_stock": 2}
    assert told.data("sale.sold_out", on.id) == item


async def test_campaigns_that_run(shop: Shop, database: Database) -> None:
    campaigns = Campaigns(database)
    await shop.endpoint("https://shop.example/", "campaign.*")
    campaign = await campaigns.campaign(await campaigns.product(), duration=1)
    await campaigns.tick(campaign, 0)
    await campaigns.tick(campaign, 1)
    rows = await shop.sql("SELECT type, data ->> 'status' AS status FROM webhook_events ORDER BY id")
    assert [(row["type"], row["status"]) for row in rows] == [
        ("campaign.created", "scheduled"),
        ("campaign.started", "active"),
        ("campaign.ended", "ended"),
    ]


def test_change_sets(told: Told) -> None:
    def listed(identifier: str) -> Any:
        (found,) = [each for each in told.ask("GET", "/change-sets?limit=200") if each["id"] == identifier]
        return found

    made = told.ask("POST", "/change-sets", json={"name": "empty"})
    told.ask("POST", f"/change-sets/{made['id']}/publish")
    assert told.data("change_set.published", made["id"]) == listed(made["id"])
    told.ask("POST", f"/change-sets/{made['id']}/rollback")
    assert told.data("change_set.rolled_back", made["id"]) == listed(made["id"])
    rate = a_rate()
    told.ask("POST", "/commission-rates", json=rate)
    twice = [{"action": "create", "draft": rate}]  # which is found when it is to be written
    other = told.ask("POST", "/change-sets", json={"name": "late", "rates": twice})
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    told.ask("POST", f"/change-sets/{other['id']}/publish", json={"publish_at": soon})
    until(lambda: listed(other["id"])["status"] == "failed", "the set is not published")
    assert told.data("change_set.failed", other["id"]) == listed(other["id"])
