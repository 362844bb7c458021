"""Load a running server for some seconds, and tell what each request cost it."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtests.bench.baskets import basket_format
from loadtests.bench.load import Load, Mix
from loadtests.bench.process_tree import use_of_tree
from loadtests.bench.servers import PROJECT, Target
from loadtests.bench.stores import Stores
from loadtests.bench.unshared import unshared_quotes

_SCRIPT = Path(__file__).with_name("quote_load.lua")
_MARK = "LOAD "


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one load, or the median of several, came to; CPU in microseconds a request.

    `stores_cpu_us` is that of PostgreSQL and Valkey, `generator_cpu_us` that of the load generator. `unshared` counts quotes
    that Redis did not get, and so work that was not done.
    """

    cpu_us: float
    stores_cpu_us: float
    generator_cpu_us: float
    per_second: float
    p50_us: float
    p99_us: float
    max_us: float
    requests: int
    errors: int
    unshared: int = 0
    cpu_us_of_rounds: tuple[float, ...] = ()


class LoadMaker(NamedTuple):
    """How loads are made."""

    uses_wrk: bool
    connections: int
    seconds: int
    warm_seconds: int
    stores: Stores

    def measure(self, target: Target, mix: Mix, *, seconds: int | None = None) -> Figures:
        """Warm a server up, load it, and answer what it came to."""
        self._load(target, mix, self.warm_seconds)
        unshared = unshared_quotes(target)
        server, stores, generator = use_of_tree(target.pid).cpu_seconds, self.stores.cpu_seconds(), children_seconds()
        load = self._load(target, mix, seconds or self.seconds)
        count = max(load.requests, 1)
        return Figures(
            cpu_us=(use_of_tree(target.pid).cpu_seconds - server) / count * 1e6,
            stores_cpu_us=(self.stores.cpu_seconds() - stores) / count * 1e6,
            generator_cpu_us=(children_seconds() - generator) / count * 1e6,
            per_second=load.per_second,
            p50_us=load.p50_us,
            p99_us=load.p99_us,
            max_us=load.max_us,
            requests=load.requests,
            errors=load.errors,
            unshared=unshared_quotes(target) - unshared,
        )

    def _load(self, target: Target, mix: Mix, seconds: int) -> Load:
        # Baskets that nobody has asked for before, unless the mix is a few in turns: those stay the same ones.
        first = 1 if mix.different else time.time_ns() // 1000 % 10**14
        make = _load_with_wrk if self.uses_wrk else _load_with_python
        return make(target, mix, self.connections, seconds, first)


def has_wrk() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def median(figures: Iterable[Figures]) -> Figures:
    """The median of each figure, the worst latency, and the sum of requests, errors and unshared quotes."""
    rows = list(figures)
    values = {
        name: statistics.median(getattr(row, name) for row in rows)
        for name in ("cpu_us", "stores_cpu_us", "generator_cpu_us", "per_second", "p50_us", "p99_us")
    }
    return Figures(
        **values,
        max_us=max(row.max_us for row in rows),
        requests=sum(row.requests for row in rows),
        errors=sum(row.errors for row in rows),
        unshared=sum(row.unshared for row in rows),
        cpu_us_of_rounds=tuple(row.cpu_us for row in rows),
    )


def _load_with_wrk(target: Target, mix: Mix, connections: int, seconds: int, first: int) -> Load:
    form = basket_format()
    environment = {
        "BENCH_BASKET": form.basket,
        "BENCH_LINE": form.line,
        "BENCH_LINES": str(mix.lines),
        "BENCH_FIRST": str(first),
        "BENCH_DIFFERENT": str(mix.different),
        "BENCH_KEY": target.key,
    }
    return msgspec.json.decode(run_wrk(target.url, _SCRIPT, environment, connections, seconds), type=Load)


def run_wrk(url: str, script: Path, environment: Mapping[str, str], connections: int, seconds: int) -> str:
    """Let wrk load a URL; answers what its script says came of it."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    environment = {**os.environ, **environment}
    said = subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout
    line = next(line for line in said.splitlines() if line.startswith(_MARK))
    return line.removeprefix(_MARK)


def _load_with_python(target: Target, mix: Mix, connections: int, seconds: int, first: int) -> Load:
    numbers = {
        "seconds": seconds,
        "connections": connections,
        "lines": mix.lines,
        "first": first,
        "different": mix.different,
    }
    options = [f"--{name}={value}" for name, value in numbers.items()]
    said = subprocess.run(
        [sys.executable, "-m", "loadtests.bench.generator", target.url, "--key-stdin", *options],
        cwd=PROJECT,
        input=target.key + "\n",
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    return msgspec.json.decode(said, type=Load)


def children_seconds() -> float:
    """CPU time of the generators that have ended."""
    # Of ended children only: between two calls that is the generator alone.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
