"""The map of the playground, with a pointer and without. Source: docs/spec/web.md#playground."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.browser.test_every_page import AXE, FINDINGS, RULES

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")
ANKARA = """() => {
    const box = [...document.querySelectorAll("#map-picture circle")]
        .find((mark) => Math.abs(mark.cx.baseVal.value - 32.854 * 20) < 0.1).getBoundingClientRect();
    return [box.x + box.width / 2 + 1, box.y + box.height / 2 + 1];
}"""


async def open_map(page: Page) -> None:
    await page.get_by_role("button", name="Pick on a map").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#map-picture circle").nth(100)).to_be_attached()


async def test_a_city_is_picked_by_keyboard_and_by_pointing(opened: Open) -> None:
    page = await opened("/admin/playground", "analyst")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    await page.reload()
    await expect(page.locator("#price")).not_to_contain_text("Working out")
    assert not [url for url in loaded if "/map/" in url]
    await open_map(page)
    assert len([url for url in loaded if "/map/" in url]) == 2
    await expect(page.locator("#map-status")).to_contain_text("Istanbul")
    await page.get_by_label("Find a city").fill("IZMIR")
    await expect(page.locator("#map-cities option")).to_have_count(1)
    await page.get_by_label("Cities", exact=True).focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#map-status")).to_contain_text("İzmir")
    async with page.expect_response("**/admin/playground/price") as priced:
        await page.keyboard.press("Enter")
    assert "delivery_latitude=38.413" in ((await priced.value).request.post_data or "")
    await expect(page.locator("#map")).to_be_hidden()
    await expect(page.get_by_label("City", exact=True)).to_have_value("İzmir")
    await open_map(page)
    x, y = await page.evaluate(ANKARA)
    await page.mouse.click(x, y)
    await expect(page.locator("#map-status")).to_contain_text("Ankara")
    await page.get_by_role("button", name="Deliver there").click()
    await expect(page.get_by_label("City", exact=True)).to_have_value("Ankara")
    await page.get_by_label("City", exact=True).fill("Van")  # whose place is not that of Ankara
    await expect(page.locator("[name=delivery_latitude]")).to_have_value("")


@pytest.mark.parametrize(("scheme", "width"), [("dark", 390), ("light", 1440)])
async def test_the_map_has_no_barrier(opened: Open, scheme: str, width: int) -> None:
    size = {"width": width, "height": 900}
    page = await opened("/admin/playground", "analyst", color_scheme=scheme, viewport=size, bypass_csp=True)
    await open_map(page)
    await page.add_script_tag(path=AXE)
    assert await page.evaluate(FINDINGS, RULES) == []
    await page.get_by_label("Country on the map").select_option("")
    await expect(page.locator("#map-cities option", has_text="Tokyo, Japan")).to_have_count(1)
    within = await page.evaluate(
        "() => { const map = document.getElementById('map'); return map.scrollWidth <= map.clientWidth; }"
    )
    assert within
