"""What a browser did, kept under build/journeys/: a picture of each step, and Playwright's trace of every window.

`playwright show-trace build/journeys/NAME/1.zip` plays a window back.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.async_api import BrowserContext, Page

FOLDER = Path(__file__).parents[3] / "build" / "journeys"


class Journey:
    """One journey, by its name; what an earlier run kept of it is removed."""

    def __init__(self, name: str) -> None:
        self._folder = FOLDER / name
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._steps = 0
        self._windows = 0

    async def watch(self, context: BrowserContext) -> None:
        """Trace what happens in a window from now on."""
        await context.tracing.start(snapshots=True)

    async def keep(self, context: BrowserContext) -> None:
        """Write the trace of a window, at its end."""
        self._windows += 1
        await context.tracing.stop(path=self._folder / f"{self._windows}.zip")

    async def step(self, page: Page, what: str) -> None:
        """Take a picture of what somebody sees now."""
        self._steps += 1
        name = re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-")
        await page.screenshot(path=self._folder / f"{self._steps:02}-{name}.png", animations="disabled")
