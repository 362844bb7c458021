"""The store as people use it, in a browser. Source: docs/spec/store.md."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.access.running import RunningService, running
from tests.web.browser.conftest import PATIENCE_MS, REPLACED
from tests.web.browser.test_every_page import AXE, FINDINGS, RULES
from tests.web.conftest import settings_of
from tests.web.store.shopping import Store, opened_store

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")
NBSP = "\N{NO-BREAK SPACE}"
Enter = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
def service(database_url: str, redis_url: str) -> Iterator[RunningService]:
    # A busy machine is no Redis that is unavailable.
    settings = settings_of(database_url, redis_url)
    # What is sold here began to be sold a moment ago.
    shop = {"default_currency": "TRY", "reductions_of_new_products": "lowest"}
    with running(msgspec.structs.replace(settings, redis_timeout_ms=1000, **shop)) as started:
        yield started


@pytest.fixture(scope="module")
def store(service: RunningService) -> Store:
    return opened_store(service)


@pytest_asyncio.fixture(loop_scope="module")
async def enter(browser: Browser, store: Store) -> AsyncIterator[Enter]:
    """Opens a page of the store, as a visitor or as a shopper of their own; nothing may go wrong in any of them."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    async def open_page(path: str = "/store", *, is_shopper: bool = False, **options: Any) -> Page:
        context = await browser.new_context(base_url=store.service.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda page_text: wrong.append(page_text.text) if page_text.type == "error" else None)
        if is_shopper:
            buyer = await asyncio.to_thread(store.shopper)
            kept = [
                {"name": name, "value": text, "url": store.service.url} for name, text in buyer.http.cookies.items()
            ]
            await context.add_cookies(kept)  # type: ignore[arg-type]
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert [text for text in wrong if not any(each in text for each in (*REPLACED, "status of 409"))] == []


async def test_a_shopper_follows_a_hint_checks_out_and_sees_the_refund(enter: Enter, store: Store) -> None:
    page = await enter(is_shopper=True)
    await page.get_by_role("link", name="Black tea").click()
    await page.get_by_label("Quantity").fill("2")
    await page.get_by_role("button", name="Add to the basket").click()
    await expect(page.locator("#basket-count")).to_have_text("2")
    await page.get_by_role("link", name="See the basket").click()
    total = page.locator(".summary .sum-total dd")
    await expect(total).to_have_text(f"220.00{NBSP}TRY")
    hints = page.get_by_role("region", name="Ways to save")
    await expect(hints).to_contain_text("3 units cost 85.50 each")
    await hints.get_by_role("button", name="Add 1").click()
    await expect(total).to_have_text(f"286.50{NBSP}TRY")
    await expect(page.locator("#basket-count")).to_have_text("3")
    await page.get_by_role("button", name="One more of Black tea").press("Enter")
    await expect(total).to_have_text(f"342.00{NBSP}TRY")  # 4 x 85.50, and no delivery
    await page.get_by_role("link", name="Check out").click()
    await page.get_by_role("button", name="Hold these items and review").click()
    await expect(page.get_by_role("status").filter(has_text="Held for you")).to_be_visible()
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("heading", name="Thank you, it is ordered")).to_be_visible()
    order_id = page.url.split("?")[0].rsplit("/", 1)[1]
    await page.get_by_role("link", name="Orders", exact=True).click()
    await page.locator(f"a[href='/store/orders/{order_id}']").click()
    refund = {"lines": [{"line_id": 1, "quantity": 1}], "delivery": "none", "restock": True}
    store.admin("POST", f"orders/{order_id}/refunds", refund, **{"Idempotency-Key": order_id})
    await page.reload()
    await expect(page.get_by_role("region", name="Refund")).to_contain_text(f"Refunded 85.50{NBSP}TRY")
    await expect(page.get_by_role("region", name="Refund")).to_contain_text("1 × Black tea")


async def test_two_presses_in_a_moment_are_two_more_and_the_button_keeps_the_focus(enter: Enter) -> None:
    page = await enter()
    await page.get_by_role("link", name="Black tea").click()
    await page.get_by_role("button", name="Add to the basket").click()
    # An address that is typed at once does not wait for the answer.
    await expect(page.locator("#basket-count")).to_have_text("1")
    await page.goto("/store/basket")
    more = page.get_by_role("button", name="One more of Black tea")
    await more.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator("#basket-count")).to_have_text("3")
    await expect(more).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#basket-count")).to_have_text("4")
    await page.get_by_label("Coupon").fill("NOTHING")
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("NOTHING:")).to_be_visible()
    await expect(page.locator("#basket-count")).to_have_text("4")


