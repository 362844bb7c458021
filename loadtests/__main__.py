"""A bounded load test against a service of its own, started for it: `python -m loadtests`.

Ends with status 1 when an answer was wrong, or a budget was exceeded; writes a report in HTML.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtests.bench.servers import PROJECT, STOP_SECONDS, NoAnswer, clean_environment
from loadtests.shapes import CROWD, SHAPES
from quote_service.lab.embedded.processes import OwnedProcess

HERE = Path(__file__).parent
START_SECONDS = 120.0


class Service(msgspec.Struct):
    """What a load test needs of `dev.json`."""

    url: str
    api_key: str
    admin_token: str


class Run(NamedTuple):
    """One load."""

    shape: str
    seconds: int
    report: Path

    @property
    def verdict(self) -> Path:
        """The words that it ends with."""
        return self.report.with_suffix(".txt")


def main() -> int:
    given = _parse()
    with contextlib.ExitStack() as stack:
        if given.dev_json:
            service = read_service(given.dev_json)
        else:
            print("Starting a service of its own ...", file=sys.stderr)
            service = stack.enter_context(running_service())
        runs = [Run(given.shape, given.seconds, given.report)]
        if given.shape != CROWD and given.crowd_seconds:
            # After it and not beside it: a crowd at one instant would be seen in everybody's latencies.
            report = given.report.with_stem(f"{given.report.stem}-{CROWD}")
            runs.append(Run(CROWD, given.crowd_seconds, report))
        statuses = []
        for run in runs:
            print(f"{run.shape}, {run.seconds} s, up to {given.users} users, {service.url}", file=sys.stderr)
            run.verdict.unlink(missing_ok=True)  # of an earlier load
            command = _locust(given, run, service)
            statuses.append(subprocess.run(command, cwd=PROJECT, env=_environment(service), check=False).returncode)
            print(f"Report: {run.report}", file=sys.stderr)
        print()
        for run, status in zip(runs, statuses, strict=True):
            print(_verdict(run, status), end="", flush=True)
    return max(statuses)


def _verdict(run: Run, status: int) -> str:
    if run.verdict.exists():
        return run.verdict.read_text("utf-8")
    return f"FAILED ({run.shape}): it ended with status {status} before there was a verdict.\n"


@contextlib.contextmanager
def running_service() -> Iterator[Service]:
    """`quote-service dev` in a folder that goes away again.

    Raises:
        NoAnswer: It did not become ready.
    """
    with tempfile.TemporaryDirectory(prefix="quote-loadtest-") as name:
        folder = Path(name)
        # PostgreSQL may be run by another account, which must be able to come here.
        folder.chmod(0o755)
        dev_json, log = folder / "data" / "dev.json", folder / "output.log"
        command = [sys.executable, "-m", "quote_service", "dev", "--port", "0", "--data-dir", str(dev_json.parent)]
        with log.open("wb") as output:
            process = OwnedProcess(  # it must not outlive a load test that is killed
                command,
                last_signal="TERM",
                cwd=PROJECT,
                env=clean_environment({}),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + START_SECONDS
            while not dev_json.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NoAnswer(f"quote-service dev did not become ready\n{log.read_text(errors='replace')}")
                time.sleep(0.05)
            yield read_service(dev_json)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def read_service(dev_json: Path) -> Service:
    """A service that runs already, from the file that it has written."""
    return msgspec.json.decode(dev_json.read_bytes(), type=Service)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--shape", choices=sorted(SHAPES), default="ramp", help="how the number of users changes")
    parser.add_argument("--seconds", type=int, default=60, help="how long")
    parser.add_argument("--crowd-seconds", type=int, default=15, help="of flash sales after that; 0: none")
    parser.add_argument("--users", type=int, default=40, help="at most")
    parser.add_argument("--budgets", type=Path, default=HERE / "budgets.toml", help="what is allowed")
    parser.add_argument("--report", type=Path, default=HERE / "report.html", help="where the report goes")
    parser.add_argument("--dev-json", type=Path, help="of a `quote-service dev` that runs already")
    return parser.parse_args()


def _locust(given: argparse.Namespace, run: Run, service: Service) -> list[str]:
    options = {
        "--locustfile": HERE / "locustfile.py",
        "--host": service.url,
        "--html": run.report.resolve(),
        "--verdict-file": run.verdict.resolve(),
        "--loglevel": "WARNING",
        "--stop-timeout": 10,
        "--shape": run.shape,
        "--test-seconds": run.seconds,
        "--test-users": given.users,
        "--budgets": given.budgets.resolve(),
    }
    command = [sys.executable, "-m", "locust", "--headless", "--only-summary"]
    return [*command, *(str(part) for option in options.items() for part in option)]


def _environment(service: Service) -> dict[str, str]:
    # In the environment and not in the arguments: the list of processes shows those to everybody.
    return {**os.environ, "LOADTEST_API_KEY": service.api_key, "LOADTEST_ADMIN_TOKEN": service.admin_token}


if __name__ == "__main__":
    sys.exit(main())
