"""A shop whose prices two loops decide about, and another looks at, while people do what people do and the database lets go of its
connections.

Source: docs/spec/price-decisions.md#runs; docs/spec/price-decisions.md#people-decide.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

from quote_service.intelligence.price_decisions.model.decisions import ManualDraft, RollBackDraft
from quote_service.intelligence.price_decisions.model.policies import PolicyDraft
from quote_service.intelligence.price_decisions.operations.claim_products import claim_products, release_products
from quote_service.intelligence.price_decisions.operations.confirm_decision import (
    accept_decision,
    decide_by_hand,
    reject_decision,
)
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.roll_back import roll_back
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.operations.write_policy import create_policy
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS
from quote_service.intelligence.signals.loops.looking import run_news
from quote_service.platform.money.numbers import written_number
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author, change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.catalog.model.price_changes import PriceChangeDraft
from quote_service.shop.catalog.operations.change_price import change_price
from tests.conftest import eventually
from tests.price_decisions.shelves import EUR, Shelves

PRODUCTS = 12
NOW = DecisionTerms(interval_seconds=0)


class World:
    """The shop; `told` counts what became of what was tried, `refused` why it was refused."""

    def __init__(self, database: Database, chaos: Database, seed: int) -> None:
        self.database = database
        self.chaos = chaos
        self.shelves = Shelves(database)
        self.chance = random.Random(seed)
        self.products: list[UUID] = []
        self._is_calm = True
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    async def stock_up(self) -> None:
        """Products in every mode, whose demand is known: some want up, some down. The breaker stays closed."""
        async with self.database.transaction() as connection:
            draft = PolicyDraft(currency=EUR, breaker_share_percent=written_number("100"))
            await create_policy(Change.within(connection, _person()), draft)
        for number in range(PRODUCTS):
            self.products.append(await self.shelves.product(mode="suggest" if number % 4 == 3 else "auto"))
        await self.shelves.learn(
            {product_id: (-2.0, -4.0, -6.0)[number % 3] for number, product_id in enumerate(self.products)}
        )

    async def play(self, turns: int, breaks: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        """Everybody does something so many times at least, and until no fault is left; returns when all is up.

        Args:
            turns: How many times.
            breaks: The faults; None ends connections alone.
        """
        doing = [
            self._accept,
            self._reject,
            self._by_hand,
            self._move,
            self._roll_back,
            self._write_policy,
            self._claim,
        ]
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._worker()) for _ in range(2)]
            workers.append(group.create_task(run_news(self.database, news_seconds=0.05)))
            self._is_calm = breaks is None
            people = [group.create_task(self._repeat(do, turns)) for do in doing]
            await (self._repeat(self.end_connections, turns // 3) if breaks is None else breaks())
            self._is_calm = True
            await asyncio.wait(people)
            for worker in workers:
                worker.cancel()
        # Whatever was left lying is taken up: the shop goes on by itself.
        await self.until_done(self._take_up)

    async def _take_up(self) -> None:
        for product_id in self.products:
            await self.shelves.policy(product_id, mode="auto")
        await self.give_up()
        await self.shelves.look()
        await self._run()

    async def until_done(self, do: Callable[[], Awaitable[None]]) -> None:
        """PostgreSQL may have come back a moment ago."""
        await eventually(functools.partial(self.attempt, do), "the shop goes on")

    async def _worker(self) -> None:
        while True:
            if not await self.attempt(self._run):
                await self.until_done(self.give_up)
            await asyncio.sleep(0.01)

    async def _run(self) -> None:
        await run_if_due(self.database, NOW)

    async def give_up(self) -> None:
        """Otherwise a minute passes until what somebody left lying is taken up."""
        async with self.chaos.read() as connection:
            await connection.execute("UPDATE price_decision_runs SET claimed_until = now() WHERE state = 'running'")

    async def _repeat(self, do: Callable[[], Awaitable[None]], turns: int) -> None:
        for turn in itertools.count(1):
            await self.attempt(do)
            if turn >= turns and self._is_calm:
                return
            await asyncio.sleep(self.chance.random() * (0.02 if turn < turns else 0.1))

    async def attempt(self, do: Callable[[], Awaitable[None]]) -> bool:
        try:
            await do()
        except QuoteServiceError as refusal:
            self.refused[refusal.code] += 1
            return False
        self.counts[getattr(do, "__name__", "")] += 1
        return True

    async def _waiting(self) -> UUID | None:
        state = self.chance.choice(("suggested", "held"))
        async with self.database.read() as connection:
            rows = (
                await DECISION_ROWS.page(
                    connection, Wanted({"state": "held" if state == "held" else "suggested"}, limit=20)
                )
            ).rows
        return self.chance.choice(rows).id if rows else None

    async def _accept(self) -> None:
        decision_id = await self._waiting()
        if decision_id is not None:
            async with self.database.transaction() as connection:
                await accept_decision(Change.within(connection, _person()), decision_id, None, UNCONDITIONAL, NOW)

    async def _reject(self) -> None:
        decision_id = await self._waiting()
        if decision_id is not None:
            async with self.database.transaction() as connection:
                await reject_decision(Change.within(connection, _person()), decision_id, None, UNCONDITIONAL)

    async def _by_hand(self) -> None:
        price = written_number(str(self.chance.randint(70, 130)))
        draft = ManualDraft(product_id=self._any(), currency=EUR, price=price)
        async with self.database.transaction() as connection:
            await decide_by_hand(Change.within(connection, _person()), draft, NOW)

    async def _move(self) -> None:
        draft = PriceChangeDraft(price=written_number(str(self.chance.randint(85, 115))), currency=EUR)
        async with self.database.transaction() as connection:
            await change_price(Change.within(connection, _person()), self._any(), draft, UNCONDITIONAL)

    async def _roll_back(self) -> None:
        draft = RollBackDraft(product_id=self.chance.choice((None, self._any())))
        done = await roll_back(self.database, _person(), draft, NOW)
        self.counts["rolled back"] += done.rolled_back

    async def _write_policy(self) -> None:
        mode = self.chance.choice(("auto", "auto", "auto", "suggest", "shadow"))
        await self.shelves.policy(self._any(), mode=mode, floor_price=self.chance.choice((75, 80)))

    async def _claim(self) -> None:
        experiment, item = uuid4(), (self._any(), EUR)
        async with self.database.transaction() as connection:
            await claim_products(Change.within(connection, _person()), [item], experiment)
        async with self.chaos.transaction() as connection:
            await release_products(connection, experiment)

    async def end_connections(self) -> None:
        """PostgreSQL ends every connection in the midst of what it does, as a kill of either side would."""
        await asyncio.sleep(0.05)
        async with self.chaos.read() as connection:
            rows = await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'quote-service'"
            )
        self.counts["connections ended"] += len(rows)

    def _any(self) -> UUID:
        return self.chance.choice(self.products)


def _person() -> Author:
    return change_by_system("a person", now_us())
