"""The load test for locust. `make loadtest` (`python -m loadtests`) starts a service and runs it; by hand:

LOADTEST_API_KEY=... LOADTEST_ADMIN_TOKEN=... locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000

It ends with status 1 when an answer was wrong or a budget was exceeded.
"""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import locust.stats
from locust import LoadTestShape, User, events
from locust.env import Environment
from locust.runners import WorkerRunner
from locust.stats import StatsEntry

from loadtests.budgets import PersonaFigures, exceeded, read_budgets
from loadtests.personas.bulk_partner import BulkPartner
from loadtests.personas.checkout import Checkout
from loadtests.personas.flash_sale_crowd import FlashSaleAdmin, FlashSaleCrowd
from loadtests.personas.price_admin import PriceAdmin
from loadtests.progress import show_progress
from loadtests.shapes import CROWD, SHAPES, users_at
from loadtests.verdict import verdict

PERSONAS: tuple[type[User], ...] = (Checkout, BulkPartner, PriceAdmin)
BUYERS: tuple[type[User], ...] = (FlashSaleAdmin, FlashSaleCrowd)
_OF_BUYERS = "flash_sale_"


def _in_tenths(response_time: float) -> Any:
    """In place of locust's own function, which says that it answers whole numbers."""
    return round(response_time, 1)


# Locust rounds to whole milliseconds below 100 ms and to two digits above: too coarse for a p99 of a few milliseconds.
locust.stats.bucket_response_time = _in_tenths


class ChosenShape(LoadTestShape):
    """The shape that was asked for."""

    def tick(self) -> tuple[int, float, list[type[User]]] | None:
        assert self.runner is not None
        options = _options_of(self.runner.environment)
        run_time: Callable[[], float] = self.get_run_time
        personas = BUYERS if options.shape == CROWD else PERSONAS
        users = users_at(options.shape, run_time(), options.test_seconds, options.test_users, users_min=len(personas))
        return None if users is None else (users, float(options.test_users), list(personas))


def _add_options(parser: Any) -> None:
    parser.add_argument("--shape", choices=sorted(SHAPES), default="ramp")
    parser.add_argument("--test-seconds", type=float, default=60.0)
    parser.add_argument("--test-users", type=int, default=40)
    parser.add_argument("--verdict-file", default="", help="where the verdict goes; else it is printed")
    parser.add_argument("--budgets", default=str(Path(__file__).with_name("budgets.toml")))


def _start_progress(environment: Environment, **_: Any) -> None:
    if not isinstance(environment.runner, WorkerRunner) and _options_of(environment).headless:
        show_progress(environment, _options_of(environment).test_seconds)


def _judge(environment: Environment, **_: Any) -> None:
    runner = environment.runner
    if runner is None or isinstance(runner, WorkerRunner):
        return
    broken: dict[str, list[str]] = {}
    print(f"\n{'persona':<17}{'requests':>10}{'per s':>10}{'p99 ms':>10}{'failed':>8}")
    sells = _options_of(environment).shape == CROWD
    for persona, budget in read_budgets(Path(_options_of(environment).budgets)).items():
        if persona.startswith(_OF_BUYERS) != sells:
            continue
        figures = _figures_of(environment, persona)
        found = exceeded(budget, figures)
        broken[persona] = found
        print(
            f"{persona:<17}{figures.requests:>10}{figures.per_second:>10.1f}{figures.p99_ms:>10.1f}"
            f"{figures.failures:>8}  {'; '.join(found) or 'within its budget'}"
        )
    for raised in runner.exceptions.values():
        print(raised["traceback"])
    errors = [f"{error.occurrences} x {error.name}: {error.error}" for error in environment.stats.errors.values()]
    errors += [f"the load test itself: {raised['msg']}" for raised in runner.exceptions.values()]
    failed = bool(runner.exceptions) or any(broken.values())
    # Where a budget lets some requests fail, those are no verdict.
    reported = verdict(_options_of(environment).shape, broken, errors if failed else [])
    if _options_of(environment).verdict_file:  # locust's own tables follow here; the verdict is to be read last
        Path(_options_of(environment).verdict_file).write_text(f"{reported}\n", "utf-8")
    else:
        print(f"\n{reported}")
    environment.process_exit_code = 1 if failed else 0


def _options_of(environment: Environment) -> Namespace:
    options: Namespace | None = environment.parsed_options
    assert options is not None
    return options


def _figures_of(environment: Environment, persona: str) -> PersonaFigures:
    """The sum of a persona's requests."""
    stats = environment.stats
    whole = StatsEntry(stats, persona, "", use_response_times_cache=False)
    for (name, _), entry in stats.entries.items():
        if name.partition(":")[0] == persona:
            whole.extend(entry)
    seconds = (stats.total.last_request_timestamp or 0) - stats.total.start_time
    return PersonaFigures(
        requests=whole.num_requests,
        failures=whole.num_failures,
        per_second=whole.num_requests / seconds if seconds > 0 else 0.0,
        p99_ms=float(whole.get_response_time_percentile(0.99)),
    )


events.init_command_line_parser.add_listener(_add_options)
events.test_start.add_listener(_start_progress)
events.quitting.add_listener(_judge)
