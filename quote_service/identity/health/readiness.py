"""Whether this worker should get traffic, and how well it is.

    ready      everything is there
    degraded   a dependency is unavailable or not set up as it must be, the rulebook is not known to be the newest, or a loop
               fails again and again, and quotes are priced all the same: from the rulebook that is held (200)
    not_ready  no rulebook has been loaded yet, or the worker is about to stop (503)

Source: docs/spec/operations.md#health; docs/spec/quotes.md#when-a-dependency-is-unavailable.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.supervisor import Supervisor

Status = Literal["ready", "degraded", "not_ready"]

PROBE_SECONDS = 1.0
# Five times the pause between two looks at whether the rulebook held is the newest.
STALE_SECONDS = 30.0


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
    """Health of PostgreSQL, Redis, the Redis that holds stock and, in a background process, the event bus; details, shown
    only to callers who may see them.
    """
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


class _Answer(NamedTuple):
    is_up: bool
    warning: str | None


_AWAY = _Answer(False, None)


class HealthChecks:
    """What readiness asks of a process: each part that it opens adds its own.

    Attributes:
        probes: Dependencies; one that is unavailable makes the process `degraded`.
        supervisors: The loops of the process; one that fails again and again makes it `degraded`.
        gauges: Further figures by name, such as the state of the cache.
        missing: Why the process cannot serve yet, None once it can.
        snapshot: The rules, rates and flags in use, None in a process that holds none.
    """

    __slots__ = ("asking", "gauges", "missing", "probes", "snapshot", "supervisors")

    def __init__(self, *probes: Probe) -> None:
        self.probes = probes
        self.asking: dict[str, asyncio.Task[_Answer]] = {}
        self.supervisors: list[Supervisor] = []
        self.gauges: dict[str, Callable[[], Mapping[str, Any]]] = {}
        self.missing: Callable[[], str | None] = lambda: None
        self.snapshot: Callable[[], SnapshotHealth | None] = lambda: None


async def assess(parts: Parts) -> Readiness:
    """Ask every dependency at once, and judge."""
    checks = parts[HealthChecks]
    answers = await asyncio.gather(*(_ask(checks, probe) for probe in checks.probes))
    dependencies = {probe.name: answer for probe, answer in zip(checks.probes, answers, strict=True)}
    missing = "draining" if parts[Lifecycle].is_draining else checks.missing()
    snapshot = checks.snapshot()
    troubles = "; ".join((*_of_dependencies(dependencies), *_of_process(checks, snapshot)))
    status: Status = "not_ready" if missing is not None else "degraded" if troubles else "ready"
    return Readiness(
        status=status,
        reason=missing or troubles or None,
        dependencies=dependencies,
        snapshot=snapshot,
        gauges={name: gauge() for name, gauge in checks.gauges.items()},
    )


def _of_dependencies(dependencies: Mapping[str, DependencyHealth]) -> Iterator[str]:
    away = [name for name, health in dependencies.items() if not health.is_up]
    if away:
        yield f"{' and '.join(away)} cannot be reached"
    yield from (f"{name}: {health.warning}" for name, health in dependencies.items() if health.warning)


def _of_process(checks: HealthChecks, snapshot: SnapshotHealth | None) -> Iterator[str]:
    if snapshot is not None and snapshot.checked_seconds_ago > STALE_SECONDS:
        yield f"rulebook: not known to be the newest for {snapshot.checked_seconds_ago:.0f} s"
    failing = sorted(name for supervisor in checks.supervisors for name in supervisor.failing())
    if failing:
        yield f"loops: {', '.join(failing)} fail{'s' if len(failing) == 1 else ''} and start again"


async def _ask(checks: HealthChecks, probe: Probe) -> DependencyHealth:
    """Ask once for everybody who wants to know now; what has not answered in time is unavailable, whatever it said before."""
    started = time.perf_counter()
    asking = checks.asking.get(probe.name)
    if asking is None or asking.done():
        asking = checks.asking[probe.name] = asyncio.create_task(_check(probe), name=f"probe {probe.name}")
    await asyncio.wait((asking,), timeout=PROBE_SECONDS)
    is_up, warning = asking.result() if asking.done() else _AWAY
    return DependencyHealth(is_up, round((time.perf_counter() - started) * 1000, 3), warning)


async def _check(probe: Probe) -> _Answer:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return _Answer(True, await probe.check())
    except (QuoteServiceError, TimeoutError):
        return _AWAY


def without_details(readiness: Readiness) -> Any:
    """What anyone may know."""
    return Readiness(status=readiness.status, reason=readiness.reason if readiness.status == "not_ready" else None)
