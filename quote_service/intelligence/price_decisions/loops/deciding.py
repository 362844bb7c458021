"""The loops of price decisions in a background process: deciding, tidying up, and learning in a process of its own.

Source: docs/spec/price-decisions.md#runs; docs/spec/price-decisions.md#models.
"""

import asyncio

import structlog

from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_decisions.operations.forget_decisions import forget_old_decisions
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.tables.runs import RunLost
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.due_work import look_seconds_for
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.platform.telemetry.registry import Registry

LOOK_SECONDS = 1.0
SWEEP_SECONDS = 600.0
_STATES = ("applied", "suggested", "shadowed", "held", "unchanged", "failed")

_log = structlog.get_logger(__name__)


async def run_decider(
    database: Database, settings: Settings, registry: Registry, *, look_seconds: float | None = None
) -> None:
    """Decide whenever it is time, for as long as the process runs; never returns."""
    terms = terms_of(settings)
    counters = {
        state: registry.counter("quote_price_decisions_total", "Prices that runs decided about", {"state": state})
        for state in _STATES
    }
    breakers = registry.counter("quote_price_breakers_total", "Runs in which the circuit breaker was open")
    look_seconds = look_seconds or look_seconds_for(settings.price_decision_seconds, LOOK_SECONDS)
    swept_at, clock = float("-inf"), asyncio.get_running_loop().time

    async def work() -> None:
        nonlocal swept_at
        try:
            done = await run_if_due(database, terms)
        except RunLost:
            _log.warning("price_run_lost")
            return
        if done is not None:
            for state in _STATES:
                counters[state].add(getattr(done, state))
            breakers.add(done.breaker_open)
            _log.info("prices_decided", **done._asdict())
        if clock() - swept_at > SWEEP_SECONDS:
            await forget_old_decisions(database, terms)
            swept_at = clock()

    # While PostgreSQL is unavailable, what was decided stays, and the next run begins again.
    await repeat_rounds("prices_not_decided", work, look_seconds)
