"""Price intelligence as people use it: matches, the market, signals, decisions. Source: docs/spec/web.md#market."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from quote_service.platform.settings import Settings
from tests.access.running import RunningService
from tests.signals.stored import Stored
from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.browser.recording import Journey
from tests.web.browser.test_journeys import barriers
from tests.web.competition import Competition
from tests.web.deciding import learn, suggest

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def competition(service: RunningService) -> Competition:
    return Competition(service, "Quayside")


async def press(page: Page, name: str) -> None:
    """Press a button by the keyboard."""
    button = page.get_by_role("button", name=re.compile(name))
    await button.focus()
    await page.keyboard.press("Enter")


async def test_a_match_is_confirmed_and_the_market_read_by_keyboard_alone(
    opened: Open, competition: Competition, journey: Journey
) -> None:
    def prepare() -> str:
        product = competition.product("Slate roof tile", "30.00")
        competition.sell(product, (20, 33.0), (2, 28.5))
        competition.offer("Slate roof tile dark", 27.0)
        competition.propose()
        return str(product["id"])

    product_id = await asyncio.to_thread(prepare)
    page = await opened("/admin/listings/matching", "pricing_manager", bypass_csp=True)
    await expect(page.get_by_role("link", name="Slate roof tile dark")).to_be_visible()
    await journey.step(page, "What waits")
    await press(page, "^It is this one")
    await expect(page.get_by_text("Matched", exact=True)).to_be_visible()
    await press(page, "^Undo$")
    await expect(page.get_by_text("Nothing in the catalog is like it any more")).to_be_visible()
    assert await barriers(page) == []
    await page.goto(f"/admin/market/{product_id}")
    chart = page.get_by_role("slider", name=re.compile("^Prices of Slate roof tile"))
    await chart.focus()
    await page.keyboard.press("Home")
    for _ in range(29):
        await page.keyboard.press("ArrowRight")
    reported = await chart.get_attribute("aria-valuetext") or ""
    assert f"{competition.competitor['name']} 28.5" in reported
    await expect(page.locator("[data-readout]").first).to_have_text(reported)
    await page.keyboard.press("Home")
    await expect(chart).not_to_have_attribute("aria-valuetext", reported)
    await journey.step(page, "The market of a product")
    assert await barriers(page) == []


async def test_what_one_has_seen_leaves_the_other_window(
    opened: Open, service: RunningService, competition: Competition
) -> None:
    def prepare() -> str:
        product = competition.product("Zinc bucket", "15.00")
        stored = Stored(service.parts[Settings].database_url)
        stored.signal("price_war", UUID(product["id"]), measured=5)
        return str(product["id"])

    path = f"/admin/signals?product_id={await asyncio.to_thread(prepare)}"
    other = await opened(path, "admin")
    await expect(other.locator(".signal-what p", has_text="undercut each other 5 times")).to_be_visible()
    await expect(other.locator("[data-stream]")).to_have_attribute("data-state", "open")
    page = await opened(path, "pricing_manager", bypass_csp=True)
    await page.locator("summary", has_text="Acknowledge").click()
    await page.get_by_label("Note").fill("We stay out of it.")
    assert await barriers(page) == []
    await page.get_by_role("button", name="I have seen it").click()
    await expect(other.locator(".signal-what p", has_text="undercut each other 5 times")).to_be_hidden()
    await other.get_by_role("link", name="Acknowledged", exact=True).click()
    await expect(other.get_by_text("We stay out of it.")).to_be_visible()


async def test_a_suggested_price_is_understood_and_accepted(
    opened: Open, service: RunningService, competition: Competition, journey: Journey
) -> None:
    def prepare() -> str:
        product = competition.product("Willow basket", "100.00", cost=70)
        policy = {"product_id": product["id"], "currency": "TRY", "mode": "suggest", "floor_price": 80}
        competition.make("price-policies", {**policy, "highest_margin_percent": 60})
        learn(service, product["id"], -1.5, 100_00)
        suggest(service, product["id"])
        return str(product["id"])

    product_id = await asyncio.to_thread(prepare)
    page = await opened(
        f"/admin/decisions?status=suggested&product_id={product_id}", "pricing_manager", bypass_csp=True
    )
    await page.get_by_role("link", name="Open Willow basket").click()
    await expect(page.get_by_text("Suggests 105.00 instead of 100.00 TRY (+5.0 %)")).to_be_visible()
    assert await barriers(page) == []
    await journey.step(page, "Why")
    await page.get_by_role("link", name="What if…").click()
    await page.get_by_label("Price to try").fill("60")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_text("Not allowed")).to_be_visible()
    assert await barriers(page) == []
    await page.get_by_role("link", name="Price decisions").first.click()
    await page.goto(f"/admin/decisions?status=suggested&product_id={product_id}")
    await page.get_by_role("link", name="Open Willow basket").click()
    await page.get_by_role("link", name="Accept").click()
    await page.get_by_label("Note").fill("as agreed")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("Set 105.00 instead of 100.00 TRY")).to_be_visible()
    await journey.step(page, "Accepted")
