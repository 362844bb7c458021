"""A load generator in Python alone, for machines without wrk: a few connections that each ask again once answered.

    python -m loadtests.bench.generator URL --seconds 5 --connections 32

It runs in a process of its own and says what it saw as one line of JSON. Like every closed loop it asks less while the
server is slow, so its latencies are those of callers who wait for their answer. Over 10 000 requests a second it is
slower than wrk; its own CPU time is told beside each figure.
"""

import argparse
import asyncio
import sys
import time
from array import array
from collections.abc import Iterator
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import httptools
import msgspec
import uvloop

from loadtests.bench.baskets import basket_format, numbers, write_basket
from loadtests.bench.load import Load, load_of

# A connection that breaks is opened again, but not in a tight loop against a server that is gone.
REOPEN_SECONDS = 0.05
# After the end, answers under way are waited for so long.
LAST_ANSWERS_SECONDS = 5.0


class Generator:
    """The connections of one load, and what they count together."""

    def __init__(self, host: str, port: int, requests: Iterator[bytes], seconds: float) -> None:
        self._host, self._port = host, port
        self.requests = requests
        self._seconds = seconds
        self.latencies_us = array("d")
        self.refused = self.broken = 0
        self.is_over = False

    async def run(self, connections: int) -> Load:
        """Send for as long as it was made for."""
        started = time.perf_counter()
        asking = [asyncio.create_task(self._keep_asking()) for _ in range(connections)]
        await asyncio.sleep(self._seconds)
        self.is_over = True
        _, late = await asyncio.wait(asking, timeout=LAST_ANSWERS_SECONDS)
        seconds = time.perf_counter() - started
        for each in late:
            each.cancel()
            self.broken += 1
        await asyncio.gather(*asking, return_exceptions=True)
        return load_of(self.latencies_us, seconds, refused=self.refused, broken=self.broken)

    async def _keep_asking(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.is_over:
            closed: asyncio.Future[None] = loop.create_future()
            try:
                await loop.create_connection(partial(_Connection, self, closed), self._host, self._port)
                await closed
            except OSError:
                self.broken += 1
                await asyncio.sleep(REOPEN_SECONDS)


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, generator: Generator, closed: "asyncio.Future[None]") -> None:
        self._generator = generator
        self._closed = closed
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = 0.0
        self._is_waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass
        self._send()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._close()

    def on_message_complete(self) -> None:
        generator = self._generator
        generator.latencies_us.append((time.perf_counter() - self._sent_at) * 1e6)
        generator.refused += self._parser.get_status_code() != 200
        self._is_waiting = False
        if generator.is_over or not self._parser.should_keep_alive():
            self._close()
            return
        self._parser = httptools.HttpResponseParser(self)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._generator.broken += self._is_waiting
        if not self._closed.done():
            self._closed.set_result(None)

    def _send(self) -> None:
        assert self._transport is not None
        self._is_waiting = True
        request = next(self._generator.requests)
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def _close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def requests_of(path: str, host: str, key: str, *, lines: int, first: int, different: int) -> Iterator[bytes]:
    """The bytes of one request after the other."""
    form = basket_format()
    credentials = f"X-API-Key: {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{credentials}Content-Length: "
    kept: dict[int, bytes] = {}
    for number in numbers(first, different):
        request = kept.get(number)
        if request is None:
            body = write_basket(form, number, lines)
            request = b"%b%d\r\n\r\n%b" % (head.encode(), len(body), body)
            if different:
                kept[number] = request
        yield request


def main() -> None:
    parser = argparse.ArgumentParser(description="Load a server with quotes and say what came of it.")
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--different", type=int, default=0)
    parser.add_argument("--key-stdin", action="store_true", help="read an API key from standard input")
    given = parser.parse_args()
    address = urlsplit(given.url)
    key = sys.stdin.readline().strip() if given.key_stdin else ""
    requests = requests_of(
        address.path or "/", address.netloc, key, lines=given.lines, first=given.first, different=given.different
    )
    generator = Generator(address.hostname or "", address.port or 80, requests, given.seconds)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        load = runner.run(generator.run(given.connections))
    print(msgspec.json.encode(load).decode())


if __name__ == "__main__":
    main()
