"""Clients that hang up anywhere, send half, or open connections by the thousand: others notice nothing, nothing leaks.

Source: docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from uuid import uuid4

import msgspec
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import eventually
from tests.faults.load import is_idle, load, quote_request
from tests.fixtures.serve import QUOTE, Served, a_basket

AT_ONCE = 200
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, as a client does that is killed


@pytest.mark.parametrize("redis", ["well", "frozen"])
async def test_thousands_hang_up_at_random_points(service: Served, own_valkey: ValkeyServer, redis: str) -> None:
    """3 000 cut while they send, while they wait and while they read; half of them with a reset."""
    chance = random.Random(f"hang up, Redis {redis}")
    turns = asyncio.Semaphore(AT_ONCE)

    async def hang_up() -> None:
        async with turns:
            request = quote_request(service, msgspec.json.encode(a_basket()))
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            is_complete = chance.random() < 0.6
            writer.write(request * 3 if is_complete else request[: chance.randint(1, len(request) - 1)])
            for _ in range(chance.randint(0, 20)):
                await asyncio.sleep(0)  # lets the server get on by a random number of turns of this loop
            if is_complete and chance.random() < 0.5:
                await reader.read(chance.randint(1, 200))
            if chance.random() < 0.5:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.close()

    async with load(service, clients=4) as running:
        if redis == "frozen":
            own_valkey.freeze()
        try:
            await asyncio.gather(*(hang_up() for _ in range(3000)))
        finally:
            own_valkey.thaw()
        await running.until_answered(100)
    assert set(running.seen.statuses) == {200}
    assert running.seen.broken == []
    await eventually(lambda: is_idle(service), "everything is back")


async def test_thousands_hang_up_on_ordinary_routes(service: Served) -> None:
    """Requests that wait for PostgreSQL, for a thread or for Redis give back what they hold."""
    chance = random.Random("hang up on ordinary routes")
    written = len(service.started.output())
    turns = asyncio.Semaphore(100)
    baskets = msgspec.json.encode({"baskets": [a_basket() for _ in range(5)]})
    wanted = [
        _ordinary(service, "GET", "/api/v1/commission-rates", b""),
        _ordinary(service, "GET", f"/api/v1/quotes/{uuid4()}", b""),
        _ordinary(service, "POST", "/api/v1/quotes/batch", baskets),
        _ordinary(service, "POST", "/api/v1/pricing-rules", b"{"),
        _ordinary(service, "GET", "/health/ready", b""),
    ]

    async def hang_up(request: bytes) -> None:
        async with turns:
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(request[: chance.randint(1, len(request))] if chance.random() < 0.3 else request)
            for _ in range(chance.randint(0, 30)):
                await asyncio.sleep(0)
            if chance.random() < 0.5:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.close()

    await asyncio.gather(*(hang_up(chance.choice(wanted)) for _ in range(1500)))
    await eventually(lambda: is_idle(service), "everything is back")
    assert "Traceback" not in service.started.output()[written:]


async def test_hanging_up_is_no_error(service: Served) -> None:
    """Without credentials: pipelines of answers that are never read, and bodies that never come whole."""
    chance = random.Random("hang up without credentials")
    written = len(service.started.output())
    pipeline = [_anonymous("GET", "/docs/openapi.json") * 30, _anonymous("GET", "/health/ready") * 30]
    halves = [
        _anonymous("POST", path, length=100) + b"{" for path in ("/api/v1/auth/login", "/api/v1/quotes/verify", QUOTE)
    ]
    turns = asyncio.Semaphore(10)

    async def hang_up(number: int) -> None:
        async with turns:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(chance.choice(pipeline if number % 2 else halves))
            for _ in range(chance.randint(0, 30)):
                await asyncio.sleep(0)
            if number % 2 and chance.random() < 0.7:
                await reader.read(1)  # the server is in the middle of its answers
            if chance.random() < 0.7:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.close()

    await asyncio.gather(*(hang_up(number) for number in range(400)))
    await eventually(lambda: is_idle(service), "everything is back")
    lines = service.started.output()[written:]
    assert "Traceback" not in lines
    assert '"level": "error"' not in lines


async def test_ten_thousand_connections_opened_and_dropped(service: Served) -> None:
    turns = asyncio.Semaphore(500)

    async def open_and_drop(number: int) -> None:
        async with turns:
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            if number % 2:
                writer.write(b"POST /api/v1/quote HTTP/1.1\r\nHost: loc")
            if number % 4 > 1:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.close()

    began = time.monotonic()
    async with load(service, clients=4) as running:
        await asyncio.gather(*(open_and_drop(number) for number in range(10_000)))
        took = time.monotonic() - began
        await running.until_answered(100)
    back = time.monotonic()
    await eventually(lambda: is_idle(service), "everything is back")
    print(
        f"\n10 000 connections opened and dropped in {took:.2f} s, beside them {running.seen.answered} answers, slowest "
        f"{running.seen.slowest_seconds:.3f} s; all back after {time.monotonic() - back:.3f} s"
    )
    assert set(running.seen.statuses) == {200}
    assert running.seen.broken == []
    assert running.seen.refused_connections == 0


async def test_clients_that_send_half_a_body(service: Served) -> None:
    """200 hold their connections; each is told after the time of a quote that it was too slow, and is let go."""
    body = msgspec.json.encode(a_basket())
    half = quote_request(service, body[: len(body) // 2], length=len(body))

    async def wait_for_answer() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(half)
        try:
            return await asyncio.wait_for(reader.read(), 30)
        finally:
            writer.close()

    async with load(service, clients=4) as running:
        answered = await asyncio.gather(*(wait_for_answer() for _ in range(200)))
        await running.until_answered(100)
    assert {answer.split(b"\r\n", 1)[0] for answer in answered} == {b"HTTP/1.1 504 Gateway Timeout"}
    assert all(b"\r\nconnection: close\r\n" in answer for answer in answered)
    assert set(running.seen.statuses) == {200}
    await eventually(lambda: is_idle(service), "everything is back")


def _anonymous(method: str, path: str, *, length: int = 0) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _ordinary(service: Served, method: str, path: str, body: bytes) -> bytes:
    credential = f"X-API-Key: {service.api_key}" if "quotes" in path else f"Authorization: Bearer {service.admin_token}"
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{credential}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
