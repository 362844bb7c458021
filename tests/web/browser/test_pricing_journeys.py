"""A pricing manager changes prices, and sees what that does before it counts. Source: docs/spec/web.md#editors."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.steering.replay.operations.run_replay import ReplayBounds, run_next_replay
from tests.access.running import RunningService
from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.browser.recording import Journey

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")
RATE = "[name='/configuration/rate']"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module", autouse=True)
def shop(service: RunningService) -> None:
    """A fee and a tax, and a quote that somebody in Istanbul accepted."""
    headers = service.as_role("admin")
    rules: list[dict[str, Any]] = [
        {"name": "fee", "type": "DELIVERY_FEE", "configuration": {"base_fee": 10}, "currency": "TRY", "region": "TR"},
        {"name": "vat", "type": "TAX", "configuration": {"rate": 18}, "region": "TR"},
    ]
    for rule in rules:
        assert service.http.post("/api/v1/pricing-rules", json=rule, headers=headers).status_code == 201
    product = {"sku": "TEA", "name": "Black tea", "prices": [{"currency": "TRY", "base_price": 95}]}
    assert service.http.post("/api/v1/products", json=product, headers=headers).status_code == 201
    basket = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 40}],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }
    quoted = service.http.post("/api/v1/quote", json=basket, headers=headers)
    assert quoted.status_code == 200, quoted.text
    accepted = service.http.post(f"/api/v1/quotes/{quoted.json()['data']['quote_id']}/accept", headers=headers)
    assert accepted.status_code == 200, accepted.text


async def open_rule(page: Page, name: str) -> None:
    await page.goto(f"/admin/rules?name={name}")
    await page.get_by_role("link", name=f"Open {name}").first.click()
    await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


async def test_the_fee_of_one_city_is_raised_from_tomorrow(
    opened: Open, service: RunningService, journey: Journey
) -> None:
    page = await opened("/admin/rules", "pricing_manager", timezone_id="Europe/Istanbul")
    await open_rule(page, "fee")
    await page.get_by_role("link", name="Copy for a region").click()
    await page.get_by_label("Name").fill("fee-istanbul")
    await page.get_by_label("Region").fill("TR/Istanbul")
    await page.get_by_label("Base fee").fill("14.50")
    await page.get_by_role("button", name="Tomorrow").click()
    beside = page.locator("#try")
    await expect(beside).to_contain_text(f"+4.50{NO_BREAK_SPACE}TRY")
    await expect(beside).to_contain_text("Priced for")
    await expect(beside.get_by_role("row", name="Region TR TR/Istanbul")).to_be_visible()
    await journey.step(page, "The fee and what it does")
    await page.get_by_role("button", name="Check the draft").click()
    await expect(page.locator("#check")).not_to_contain_text("What would be odd")
    await page.get_by_role("button", name="Replay on last week").click()
    await expect(page.locator("#last-week")).to_contain_text("Queued")
    bounds = ReplayBounds(quotes_max=1000)
    await asyncio.to_thread(service.in_database, lambda database: run_next_replay(database, decode_basket, bounds))
    await expect(page.locator("#last-week")).to_contain_text("1 of 1 accepted quotes would have cost something else")
    await journey.step(page, "What last week would have been")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("Begins later")).to_be_visible()
    await journey.step(page, "It begins tomorrow")
    await page.goto("/admin/rules/timeline?type=DELIVERY_FEE")
    await expect(page.get_by_role("link", name="fee-istanbul, v1 · 14.50")).to_be_visible()
    await journey.step(page, "What counts when")


async def test_two_who_edit_one_rule_do_not_overwrite_each_other(opened: Open) -> None:
    one, other = await opened("/admin/rules", "pricing_manager"), await opened("/admin/rules", "admin")
    for page in (one, other):
        await open_rule(page, "vat")
        await page.get_by_role("link", name="Change", exact=True).click()
    await one.locator(RATE).fill("19")
    await one.get_by_role("button", name="Save").click()
    await expect(one.get_by_text("Saved.")).to_be_visible()
    await other.locator(RATE).fill("20")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_text("Somebody else has changed it since you opened it.")).to_be_visible()
    await expect(other.get_by_role("row", name="Rate 20 19")).to_be_visible()
    await expect(other.locator(RATE)).to_have_value("20")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_text("Saved.")).to_be_visible()
    await expect(other.get_by_role("article", name="Version 3").get_by_role("row", name="Rate 19 20")).to_be_visible()


async def test_a_discount_shows_and_sends_the_fields_of_its_kind_alone(opened: Open, service: RunningService) -> None:
    page = await opened("/admin/rules/new?type=PROMOTION", "pricing_manager")
    await page.get_by_label("Name").fill("3 for 2")
    await page.get_by_label("Kind").select_option("percent")
    await page.get_by_label("Value", exact=True).fill("20")
    await page.get_by_label("Kind").select_option("buy_x_get_y")
    await expect(page.get_by_label("Value", exact=True)).to_be_hidden()
    await page.get_by_label("Buy", exact=True).fill("2")
    await page.get_by_label("Get", exact=True).fill("1")
    await expect(page.locator("#try")).to_contain_text("3 × Black tea")
    await expect(page.locator("#try")).to_contain_text("Discount amount")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    read = "SELECT configuration::text FROM pricing_rules WHERE name = $1"
    (made,) = await asyncio.to_thread(service.rows, read, "3 for 2")
    assert "value" not in made["configuration"]


async def test_a_change_set_is_put_together_from_fields(opened: Open) -> None:
    page = await opened("/admin/change-sets/new", "pricing_manager")
    await page.get_by_label("Name").first.fill("Summer")
    await page.locator("#field-rules").get_by_role("button", name="Add").click()
    await page.get_by_label("Action").select_option("create")
    await page.get_by_label("Draft").select_option("SMALL_BASKET_FEE")
    rule = page.locator("#field-rules")
    await rule.locator("[name$='/draft/name']").fill("small-summer")
    await rule.get_by_label("Currency").fill("TRY")
    await rule.get_by_label("Threshold").fill("50")
    await rule.locator("[name$='/configuration/fee']").fill("5")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("small-summer")
