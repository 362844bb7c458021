"""Buyers in Python: some that each order again once answered, or a crowd that orders once, all at one instant.

    python -m loadtests.bench.buyers URL --order FORMAT --first 1 --connections 32 --seconds 5
    python -m loadtests.bench.buyers URL --order FORMAT --first 1 --connections 2000 --once --wait 10

The API key comes on standard input, what was seen goes out as one line of JSON. A crowd is connected before it orders, and
its latencies count from the one instant for all, so that whoever is sent last or answered last waits longest.
"""

import argparse
import asyncio
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import httptools
import msgspec
import uvloop

from loadtests.bench.load import percentile
from loadtests.bench.orders import order_requests

ANSWER_SECONDS = 30.0
_CONNECT_AT_ONCE = 100


class OrderLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What came of orders: answers by status, and the latencies of all of them."""

    seconds: float
    p50_us: float
    p99_us: float
    max_us: float
    statuses: dict[str, int]
    broken: int = 0

    @property
    def answers(self) -> int:
        return sum(self.statuses.values())

    def count(self, status: int) -> int:
        """How many answers had this status."""
        return self.statuses.get(str(status), 0)


class Crowd:
    """All connections, and what they count together."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self.requests = requests
        self.latencies_us = array("d")
        self.statuses: Counter[str] = Counter()
        self.broken = 0
        self.is_over = False
        self.open = 0
        self.nobody_left = asyncio.Event()

    async def order(self, host: str, port: int, connections: int, seconds: float | None) -> OrderLoad:
        """Order for so long, or once each."""
        loop = asyncio.get_running_loop()
        buyers: list[_Buyer] = []
        while len(buyers) < connections:
            count = min(_CONNECT_AT_ONCE, connections - len(buyers))
            made = await asyncio.gather(
                *(loop.create_connection(lambda: _Buyer(self), host, port) for _ in range(count))
            )
            buyers += [buyer for _, buyer in made]
        self.open = len(buyers)
        self.is_over = seconds is None
        orders = [next(self.requests) for _ in buyers]
        started = time.perf_counter()
        for buyer, order in zip(buyers, orders, strict=True):
            buyer.send(order, started if seconds is None else time.perf_counter())
        if seconds is not None:
            await asyncio.sleep(seconds)
            self.is_over = True
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.nobody_left.wait()
        except TimeoutError:
            self.broken += self.open
        took = time.perf_counter() - started
        ascending = sorted(self.latencies_us)
        return OrderLoad(
            seconds=took,
            p50_us=percentile(ascending, 50),
            p99_us=percentile(ascending, 99),
            max_us=ascending[-1] if ascending else 0.0,
            statuses=dict(self.statuses),
            broken=self.broken,
        )


class _Buyer(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = 0.0
        self._is_waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass

    def send(self, order: bytes, sent_at: float) -> None:
        """Order; the latency counts from `sent_at`."""
        assert self._transport is not None
        self._is_waiting = True
        self._sent_at = sent_at
        self._transport.write(order)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        crowd = self._crowd
        now = time.perf_counter()
        crowd.latencies_us.append((now - self._sent_at) * 1e6)
        crowd.statuses[str(self._parser.get_status_code())] += 1
        self._is_waiting = False
        if crowd.is_over or not self._parser.should_keep_alive():
            self._leave()
            return
        self._parser = httptools.HttpResponseParser(self)
        self.send(next(crowd.requests), time.perf_counter())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_waiting:
            self._is_waiting = False
            self._crowd.broken += 1
            self._leave()

    def _leave(self) -> None:
        assert self._transport is not None
        self._transport.close()
        self._crowd.open -= 1
        if not self._crowd.open:
            self._crowd.nobody_left.set()


def main() -> None:
    parser = argparse.ArgumentParser(description="Order in a flash sale and say what came of it.")
    parser.add_argument("url")
    parser.add_argument("--order", required=True, help="format of a body")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--once", action="store_true", help="each orders once, all at one instant")
    parser.add_argument("--wait", type=int, default=0, help="seconds to wait for the confirmation")
    given = parser.parse_args()
    address = urlsplit(given.url)
    key = sys.stdin.readline().strip()
    requests = order_requests(address.path, address.netloc, key, given.order, given.first, given.wait)

    async def order() -> OrderLoad:
        seconds = None if given.once else given.seconds
        return await Crowd(requests).order(address.hostname or "", address.port or 80, given.connections, seconds)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(msgspec.json.encode(runner.run(order())).decode())


if __name__ == "__main__":
    main()
