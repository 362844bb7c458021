"""What is measured, a function a scenario. Servers that are compared are loaded in turns, so that a drifting machine hurts all."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.engine_time import engine_times
from loadtests.bench.flash_sales import measure_flash_sales, usual_loads
from loadtests.bench.installation import REDIS_TIMEOUT_MS, Installation, answer_bytes, prepare
from loadtests.bench.load import Mix
from loadtests.bench.measure import Figures, LoadMaker, median
from loadtests.bench.peers import BuiltPeer, running_nothing, running_peer
from loadtests.bench.process_tree import use_of_tree
from loadtests.bench.rows import MemoryRun, Report, Row, RulebookSize, with_ratios
from loadtests.bench.servers import PROJECT, Target, clean_environment, post
from loadtests.flag_cost import measure as measure_flags

DISTINCT = Mix("distinct, 1 line")
REPEATED = Mix("repeated, 1 line", different=1)
LONG = Mix("distinct, 50 lines", lines=50)
# Enough that one basket is not asked for twice at once, and few enough that warming up has asked for all.
TURNS = Mix("2000 in turns, 1 line", different=2000)
NO_LOCAL_TIER = {"QUOTE_LOCAL_CACHE_ENTRIES": "0"}
# Nobody listens on port 1: what a miss costs without Redis, and so what sharing it costs.
NO_REDIS = {"REDIS_URL": "redis://127.0.0.1:1/0"}
QUIET = {"QUOTE_TRACE_SAMPLE_RATIO": "0", "QUOTE_LOG_LEVEL": "error", "QUOTE_OTLP_ENDPOINT": ""}
_MB = 1_000_000
_TIER_SAMPLES = 20


class Bench(NamedTuple):
    """What every scenario needs. `settings` are those of the service under measurement, `say` tells progress."""

    installation: Installation
    maker: LoadMaker
    rounds: int
    peers: Sequence[BuiltPeer]
    settings: Mapping[str, str]
    soak_seconds: int
    sizes: Sequence[int]
    products: int
    folder: Path
    say: Callable[[str], None]

    def in_turns(self, targets: Sequence[Target], mix: Mix) -> list[Figures]:
        """The median of several rounds, for each target; every other round the other way about."""
        figures: list[list[Figures]] = [[] for _ in targets]
        pairs = list(zip(targets, figures, strict=True))
        for turn in range(self.rounds):
            for target, kept in reversed(pairs) if turn % 2 else pairs:
                self.say(f"{mix.name}, round {turn + 1} of {self.rounds}: {target.name}")
                kept.append(self.maker.measure(target, mix))
        return [median(kept) for kept in figures]


def quotes(bench: Bench, report: Report) -> None:
    """Distinct, repeated and long baskets, beside the peers and a server that does nothing."""
    with ExitStack() as stack:
        service = stack.enter_context(bench.installation.running_service(settings=bench.settings))
        peers = [
            (built, stack.enter_context(running_peer(built, bench.installation, REDIS_TIMEOUT_MS)))
            for built in bench.peers
        ]
        nothing = stack.enter_context(running_nothing(bench.folder))
        for mix in (DISTINCT, REPEATED, LONG):
            least = nothing._replace(url=f"{nothing.url.rpartition('/')[0]}/{answer_bytes(service, mix.lines)}")
            beside = [target for built, target in peers if built.stands_beside(repeated=mix is REPEATED)]
            targets = [service, *beside, least]
            rows = [
                Row(scenario="quotes", mix=mix.name, server=target.name, figures=figures)
                for target, figures in zip(targets, bench.in_turns(targets, mix), strict=True)
            ]
            report.rows += with_ratios(rows, service=service.name)


def tiers(bench: Bench, report: Report) -> None:
    """A quote from this process, from Redis (by a service that keeps none itself), and worked out, with and without Redis."""
    with ExitStack() as stack:
        usual = stack.enter_context(bench.installation.running_service(settings=bench.settings))
        without = stack.enter_context(
            bench.installation.running_service("service, no local tier", settings={**bench.settings, **NO_LOCAL_TIER})
        )
        alone = stack.enter_context(
            bench.installation.running_service("service, Redis away", settings={**bench.settings, **NO_REDIS})
        )
        alone = alone._replace(figures_url="")  # that nothing is shared is what it is for
        loads = ((usual, REPEATED), (usual, TURNS), (without, TURNS), (usual, DISTINCT), (alone, DISTINCT))
        for target, mix in loads:
            figures = bench.in_turns([target], mix)[0]
            note = f"cache: {_tiers_seen(target, mix)}"
            report.rows.append(Row(scenario="tiers", mix=mix.name, server=target.name, figures=figures, note=note))


def workers(bench: Bench, report: Report) -> None:
    """Two workers against one. The ceiling is what the cores allow with generator and stores on them too."""
    with ExitStack() as stack:
        targets = [
            stack.enter_context(
                bench.installation.running_service(
                    f"{count} worker{'s' * (count > 1)}", workers=count, settings=bench.settings
                )
            )
            for count in (1, 2)
        ]
        for mix in (DISTINCT, LONG):
            pair = bench.in_turns(targets, mix)
            for target, figures in zip(targets, pair, strict=True):
                each_us = figures.cpu_us + figures.stores_cpu_us + figures.generator_cpu_us
                ceiling = (os.cpu_count() or 1) * 1e6 / each_us
                note = (
                    f"{figures.per_second / pair[0].per_second:.2f} x one worker; the cores allow {ceiling:.0f} per s"
                )
                report.rows.append(
                    Row(scenario="workers", mix=mix.name, server=target.name, figures=figures, note=note)
                )


def telemetry(bench: Bench, report: Report) -> None:
    """Everything on against everything off; spans go to the server that does nothing."""
    with ExitStack() as stack:
        sink = stack.enter_context(running_nothing(bench.folder))
        loud = {
            "QUOTE_TRACE_SAMPLE_RATIO": "0.01",
            "QUOTE_LOG_LEVEL": "info",
            "QUOTE_OTLP_ENDPOINT": sink.url.rpartition("/")[0],
        }
        targets = [
            stack.enter_context(bench.installation.running_service(f"telemetry {name}", settings=settings))
            for name, settings in (("off", QUIET), ("on", loud))
        ]
        for mix in (DISTINCT, REPEATED):
            pair = bench.in_turns(targets, mix)
            for target, figures in zip(targets, pair, strict=True):
                note = f"{figures.cpu_us / pair[0].cpu_us:.3f} x off"
                report.rows.append(
                    Row(scenario="telemetry", mix=mix.name, server=target.name, figures=figures, note=note)
                )


def memory(bench: Bench, report: Report) -> None:
    """Resident memory while ever other baskets are asked for."""
    seconds = bench.soak_seconds
    with bench.installation.running_service(settings=bench.settings) as target, ThreadPoolExecutor(1) as threads:
        bench.say(f"memory: distinct baskets for {seconds} s")
        loading = threads.submit(bench.maker.measure, target, DISTINCT, seconds=seconds)
        samples_mb: list[float] = []
        while not loading.done():
            samples_mb.append(use_of_tree(target.pid).memory_bytes / _MB)
            time.sleep(1)
        figures = loading.result()
    half = samples_mb[len(samples_mb) // 2 :]
    slope = statistics.linear_regression(range(len(half)), half).slope if len(half) > 1 else 0.0
    report.memory.append(
        MemoryRun(
            seconds=seconds,
            requests=figures.requests,
            errors=figures.errors,
            samples_mb=[round(each, 1) for each in samples_mb],
            second_half_growth_mb=half[-1] - half[0],
            second_half_mb_per_minute=slope * 60,
        )
    )


def engine(bench: Bench, report: Report) -> None:
    """The steps of a quote in process."""
    bench.say("engine in process")
    report.engine += engine_times(bench.installation.database_url, (1, 50))


def flash_sales(bench: Bench, report: Report) -> None:
    """Purchases: refused, reserved, confirmed, a crowd at one instant."""
    report.flash_sales = measure_flash_sales(
        usual_loads(bench.maker.connections),
        seconds=bench.maker.seconds,
        uses_wrk=bench.maker.uses_wrk,
        settings=bench.settings,
        folder=bench.folder,
        say=bench.say,
    )


def rulebooks(bench: Bench, report: Report) -> None:
    """Rulebooks of several sizes: loading, memory, starting, and what a quote costs."""
    for rates in bench.sizes:
        bench.say(f"rulebook of {rates} rates: putting them in")
        installation = prepare(bench.maker.stores, rates, bench.folder)
        bench.say(f"rulebook of {rates} rates: loading")
        loaded = json.loads(
            subprocess.run(
                [sys.executable, "-m", "loadtests.bench.rulebook_load"],
                cwd=PROJECT,
                env=clean_environment({"DATABASE_URL": installation.database_url}),
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
        )
        started = time.perf_counter()
        with installation.running_service(settings=bench.settings) as target:
            start_seconds = time.perf_counter() - started
            service_mb = use_of_tree(target.pid).memory_bytes / _MB
            figures = bench.in_turns([target], DISTINCT)[0]
        report.rulebooks.append(
            RulebookSize(
                rates=loaded["rates"],
                load_seconds=loaded["seconds"],
                memory_mb=loaded["memory_bytes"] / _MB,
                start_seconds=start_seconds,
                service_memory_mb=service_mb,
            )
        )
        report.rows.append(
            Row(scenario="rulebooks", mix=DISTINCT.name, server=f"{loaded['rates']} rates", figures=figures)
        )


def catalog(bench: Bench, report: Report) -> None:
    """The catalog in memory and in PostgreSQL: each part a program of its own, which prints what it measures."""
    parts = {
        "catalog_held": f"--products={bench.products}",
        "catalog": f"--products={bench.products}",
        "catalog_import": f"--products={min(bench.products, 100_000)}",
        "inventory": "--repeats=3",
    }
    for name, argument in parts.items():
        bench.say(f"catalog: {name} {argument}")
        subprocess.run([sys.executable, "-m", f"loadtests.bench.{name}", argument], cwd=PROJECT, check=True)


def orders(bench: Bench, report: Report) -> None:
    """Orders a second, by a program of its own, which prints what it measures."""
    bench.say("orders")
    subprocess.run([sys.executable, "-m", "loadtests.bench.placed_orders"], cwd=PROJECT, check=True)


def evaluations(bench: Bench, report: Report) -> None:
    """Flags evaluated over HTTP, by a program of its own, which prints what it measures."""
    bench.say("evaluations")
    options = [f"--seconds={bench.maker.seconds}", f"--rounds={bench.rounds}"]
    subprocess.run([sys.executable, "-m", "loadtests.bench.evaluations", *options], cwd=PROJECT, check=True)


def flags(bench: Bench, report: Report) -> None:
    """Feature flags in process, beside other libraries of flags."""
    bench.say("flags in process")
    report.flags += measure_flags(bench.say)


SCENARIOS: dict[str, Callable[[Bench, Report], None]] = {
    "quotes": quotes,
    "tiers": tiers,
    "workers": workers,
    "telemetry": telemetry,
    "memory": memory,
    "engine": engine,
    "rulebooks": rulebooks,
    "flash_sales": flash_sales,
    "catalog": catalog,
    "flags": flags,
    "evaluations": evaluations,
    "orders": orders,
}


class _Cached(msgspec.Struct):
    cache: str


class _Answer(msgspec.Struct):
    data: _Cached


def _tiers_seen(target: Target, mix: Mix) -> str:
    """Where the quotes of a few more baskets of the mix come from, so that the row measures what it says."""
    form = basket_format()
    first = 1 if mix.different else time.time_ns() // 1000 % 10**14
    seen: dict[str, int] = {}
    for index in range(_TIER_SAMPLES):
        number = first + (index % mix.different if mix.different else index)
        _, answer = post(target.url, write_basket(form, number, mix.lines), {"X-API-Key": target.key})
        tier = msgspec.json.decode(answer, type=_Answer).data.cache
        seen[tier] = seen.get(tier, 0) + 1
    return ", ".join(f"{tier} {count} of {_TIER_SAMPLES}" for tier, count in seen.items())
