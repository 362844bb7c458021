"""Pictures of every page: `python -m tests.web.pictures [PART_OF_A_PATH ...]`, with nothing else running.

The admin's pages as a walk over their links finds them, the store's as somebody who buys comes by them, and what is refused; each in
light and dark, narrow and wide. Writes build/pictures/WIDTH-SCHEME/NAME.png, and sheets of many of them to build/pictures/sheets/.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from tests.access.running import RunningService
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.web.browser.conftest import FLAGS, PATIENCE_MS, debians_chromium
from tests.web.demonstration import demonstration
from tests.web.signing_in import Visitor
from tests.web.store.shopping import CITY, Buyer
from tests.web.walking import furnish, walk

FOLDER = Path(__file__).parents[2] / "build" / "pictures"
SCHEMES = ("light", "dark")
WIDTHS = (390, 1440)
HEIGHT = 900
#: Pictures beside each other on a sheet, by the width of the page, and how wide they are there.
ON_A_SHEET = {390: (6, 260), 1440: (3, 640)}
_WHOLE = "document.readyState === 'complete' && !document.querySelector('.htmx-request')"
_REFUSED = ("/admin/rules/new?type=COUPON", "/admin/flash-sales/new", "/admin/people/new")


class Shot(NamedTuple):
    """A page as somebody sees it; `sends` its form as it stands, which is refused."""

    who: str
    path: str
    sends: bool = False

    @property
    def name(self) -> str:
        """What its file is called."""
        path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", self.path)
        return "-".join(re.findall(r"\w+", f"{self.who} {path}" + (" refused" if self.sends else "")))[:120]


@contextmanager
def started() -> Iterator[RunningService]:
    """The demonstration on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="quote-service-pictures-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        postgres = postgres_server_in(folder / "postgres", max_connections=60)
        postgres.start()
        try:
            asyncio.run(migrate(postgres.url))
            with ValkeyServer(folder / "valkey") as valkey, demonstration(postgres.url, valkey.url) as service:
                furnish(service)
                asyncio.run(_age(postgres.url))
                yield service
        finally:
            postgres.discard()


async def _age(database_url: str) -> None:
    """Have all prices been asked for two months, so that what is cheaper today is a reduction."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO price_history (product_id, variant_id, currency, new_price, reason, actor, at)"
        " SELECT product_id, variant_id, currency, current_price, 'manual', 'pictures', now() - interval '60 days'"
        " FROM product_prices"
    )
    await connection.close()


def people_of(service: RunningService) -> dict[str, Visitor]:
    """Everybody whose pages are looked at, signed in."""
    service.as_role("admin")
    admin = Visitor(service)
    admin.sign_in(service.people["admin"])
    shopper = service.new_person("user")
    buyer = Buyer(service, shopper)
    buyer.sign_in(shopper, wanted="/store")
    return {"admin": admin, "shopper": buyer, "guest": Buyer(service)}


def shots_of(people: dict[str, Visitor]) -> list[Shot]:
    """What there is to look at; somebody has something in the basket and has ordered."""
    found = [Shot("admin", path) for path in walk(people["admin"]).paths]
    found += [Shot("admin", path, sends=True) for path in _REFUSED]
    found += [Shot("admin", path) for path in ("/admin/nothing", "/admin/orders?status=nonsense", "/docs")]
    found += [Shot("guest", path) for path in ("/sign-in", "/reset-password?token=nonsense", "/store/basket")]
    found += [Shot("shopper", path) for path in store_paths(people["shopper"])]
    return found


def store_paths(buyer: Visitor) -> list[str]:
    """What a shopper comes by, one page of each kind."""
    assert isinstance(buyer, Buyer)
    shop = buyer.see("/store")
    products = re.findall(r'href="(/store/products/[^"]+)"', shop)
    sales = re.findall(r'href="(/store/sales/[^"]+)"', shop)
    first, second, third = (path.rsplit("/", 1)[1] for path in products[:3])
    buyer.add(second, 3)
    review = _reserved(buyer)
    order = buyer.submit(review, review).headers["location"].split("?")[0]
    buyer.add(third, 2)
    review = _reserved(buyer)
    buyer.add(first, 2)
    buyer.submit("/store/basket", coupon="WELCOME20")
    return [
        "/store",
        "/store?q=nothing-is-called-so",
        products[2],
        *sales[:1],
        "/store/sales",
        "/store/basket",
        "/store/checkout",
        review,
        "/store/orders",
        f"{order}?placed=1",
        f"{order}/receipt",
        "/store/nothing",
        "/admin",
    ]


def _reserved(buyer: Buyer) -> str:
    """The review of what is in the basket."""
    return str(buyer.submit("/store/checkout", "/store/checkout", **CITY).headers["location"])


async def take(service: RunningService, people: dict[str, Visitor], shots: list[Shot]) -> None:
    """Every picture, and the sheets."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=debians_chromium(), args=FLAGS)
        for width in WIDTHS:
            for scheme in SCHEMES:
                await _take(browser, service, people, shots, width, scheme)
                folder = FOLDER / f"{width}-{scheme}"
                await _lay_out(browser, folder.name, sorted(folder.glob("*.png")), width)
        await browser.close()


