"""A competitor's feed as a file, by a person in a browser. Source: docs/spec/web.md#matching."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.access.running import RunningService
from tests.web.browser.conftest import PATIENCE_MS, Open
from tests.web.browser.recording import Journey
from tests.web.browser.test_journeys import barriers
from tests.web.competition import Competition

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_feed_is_uploaded_read_and_refused_where_it_is_too_large(
    opened: Open, service: RunningService, journey: Journey, tmp_path: Path
) -> None:
    competition = await asyncio.to_thread(Competition, service, "Feedery")
    good, large = tmp_path / "list.csv", tmp_path / "large.csv"
    good.write_text("id,title,price\n1,Copper kettle,90.00 TRY\n2,Pan,\n", "utf-8")
    large.write_bytes(b"x" * (10 << 20))
    page = await opened(f"/admin/sources/{competition.feed['id']}", "pricing_manager", bypass_csp=True)
    await page.get_by_role("link", name="Upload a feed").click()
    assert await barriers(page) == []
    await page.get_by_label("File").set_input_files(large)
    await page.get_by_role("button", name="Upload").press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("It is too large. At most 10 MiB are taken.")
    # The form is still there, for another file.
    await page.get_by_label("File").set_input_files(good)
    await page.get_by_role("button", name="Upload").press("Enter")
    await expect(page.get_by_text("waits to be read")).to_be_visible()
    assert await barriers(page) == []
    await asyncio.to_thread(competition.read_files)
    await expect(page.get_by_role("status").filter(has_text="1 offer was read.")).to_contain_text("there is no price")
    await journey.step(page, "What was read")
    assert await barriers(page) == []
    await page.get_by_role("link", name="What the competitor offers").click()
    await expect(page.get_by_role("link", name="Open Copper kettle")).to_be_visible()


async def test_a_feed_is_uploaded_without_scripts(opened: Open, service: RunningService, tmp_path: Path) -> None:
    competition = await asyncio.to_thread(Competition, service, "Scriptless")
    file = tmp_path / "list.csv"
    file.write_text("id,title,price\n1,Copper kettle,90.00 TRY\n", "utf-8")
    page = await opened(f"/admin/sources/{competition.feed['id']}/feed", "pricing_manager", java_script_enabled=False)
    await page.get_by_label("File").set_input_files(file)
    await page.get_by_role("button", name="Upload").click()
    await expect(page.get_by_text("waits to be read")).to_be_visible()
    await asyncio.to_thread(competition.read_files)
    await page.reload()
    await expect(page.get_by_text("1 offer was read.")).to_be_visible()
