"""What changes something is asked for until its outcome is known, with the same key.

Source: docs/spec/seeding.md#orders-of-shoppers.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from quote_service.lab.shoppers.decisions import Habits
from quote_service.lab.shoppers.shop_api import Refused, ShopApi
from quote_service.lab.shoppers.tally import Tally
from quote_service.lab.shoppers.till import Till

LOST = ""
DONE = '201 Created\r\n|{"data": {"id": "o"}}'
AWAY = '503 Service Unavailable\r\nRetry-After: 0\r\n|{"type": "/problems/dependency-unavailable"}'
SLOW = '504 Gateway Timeout\r\nRetry-After: 0\r\n|{"type": "/problems/timed-out"}'
RUNNING = '409 Conflict\r\nRetry-After: 0\r\n|{"type": "/problems/request-still-running"}'
SOLD_OUT = '409 Conflict\r\n|{"type": "/problems/out-of-stock"}'
NO_BUDGET = '409 Conflict\r\nRetry-After: 0\r\n|{"type": "/problems/budget-exhausted"}'


@asynccontextmanager
async def answering(answers: Sequence[str], tally: Tally) -> AsyncIterator[tuple[ShopApi, list[str | None]]]:
    """The client of a service that has these answers, one after the other, and the keys that it was sent."""
    left, keys = list(answers), list[str | None]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        sent = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
        await reader.readexactly(int(sent.get("content-length", 0)))
        keys.append(sent.get("idempotency-key"))
        answer = left.pop(0)
        if answer != LOST:
            status, _, body = answer.partition("|")
            writer.write(f"HTTP/1.1 {status}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        api = ShopApi(f"http://127.0.0.1:{port}", "k", 1, tally)
        try:
            yield api, keys
        finally:
            await api.close()


async def test_what_is_unknown_is_asked_for_again_with_the_same_key() -> None:
    tally = Tally()
    async with answering([LOST, AWAY, SLOW, RUNNING, DONE], tally) as (api, keys):
        assert await api.do("/orders", {"quote_id": "q"}, key="once") == {"id": "o"}
    assert keys == ["once"] * 5
    assert (tally.requests, tally.repeats) == (5, 4)
    assert not tally.errors
    assert not tally.refusals


async def test_patience_ends() -> None:
    tally = Tally()
    async with answering([AWAY] * 5, tally) as (api, keys):
        with pytest.raises(Refused, match="dependency-unavailable"):
            await api.do("/orders", key="once")
    assert keys == ["once"] * 5
    assert tally.errors == {"dependency-unavailable": 1}


async def test_a_refusal_is_taken_for_an_answer() -> None:
    tally = Tally()
    async with answering([SOLD_OUT], tally) as (api, _):
        with pytest.raises(Refused, match="out-of-stock"):
            await api.do("/orders", key="once")
    assert (tally.requests, tally.repeats) == (1, 0)
    assert tally.refusals == {"out-of-stock": 1}
    assert not tally.errors


async def test_a_budget_that_ends_is_quoted_anew_under_keys_of_its_own() -> None:
    tally = Tally()
    async with answering([NO_BUDGET, NO_BUDGET, DONE], tally) as (api, keys):
        till = Till(api, tally, Habits(elasticity=2.0, cancel_percent=0, refund_percent=0), print)
        assert await till.order("quote", "q", {"items": []}) == {"id": "o"}
    assert len(set(keys)) == len(keys) == 3
    assert (tally.repeats, tally.refusals) == (0, {"budget-exhausted": 2})


async def test_questions_are_asked_once() -> None:
    tally = Tally()
    async with answering([AWAY], tally) as (api, _):
        with pytest.raises(Refused):
            await api.ask("/quote", {})
    assert (tally.requests, tally.errors.total()) == (1, 1)
