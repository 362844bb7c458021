"""Parts of a page are replaced while people press and type in them: no press is lost, and nothing that was typed.

Requests are held back here until a test lets them through, as a slow service would hold them.

Source: docs/spec/store.md#presses.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.web.browser.conftest import PATIENCE_MS
from tests.web.browser.test_store import Enter, enter, service, store  # noqa: F401 (fixtures)
from tests.web.store.shopping import Store

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")
COUNT = "#basket-count"
# Presses a button once, at an event of a replacement or as soon as the browser has a moment after it.
PRESS_AT = """([at, button, isAfter]) => document.addEventListener(at, () => {
    const press = () => document.querySelector(button).click();
    isAfter ? setTimeout(press) : press();
}, { once: true, capture: true })"""


class Held:
    """POST requests of a page to one address, which wait to be let through."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Route] = asyncio.Queue()

    async def hold(self, page: Page, path: str) -> None:
        await page.route(f"**{path}", self._take)

    async def _take(self, route: Route) -> None:
        await (self._waiting.put(route) if route.request.method == "POST" else route.continue_())

    async def next(self) -> Route:
        return await asyncio.wait_for(self._waiting.get(), PATIENCE_MS / 1000)


async def with_basket(enter: Enter, *names: str) -> Page:  # noqa: F811
    page = await enter()
    for name in names:
        await page.goto("/store")
        await page.get_by_role("link", name=name).click()
        await page.get_by_role("button", name="Add to the basket").click()
        await expect(page.locator("#added")).to_contain_text("in your basket")
    await page.goto("/store/basket")
    return page


@pytest.mark.parametrize(
    ("at", "is_after"), [("htmx:beforeSwap", False), ("htmx:afterSwap", True), ("htmx:afterSettle", True)]
)
async def test_what_is_pressed_as_an_answer_comes_counts(enter: Enter, at: str, is_after: bool) -> None:  # noqa: F811
    page = await with_basket(enter, "Black tea")
    more = page.get_by_role("button", name="One more of Black tea")
    await page.evaluate(PRESS_AT, [at, "[id^=more-]", is_after])
    await more.press("Enter")
    await expect(page.locator(COUNT)).to_have_text("3")
    await expect(page.get_by_role("spinbutton", name="Quantity of Black tea")).to_have_value("3")
    await expect(more).to_be_focused()


async def test_a_button_that_is_held_down_is_not_replaced(enter: Enter) -> None:  # noqa: F811
    page, held = await with_basket(enter, "Black tea"), Held()
    await held.hold(page, "/store/basket")
    more = page.get_by_role("button", name="One more of Black tea")
    await more.press("Enter")
    route = await held.next()
    await more.hover()
    await page.mouse.down()
    async with page.expect_event("requestfinished", lambda request: request == route.request):
        await route.continue_()
    await page.mouse.up()
    await (await held.next()).continue_()
    await expect(page.locator(COUNT)).to_have_text("3")


async def test_what_is_typed_stays_while_the_price_is_worked_out(enter: Enter) -> None:  # noqa: F811
    page, held = await with_basket(enter, "Black tea"), Held()
    await held.hold(page, "/store/basket")
    await page.get_by_role("button", name="One more of Black tea").press("Enter")
    route = await held.next()
    coupon = page.get_by_label("Coupon")
    await coupon.focus()
    await page.keyboard.type("NOTH")
    await route.continue_()
    await expect(page.locator(COUNT)).to_have_text("2")
    await expect(coupon).to_be_focused()
    await page.keyboard.type("ING")
    await expect(coupon).to_have_value("NOTHING")
    await page.keyboard.press("Tab")
    await (await held.next()).continue_()
    await expect(page.get_by_text("NOTHING:")).to_be_visible()
    await expect(page.locator(COUNT)).to_have_text("2")


async def test_buttons_that_are_pressed_at_once_all_count(enter: Enter) -> None:  # noqa: F811
    page = await with_basket(enter, "Black tea", "Running shoe")
    await page.evaluate(
        """() => {
            const [remove, more] = ["remove", "more"].map((name) => document.querySelectorAll(`[id^=${name}-]`));
            for (const button of [more[1], remove[0], more[1]]) button.click();
        }"""
    )
    await expect(page.locator(COUNT)).to_have_text("3")
    await expect(page.get_by_role("button", name="One more of Black tea")).to_have_count(0)


async def test_a_link_waits_for_what_was_pressed_before_it(enter: Enter) -> None:  # noqa: F811
    page, held = await with_basket(enter, "Black tea"), Held()
    await held.hold(page, "/store/basket")
    await page.evaluate(
        """() => { document.querySelector("[id^=more-]").click(); document.querySelector("a.big").click(); }"""
    )
    await (await held.next()).continue_()
    await expect(page).to_have_url(re.compile("/store/welcome"))
    await expect(page.locator(COUNT)).to_have_text("2")


async def test_a_product_that_is_added_three_times_is_there_three_times(enter: Enter) -> None:  # noqa: F811
    page, held = await enter(), Held()
    await page.get_by_role("link", name="Black tea").click()
    await held.hold(page, "/store/basket/lines")
    for _ in range(3):
        await page.get_by_role("button", name="Add to the basket").press("Enter")
    for _ in range(3):
        await (await held.next()).continue_()
    await expect(page.locator(COUNT)).to_have_text("3")


async def test_a_reservation_is_confirmed_though_its_page_is_looked_at_again(enter: Enter, store: Store) -> None:  # noqa: F811
    page = await enter(is_shopper=True)
    sale = store.sale(units=1, limit=1, hold_seconds=900)
    try:
        await page.goto(f"/store/sales/{sale}")
        await page.get_by_role("button", name="Buy now").click()
        await page.get_by_role("button", name="Confirm the purchase").hover()
        await page.mouse.down()
        for _ in range(2):  # the first may have been under way
            await page.wait_for_event("requestfinished")
        await page.mouse.up()
        await expect(page.locator("#state")).to_contain_text("It is yours")
    finally:
        store.end(sale)
