"""What telemetry costs a quote, in process: everything on against everything off, by turns.

    python -m loadtests.telemetry_overhead [--quotes 4000] [--rounds 40]

Endpoint, issuer and reply are the service's own, with the example's rulebook, and the quotes are shared through a Valkey; every
basket is another. There is no socket, which makes the share of telemetry larger than it is over HTTP. "On" is 1 % of the
quotes traced, to a collector that listens, and 1 % logged; "off" is neither. Both count: counting is never off.

Both are in one process, because two processes that do the same differ by as much as telemetry costs. Time is that of
the whole process, with the exporters' threads in it, until every span of the round is sent. `python -m loadtests.bench telemetry` compares the same two over HTTP.
"""

import argparse
import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import uvloop

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.installation import prepare
from loadtests.bench.stores import running_stores
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.http.protocol.request_heads import RequestHead
from quote_service.platform.settings import Settings, read_settings
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.traces import Traces
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.platform.telemetry.otlp import Otlp
from quote_service.platform.telemetry.registry import Registry
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_meters import QuoteMeters
from quote_service.quotes.operations.quote_notes import QuoteNotes
from quote_service.quotes.operations.quote_request import QuoteAsker, QuoteRequest
from quote_service.quotes.routes.quote_endpoint import EndpointAnswer, QuoteEndpoint
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.serving.lifespan.web import open_web

AT_ONCE = 32
RATES = 100
SHARE = 0.01
LARGEST_SHARE = 0.10


class Figures(NamedTuple):
    """Microseconds of processor time a quote, in each round."""

    off: list[float]
    on: list[float]


class _Counted(QuoteAsker):
    """A request that does what that of a connection does, but for writing to it."""

    def __init__(self, endpoint: QuoteEndpoint, head: RequestHead, done: Callable[[EndpointAnswer], None]) -> None:
        self._endpoint = endpoint
        self._head = head
        self._done = done

    def over(self, request: QuoteRequest) -> None:
        answer = self._endpoint.answer(request, self._head)
        self._endpoint.record(request, self._head, self._head.request_id or new_id(), answer.status)
        self._done(answer)

    def failed(self, mistake: Exception) -> None:
        raise mistake


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quotes", type=int, default=4_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-bench-") as name, running_stores() as stores, _collector() as url:
        installation = prepare(stores, RATES, Path(name))
        environment = {**installation.environment, "QUOTE_LOG_LEVEL": "info"}
        with _lines_thrown_away(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures = runner.run(_measure(environment, installation.key, url, given.rounds, given.quotes))
    off_us, on_us = map(statistics.median, figures)
    shares = sorted(on_one / off_one - 1 for off_one, on_one in zip(*figures, strict=True))
    share = statistics.median(shares)
    print(f"off {off_us:.2f} us a quote, on {on_us:.2f} us: {on_us - off_us:+.2f} us")
    quarter = len(shares) // 4
    print(
        f"share: {share:+.1%} (median of {len(shares)} rounds; half of them {shares[quarter]:+.1%} to {shares[-1 - quarter]:+.1%})"
    )
    if share > LARGEST_SHARE:
        sys.exit(f"more than {LARGEST_SHARE:.0%}")


async def _measure(environment: Mapping[str, str], key: str, collector_url: str, rounds: int, quotes: int) -> Figures:
    settings = read_settings(environment)
    configure_logs(settings.log_level)
    headers = [
        (b"host", b"127.0.0.1"),
        (b"x-api-key", key.encode()),
        (b"content-type", b"application/json"),
        (b"content-length", b"900"),
    ]
    form = basket_format()
    figures = Figures([], [])
    async with open_web(settings) as parts:
        while parts[RulebookHolder].rulebook is None or not parts[Credentials].ring.is_loaded:  # noqa: ASYNC110 (once)
            await asyncio.sleep(0.01)
        otlp = Otlp(collector_url, parts[Registry], "bench", interval_seconds=settings.otlp_interval_seconds)
        endpoints = (
            _endpoint(parts, QuoteNotes(parts[Registry], None, slow_seconds=1.0, log_ratio=0.0)),
            _endpoint(parts, QuoteNotes(parts[Registry], Traces(otlp, SHARE), slow_seconds=1.0, log_ratio=SHARE)),
        )
        number = 0
        for round_number in range(rounds + 1):
            # Who comes first changes, since the first of two finds other caches than the second.
            for index in (0, 1) if round_number % 2 else (1, 0):
                bodies = [write_basket(form, number + each + 1, 1) for each in range(quotes)]
                number += quotes
                gc.collect()
                started = time.process_time()
                for first in range(0, quotes, AT_ONCE):
                    await _issue_together(endpoints[index], headers, bodies[first : first + AT_ONCE])
                await asyncio.to_thread(otlp.flush)
                if round_number:  # the first warms up
                    figures[index].append((time.process_time() - started) / quotes * 1e6)
        await asyncio.to_thread(otlp.close)
    return figures


def _endpoint(parts: Parts, notes: QuoteNotes) -> QuoteEndpoint:
    return QuoteEndpoint(
        parts[Credentials],
        parts[RateLimits],
        parts[QuoteLimiter],
        parts[QuoteIssuer],
        parts[QuoteMeters],
        notes,
        parts[Settings].timeout_ms,
    )


async def _issue_together(endpoint: QuoteEndpoint, headers: list[tuple[bytes, bytes]], bodies: list[bytes]) -> None:
    loop = asyncio.get_running_loop()
    finished: asyncio.Future[None] = loop.create_future()
    left = len(bodies)

    def done(got: EndpointAnswer) -> None:
        nonlocal left
        left -= 1
        if got.status != 200:
            raise RuntimeError(got.body)
        if not left:
            finished.set_result(None)

    now = loop.time()
    for body in bodies:
        head = RequestHead(headers)
        endpoint.ask(_Counted(endpoint, head, done), head, body, now)
    await finished


@contextmanager
def _lines_thrown_away() -> Iterator[None]:
    """What is logged costs what it costs, and is not wanted here."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _collector() -> Iterator[str]:
    """Takes what is sent and forgets it, in a process of its own, whose time is not counted."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_collect, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _collect(pipe: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
