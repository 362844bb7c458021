"""Checkouts that ask for quotes over connections of their own, hold each answer against what it must be, and count."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec

from tests.conftest import eventually
from tests.fixtures.serve import QUOTE, Served, a_basket

# What every basket of this load costs: 2 x 25.50, the delivery rule's 10.00, and 18 % tax on the lines.
LINES, DELIVERY, TAX, TOTAL = (Decimal(amount) for amount in ("51.00", "10.00", "9.18", "70.18"))
CITY = "Istanbul"
RULES: list[dict[str, Any]] = [
    {
        "name": "delivery",
        "type": "DELIVERY_FEE",
        "configuration": {"base_fee": 10},
        "currency": "TRY",
        "region": f"TR/{CITY}",
    },
    {"name": "tax", "type": "TAX", "configuration": {"rate": 18}, "region": "TR"},
]


class Seen:
    """What the clients of one load saw."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.warnings: Counter[str] = Counter()
        self.retry_after: set[bytes] = set()
        self.wrong: list[str] = []
        self.broken: list[str] = []  # a request sent on a kept connection, or begun to be answered, and never answered
        self.refused_connections = 0
        self.slowest_seconds = 0.0

    @property
    def answered(self) -> int:
        return self.statuses.total()

    def note(self, status: int, body: bytes, seconds: float) -> None:
        self.statuses[status] += 1
        self.slowest_seconds = max(self.slowest_seconds, seconds)
        if status != 200:
            return
        data = json.loads(body, parse_float=Decimal)["data"]
        self.warnings.update(warning["code"] for warning in data["warnings"])
        figures = (data["subtotal"], data["delivery_fee"], data["tax_amount"], data["total_amount"])
        steps = sum(
            Decimal(entry["amount"])
            for entry in data["pricing_breakdown"]["calculations"]
            if not (entry.get("included") or entry["step"] == "unit_price")
        )
        if figures != (LINES, DELIVERY, TAX, TOTAL) or steps != TOTAL:
            self.wrong.append(repr((figures, steps)))


class Client:
    """One checkout with one connection, kept alive and opened again where the service closed it."""

    def __init__(self, service: Served, seen: Seen) -> None:
        self._service = service
        self._seen = seen
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.is_asked_to_go = False

    async def ask(self, basket: dict[str, Any] | None = None) -> int:
        """One quote; answers its status, or 0 where no connection could be made."""
        started = time.perf_counter()
        is_kept = self._streams is not None
        if self._streams is None:
            try:
                self._streams = await asyncio.open_connection("127.0.0.1", self._service.port)
            except OSError:
                self._seen.refused_connections += 1
                return 0
        reader, writer = self._streams
        body = msgspec.json.encode(basket or a_basket())
        try:
            writer.write(quote_request(self._service, body))
            status, head, answer = await _read(reader)
        except (OSError, asyncio.IncompleteReadError) as lost:
            self.close()
            self._seen.broken.append(f"{lost!r} on a {'kept' if is_kept else 'new'} connection")
            return 0
        self._seen.note(status, answer, time.perf_counter() - started)
        if status == 503:
            self._seen.retry_after.add(head.split(b"retry-after: ", 1)[1].split(b"\r\n", 1)[0])
        if b"\r\nconnection: close" in head:
            self.is_asked_to_go = True
            self.close()
        return status

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    def reset(self) -> None:
        """Break the connection off: the service hears of it at once, and that nothing can be answered."""
        assert self._streams is not None
        sock = self._streams[1].get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._streams[1].transport.abort()
        self._streams = None


class Load:
    """Clients that go on asking until they are asked to stop."""

    def __init__(self, service: Served, clients: int) -> None:
        self.seen = Seen()
        self._service = service
        self._clients = clients
        self._is_over = False
        self.tasks: list[asyncio.Task[None]] = []

    async def _go_on(self, client: Client) -> None:
        # Every third basket is one that was asked for before, so that all tiers take part.
        baskets = [a_basket(customer_id=str(uuid4())) for _ in range(4)]
        number = 0
        while not self._is_over:
            number += 1
            status = await client.ask(baskets[number % 4] if number % 3 == 0 else None)
            if client.is_asked_to_go:
                break
            if not status:
                await asyncio.sleep(0.005)  # as a client would that finds nobody
        client.close()

    async def until_answered(self, more: int) -> None:
        """Go on until so many more answers have come."""
        wanted = self.seen.answered + more
        await eventually(lambda: self.seen.answered >= wanted, f"{more} more answers")

    def start(self) -> None:
        self.tasks = [asyncio.create_task(self._go_on(Client(self._service, self.seen))) for _ in range(self._clients)]

    async def stop(self) -> None:
        self._is_over = True
        async with asyncio.timeout(30):
            await asyncio.gather(*self.tasks)


@asynccontextmanager
async def load(service: Served, clients: int = 16) -> AsyncIterator[Load]:
    """Load for the length of the block; then nothing but right answers has been seen."""
    running = Load(service, clients)
    running.start()
    yield running
    await running.stop()
    assert running.seen.wrong == []


def quote_request(service: Served, body: bytes, *, length: int | None = None) -> bytes:
    """The bytes of a request for a quote."""
    return (
        f"POST {QUOTE} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {service.api_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    ).encode() + body


async def is_idle(service: Served) -> bool:
    """Whether every permit, database connection, request and client connection is back."""
    if (gauges := (await asyncio.to_thread(service.ready)).get("gauges")) is None:
        return False
    quotes, postgres, connections = gauges["quotes"], gauges["postgres"], gauges["connections"]
    held = (quotes["in_use"], quotes["waiting"], postgres["in_use"], connections["requests"], connections["open"])
    return bool(held == (0, 0, 0, 0, 0))


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    return int(head.split(b" ", 2)[1]), head, await reader.readexactly(length)
