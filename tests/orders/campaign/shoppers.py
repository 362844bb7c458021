"""Shoppers as they should be: the same request until there is an answer that is one, and then hold the shop to it.

Source: docs/spec/orders.md#place-an-order.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import httpx

from tests.flash_sales.campaign.buyers import PATIENCE_SECONDS
from tests.orders.campaign.shelf import Bought, Shelf, minor
from tests.orders.market import ORDERS
from tests.quotes.lifecycle.shop import QUOTE, QUOTES

# How a shopper comes to an order.
Way = Literal["order", "twice", "reserve", "release", "leave", "accept", "basket"]
WAYS: tuple[Way, ...] = ("order", "order", "twice", "reserve", "release", "leave", "accept", "basket")
# What becomes of the order.
Fate = Literal["keep", "fulfil", "cancel", "refund", "refund in parts", "cancel and refund"]
FATES: tuple[Fate, ...] = ("keep", "fulfil", "cancel", "refund", "refund in parts", "cancel and refund")
HOLD_SECONDS = 2
TRIES = 3  # a discount that is used up costs a shopper one
# Neither done nor refused: to be asked again.
_AGAIN = (429, 502, 503, 504)
_REFUSED = {
    "out-of-stock",
    "coupon-exhausted",
    "budget-exhausted",
    "quote-expired",
    "quote-unknown",
    "reservation-limit",
}


class Shopper:
    """One customer with one basket."""

    def __init__(self, shops: Sequence[httpx.AsyncClient], shelf: Shelf, chance: random.Random) -> None:
        self._shops = shops
        self._shelf = shelf
        self._chance = chance
        self._is_refused = False
        self.customer_id = str(UUID(int=chance.getrandbits(128), version=4))

    async def shop(self, pause_seconds: float) -> None:
        """Come, buy, perhaps give back, and stay until it is known what became of it."""
        await asyncio.sleep(pause_seconds)
        products = list(self._shelf.units)
        lines = [
            (each, self._chance.randint(1, 3)) for each in self._chance.sample(products, self._chance.randint(1, 2))
        ]
        basket = self._shelf.basket(self.customer_id, lines, with_coupon=self._chance.random() < 0.4)
        bought = None
        for _ in range(TRIES):
            self._is_refused = False
            bought = await self._buy(self._chance.choice(WAYS), basket)
            if bought is not None or not self._is_refused:
                break
        if bought is not None:
            await self._follow(bought, self._chance.choice(FATES))

    async def _buy(self, way: Way, basket: dict[str, Any]) -> Bought | None:
        if way == "basket":
            return await self._order(basket)
        quoted = await self._ask("POST", QUOTE, basket)
        if quoted.status_code != 200:
            self._refused(quoted)
            return None
        quote_id = str(quoted.json()["data"]["quote_id"])
        if way in ("reserve", "release", "leave"):
            held = await self._ask("POST", f"{QUOTES}/{quote_id}/reserve", {"hold_seconds": HOLD_SECONDS})
            if held.status_code != 200:
                self._refused(held)
                return None
            if way == "release":
                await self._ask("DELETE", f"{QUOTES}/{quote_id}/reserve")
            if way != "reserve":
                return None
        if way == "accept":
            accepted = await self._ask("POST", f"{QUOTES}/{quote_id}/accept")
            if accepted.status_code != 200:
                self._refused(accepted)
                return None
            self._shelf.accepted.add(quote_id)
        body = {"quote_id": quote_id}
        if way != "twice":
            return await self._order(body)
        both = await asyncio.gather(self._order(body), self._order(body))
        placed = [each for each in both if each is not None]
        if len(placed) == 2:
            self._wrong(f"the quote {quote_id} was ordered twice")
        return placed[0] if placed else None

    async def _order(self, body: dict[str, Any]) -> Bought | None:
        key = f"{self._chance.getrandbits(96):024x}"
        answer = await self._ask("POST", ORDERS, body, key)
        if answer.status_code != 201:
            if _code(answer) == "quote-ordered":
                return None
            self._refused(answer)
            return None
        order = answer.json()["data"]
        bought = Bought(str(order["id"]), key, body, self.customer_id, minor(order["total_amount"]))
        self._shelf.bought.append(bought)
        return bought

    async def _follow(self, bought: Bought, fate: Fate) -> None:
        order = (await self._ask("GET", f"{ORDERS}/{bought.order_id}")).json()["data"]
        units = {int(line["line_id"]): int(line["quantity"]) for line in order["lines"]}
        if fate in ("fulfil", "refund in parts"):
            bought.is_fulfilled = await self._do(bought, "fulfil")
        if fate == "cancel":
            bought.is_cancelled = await self._do(bought, "cancel")
        if fate == "refund":
            await self._refund(bought, units, "full")
        if fate == "refund in parts":
            for line_id, quantity in units.items():
                for _ in range(quantity):
                    await self._refund(bought, {line_id: 1}, "proportional")
        if fate == "cancel and refund":
            some = dict.fromkeys(units, 1)
            bought.is_cancelled, refunded = await asyncio.gather(
                self._do(bought, "cancel"), self._refund(bought, some, "proportional")
            )
            if bought.is_cancelled == refunded:
                self._wrong(f"of cancelling and refunding {bought.order_id} at once, both or neither won")

    async def _do(self, bought: Bought, action: str) -> bool:
        answer = await self._ask("POST", f"{ORDERS}/{bought.order_id}/{action}")
        if answer.status_code == 200:
            return True
        if _code(answer) != "order-state":
            self._wrong(f"{action} of {bought.order_id}: {answer.status_code} {answer.text}")
        return False

    async def _refund(self, bought: Bought, units: dict[int, int], delivery: str) -> bool:
        draft = {
            "lines": [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()],
            "delivery": delivery,
            "restock": self._chance.random() < 0.5,
        }
        key = f"{self._chance.getrandbits(96):024x}"
        answer = await self._ask("POST", f"{ORDERS}/{bought.order_id}/refunds", draft, key)
        if answer.status_code == 201:
            refund = answer.json()["data"]
            bought.refunds_minor[str(refund["id"])] = minor(refund["total_amount"])
            return True
        if _code(answer) != "order-state":
            self._wrong(f"refund of {bought.order_id}: {answer.status_code} {answer.text}")
        return False

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None
    ) -> httpx.Response:
        """The answer to a request, which is repeated, with its key, until there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        headers = {} if key is None else {"Idempotency-Key": key}
        while True:
            http = self._chance.choice(self._shops)
            try:
                answer = await http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as failure:
                page_text = repr(failure)
            else:
                page_text = f"{answer.status_code} {answer.text}"
                if answer.status_code not in _AGAIN and _code(answer) != "request-still-running":
                    self._shelf.answers += 1
                    if answer.status_code >= 500:
                        self._wrong(f"{method} {path}: {page_text}")
                    return answer
            assert time.monotonic() < deadline, f"no answer to {method} {path} in {PATIENCE_SECONDS} s: {page_text}"
            await asyncio.sleep(0.05)

    def _refused(self, answer: httpx.Response) -> None:
        self._is_refused = True
        code = _code(answer)
        self._shelf.refusals[code] = self._shelf.refusals.get(code, 0) + 1
        if code not in _REFUSED:
            self._wrong(
                f"refused {answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
            )

    def _wrong(self, what: str) -> None:
        self._shelf.violations.append(what)


def _code(answer: httpx.Response) -> str:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return ""
    return str(answer.json()["type"]).removeprefix("/problems/")
