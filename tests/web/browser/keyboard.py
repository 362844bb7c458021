"""Somebody who has a keyboard and nothing else."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

_TABS_MAX = 250
_HAS_FOCUS = "each => each === document.activeElement"


class Keyboard:
    """Goes where the tabulator key leads, and presses Enter there."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def reach(self, target: Locator) -> None:
        """Go to what can be used; fails where no key leads there."""
        await expect(target).to_be_visible()
        for _ in range(_TABS_MAX):
            if await target.evaluate(_HAS_FOCUS):
                return
            await self._page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not lead to {target}")

    async def press(self, target: Locator) -> None:
        """Go to a link or button, and use it."""
        await self.reach(target)
        await self._page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        """Go to a field, and write in place of what stands there."""
        await self.reach(target)
        await self._page.keyboard.press("Control+A")
        await self._page.keyboard.type(text)

    async def open_area(self, name: str) -> None:
        """Go to an area of the admin by its name."""
        await self._page.keyboard.press("/")
        await self._page.keyboard.type(name)
        await self._page.keyboard.press("Enter")
        await expect(self._page.get_by_role("heading", name=name, exact=True)).to_be_visible()
