"""A crowd of shoppers: they arrive at even distances, whether or not the service is quick, and each lives its own visit.

    list or search -> a product's page -> a quote -> too expensive, abandoned, or ordered (till.py)

Source: docs/spec/seeding.md#shoppers.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from quote_service.lab.shoppers.decisions import Habits, Shopper, Wish
from quote_service.lab.shoppers.shop_api import Refused, ShopApi
from quote_service.lab.shoppers.tally import Tally
from quote_service.lab.shoppers.till import ORDERS, Till

_PRODUCTS: Final = "/api/v1/products"
_CUSTOMERS: Final = "/api/v1/customers"
_SHOWN: Final = 20
_WORDS_KEPT: Final = 200
_CUSTOMERS_KEPT: Final = 100
_REPORT_SECONDS: Final = 10.0


class NothingToBuy(Exception):
    """There is no product that is sold."""


class Pace(NamedTuple):
    """How many shoppers arrive a second and for how long; at most `concurrency` are there at once."""

    rate: float
    seconds: float
    concurrency: int


class Crowd:
    """Sends shoppers through the shop."""

    def __init__(self, api: ShopApi, tally: Tally, *, seed: int, habits: Habits, report: Callable[[str], None]) -> None:
        self._api = api
        self._tally = tally
        self._seed = seed
        self._elasticity = habits.elasticity
        self._till = Till(api, tally, habits, report)
        self._report = report
        self._words: list[str] = []
        self._customers: list[str] = []

    async def look_around(self) -> None:
        """Learn words to search for, and who the customers are.

        Raises:
            NothingToBuy: There is no product.
            Refused: The service cannot be used.
        """
        shown = await self._api.get(_PRODUCTS, limit=_CUSTOMERS_KEPT)
        if not shown:
            raise NothingToBuy
        words = {word for product in shown for word in product["name"].split() if word.isalpha()}
        self._words = sorted(words)[:_WORDS_KEPT]
        self._customers = [customer["id"] for customer in await self._api.get(_CUSTOMERS, limit=_CUSTOMERS_KEPT)]
        await self._api.get(ORDERS, limit=1)  # said now, and not by every order

    async def live(self, pace: Pace, stop: asyncio.Event) -> None:
        """Let shoppers arrive until the time is over or somebody says stop, and those who are there finish."""
        clock = asyncio.get_running_loop().time
        began = clock()
        reported = began
        arrivals = max(1, round(pace.rate * pace.seconds))
        async with asyncio.TaskGroup() as there:
            visits: set[asyncio.Task[None]] = set()
            for number in range(arrivals):
                if await _is_stopped(stop, began + number / pace.rate - clock()):
                    break
                self._tally.shoppers += 1
                if len(visits) >= pace.concurrency:
                    self._tally.rejected += 1
                    continue
                visit = there.create_task(self._visit(number))
                visits.add(visit)
                visit.add_done_callback(visits.discard)
                if clock() - reported >= _REPORT_SECONDS:
                    reported = clock()
                    self._report(self._tally.line(reported - began))

    async def _visit(self, number: int) -> None:
        shopper = Shopper(self._seed, number, self._elasticity)
        try:
            wish = await self._browse(shopper)
            if wish is not None:
                await self._buy(shopper, wish)
        except Refused:  # counted by its code
            return

    async def _browse(self, shopper: Shopper) -> Wish | None:
        query: dict[str, Any] = {"limit": _SHOWN}
        if self._words and shopper.searches():
            query["q"] = shopper.one_of(self._words)
        shown = await self._api.get(_PRODUCTS, **query)
        if not shown:
            return None
        return shopper.wish(await self._api.get(f"{_PRODUCTS}/{shopper.one_of(shown)['id']}"))

    async def _buy(self, shopper: Shopper, wish: Wish) -> None:
        customer_id = shopper.one_of(self._customers) if self._customers else shopper.makes_up_id
        basket = shopper.basket(wish, customer_id)
        quote = await self._api.ask("/api/v1/quote", basket)
        self._tally.quotes += 1
        unit_price = quote["items"][0]["unit_price"]
        if not shopper.buys(unit_price, wish.base_price):
            self._tally.too_expensive += 1
        elif shopper.abandons():
            self._tally.abandoned += 1
        else:
            placed = await self._till.order(shopper.way(), quote["quote_id"], basket)
            paid = placed["lines"][0]["unit_price"]
            self._tally.order(wish.currency, wish.quantity, paid, wish.base_price)
            self._report(f"{wish.quantity} x {wish.name} at {paid} {wish.currency} (base price {wish.base_price})")
            await self._till.see_through(shopper, placed)


async def _is_stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait so long, or until somebody says stop; True then."""
    if seconds <= 0:
        await asyncio.sleep(0)  # whoever is there goes on
        return stop.is_set()
    try:
        async with asyncio.timeout(seconds):
            return await stop.wait()
    except TimeoutError:
        return False
