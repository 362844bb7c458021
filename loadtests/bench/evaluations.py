"""What it costs to evaluate flags over HTTP: one and all of them by OFREP, one by the service's own API, and a quote beside them.

    python -m loadtests.bench.evaluations [--seconds 4] [--rounds 5]     # a part of `make bench`, scenario evaluations

Ever other customers, ten flags, eight of which decide by the customer; 32 connections that each ask again once answered. CPU is that of
the service's processes; the ratio is to a quote of one line in the same round.

Source: docs/spec/ofrep.md; docs/spec/feature-flags.md#evaluation.
"""

import argparse
import os
import statistics
import tempfile
import time
from asyncio import Runner
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import uvloop

from loadtests.bench.generator import Generator, requests_of
from loadtests.bench.installation import Installation, prepare
from loadtests.bench.process_tree import use_of_tree
from loadtests.bench.servers import Target
from loadtests.bench.stores import running_stores
from loadtests.bench.table import align

_RATES = 1000
_CONNECTIONS = 32
_WARM_SECONDS = 1.0
_FLAG = "rollout-4"  # half of the customers
_QUOTE = "quote, 1 line"
_PATHS = {
    "OFREP, one flag": f"/ofrep/v1/evaluate/flags/{_FLAG}",
    "OFREP, all ten flags": "/ofrep/v1/evaluate/flags",
    "API, one flag": f"/api/v1/feature-flags/{_FLAG}/evaluate",
}


class Cost(NamedTuple):
    """One load; CPU and latencies in microseconds."""

    cpu_us: float
    per_second: float
    p50_us: float
    p99_us: float


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=4, help="of each load")
    options.add_argument("--rounds", type=int, default=5, help="of which the median is told")
    given = options.parse_args()
    with running_stores() as stores, tempfile.TemporaryDirectory() as folder:
        installation = prepare(stores, _RATES, Path(folder))
        with installation.running_service() as service:
            rounds = _rounds(installation, service, given.seconds, given.rounds)
    heads = ("evaluations", "", "CPU us", "to a quote", "rounds", "per s", "p50 ms", "p99 ms")
    print(align([heads, *(_line(name, rounds) for name in rounds)]))
    print(f"load average {os.getloadavg()[0]:.1f}")


def _rounds(installation: Installation, service: Target, seconds: float, rounds: int) -> dict[str, list[Cost]]:
    """Each load in turn, every other round the other way about."""
    key = installation.call("keys", "add", "flags", "--scope", "flags:evaluate", "--unlimited")
    address = urlsplit(service.url)
    requests = {
        name: _questions(path, address.netloc, key, is_ofrep=path.startswith("/ofrep")) for name, path in _PATHS.items()
    }
    first = time.time_ns() // 1000 % 10**14
    requests[_QUOTE] = requests_of(address.path, address.netloc, service.key, lines=1, first=first, different=0)
    found: dict[str, list[Cost]] = {name: [] for name in requests}
    for each in requests.values():
        _load(service, each, _WARM_SECONDS)
    for turn in range(rounds):
        for name in reversed(requests) if turn % 2 else requests:
            found[name].append(_load(service, requests[name], seconds))
    return found


def _load(service: Target, requests: Iterator[bytes], seconds: float) -> Cost:
    address = urlsplit(service.url)
    generator = Generator(address.hostname or "", address.port or 80, requests, seconds)
    before = use_of_tree(service.pid).cpu_seconds
    with Runner(loop_factory=uvloop.new_event_loop) as runner:
        load = runner.run(generator.run(_CONNECTIONS))
    assert not load.errors, f"{load.errors} of {load.requests} requests failed"
    cpu_us = (use_of_tree(service.pid).cpu_seconds - before) / load.requests * 1e6
    return Cost(cpu_us, load.per_second, load.p50_us, load.p99_us)


def _questions(path: str, host: str, key: str, *, is_ofrep: bool) -> Iterator[bytes]:
    """Requests of ever other customers."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nX-API-Key: {key}\r\n"
    for number in count(1):
        customer = str(UUID(int=number))
        context = {"targetingKey": customer, "country": "TR", "city": "Istanbul", "tier": "gold"}
        own = {"customer_id": customer, "region": "TR/Istanbul", "customer_tier": "gold"}
        body = msgspec.json.encode({"context": context} if is_ofrep else own)
        yield b"%bContent-Length: %d\r\n\r\n%b" % (head.encode(), len(body), body)


def _line(name: str, rounds: dict[str, list[Cost]]) -> tuple[str, ...]:
    costs = rounds[name]
    ratios = [cost.cpu_us / quote.cpu_us for cost, quote in zip(costs, rounds[_QUOTE], strict=True)]
    medians = Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))
    return (
        name,
        "",
        f"{medians.cpu_us:.0f}",
        f"{statistics.median(ratios):.2f}",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        f"{medians.per_second:,.0f}",
        f"{medians.p50_us / 1000:.2f}",
        f"{medians.p99_us / 1000:.2f}",
    )


if __name__ == "__main__":
    main()
