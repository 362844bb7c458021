"""The API reference in a browser: an operation found, tried with one's own key, and its samples. Source: docs/spec/web.md#api-reference."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.access.running import RunningService
from tests.web.browser.conftest import PATIENCE_MS
from tests.web.browser.test_every_page import AXE, FINDINGS, RULES

pytestmark = pytest.mark.asyncio(loop_scope="module")
# Swagger UI takes seconds of processor time where several browsers share one.
PATIENT_MS = 2 * PATIENCE_MS
expect.set_options(timeout=PATIENT_MS)


@pytest.fixture(scope="module")
def key(service: RunningService) -> str:
    """A key of somebody who tries the API, made before a browser runs."""
    return service.new_key("quote:write")


async def test_a_call_is_found_and_tried_and_nothing_bars_the_way(
    browser: Browser, service: RunningService, key: str
) -> None:
    context = await browser.new_context(base_url=service.url, color_scheme="dark", reduced_motion="reduce")
    context.set_default_timeout(PATIENT_MS)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda page_text: wrong.append(page_text.text) if page_text.type == "error" else None)
    page.on("request", lambda sent: None if sent.url.startswith((service.url, "data:")) else wrong.append(sent.url))
    await page.goto("/docs")
    await page.keyboard.press("/")
    await page.keyboard.type("post quote basket")
    await page.get_by_role("navigation", name="Operations").get_by_role("link", name="POST Quote a basket").click()
    operation = page.locator("#operations-Quotes-issue_quote")
    await expect(operation.locator(".samples")).to_be_attached()
    assert page.url.endswith("/docs#/Quotes/issue_quote")
    await operation.get_by_role("tab", name="Python").click()
    await expect(operation.get_by_role("tabpanel", name="Python")).to_contain_text('os.environ["QUOTE_API_KEY"]')

    await page.get_by_role("button", name="Authorize").first.click()
    await page.locator(".modal-ux input").first.fill(key)
    await page.locator(".modal-ux").get_by_role("button", name="Apply credentials").first.click()
    await page.locator(".modal-ux").get_by_role("button", name="Close").first.click()
    await operation.get_by_role("button", name="Try it out").click()
    await operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    await expect(answer).to_contain_text('"subtotal": 51.00')  # with its own digits, not 51
    assert wrong == []

    found: dict[str, Any] = {}
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.evaluate(AXE.read_text("utf-8") + "\n0")
        if findings := await page.evaluate(FINDINGS, RULES):
            found[scheme] = findings
    for width in (360, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        sticks_out = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sticks_out > 0:
            found[f"at {width}"] = sticks_out
    assert found == {}
    await context.close()
