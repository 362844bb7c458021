"""Takes the pictures of the README again: `python -m tests.screenshots`, with `make run` in another terminal.

    python -m tests.screenshots [DATA_DIR [NAME ...]]

Writes docs/screenshots/NAME-light.png and NAME-dark.png; look at them before they are committed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, Page, async_playwright

from tests.web.browser.conftest import FLAGS, PATIENCE_MS, debians_chromium

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
SIZE = {"width": 1280, "height": 800}
SCHEMES = ("light", "dark")


class Picture(NamedTuple):
    """A page, and what is there once it is whole."""

    name: str
    path: str
    whole: str
    is_public: bool = False


PICTURES = (
    Picture("overview", "/admin", "h1"),
    Picture("playground", "/admin/playground", "#price .waterfall"),
    Picture("rules", "/admin/rules", "#main table"),
    Picture("store", "/store", "main h1", is_public=True),
    Picture("reference", "/docs#/Quotes/issue_quote", ".opblock.is-open .samples", is_public=True),
)


async def take(data_dir: Path, names: list[str]) -> None:
    """Pictures of these names, or all, in both schemes."""
    credentials = json.loads((data_dir / "dev.json").read_text("utf-8"))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=debians_chromium(), args=FLAGS)
        for scheme in SCHEMES:
            await _take(browser, scheme, credentials, [each for each in PICTURES if not names or each.name in names])
        await browser.close()


async def _take(browser: Browser, scheme: str, credentials: dict[str, str], pictures: list[Picture]) -> None:
    context = await browser.new_context(
        base_url=credentials["url"],
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": SIZE["width"], "height": SIZE["height"]},
        reduced_motion="reduce",
        timezone_id="UTC",
        locale="en-GB",
    )
    context.set_default_timeout(3 * PATIENCE_MS)
    page = await context.new_page()
    is_signed_in = False
    for picture in sorted(pictures, key=lambda each: not each.is_public):
        if not picture.is_public and not is_signed_in:
            await _sign_in(page, credentials)
            is_signed_in = True
        await page.goto(picture.path)
        await page.locator(picture.whole).first.wait_for()
        await page.screenshot(path=FOLDER / f"{picture.name}-{scheme}.png")
    await context.close()


async def _sign_in(page: Page, credentials: dict[str, str]) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(credentials["admin_email"])
    await page.get_by_label("Password").fill(credentials["admin_password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/admin")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1] if len(sys.argv) > 1 else ".quote-service"), sys.argv[2:]))
