"""Every writer says what its object has become, as a GET shows it; source: docs/spec/webhooks.md#events."""

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


class Receivers:
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
def reported(admin: httpx.Client) -> Iterator[Receivers]:
    reported = Receivers(admin)
    yield reported
    reported.ask("DELETE", f"/webhooks/{reported.id}")


def test_rates(reported: Receivers) -> None:
    draft = a_rate()
    made = reported.ask("POST", "/commission-rates", json=draft)
    path = f"/commission-rates/{made['id']}"
    assert reported.data("rate.created", made["id"]) == reported.ask("GET", path)
    reported.ask("PUT", path, json=draft | {"rate": 11})
    assert reported.data("rate.updated", made["id"]) == reported.ask("GET", path)
    reported.ask("DELETE", path)
    assert reported.data("rate.ended", made["id"]) == reported.ask("GET", path)


def test_imported_rates(reported: Receivers) -> None:
    rows = [a_rate() for _ in range(3)]
    for identifier in reported.ask("PUT", "/commission-rates/bulk", json=rows)["ids"]:
        assert reported.data("rate.created", identifier) == reported.ask("GET", f"/commission-rates/{identifier}")


def test_rules(reported: Receivers) -> None:
    draft = {"name": f"rule {uuid4()}", "type": "TAX", "configuration": {"rate": 18}, "region": f"TR/city-{uuid4()}"}
    first = reported.ask("POST", "/pricing-rules", json=draft)
    assert reported.data("rule.created", first["id"]) == reported.ask("GET", f"/pricing-rules/{first['id']}")
    second = reported.ask("PUT", f"/pricing-rules/{first['id']}", json=draft | {"configuration": {"rate": 20}})
    assert reported.data("rule.updated", second["id"]) == reported.ask("GET", f"/pricing-rules/{second['id']}")
    third = reported.ask("POST", f"/pricing-rules/{first['id']}/rollback")
    assert reported.data("rule.rolled_back", third["id"]) == reported.ask("GET", f"/pricing-rules/{third['id']}")
    reported.ask("DELETE", f"/pricing-rules/{third['id']}")
    assert reported.data("rule.deactivated", third["id"]) == reported.ask("GET", f"/pricing-rules/{third['id']}")


def test_flags(reported: Receivers) -> None:
    draft = {"key": f"flag-{uuid4()}", "name": "a flag", "type": "NUMBER", "value": 10.0, "is_enabled": True}
    made = reported.ask("POST", "/feature-flags", json=draft)
    path = f"/feature-flags/{made['id']}"
    assert reported.data("flag.created", made["id"]) == reported.ask("GET", path)
    reported.ask("PUT", path, json=draft | {"name": "another"})
    assert reported.data("flag.updated", made["id"]) == reported.ask("GET", path)
    reported.ask("POST", f"{path}/kill")
    assert reported.data("flag.killed", made["id"]) == reported.ask("GET", path)
    reported.ask("DELETE", path)
    assert reported.data("flag.archived", made["id"])["id"] == made["id"]


def test_flash_sales(reported: Receivers) -> None:
    draft = a_sale()
    steps = {"activate": "sale.started", "end": "sale.ended"}
    made = reported.ask("POST", "/flash-sales", json=draft)
    path = f"/flash-sales/{made['id']}"
    assert reported.data("sale.created", made["id"])["id"] == made["id"]
    reported.ask("PUT", path, json=draft | {"name": "another"})
    assert reported.data("sale.updated", made["id"])["version"] == made["version"] + 1
    for step, event in steps.items():
        state = reported.ask("POST", f"{path}/{step}")["state"]
        assert reported.data(event, made["id"])["state"] == state
    other = reported.ask("POST", "/flash-sales", json=a_sale())
    reported.ask("POST", f"/flash-sales/{other['id']}/cancel")
    assert reported.data("sale.cancelled", other["id"])["state"] == "cancelled"


