"""A real Chromium at the pages: Debian's where it is, else Playwright's own, else these tests skip."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.access.running import Person, RunningService
from tests.web.browser.recording import Journey

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000
# What htmx logs of a request that a newer one has taken the place of; of one that failed it logs `htmx:sendError` as well.
REPLACED = ("htmx:afterRequest, ", "htmx:sendAbort, ")
Open = Callable[..., Awaitable[Page]]
Window = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
def people(service: RunningService) -> dict[str, Person]:
    """Somebody of each role, made before a browser runs."""
    return {role: service.new_person(role) for role in ("admin", "pricing_manager", "analyst", "user")}


def debians_chromium() -> str | None:
    """Where Debian's package, or a browser that somebody installed, is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the tests of a module, each of which has a session of its own in it."""
    async with async_playwright() as playwright:
        installed = debians_chromium()
        if installed is None and not is_file(playwright.chromium.executable_path):
            pytest.skip("there is no Chromium: install Debian's package chromium, or run `playwright install chromium`")
        browser = await playwright.chromium.launch(executable_path=installed, args=FLAGS)
        yield browser
        await browser.close()


def is_file(path: str) -> bool:
    """Whether there is a file."""
    return Path(path).is_file()


@pytest.fixture
def journey(request: pytest.FixtureRequest) -> Journey:
    """Keeps pictures of the steps of a test, and traces of the windows that it opens."""
    return Journey(request.node.name.removeprefix("test_"))


@pytest_asyncio.fixture(loop_scope="module")
async def window(browser: Browser, service: RunningService, request: pytest.FixtureRequest) -> AsyncIterator[Window]:
    """Opens a window at the service, of somebody unknown. At the end nothing may have gone wrong in any of them."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    journey = request.getfixturevalue("journey") if "journey" in request.fixturenames else None

    async def open_window(**options: Any) -> Page:
        context = await browser.new_context(base_url=service.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if journey is not None:
            await journey.watch(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda page_text: wrong.append(page_text.text) if page_text.type == "error" else None)
        return page

    yield open_window
    for context in contexts:
        if journey is not None:
            await journey.keep(context)
        await context.close()
    # What the API refuses is logged by the browser as a resource that failed; a test that means it says so.
    expected = (*REPLACED, "status of 409", "status of 413", "status of 422")
    assert [text for text in wrong if not any(each in text for each in expected)] == []


@pytest.fixture
def opened(window: Window, people: dict[str, Person]) -> Open:
    """Opens a page as somebody who is signed in."""

    async def open_page(path: str, role: str = "admin", **options: Any) -> Page:
        page = await window(**options)
        await page.goto("/sign-in")
        await page.get_by_label("E-mail address").fill(people[role].email)
        await page.get_by_label("Password").fill(people[role].password)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/admin")
        if path != "/admin":
            await page.goto(path)
        return page

    return open_page
