"""Whether this worker should get traffic, and how well it is.

    ready      everything is there
    degraded   a dependency is away or not set up as it must be, and quotes are priced all the same: from the rulebook
               that is held (200)
    not_ready  no rulebook has been loaded yet, or the worker is about to stop (503)

Source: docs/spec/operations.md#health; docs/spec/quotes.md#when-a-dependency-is-away.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from quote_service.system.errors import QuoteServiceError
from quote_service.system.lifecycle import Lifecycle
from quote_service.system.parts import Parts

Status = Literal["ready", "degraded", "not_ready"]

PROBE_SECONDS = 1.0


class DependencyHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """One dependency; `latency_ms` is how long the answer, or the failure, took."""

    is_up: bool
    """Whether the dependency answered."""
    latency_ms: float
    """Milliseconds until the answer or the failure."""
    warning: str | None = None
    """What is wrong with a dependency that answers; left out if nothing is."""


class SnapshotHealth(msgspec.Struct, frozen=True):
    """The rulebook held: seconds since it last changed, and since it was last known to be the newest."""

    version: int
    """Version of the rules, rates and flags in use."""
    age_seconds: float
    """Seconds since they last changed."""
    checked_seconds_ago: float
    """Seconds since they were last known to be the newest."""


class Readiness(msgspec.Struct, frozen=True, omit_defaults=True):
    """The response of `/health/ready`; all but `status` and `reason` are details."""

    status: Status
    """`ready`, `degraded` (a dependency is unavailable, but quotes are still answered) or `not_ready` (send no traffic).
    """
    reason: str | None = None
    """Why it is not `ready`; left out if it is."""
    dependencies: dict[str, DependencyHealth] | None = None
    """Health of PostgreSQL and Redis, by name; details, shown only to callers who may see them."""
    snapshot: SnapshotHealth | None = None
    """The rules, rates and flags in use; details, shown only to callers who may see them."""
    gauges: dict[str, Mapping[str, Any]] | None = None
    """Figures of this process, by subject; details, shown only to callers who may see them."""


class Probe(NamedTuple):
    """A dependency that readiness asks about.

    `check` returns when it is there, with a warning where something is wrong with it, and raises Unavailable when it is not.
    """

    name: str
    check: Callable[[], Awaitable[str | None]]


class HealthChecks:
    """What readiness asks of a process: each part that it opens adds its own.

    Attributes:
        probes: Dependencies; one that is away makes the process `degraded`.
        gauges: Further figures by name, such as the state of the cache.
        missing: Why the process cannot serve yet, None once it can.
        snapshot: The rules, rates and flags in use, None in a process that holds none.
    """

    __slots__ = ("gauges", "missing", "probes", "snapshot")

    def __init__(self, *probes: Probe) -> None:
        self.probes = probes
        self.gauges: dict[str, Callable[[], Mapping[str, Any]]] = {}
        self.missing: Callable[[], str | None] = lambda: None
        self.snapshot: Callable[[], SnapshotHealth | None] = lambda: None


async def assess(parts: Parts) -> Readiness:
    """Ask every dependency at once, and judge."""
    checks = parts[HealthChecks]
    answers = await asyncio.gather(*(_ask(probe) for probe in checks.probes))
    dependencies = {probe.name: answer for probe, answer in zip(checks.probes, answers, strict=True)}
    missing = "draining" if parts[Lifecycle].is_draining else checks.missing()
    status, reason = ("not_ready", missing) if missing is not None else _judge(dependencies)
    return Readiness(
        status=status,
        reason=reason,
        dependencies=dependencies,
        snapshot=checks.snapshot(),
        gauges={name: gauge() for name, gauge in checks.gauges.items()},
    )


def _judge(dependencies: Mapping[str, DependencyHealth]) -> tuple[Status, str | None]:
    away = [name for name, health in dependencies.items() if not health.is_up]
    told = [f"{' and '.join(away)} cannot be reached"] if away else []
    told += [f"{name}: {health.warning}" for name, health in dependencies.items() if health.warning]
    return ("degraded", "; ".join(told)) if told else ("ready", None)


async def _ask(probe: Probe) -> DependencyHealth:
    started = time.perf_counter()
    warning = None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            warning = await probe.check()
        is_up = True
    except (QuoteServiceError, TimeoutError):
        is_up = False
    return DependencyHealth(is_up, round((time.perf_counter() - started) * 1000, 3), warning)


def without_details(readiness: Readiness) -> Any:
    """What anyone may know."""
    return Readiness(status=readiness.status, reason=readiness.reason if readiness.status == "not_ready" else None)