def test_prices_and_campaigns(reported: Receivers) -> None:
    prices = [{"currency": "TRY", "base_price": 100}]
    product = reported.ask("POST", "/products", json={"sku": uuid4().hex, "name": "a jacket", "prices": prices})
    changed = reported.ask("POST", f"/products/{product['id']}/price", json={"price": 90, "currency": "TRY"})
    assert reported.data("price.changed", changed["id"])["price"] == 90
    draft = {
        "name": f"campaign {uuid4()}",
        "product_id": product["id"],
        "duration": 5,
        "price_manipulation_limit": 20,
        "target_sales_count": 100,
        "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    made = reported.ask("POST", "/campaigns", json=draft)
    assert reported.data("campaign.created", made["id"]) == made
    replaced = reported.ask("PUT", f"/campaigns/{made['id']}", json=draft | {"duration": 6})
    assert reported.data("campaign.updated", made["id"]) == replaced
    cancelled = reported.ask("POST", f"/campaigns/{made['id']}/cancel")
    assert reported.data("campaign.cancelled", made["id"]) == cancelled


def test_price_decisions(reported: Receivers) -> None:
    prices = [{"currency": "TRY", "base_price": 100, "cost_price": 60, "min_price": 70}]
    product = reported.ask("POST", "/products", json={"sku": uuid4().hex, "name": "a jacket", "prices": prices})
    draft = {"product_id": product["id"], "currency": "TRY", "highest_margin_percent": 60}
    reported.ask("POST", "/price-policies", json=draft)
    wanted = {"product_id": product["id"], "currency": "TRY", "price": 90}
    made = reported.ask("POST", "/decisions", json=wanted)
    assert reported.data("decision.applied", made["id"]) == made == reported.ask("GET", f"/decisions/{made['id']}")


def test_accepted_quotes_once(reported: Receivers, checkout: httpx.Client) -> None:
    quote = checkout.post(QUOTE, json=a_basket()).json()["data"]
    accepted = [checkout.post(f"/api/v1/quotes/{quote['quote_id']}/accept") for _ in range(2)]
    assert (
        reported.data("quote.accepted", quote["quote_id"])
        == json.loads(accepted[0].content, parse_float=Decimal)["data"]
    )


def test_orders(reported: Receivers, market: Market) -> None:
    placed = market.ordered_quote()
    assert reported.data("order.placed", placed["id"]) == market.shown(placed["id"])
    assert reported.data("quote.accepted", placed["quote_id"])["total_amount"] == placed["total_amount"]
    assert market.do(placed["id"], "fulfil").status_code == 200
    assert reported.data("order.fulfilled", placed["id"]) == market.shown(placed["id"])
    other = market.ordered_quote()
    assert market.do(other["id"], "cancel").status_code == 200
    assert reported.data("order.cancelled", other["id"]) == market.shown(other["id"])


def test_payouts(reported: Receivers, till: Till) -> None:
    seller = till.seller_with(100_00)
    paid = reported.ask(
        "POST", f"/sellers/{seller}/payouts", json={"amount": "60.50", "currency": "TRY", "reference": "T-1"}
    )
    assert reported.data("payout.created", paid["id"]) == paid


def test_the_last_unit_of_a_sale(reported: Receivers, admin: httpx.Client, checkout: httpx.Client) -> None:
    sales = Sales(admin, checkout)
    on = sales.on_sale(allocated_stock=2)
    for _ in range(2):
        assert reported.subjects("sale.sold_out") == []
        purchase = sales.bought(on)
        until(lambda wanted=purchase["purchase_id"]: sales.purchase(wanted)["status"] == "confirmed", "it is recorded")
    item = {"flash_sale_id": on.id, "product_id": on.product_id, "currency": "TRY", "allocated_stock": 2}
    assert reported.data("sale.sold_out", on.id) == item


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


def test_change_sets(reported: Receivers) -> None:
    def listed(identifier: str) -> Any:
        (found,) = [each for each in reported.ask("GET", "/change-sets?limit=200") if each["id"] == identifier]
        return found

    made = reported.ask("POST", "/change-sets", json={"name": "empty"})
    reported.ask("POST", f"/change-sets/{made['id']}/publish")
    assert reported.data("change_set.published", made["id"]) == listed(made["id"])
    reported.ask("POST", f"/change-sets/{made['id']}/rollback")
    assert reported.data("change_set.rolled_back", made["id"]) == listed(made["id"])
    rate = a_rate()
    reported.ask("POST", "/commission-rates", json=rate)
    twice = [{"action": "create", "draft": rate}]  # which is found when it is to be written
    other = reported.ask("POST", "/change-sets", json={"name": "late", "rates": twice})
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    reported.ask("POST", f"/change-sets/{other['id']}/publish", json={"publish_at": soon})
    until(lambda: listed(other["id"])["status"] == "failed", "the set is not published")
    assert reported.data("change_set.failed", other["id"]) == listed(other["id"])
