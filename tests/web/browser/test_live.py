"""Pages that stay current, through a restart of the service too, and a flag that is rolled out.

Source: docs/spec/web.md#live-parts; docs/spec/web.md#flags.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from quote_service.platform.settings import Settings
from tests.access.running import PATIENCE_SECONDS, RunningService, running, until
from tests.flash_sales.sales import Sales
from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.browser.recording import Journey
from tests.web.browser.test_every_page import AXE, FINDINGS, RULES
from tests.web.test_actions import place_order

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")


def sales_of(service: RunningService) -> Sales:
    http = httpx.Client(base_url=service.url, headers=service.as_role("admin"), timeout=PATIENCE_SECONDS)
    return Sales(http, http)


async def test_a_sale_is_watched_and_the_watching_paused(opened: Open, service: RunningService) -> None:
    sales: Any = await asyncio.to_thread(sales_of, service)
    on_sale = await asyncio.to_thread(sales.on_sale, allocated_stock=5)
    page = await opened(f"/admin/flash-sales/{on_sale.id}/live", "analyst")
    left = page.locator(".stock-bar")
    await expect(left).to_have_attribute("aria-label", "5 of 5 units left")
    await expect(page.locator(".figure [data-until]")).to_have_text(re.compile(r"^in \d\d:\d\d:\d\d$"))
    await asyncio.to_thread(sales.bought, on_sale, quantity=2)
    await expect(left).to_have_attribute("aria-label", "3 of 5 units left")
    await page.get_by_role("button", name="Pause").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    await asyncio.to_thread(sales.bought, on_sale, quantity=1)
    await page.keyboard.press("Enter")
    await expect(left).to_have_attribute("aria-label", "2 of 5 units left")


async def test_a_flag_is_rolled_out_to_five_percent_and_stopped(
    opened: Open, service: RunningService, journey: Journey
) -> None:
    draft = {"key": "new-checkout", "type": "BOOLEAN", "value": True, "is_enabled": True, "rollout": {"percentage": 0}}
    made = await asyncio.to_thread(make_flag, service, draft)
    page = await opened(f"/admin/flags/{made['id']}/rollout", "pricing_manager", bypass_csp=True)
    preview = page.locator("#preview")
    await expect(preview).to_contain_text(re.compile(r"0\s*of 1,000, 0.0"))
    await page.get_by_label("Share of customers, in percent").focus()
    for _ in range(5):
        await page.keyboard.press("ArrowRight")
    await expect(page.get_by_label("Percent", exact=True)).to_have_value("5")
    await journey.step(page, "Who would be in")
    await page.get_by_label("Regions").fill("//")
    await page.get_by_label("Regions").blur()
    await expect(preview).to_contain_text("This cannot be saved yet")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Regions").fill("")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved")
    await expect(page.get_by_label("Percent", exact=True)).to_have_value("5")
    assert (await asyncio.to_thread(read_flag, service, made["id"]))["rollout"] == {"percentage": 5}
    assert await barriers(page) == []
    await journey.step(page, "Rolled out to 5 percent")
    await page.get_by_role("link", name="Experiment", exact=True).click()
    await expect(page.get_by_role("heading", name="Experiment of new-checkout")).to_be_visible()
    assert await barriers(page) == []
    await page.get_by_role("link", name="Rollout").click()
    await page.get_by_role("button", name="Turn it off now").click()
    await page.get_by_role("dialog").get_by_role("button", name="Turn it off now").click()
    await expect(page.get_by_role("status").first).to_contain_text("done")
    assert (await asyncio.to_thread(read_flag, service, made["id"]))["is_enabled"] is False
    await journey.step(page, "Stopped")


async def test_a_chart_is_read_with_the_arrow_keys(opened: Open, service: RunningService) -> None:
    await asyncio.to_thread(place_order, service)
    page = await opened("/admin", "analyst", bypass_csp=True)
    chart = page.get_by_role("slider", name=re.compile("^Quotes answered by day"))
    # Quotes are counted a moment after they are answered.
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await page.goto("/admin/analytics")
            if await chart.count():
                break
    await chart.focus()
    await page.keyboard.press("End")
    shown = await chart.get_attribute("aria-valuetext")
    assert shown is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\d: [\d,.]+", shown)
    await expect(page.locator("[data-readout]").first).to_have_text(shown)
    assert await barriers(page) == []


def make_flag(service: RunningService, draft: dict[str, Any]) -> dict[str, Any]:
    place_order(service)
    made = service.http.post("/api/v1/feature-flags", json=draft, headers=service.as_role("admin"))
    assert made.status_code == 201, made.text
    flag: dict[str, Any] = made.json()["data"]
    path = f"/api/v1/feature-flags/{flag['id']}/preview"
    asked = {"flag": draft, "customers": [{"customer_id": str(uuid4())}]}
    headers = service.as_role("admin")
    until(lambda: service.http.post(path, json=asked, headers=headers).status_code == 200, "the flag is held")
    return flag


def read_flag(service: RunningService, flag_id: str) -> dict[str, Any]:
    flag: dict[str, Any] = service.http.get(
        f"/api/v1/feature-flags/{flag_id}", headers=service.as_role("admin")
    ).json()["data"]
    return flag


async def barriers(page: Page) -> list[Any]:
    await page.add_script_tag(path=AXE)
    found: list[Any] = await page.evaluate(FINDINGS, RULES)
    return found


async def test_a_page_left_open_comes_back_after_a_restart(browser: Browser, service: RunningService) -> None:
    settings = service.parts[Settings]
    context = await browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = await context.new_page()
        with ExitStack() as first:
            started = await asyncio.to_thread(first.enter_context, running(settings))
            person = await asyncio.to_thread(started.new_person, "analyst")
            await page.goto(f"{started.url}/sign-in")
            await page.get_by_label("E-mail address").fill(person.email)
            await page.get_by_label("Password").fill(person.password)
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url("**/admin")
            await expect(page.locator("[data-stream]")).to_have_attribute("data-state", "open")
            await asyncio.to_thread(first.close)
        await expect(page.get_by_text("Connection lost, trying again")).to_be_visible()
        await expect(page.locator("[data-stream]")).to_have_attribute("data-state", "lost")
        port = int(started.url.rpartition(":")[2])
        with ExitStack() as second:
            again = await asyncio.to_thread(second.enter_context, running(settings, port))
            sales: Any = await asyncio.to_thread(sales_of, again)
            on_sale = await asyncio.to_thread(sales.on_sale)
            await expect(page.locator("[data-stream]")).to_have_attribute("data-state", "open")
            await expect(page.get_by_text("Connection lost, trying again")).to_be_hidden()
            # Not only the connection is back: what has happened since is shown.
            await expect(page.get_by_role("link", name=on_sale.sale["name"])).to_be_visible()
            gone = await asyncio.to_thread(
                again.http.delete, f"/api/v1/users/{person.id}", headers=again.as_role("admin")
            )
            assert gone.status_code in (200, 204)
            await expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
            await asyncio.to_thread(second.close)
    finally:
        await context.close()
