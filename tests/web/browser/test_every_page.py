"""Every page in light and dark, narrow and wide: nothing sticks out, and axe finds no barrier. Source: WCAG 2.2 AA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.browser.conftest import Open
from tests.web.test_pages import SHOWN

pytestmark = pytest.mark.asyncio(loop_scope="module")
AXE = Path(__file__).parent / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FINDINGS = """async (tags) => (await axe.run(document, {runOnly: {type: "tag", values: tags}})).violations
    .map((found) => [found.id, found.nodes.map((node) => node.html.slice(0, 200))])"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_barrier_or_sticks_out(opened: Open, scheme: str) -> None:
    page = await opened("/admin", color_scheme=scheme, bypass_csp=True)
    found: dict[str, Any] = {}
    for path in SHOWN:
        await page.goto(path)
        # Not until nothing is asked for any more: a page that keeps itself current always asks.
        await page.wait_for_function("document.readyState === 'complete' && !document.querySelector('.htmx-request')")
        await page.add_script_tag(path=AXE)
        if findings := await page.evaluate(FINDINGS, RULES):
            found[path] = findings
        for width in (360, 390, 1440, 3840):
            await page.set_viewport_size({"width": width, "height": 900})
            sticks_out = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if sticks_out > 0:
                found[f"{path} at {width}"] = sticks_out
        await page.set_viewport_size({"width": 1280, "height": 900})
    assert found == {}