async def _take(
    browser: Browser, service: RunningService, people: dict[str, Visitor], shots: list[Shot], width: int, scheme: str
) -> None:
    folder = FOLDER / f"{width}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    for who in dict.fromkeys(shot.who for shot in shots):
        async with _window(browser, service, people[who], width, scheme) as page:
            for shot in shots:
                if shot.who != who:
                    continue
                await page.goto(shot.path)
                if shot.sends:
                    await page.evaluate("document.querySelector('form.form').noValidate = true")
                    await page.locator("form.form").get_by_role("button", name="Create").click()
                    await page.get_by_role("alert").first.wait_for()
                await page.wait_for_function(_WHOLE)
                await page.screenshot(path=folder / f"{shot.name}.png", full_page=True)


@asynccontextmanager
async def _window(
    browser: Browser, service: RunningService, visitor: Visitor, width: int, scheme: str
) -> AsyncIterator[Page]:
    context: BrowserContext = await browser.new_context(
        base_url=service.url,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": HEIGHT},
        reduced_motion="reduce",
        timezone_id="UTC",
        bypass_csp=True,  # to ask whether a page is whole
    )
    context.set_default_timeout(PATIENCE_MS)
    await context.add_cookies(
        [{"name": name, "value": text, "url": service.url} for name, text in visitor.http.cookies.items()]
    )
    yield await context.new_page()
    await context.close()


async def _lay_out(browser: Browser, name: str, pictures: list[Path], width: int) -> None:
    """Many pictures beside each other, each cut where it is longer than three screens."""
    (FOLDER / "sheets").mkdir(exist_ok=True)
    columns, shown = ON_A_SHEET[width]
    page = await browser.new_page(viewport={"width": columns * (shown + 12), "height": HEIGHT})
    for number, first in enumerate(range(0, len(pictures), columns * 2), 1):
        tiles = "".join(
            f"<figure><figcaption>{each.stem}</figcaption><div><img src='{each.as_uri()}'></div></figure>"
            for each in pictures[first : first + columns * 2]
        )
        sheet = FOLDER / "sheet.html"
        sheet.write_text(
            f"<style>body{{margin:0;display:grid;gap:8px;grid-template-columns:repeat({columns},{shown}px);font:11px sans-serif}}"
            f"figure{{margin:0}}div{{max-height:{shown * 3 if width < HEIGHT else 620}px;overflow:hidden;outline:1px solid #999}}"
            f"img{{width:100%;display:block}}</style>{tiles}",
            "utf-8",
        )
        await page.goto(sheet.as_uri())
        await page.screenshot(path=FOLDER / "sheets" / f"{name}-{number:02}.png", full_page=True)
        sheet.unlink()
    await page.close()


def main(wanted: list[str]) -> None:
    """All pages, or those whose path has one of these parts."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with started() as service:
        people = people_of(service)
        shots = [shot for shot in shots_of(people) if not wanted or any(part in shot.path for part in wanted)]
        asyncio.run(take(service, people, shots))
    sys.stdout.write(f"{len(shots)} pages, in {FOLDER}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
