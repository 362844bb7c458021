"""Buyers as they should be: the same key until there is an answer that is one, and then hold the service to it.

Source: docs/spec/flash-sales.md#purchase; docs/spec/flash-sales.md#finding-a-purchase.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Literal
from uuid import uuid4

from tests.flash_sales.campaign.counter import Counter, Product
from tests.flash_sales.history import DECIDED, TAKEN, Seen

# What a buyer does with a purchase that is held.
Plan = Literal["confirm", "cancel", "let expire"]
PATIENCE_SECONDS = 120.0
PROBE_PAUSE_SECONDS = 0.1


class Buyer:
    """One customer with one order."""

    def __init__(
        self, counter: Counter, product: Product, *, quantity: int = 1, plan: Plan = "confirm", repeats: int = 0
    ) -> None:
        self._counter = counter
        self._product = product
        self._quantity = quantity
        self._plan: Plan = plan
        self._repeats = repeats
        self._customer = uuid4()
        self._key = uuid4().hex

    async def buy(self, pause_seconds: float = 0.0) -> Seen:
        """Come, buy, and stay until it is known what became of it; the last word about it."""
        await asyncio.sleep(pause_seconds)
        deadline = time.monotonic() + PATIENCE_SECONDS
        last = await self._to_the_end(deadline)
        for _ in range(self._repeats):
            repeated = await self._order()
            if repeated.outcome == "rejected":
                last = await self._counter.look_by_key(self._product, repeated)
        return last

    async def _to_the_end(self, deadline: float) -> Seen:
        while True:
            reported = await self._order()
            if reported.outcome == "refused":
                return reported
            if reported.purchase_id:
                reported = await self._follow(reported, deadline)
                if reported.outcome in DECIDED:
                    return reported
            # Nobody answered, or what was reserved is not there any more: the same again, under the same key.
            assert time.monotonic() < deadline, f"no answer in {PATIENCE_SECONDS} s: {reported}"
            await asyncio.sleep(0.1)

    async def _order(self) -> Seen:
        wait_seconds = 1 if self._quantity == 1 else 0
        return await self._counter.buy(self._product, self._customer, self._key, self._quantity, wait_seconds)

    async def _follow(self, body: Seen, deadline: float) -> Seen:
        """What becomes of a purchase; an answer that decides nothing where it is lost."""
        while body.outcome not in DECIDED:
            assert time.monotonic() < deadline, f"not decided in {PATIENCE_SECONDS} s: {body}"
            answer = await self._step(body)
            if answer.reason == "not-found":
                return answer
            if answer.outcome == "refused":  # decided otherwise, or over: it can be looked at
                answer = await self._counter.look(self._product, body)
            if answer.outcome in ("reserved", "unknown"):
                await asyncio.sleep(0.1)
            if answer.purchase_id:
                body = answer
        if body.outcome == "rejected":
            # The key may have bought all the same, under another id, while Redis was unavailable.
            found = await self._counter.look_by_key(self._product, body)
            if found.purchase_id != body.purchase_id:
                return await self._follow(found, deadline) if found.purchase_id else body
        return body

    async def _step(self, reported: Seen) -> Seen:
        if not self._counter.holds or self._plan == "let expire":
            return await self._counter.look(self._product, reported)
        act = self._counter.confirm if self._plan == "confirm" else self._counter.cancel
        return await act(self._product, reported)


def crowd(counter: Counter, product: Product, size: int, chance: random.Random) -> list[Buyer]:
    """So many buyers, most of whom want one unit and keep it; every third comes back and asks again."""
    plans: tuple[Plan, ...] = ("confirm", "confirm", "confirm", "cancel", "let expire")
    return [
        Buyer(
            counter,
            product,
            quantity=chance.choice((1, 1, 2)),
            plan=chance.choice(plans),
            repeats=chance.choice((0, 0, 1)),
        )
        for _ in range(size)
    ]


async def probe(counter: Counter, product: Product) -> None:
    """Buy one unit after the other, each for another customer and each asked for once; until cancelled."""
    while True:
        await counter.buy(product, uuid4(), uuid4().hex, 1)
        await asyncio.sleep(PROBE_PAUSE_SECONDS)


async def buy_out(counter: Counter, product: Product) -> list[Seen]:
    """Buyers of one unit each, until one of them is refused; what each was told last.

    Whoever comes too late to confirm has not bought: those units are on sale again.
    """
    reported: list[Seen] = []
    while not any(one.outcome == "refused" for one in reported):
        assert sum(one.outcome in TAKEN for one in reported) <= product.allocated, "more is sold than there is"
        buyers = [Buyer(counter, product) for _ in range(10)]
        reported += await asyncio.gather(*(buyer.buy() for buyer in buyers))
    return reported
