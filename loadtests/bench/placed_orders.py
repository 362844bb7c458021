"""Orders a second, from quotes that were accepted before and from quotes that are accepted with them.

    python -m loadtests.bench.placed_orders --orders 8000

One process takes orders of 64 callers, over a PostgreSQL whose commits reach the disk. Afterwards `ledger check` and `orders check`
must find nothing.

Source: docs/spec/orders.md#place-an-order.
"""

import argparse
import asyncio
import json
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.installation import QUOTE_PATH, Installation, prepare
from loadtests.bench.load import percentile
from loadtests.bench.process_tree import use_of_tree
from loadtests.bench.servers import NoAnswer, Target
from loadtests.bench.stores import Stores, running_stores

CALLERS = 64
RATES = 1000
ORDERS_PATH = "/api/v1/orders"
_ACCEPT_PATH = "/api/v1/quotes/%s/accept"


class Answered(NamedTuple):
    """What came of a load: bodies in the order of the requests, and what each waited, in microseconds."""

    bodies: list[bytes]
    latencies_us: list[float]
    seconds: float


class _Request(NamedTuple):
    path: str
    body: bytes
    key: str = ""


async def ask_all(target: Target, requests: Sequence[_Request], statuses: tuple[int, ...]) -> Answered:
    """Send all of them over 64 connections, each again once it has its answer.

    Raises:
        NoAnswer: An answer has another status.
    """
    where = urlsplit(target.url)
    assert where.hostname is not None
    bodies = [b""] * len(requests)
    waited = [0.0] * len(requests)
    places = iter(range(len(requests)))
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CALLERS):
            group.create_task(
                _caller(where.hostname, where.port or 80, target.key, requests, places, bodies, waited, statuses)
            )
    return Answered(bodies, waited, time.perf_counter() - began)


async def _caller(
    host: str,
    port: int,
    key: str,
    requests: Sequence[_Request],
    places: Iterator[int],
    bodies: list[bytes],
    waited: list[float],
    statuses: tuple[int, ...],
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for place in places:
        path, body, once = requests[place]
        repeatable = f"Idempotency-Key: {once}\r\n" if once else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\n{repeatable}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        writer.write(head.encode() + body)
        reported = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", reported, re.IGNORECASE)
        assert length is not None
        bodies[place] = await reader.readexactly(int(length[1]))
        waited[place] = (time.perf_counter() - began) * 1e6
        if int(reported[9:12]) not in statuses:
            raise NoAnswer(f"{path} is answered with {reported[9:12].decode()}: {bodies[place].decode()}")
    writer.close()


def _quotes(target: Target, first: int, count: int) -> list[str]:
    """Quotes of ever other baskets of one line; their ids."""
    form = basket_format()
    requests = [_Request(QUOTE_PATH, write_basket(form, number, 1)) for number in range(first, first + count)]
    answered = asyncio.run(ask_all(target, requests, (200,)))
    return [json.loads(body)["data"]["quote_id"] for body in answered.bodies]


def _measure(name: str, stores: Stores, target: Target, quote_ids: Sequence[str]) -> None:
    requests = [_Request(ORDERS_PATH, b'{"quote_id":"%b"}' % each.encode(), f"order-{each}") for each in quote_ids]
    warming, measured = requests[: len(requests) // 5], requests[len(requests) // 5 :]
    asyncio.run(ask_all(target, warming, (201,)))
    groups, service, postgres = _groups(target), use_of_tree(target.pid).cpu_seconds, stores.each_cpu_seconds()[0]
    answered = asyncio.run(ask_all(target, measured, (201,)))
    count = len(measured)
    service_us = (use_of_tree(target.pid).cpu_seconds - service) * 1e6 / count
    postgres_us = (stores.each_cpu_seconds()[0] - postgres) * 1e6 / count
    ascending = sorted(answered.latencies_us)
    print(
        f"  {name:24} {count / answered.seconds:8.0f} a second   p50 {percentile(ascending, 50) / 1000:6.1f} ms   "
        f"p99 {percentile(ascending, 99) / 1000:6.1f} ms   {count / max(1, _groups(target) - groups):5.1f} a commit   "
        f"CPU us an order: service {service_us:.0f}, PostgreSQL {postgres_us:.0f}",
        flush=True,
    )


def _groups(target: Target) -> int:
    """The transactions that have placed orders so far."""
    with urllib.request.urlopen(target.figures_url) as answer:  # noqa: S310 (a server of ours)
        found = re.findall(r"^quote_order_groups_total\S* (\S+)", answer.read().decode(), re.MULTILINE)
    return int(sum(map(float, found)))


def _measure_all(stores: Stores, installation: Installation, orders: int) -> None:
    scopes = ("--scope", "quote:write", "--scope", "order:write")
    installation.key = installation.call("keys", "add", "orders", *scopes, "--unlimited")
    print(f"orders of {CALLERS} callers, one process, commits on disk", flush=True)
    with installation.running_service() as target:
        fresh = _quotes(target, 1_000_000, orders)
        _measure("accepted with the order", stores, target, fresh)
        before = _quotes(target, 2_000_000, orders)
        accepts = [_Request(_ACCEPT_PATH % each, b"") for each in before]
        asyncio.run(ask_all(target, accepts, (200,)))
        _measure("accepted before", stores, target, before)
    for subject in ("ledger", "orders"):
        said = installation.call(subject, "check").splitlines()
        print(f"  {subject} check: {said[-1] if said else 'nothing found'}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Orders a second.")
    parser.add_argument("--orders", type=int, default=8000, help="of each kind (8000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-bench-") as name, running_stores(is_durable=True) as stores:
        _measure_all(stores, prepare(stores, RATES, Path(name)), given.orders)


if __name__ == "__main__":
    main()
