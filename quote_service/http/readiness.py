"""Whether this worker should get traffic, and how well it is.

    ready      everything is there
    degraded   a dependency is away, and quotes are priced all the same: from the rulebook that is held (200)
    not_ready  no rulebook has been loaded yet, or the worker is about to stop (503)

Source: spec 9, Health; spec 2, "Redis down", "PostgreSQL down".
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from quote_service.api.runtime import Probe, Runtime
from quote_service.domain.errors import QuoteServiceError
from quote_service.flows.rulebook_holder import RulebookHolder
from quote_service.system.clock import now_us

Status = Literal["ready", "degraded", "not_ready"]

PROBE_SECONDS = 1.0


class DependencyHealth(msgspec.Struct, frozen=True):
    """One dependency; `latency_ms` is how long the answer, or the failure, took."""

    is_up: bool
    latency_ms: float


class SnapshotHealth(msgspec.Struct, frozen=True):
    """The rulebook held: seconds since it last changed, and since it was last known to be the newest."""

    version: int
    age_seconds: float
    checked_seconds_ago: float


class Readiness(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `/health/ready`; everything but `status` and `reason` is details."""

    status: Status
    reason: str | None = None
    dependencies: dict[str, DependencyHealth] | None = None
    snapshot: SnapshotHealth | None = None
    gauges: dict[str, Mapping[str, Any]] | None = None


async def assess(runtime: Runtime) -> Readiness:
    """Ask every dependency at once, and judge."""
    answers = await asyncio.gather(*(_ask(probe) for probe in runtime.probes))
    dependencies = {probe.name: answer for probe, answer in zip(runtime.probes, answers, strict=True)}
    status, reason = _judge(runtime, dependencies)
    return Readiness(
        status=status,
        reason=reason,
        dependencies=dependencies,
        snapshot=_snapshot(runtime.rulebook),
        gauges={name: gauge() for name, gauge in runtime.gauges.items()},
    )


def _snapshot(holder: RulebookHolder) -> SnapshotHealth | None:
    if holder.rulebook is None:
        return None
    ages = (round((now_us() - instant) / 1_000_000, 3) for instant in (holder.loaded_at_us, holder.checked_at_us))
    return SnapshotHealth(holder.version, *ages)


def _judge(runtime: Runtime, dependencies: Mapping[str, DependencyHealth]) -> tuple[Status, str | None]:
    if runtime.is_draining:
        return "not_ready", "draining"
    if runtime.rulebook.rulebook is None:
        return "not_ready", "no rulebook has been loaded"
    away = [name for name, health in dependencies.items() if not health.is_up]
    return ("degraded", f"{' and '.join(away)} cannot be reached") if away else ("ready", None)


async def _ask(probe: Probe) -> DependencyHealth:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await probe.check()
        is_up = True
    except (QuoteServiceError, TimeoutError):
        is_up = False
    return DependencyHealth(is_up, round((time.perf_counter() - started) * 1000, 3))


def without_details(readiness: Readiness) -> Any:
    """What anyone may know."""
    return Readiness(status=readiness.status, reason=readiness.reason if readiness.status == "not_ready" else None)
