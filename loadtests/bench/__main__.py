"""The benchmark's command line."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from loadtests.bench.headlines import keep_headlines, why_not_kept
from loadtests.bench.installation import prepare
from loadtests.bench.measure import LoadMaker, has_wrk
from loadtests.bench.peers import DEFAULT_SOURCES, build_peers, missing
from loadtests.bench.rows import Report
from loadtests.bench.scenarios import QUIET, SCENARIOS, Bench
from loadtests.bench.stores import running_stores
from loadtests.bench.table import write_report
from quote_service.pricing import price_quote

_USUAL = (
    *("quotes", "tiers", "workers", "telemetry", "memory", "engine"),
    *("flash_sales", "catalog", "flags", "evaluations", "orders"),
)


def main() -> None:
    given = _parse(sys.argv[1:])
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="quote-bench-") as name, running_stores() as stores:
        folder = Path(name)
        peers = [] if given.no_peers else build_peers(given.peers, folder)
        if not given.no_peers and (names := missing(peers)):
            say(f"without {', '.join(names)}: the source or a Go toolchain is missing (--peers DIR)")
        uses_wrk = has_wrk() and not given.python_generator
        say(f"load: {'wrk' if uses_wrk else 'loadtests.bench.generator'}; rulebook of {given.rates} rates")
        bench = Bench(
            installation=prepare(stores, given.rates, folder),
            maker=LoadMaker(uses_wrk, given.connections, given.seconds, min(2, given.seconds), stores),
            rounds=given.rounds,
            peers=peers,
            settings={} if given.telemetry == "on" else QUIET,
            soak_seconds=given.soak,
            sizes=given.sizes,
            products=given.products,
            folder=folder,
            say=say,
        )
        report = Report(machine=_machine(uses_wrk), arguments={name: str(value) for name, value in vars(given).items()})
        try:
            for scenario in given.scenarios:
                SCENARIOS[scenario](bench, report)
        finally:
            # What was measured before something failed is told all the same.
            report.machine["load average after"] = _load_average()
            print(write_report(report))
            _keep(given.figures, report, say)
            if given.json:
                given.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    sales = report.flash_sales.runs if report.flash_sales is not None else []
    if (
        any(row.figures.errors or row.figures.unshared for row in report.rows)
        or any(run.errors for run in report.memory)
        or any(run.is_broken for run in sales)
    ):
        sys.exit("There were errors, or quotes that Redis did not get.")


def _keep(path: Path, report: Report, say: Callable[[str], None]) -> None:
    """Write what the documents show, unless this run is none to be shown."""
    if reason := why_not_kept(report):
        say(f"{path} stays as it is: {reason}")
    elif kept := keep_headlines(path, report):
        say(f"{path}: {', '.join(kept)}")


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.bench", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--seconds", type=_positive, default=5, help="of each load")
    parser.add_argument("--rounds", type=_positive, default=5, help="of which the median is told")
    parser.add_argument("--connections", type=_positive, default=32, help="that ask at once")
    parser.add_argument("--rates", type=_positive, default=10_000, help="commission rates in the rulebook")
    parser.add_argument("--soak", type=_positive, default=30, help="seconds of the memory run")
    parser.add_argument(
        "--sizes", type=_sizes, default=[100, 10_000, 1_000_000], help="rates of the scenario rulebooks"
    )
    parser.add_argument("--products", type=_positive, default=1_000_000, help="products of the catalog scenario")
    parser.add_argument("--telemetry", choices=("on", "off"), default="on", help="of the service under measurement")
    parser.add_argument("--scenarios", type=_scenarios, default=list(_USUAL), help=f"of {','.join(SCENARIOS)}; or all")
    parser.add_argument("--peers", type=Path, default=DEFAULT_SOURCES, help="folder of the Go peers' sources")
    parser.add_argument("--no-peers", action="store_true", help="without the peers")
    parser.add_argument("--python-generator", action="store_true", help="even if wrk is installed")
    parser.add_argument(
        "--figures", type=Path, default=Path("docs/figures.json"), help="file of what docs/performance.md shows"
    )
    parser.add_argument("--json", type=Path, help="file for all figures")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 is wanted")
    return number


def _sizes(text: str) -> list[int]:
    return [_positive(each) for each in text.split(",")]


def _scenarios(text: str) -> list[str]:
    names = list(SCENARIOS) if text == "all" else text.split(",")
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise argparse.ArgumentTypeError(f"no scenario: {', '.join(unknown)}")
    return names


def _machine(uses_wrk: bool) -> dict[str, str]:
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "quote path": "plain Python" if str(price_quote.__file__).endswith(".py") else "compiled",
        "load": "wrk" if uses_wrk else "python",
        "load average before": _load_average(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _load_average() -> str:
    return f"{os.getloadavg()[0]:.2f}"


if __name__ == "__main__":
    main()
