"""What quotes lose of their latency while a replay runs beside them, on the same machine.

    python -m loadtests.replay_beside_quotes [--rate 300] [--seconds 10] [--rounds 6]

Quotes are asked for at a steady rate, whatever has been answered, and latency counts from the instant at which each was due. Rounds
with a replay and without one take turns, in pairs whose order changes too; the ratio of a pair is that of two rounds one after the
other, so what else the machine does hurts both. Told is the median of the ratios. Wanted of the p99 is at most 1.05.

The replay runs as in production: a process of the lowest priority, that begins again as often as it is done.

Source: docs/spec/replay.md#processes.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
import uvloop

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.generator import requests_of
from loadtests.bench.installation import Installation, prepare
from loadtests.bench.load import Load, load_of
from loadtests.bench.servers import PROJECT, Target
from loadtests.bench.stores import running_stores
from loadtests.past_quotes import write_past
from loadtests.replay_speed import CHANGE
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.arithmetic_process import end_process, start_process
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.periods import EARLIEST
from quote_service.steering.replay.model.process_order import ProcessOrder
from quote_service.steering.replay.model.replays import ReplayOrder
from quote_service.steering.replay.operations.start_replay import start_replay

_PROGRAM = "quote_service.serving.processes.replay_process"
_RATES = 10_000
_QUOTES_MAX = 10_000_000
_QUEUED = 100
_CONNECTIONS = 64
_WARM_SECONDS = 2.0
_LAST_ANSWERS_SECONDS = 10.0
_WANTED_P99 = 1.05
_DONE = "SELECT coalesce(sum(quotes_done), 0) FROM replays"


class Round(NamedTuple):
    """What quotes saw, and how many a replay priced a second meanwhile (0: none ran)."""

    load: Load
    replayed: float


def main() -> None:
    """Measure, or be the process that sends."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rate", type=float, default=300, help="quotes a second")
    options.add_argument("--seconds", type=float, default=10, help="of each round")
    options.add_argument("--rounds", type=int, default=6, help="pairs of rounds")
    options.add_argument("--past", type=int, default=20_000, help="accepted quotes that are replayed")
    options.add_argument("--send", nargs=2, metavar=("URL", "FIRST"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.send:
        url, first = given.send
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            load = runner.run(_send(url, sys.stdin.readline().strip(), int(first), given.rate, given.seconds))
        print(msgspec.json.encode(load).decode())
        return
    with running_stores() as stores, tempfile.TemporaryDirectory() as folder:
        installation = prepare(stores, _RATES, Path(folder))
        asyncio.run(_accept(installation, given.past))
        with installation.running_service() as service:
            _ask(service, given.rate, _WARM_SECONDS)
            _report(_rounds(installation, service, given), given)


def _rounds(installation: Installation, service: Target, given: argparse.Namespace) -> list[tuple[Round, Round]]:
    """Pairs of a round without a replay and one with."""
    pairs = []
    for turn in range(given.rounds):
        order = (True, False) if turn % 2 else (False, True)
        found = {beside: _round(installation, service, given, beside=beside) for beside in order}
        pairs.append((found[False], found[True]))
        quiet, replay = pairs[-1]
        print(
            f"round {turn + 1}: p50 {quiet.load.p50_us:6.0f} and {replay.load.p50_us:6.0f} us, "
            f"p99 {quiet.load.p99_us:6.0f} and {replay.load.p99_us:6.0f} us, {replay.replayed:6,.0f} replayed a second, "
            f"load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    return pairs


def _report(pairs: list[tuple[Round, Round]], given: argparse.Namespace) -> None:
    print(f"{given.rate:.0f} quotes a second, {given.rounds} pairs of {given.seconds:.0f} s; with a replay to without:")
    medians = {}
    for name in ("p50_us", "p99_us"):
        ratios = [getattr(replay.load, name) / getattr(quiet.load, name) for quiet, replay in pairs]
        medians[name] = statistics.median(ratios)
        print(f"{name[:3]}: {medians[name]:.3f} ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"replayed a second: {statistics.median(replay.replayed for _, replay in pairs):,.0f}")
    if any(each.load.errors for pair in pairs for each in pair):
        sys.exit("There were errors.")
    if medians["p99_us"] > _WANTED_P99:
        sys.exit(f"The p99 is more than {_WANTED_P99} times that without a replay.")


def _round(installation: Installation, service: Target, given: argparse.Namespace, *, beside: bool) -> Round:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if not beside:
            return Round(_ask(service, given.rate, given.seconds), 0)
        process, before = runner.run(_begin(installation.database_url))
        began = time.perf_counter()
        load = _ask(service, given.rate, given.seconds)
        seconds = time.perf_counter() - began
        return Round(load, (runner.run(_end(installation.database_url, process)) - before) / seconds)


async def _begin(database_url: str) -> tuple[Process, int]:
    """Queue more than can be done, start the process, and wait until it prices; answers how many it has priced."""
    database = await Database.open(database_url)
    try:
        async with database.transaction() as connection:
            for _ in range(_QUEUED):
                by = change_by_system("load", now_us())
                order = ReplayOrder(from_us=to_micros(EARLIEST), to_us=by.at_us, change=CHANGE)
                await start_replay(Change.within(connection, by), order, at_once_max=_QUEUED)
        process = await start_process(_PROGRAM, ProcessOrder(database_url, _QUOTES_MAX, "warning"))
        async with database.read() as connection:
            while not (done := await _replayed(connection)):  # noqa: ASYNC110 (another process writes it)
                await asyncio.sleep(0.05)
    finally:
        await database.close()
    return process, done


async def _end(database_url: str, process: Process) -> int:
    """End the process, forget its replays, and answer how many quotes were priced."""
    assert process.returncode is None, "the replays came to an end"
    await end_process(process)
    database = await Database.open(database_url)
    try:
        async with database.read() as connection:
            done = await _replayed(connection)
            await connection.execute("DELETE FROM replays")
    finally:
        await database.close()
    return done


async def _replayed(connection: Connection) -> int:
    return int(await connection.fetchval(_DONE))


async def _accept(installation: Installation, count: int) -> None:
    database = await Database.open(installation.database_url, statement_seconds=300)
    try:
        form = basket_format()
        await write_past(database, (write_basket(form, number, 1) for number in range(1, count + 1)))
    finally:
        await database.close()


def _ask(service: Target, rate: float, seconds: float) -> Load:
    """Send from a process of its own, which another's garbage does not hold up."""
    first = time.time_ns() // 1000 % 10**14  # baskets that nobody has asked for before
    said = subprocess.run(
        [
            *(sys.executable, "-m", "loadtests.replay_beside_quotes", "--send", service.url, str(first)),
            *("--rate", str(rate), "--seconds", str(seconds)),
        ],
        cwd=PROJECT,
        input=service.key + "\n",
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    return msgspec.json.decode(said, type=Load)


class _Sender:
    """Connections that are used in turn; each request has its due instant, whenever it is really sent."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self.requests = requests
        self.latencies_us: list[float] = []
        self.refused = 0
        self.due: asyncio.Queue[float] = asyncio.Queue()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask over one connection, for whatever is due."""
        while True:
            due = await self.due.get()
            writer.write(next(self.requests))
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            await reader.readexactly(int(length))
            self.latencies_us.append((time.perf_counter() - due) * 1e6)
            self.refused += not head.startswith(b"HTTP/1.1 200")
            self.due.task_done()


async def _send(url: str, key: str, first: int, rate: float, seconds: float) -> Load:
    address = urlsplit(url)
    sender = _Sender(requests_of(address.path, address.netloc, key, lines=1, first=first, different=0))
    streams = [await asyncio.open_connection(address.hostname, address.port) for _ in range(_CONNECTIONS)]
    asking = [asyncio.create_task(sender.answer(*each)) for each in streams]
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        sender.due.put_nowait(due)
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_ANSWERS_SECONDS):
            await sender.due.join()
    broken = int(rate * seconds) - len(sender.latencies_us)
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return load_of(sender.latencies_us, seconds, refused=sender.refused, broken=broken)


if __name__ == "__main__":
    main()
