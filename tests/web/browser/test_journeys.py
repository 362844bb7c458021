"""What people come for, done as they would do it. Source: docs/spec/web.md."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.access.running import RunningService
from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.browser.test_every_page import AXE, FINDINGS, RULES

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", autouse=True)
def shop(service: RunningService) -> None:
    headers = service.as_role("admin")
    rules: list[dict[str, Any]] = [
        {"name": "fee", "type": "DELIVERY_FEE", "configuration": {"base_fee": 10}, "currency": "TRY", "region": "TR"},
        {"name": "vat", "type": "TAX", "configuration": {"rate": 18}, "region": "TR"},
    ]
    for rule in rules:
        assert service.http.post("/api/v1/pricing-rules", json=rule, headers=headers).status_code == 201
    for sku, name, price in (("TEA", "Black tea", 95), ("COFFEE", "Filter coffee", 240)):
        product = {"sku": sku, "name": name, "prices": [{"currency": "TRY", "base_price": price}]}
        assert service.http.post("/api/v1/products", json=product, headers=headers).status_code == 201


async def barriers(page: Page) -> Any:
    """What axe finds on the page as it is now."""
    await page.add_script_tag(path=AXE)
    return await page.evaluate(FINDINGS, RULES)


async def paid(page: Page) -> str:
    return (await page.locator("#price .figure b").first.inner_text()).replace("\N{NO-BREAK SPACE}", " ")


async def test_an_analyst_finds_out_why_a_basket_costs_what_it_does(opened: Open) -> None:
    page = await opened("/admin/playground", "analyst")
    await expect(page.locator("#price .figure b").first).to_have_text(
        "405.30\N{NO-BREAK SPACE}TRY"
    )  # (95 + 240) x 1.18 + 10
    await page.get_by_role("spinbutton", name="Quantity").first.fill("3")
    await page.get_by_role("spinbutton", name="Quantity").first.blur()
    await expect(page.locator("#price .figure b").first).not_to_have_text("405.30\N{NO-BREAK SPACE}TRY")
    assert await paid(page) in ("629.50 TRY", "971.70 TRY")  # whichever of the two stands first
    await page.get_by_role("tab", name="Why").click()
    await expect(page.locator("#panel-why")).to_contain_text("fee v1")
    await expect(page.locator("#panel-why")).to_contain_text("Applied")


async def test_a_draft_rule_shows_both_prices(opened: Open) -> None:
    page = await opened("/admin/playground", "pricing_manager", bypass_csp=True)
    await expect(page.locator("#price .figure b").first).to_have_text("405.30\N{NO-BREAK SPACE}TRY")
    await page.get_by_text("What if…").click()
    await page.get_by_role("button", name="Add a draft rule").click()
    rule = page.locator("#field-draft_rules-rows > [data-row]")
    await rule.get_by_label("Type of rule").select_option(label="Delivery fee")
    await rule.get_by_label("Name required").fill("fee")
    await rule.get_by_label("Currency").fill("TRY")
    await rule.get_by_label("Region").fill("TR")
    await rule.get_by_label("Base fee").fill("25")
    await rule.get_by_label("Base fee").blur()
    await expect(page.locator("#price .figure b").first).to_have_text("420.30\N{NO-BREAK SPACE}TRY")
    await expect(page.locator("#price")).to_contain_text("+15.00\N{NO-BREAK SPACE}TRY")
    assert await barriers(page) == []
    await rule.get_by_role("button", name="Remove this row").first.click()
    await expect(page.locator("#price .figure b").first).to_have_text("405.30\N{NO-BREAK SPACE}TRY")


async def test_a_product_is_found_added_and_removed_by_keyboard_alone(opened: Open) -> None:
    page = await opened("/admin/playground", "analyst")
    await expect(page.locator("#price .figure b").first).to_have_text("405.30\N{NO-BREAK SPACE}TRY")
    await page.get_by_label("Add a product").focus()
    await page.keyboard.type("tea")
    choice = page.locator("#products").get_by_role("button", name="Black tea")
    await expect(choice).to_be_visible()
    await choice.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-line]")).to_have_count(3)
    await expect(page.locator("#price .figure b").first).to_have_text("517.40\N{NO-BREAK SPACE}TRY")
    remove = page.get_by_role("button", name="Remove Black tea").last
    await remove.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-line]")).to_have_count(2)
    await expect(page.locator("#price .figure b").first).to_have_text("405.30\N{NO-BREAK SPACE}TRY")


async def test_a_fault_is_reported_beside_the_basket(opened: Open) -> None:
    page = await opened("/admin/playground", "analyst")
    await page.get_by_label("Currency").fill("XXQ")
    await page.get_by_label("Currency").blur()
    await expect(page.locator("#price")).to_contain_text("Currency is not an ISO 4217 currency code")


async def test_keys_lead_through_the_admin(opened: Open) -> None:
    page = await opened("/admin", "analyst")
    await page.keyboard.press("?")
    await expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await page.wait_for_url("**/admin/playground")
    await page.locator("h1").click()
    await page.keyboard.press("/")
    await page.keyboard.type("over")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin")


async def test_whoever_signs_out_is_out(opened: Open) -> None:
    page = await opened("/admin", "analyst")
    await page.locator(".person summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")
    await page.goto("/admin/playground")
    await page.wait_for_url("**/sign-in?next=/admin/playground")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_the_colours_that_were_chosen_stay(opened: Open) -> None:
    page = await opened("/admin", "analyst", color_scheme="light")
    await page.get_by_role("button", name="Light or dark").click()
    await page.goto("/admin/playground")
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