async def test_a_price_moves_on_the_page_as_it_moves_in_the_database(enter: Enter, store: Store) -> None:
    listed, alone = await enter(), await enter(f"/store/products/{store.shoe}")
    shown = [
        listed.locator(f"[data-live='price-{store.shoe}'] .amount"),
        alone.locator(f"[data-live='price-{store.shoe}'] .amount"),
        alone.locator(f"[data-live='price-{store.shoe}-{store.sizes['Size 42']}'] .amount"),
    ]
    for each in shown:
        await expect(each).to_have_text(f"1,200.00{NBSP}TRY")
    store.admin("POST", f"products/{store.shoe}/price", {"price": 1100, "currency": "TRY"})
    for each in shown:
        await expect(each).to_have_text(f"1,100.00{NBSP}TRY")
    await expect(listed.locator(f"[data-live='price-{store.shoe}'] .lowest")).to_contain_text(f"1,200.00{NBSP}TRY")
    statement = (
        "UPDATE product_prices SET current_price = 1050 WHERE product_id = $1 AND variant_id IS NULL RETURNING 1"
    )
    assert await asyncio.to_thread(store.service.rows, statement, store.shoe)
    await expect(shown[0]).to_have_text(f"1,050.00{NBSP}TRY")
    store.admin("POST", f"products/{store.shoe}/price", {"price": 1200, "currency": "TRY"})
    await expect(shown[0]).to_have_text(f"1,200.00{NBSP}TRY")


async def test_a_flash_sale_begins_before_visitors_and_its_last_unit_goes_once(enter: Enter, store: Store) -> None:
    one, other = await enter(is_shopper=True), await enter(is_shopper=True)
    await expect(one.get_by_role("heading", level=1)).to_be_visible()
    assert await one.get_by_role("region", name="Tea for a while").count() == 0
    sale = store.sale(units=1, limit=1, hold_seconds=900)
    try:
        for page in (one, other):
            banner = page.get_by_role("region", name="Tea for a while")
            await expect(banner).to_contain_text("The last one")
            await expect(banner.locator("[data-until]")).to_have_text(re.compile(r"^19:\d\d:\d\d$"))
            await banner.get_by_role("link").click()
            await expect(page.get_by_role("button", name="Buy now")).to_be_visible()
        await one.get_by_role("button", name="Buy now").click()
        await expect(one.locator("#state")).to_contain_text("Reserved")
        await one.get_by_role("button", name="Confirm the purchase").click()
        await expect(one.locator("#state")).to_contain_text("It is yours")
        await expect(one.get_by_role("link", name="See the order")).to_be_visible()
        # Nobody has touched the other window.
        await expect(other.locator(f"[data-live='stock-{store.tea}']")).to_contain_text("Sold out")
        await expect(other.get_by_role("button", name="Buy now")).to_be_hidden()
    finally:
        store.end(sale)
    await expect(other.locator("[data-live='sale-state']")).to_contain_text("This sale is over")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_of_the_store_has_a_barrier_or_sticks_out(enter: Enter, store: Store, scheme: str) -> None:
    page = await enter(is_shopper=True, color_scheme=scheme, bypass_csp=True)
    sale = store.sale(units=5, limit=2)
    found: dict[str, Any] = {}

    async def look(path: str) -> None:
        if path:
            await page.goto(path)
        await page.wait_for_load_state("load")
        await page.add_script_tag(path=AXE)
        if findings := await page.evaluate(FINDINGS, RULES):
            found[path or page.url] = findings
        for width in (360, 3840) if scheme == "light" else ():
            await page.set_viewport_size({"width": width, "height": 900})
            sticks_out = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            if await page.evaluate(sticks_out) > 0:
                found[f"{path or page.url} at {width}"] = "sticks out"
        await page.set_viewport_size({"width": 1280, "height": 900})

    try:
        rest = ("/store?q=nothing-is-called-so", "/store/orders", "/store/welcome") if scheme == "light" else ()
        for path in ("/store", *rest, f"/store/sales/{sale}", f"/store/products/{store.shoe}"):
            await look(path)
        await page.get_by_role("button", name="Add to the basket").click()
        await expect(page.locator("#basket-count")).to_have_text("1")
        await look("/store/basket")
        await look("/store/checkout")
        await page.get_by_role("button", name="Hold these items and review").click()
        await page.get_by_role("button", name="Place the order").wait_for()
        await look("")
        await page.get_by_role("button", name="Place the order").click()
        await page.get_by_role("heading", name="Thank you").wait_for()
        await look("")
        await page.get_by_role("link", name="Receipt").click()
        await page.get_by_role("heading", name="Receipt").wait_for()
        await look("")
    finally:
        store.end(sale)
    assert found == {}
