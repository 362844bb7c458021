"""The first day of somebody who has the README and the demonstration data, and nothing else. Source: docs/spec/web.md.

Raising a fee and rolling out a flag are recorded where editors and flags are tested (test_pricing_journeys.py, test_live.py).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.access.running import RunningService
from tests.web.browser.conftest import PATIENCE_MS, Open, Window
from tests.web.browser.keyboard import Keyboard
from tests.web.browser.recording import Journey
from tests.web.demonstration import demonstration
from tests.web.test_actions import place_order

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def service(database_url: str, redis_url: str) -> Iterator[RunningService]:
    with demonstration(database_url, redis_url) as started:
        yield started


async def test_why_the_first_quote_of_the_readme_costs_what_it_does(opened: Open, journey: Journey) -> None:
    page = await opened("/admin")
    await journey.step(page, "Signed in")
    await page.get_by_role("link", name="Price a basket").click()
    await page.get_by_role("button", name="Remove").first.click()
    await page.get_by_role("button", name="Remove").first.click()
    await page.get_by_role("button", name="Line with its own price").click()
    line = page.locator("[data-line]")
    await line.get_by_label("Unit price").fill("25.50")
    await line.get_by_label("Quantity").fill("2")
    await page.get_by_label("Express delivery").check()
    total = page.locator("#price .figure b").first
    await expect(total).to_have_text(f"80.18{NBSP}TRY")  # 51 + twice 10 + 18 % of 51, as the README says
    await journey.step(page, "The same price")
    await page.get_by_role("tab", name="Why").click()
    why = page.locator("#panel-why")
    await expect(why.get_by_role("row", name=re.compile("^tr-delivery v1"))).to_contain_text("Applied")
    await expect(why.get_by_role("row", name=re.compile("^tr-vat v1"))).to_contain_text("Applied")
    await expect(why.get_by_role("row", name=re.compile("^tr-small-basket v1"))).not_to_contain_text("Applied")
    await journey.step(page, "Why")


async def test_a_flash_sale_is_started_and_bought_from_in_another_window(
    opened: Open, window: Window, journey: Journey
) -> None:
    store = await window()
    await be_a_shopper(store, "Cem")
    admin = await opened("/admin/flash-sales")
    await admin.get_by_role("link", name="New flash sale").click()
    await admin.get_by_label("Name").first.fill("Tea before noon")
    now = datetime.now(UTC)
    await admin.get_by_label("Starts at").fill((now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"))
    await admin.get_by_label("Ends at").fill((now + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%S"))
    await admin.get_by_role("button", name="Add").first.click()
    await pick_product(admin, "TEA-500G")
    for label, text in (("Sale price", "75"), ("List price", "95"), ("Currency", "TRY")):
        await admin.get_by_label(label).fill(text)
    await admin.get_by_label("Allocated stock").fill("3")
    await admin.get_by_label("Per customer limit").fill("1")
    await admin.get_by_label("Hold seconds").fill("900")
    await journey.step(admin, "The sale as a form")
    await admin.get_by_role("button", name="Create").click()
    await admin.get_by_role("button", name="Activate it").click()
    await journey.step(admin, "Does it begin now")
    await admin.get_by_role("dialog").get_by_role("button", name="Activate it").click()
    await expect(admin.get_by_text("Activate it: done.")).to_be_visible()
    # Nobody has touched the other window.
    banner = store.get_by_role("region", name="Tea before noon")
    await expect(banner).to_be_visible()
    await journey.step(store, "In the store")
    await banner.get_by_role("link").click()
    await store.get_by_role("button", name="Buy now").click()
    await store.get_by_role("button", name="Confirm the purchase").click()
    await expect(store.locator("#state")).to_contain_text("It is yours")
    await journey.step(store, "Bought")
    await admin.get_by_role("link", name="Watch it live").click()
    await expect(admin.locator(".stock-bar")).to_have_attribute("aria-label", "2 of 3 units left")
    await journey.step(admin, "Watched")


async def test_one_unit_of_an_order_is_refunded(opened: Open, window: Window, journey: Journey) -> None:
    store = await window()
    await be_a_shopper(store, "Bora")
    await store.get_by_role("link", name="Kitchen speaker").click()
    await store.get_by_label("Quantity").fill("2")
    await store.get_by_role("button", name="Add to the basket").click()
    await store.get_by_role("link", name="See the basket").click()
    await store.get_by_role("link", name="Check out").click()
    await store.get_by_role("button", name="Hold these items and review").click()
    await store.get_by_role("button", name="Place the order").click()
    await expect(store.get_by_role("heading", name="Thank you, it is ordered")).to_be_visible()
    await journey.step(store, "Ordered")
    admin = await opened("/admin/orders")
    await admin.locator("tbody").get_by_role("link").first.click()
    await journey.step(admin, "The order")
    await admin.get_by_role("link", name="Refund").click()
    await admin.locator("[name='/lines/0/quantity']").fill("1")
    await admin.get_by_role("button", name="See what it would do").click()
    await expect(admin.get_by_role("status")).to_contain_text("What it would do")
    await journey.step(admin, "What it would do")
    await admin.get_by_role("button", name="Refund", exact=True).click()
    await expect(admin.get_by_text("Refund: done.")).to_be_visible()
    await journey.step(admin, "Refunded")
    await store.reload()
    await expect(store.get_by_role("region", name="Refund")).to_contain_text("1 × Kitchen speaker")
    await journey.step(store, "What the shopper sees")


async def test_one_unit_is_refunded_by_keyboard_alone(opened: Open, service: RunningService, journey: Journey) -> None:
    order_id = await asyncio.to_thread(place_order, service)
    page = await opened("/admin")
    keys = Keyboard(page)
    await keys.open_area("Orders")
    await keys.press(page.locator(f"a[href='/admin/orders/{order_id}']").first)
    await keys.press(page.get_by_role("link", name="Refund"))
    await keys.write(page.locator("[name='/lines/0/quantity']"), "1")
    await keys.press(page.get_by_role("button", name="See what it would do"))
    await expect(page.get_by_role("status")).to_contain_text("What it would do")
    await journey.step(page, "What it would do")
    await keys.press(page.get_by_role("button", name="Refund", exact=True))
    await expect(page.get_by_text("Refund: done.")).to_be_visible()


async def test_a_flag_is_rolled_out_and_stopped_by_keyboard_alone(
    opened: Open, service: RunningService, journey: Journey
) -> None:
    flag = {"key": "by-keyboard", "type": "BOOLEAN", "value": True, "is_enabled": True, "rollout": {"percentage": 0}}
    headers = service.as_role("admin")
    made = await asyncio.to_thread(service.http.post, "/api/v1/feature-flags", json=flag, headers=headers)
    assert made.status_code == 201, made.text
    page = await opened("/admin", "pricing_manager")
    keys = Keyboard(page)
    await keys.open_area("Feature flags")
    await keys.press(page.get_by_role("link", name="Open by-keyboard"))
    await keys.press(page.get_by_role("link", name="Rollout"))
    await keys.write(page.get_by_label("Percent", exact=True), "5")
    await keys.press(page.get_by_role("button", name="Save"))
    await expect(page.get_by_role("status").first).to_contain_text("Saved")
    await expect(page.get_by_label("Percent", exact=True)).to_have_value("5")
    await keys.press(page.get_by_role("button", name="Turn it off now"))
    await keys.press(page.get_by_role("dialog").get_by_role("button", name="Turn it off now"))
    await expect(page.get_by_role("status").first).to_contain_text("done")
    await journey.step(page, "Stopped")


async def test_something_is_bought_by_keyboard_alone(window: Window, journey: Journey) -> None:
    page = await window()
    keys = Keyboard(page)
    await page.goto("/store/welcome")
    await keys.press(page.get_by_role("button", name="Continue as Ada"))
    await page.wait_for_url("**/store")
    await keys.press(page.get_by_role("link", name="Reading lamp"))
    await keys.press(page.get_by_role("button", name="Add to the basket"))
    await keys.press(page.get_by_role("link", name="See the basket"))
    await keys.press(page.get_by_role("link", name="Check out"))
    await keys.press(page.get_by_role("button", name="Hold these items and review"))
    await keys.press(page.get_by_role("button", name="Place the order"))
    await expect(page.get_by_role("heading", name="Thank you, it is ordered")).to_be_visible()
    await journey.step(page, "Ordered")


async def be_a_shopper(page: Page, name: str) -> None:
    """Go in as one of the demonstration's customers."""
    await page.goto("/store/welcome")
    await page.get_by_role("button", name=f"Continue as {name}").click()
    await page.wait_for_url("**/store")


async def pick_product(page: Page, sku: str) -> None:
    """Choose what is on sale: its id is what is sent, which nobody has to know."""
    field = page.locator("[list=product-choices]")
    await field.fill(sku)
    option = page.locator("#product-choices option").filter(
        has=page.locator(f"xpath=self::*[contains(@label, '{sku}')]")
    )
    await expect(option).to_have_count(1)
    chosen = await option.get_attribute("value")
    assert chosen is not None
    await field.fill(chosen)
    await expect(page.locator("[data-chosen-of]")).to_contain_text(sku)
