"""Every page in light and dark, narrow and wide: nothing sticks out, and axe finds no barrier. Source: WCAG 2.2 AA.

The pages are those that links lead to, one of each kind; tests/web/test_walk.py holds that none is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.access.running import RunningService
from tests.web.browser.conftest import Open
from tests.web.demonstration import demonstration
from tests.web.signing_in import Visitor
from tests.web.walking import furnish, walk

pytestmark = pytest.mark.asyncio(loop_scope="module")
AXE = Path(__file__).parent / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FINDINGS = """async (tags) => (await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload: false})).violations
    .map((found) => [found.id, found.nodes.map((node) => node.html.slice(0, 200))])"""
# Dark differs from light by its colours alone.
COLOURS = """async () => (await axe.run(document, {runOnly: ["color-contrast"], resultTypes: ["violations"], preload: false})).violations
    .map((found) => [found.id, found.nodes.map((node) => node.html.slice(0, 200))])"""
# Made by the same templates: what fits a narrow one fits a wide one.
_ALIKE = re.compile(r"/edit$|/new\?type=|/do/|/[0-9a-f]{8}-[0-9a-f-]{27}$|/[0-9]+$")
# So many tests look at all of them together: one alone would have to be waited for too long.
PARTS = 8
STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def service(database_url: str, redis_url: str) -> Iterator[RunningService]:
    with demonstration(database_url, redis_url) as started:
        furnish(started)
        yield started


@pytest.fixture(scope="module")
def paths(service: RunningService) -> list[str]:
    """What an admin comes by: all of it."""
    visitor = Visitor(service)
    visitor.sign_in(service.people["admin"])
    return walk(visitor).paths


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_page_has_a_barrier_or_sticks_out(opened: Open, paths: list[str], part: int) -> None:
    page = await opened("/admin", color_scheme="light", bypass_csp=True, reduced_motion="reduce")
    found: dict[str, Any] = {}
    for path in paths[part::PARTS]:
        await page.goto(path)
        await look_at(page, path, found)
    assert found == {}, json.dumps(found, indent=1)


async def test_no_refused_form_has_a_barrier(opened: Open) -> None:
    page = await opened("/admin", color_scheme="light", bypass_csp=True, reduced_motion="reduce")
    found: dict[str, Any] = {}
    for path in ("/admin/rules/new?type=COUPON", "/admin/flash-sales/new", "/admin/people/new"):
        await page.goto(path)
        await page.evaluate("document.querySelector('form.form').noValidate = true")
        await page.locator("form.form").get_by_role("button", name="Create").click()
        await page.get_by_role("alert").first.wait_for()
        await look_at(page, f"{path}, refused", found)
    await page.goto("/admin/rates/import")
    rows = {"name": "rates.csv", "mimeType": "text/csv", "buffer": b"commission_type,rate\nPERCENTAGE,many\nNONE,1\n"}
    await page.get_by_label("File").set_input_files(rows)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Import").click()
    await page.get_by_role("alert").first.wait_for()
    await look_at(page, "/admin/rates/import, refused", found)
    await page.goto("/admin/orders?status=nonsense")
    await look_at(page, "/admin/orders?status=nonsense", found)
    assert found == {}, json.dumps(found, indent=1)


async def test_no_part_that_is_asked_for_has_a_barrier(opened: Open) -> None:
    page = await opened("/admin", color_scheme="light", bypass_csp=True, reduced_motion="reduce")
    found: dict[str, Any] = {}
    await page.goto("/admin/rules?name=tr-small-basket")
    await page.get_by_role("link", name="Open tr-small-basket").first.click()
    await page.get_by_role("link", name="Change", exact=True).click()
    await page.get_by_role("button", name="Check the draft").click()
    await page.locator("#check").get_by_role("link").first.wait_for()
    await page.get_by_role("button", name="Replay on last week").click()
    await page.locator("#last-week").get_by_text("Queued").wait_for()
    await look_at(page, "a draft with its findings and last week", found)
    assert found == {}, json.dumps(found, indent=1)


async def look_at(page: Page, name: str, found: dict[str, Any]) -> None:
    """Look at what is shown in all ways."""
    # Not until nothing is asked for any more: a page that keeps itself current always asks.
    await page.wait_for_function("document.readyState === 'complete' && !document.querySelector('.htmx-request')")
    await page.evaluate(AXE.read_text("utf-8") + "\n0")
    if findings := await page.evaluate(FINDINGS, RULES):
        found[name] = findings
    await page.emulate_media(color_scheme="dark")
    if findings := await page.evaluate(COLOURS):
        found[f"{name} in dark"] = findings
    await page.emulate_media(color_scheme="light")
    for width in (360,) if _ALIKE.search(name) else (360, 3840):
        await page.set_viewport_size({"width": width, "height": 900})
        sticks_out = await page.evaluate(STICKS_OUT)
        if sticks_out > 0:
            found[f"{name} at {width}"] = sticks_out
    await page.set_viewport_size({"width": 1280, "height": 900})
