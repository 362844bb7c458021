"""Send what is due, side by side, until asked to stop; any number of processes may.

A delivery is claimed for longer than an attempt may last, attempted outside of any transaction, and settled. A sender that
dies leaves its claims to run out; so a delivery may be sent twice, with the same id, and is never lost.

Source: docs/spec/webhooks.md#deliveries.
"""

import asyncio
from collections import Counter as Counts
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import structlog

from quote_service.platform.outbound.client import OutboundClient
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled, end_tasks
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.platform.system.traces import work_span
from quote_service.platform.telemetry.registry import Counter, Registry
from quote_service.platform.webhooks.model.deliveries import DueDelivery, Outcome
from quote_service.platform.webhooks.operations.attempt_delivery import attempt_delivery
from quote_service.platform.webhooks.operations.secret_seal import SecretSeal
from quote_service.platform.webhooks.operations.settle_delivery import settle_delivery
from quote_service.platform.webhooks.tables.deliveries import claim_due

#: Under way to one endpoint, and to all, from one process.
TO_ONE_ENDPOINT = 8
TO_ALL_ENDPOINTS = 64
POLL_SECONDS = 0.25
# What an attempt may take beyond its own time: waiting for this process, and for PostgreSQL to settle it.
_MARGIN_SECONDS = 30.0
_FINISH_SECONDS = 3.0
# So that what ends at about the same time is followed by one question for more.
_GATHER_SECONDS = 0.005
_SETTLE_AGAIN_SECONDS = (0.5, 2.0, 5.0)

_log = structlog.get_logger(__name__)


class SenderTerms(NamedTuple):
    """What a sender goes by: see the settings of these names."""

    source: str
    timeout_seconds: float
    failing_days: int


class SenderMeters:
    """What senders count."""

    def __init__(self, registry: Registry) -> None:
        """Register the counters."""

        def counter(outcome: str) -> Counter:
            return registry.counter("quote_webhook_attempts_total", "Attempts at webhooks", {"outcome": outcome})

        self.delivered, self.failed, self.parked = counter("delivered"), counter("failed"), counter("parked")


class DeliverySender:
    """The deliveries that this process has under way."""

    def __init__(
        self,
        database: Database,
        client: OutboundClient,
        seal: SecretSeal,
        terms: SenderTerms,
        meters: SenderMeters,
        *,
        claim_seconds: float | None = None,
        poll_seconds: float = POLL_SECONDS,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._database = database
        self._client = client
        self._seal = seal
        self._terms = terms
        self._meters = meters
        self._claim_seconds = terms.timeout_seconds + _MARGIN_SECONDS if claim_seconds is None else claim_seconds
        self._poll_seconds = poll_seconds
        self._pause = pause
        self._under_way: dict[asyncio.Task[None], UUID] = {}
        self._is_away = False

    async def run(self) -> None:
        """Send for as long as the process runs; never returns. What is under way when it is cancelled is finished."""
        try:
            while True:
                end_if_cancelled()
                if not await self._begin_due():
                    await self._wait()
        finally:
            await self._finish()

    async def _begin_due(self) -> bool:
        """Begin what is due and there is room for; whether there was any."""
        room = TO_ALL_ENDPOINTS - len(self._under_way)
        if not room:
            return False
        busy = Counts(self._under_way.values())
        try:
            async with self._database.read() as connection:
                taken = await claim_due(
                    connection, busy, at_once=TO_ONE_ENDPOINT, limit=room, claim_seconds=self._claim_seconds
                )
            self._is_away = False
        except Unavailable as failure:
            if not self._is_away:
                _log.warning("webhooks_not_sent", reason=failure.detail)
            self._is_away = True
            return False
        for due in taken:
            task = asyncio.create_task(self._deliver(due), name=f"webhook {due.event_id}")
            self._under_way[task] = due.endpoint_id
            task.add_done_callback(self._forget)
        return bool(taken)

    async def _wait(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._poll_seconds, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_GATHER_SECONDS)
        else:
            await self._pause(self._poll_seconds)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        if not task.cancelled() and (failure := task.exception()) is not None:
            # A mistake of ours, in one delivery: it is due again, and the others go on.
            _log.error("webhook_not_attempted", exc_info=failure)

    async def _deliver(self, due: DueDelivery) -> None:
        with work_span("deliver webhook", "consumer", causes=[due.traceparent]) as span:
            # Neither the address nor an id of the endpoint's: a path may be its secret.
            span.worked(**{"quote.event_type": due.type, "quote.attempt": due.attempts})
            outcome = await attempt_delivery(self._client, self._seal, self._terms.source, due)
            crash_point("after_webhook_sent")
            state = await self._settle(due, outcome)
        if outcome.error is None:
            self._meters.delivered.add()
            return
        (self._meters.parked if state == "parked" else self._meters.failed).add()
        _log.info(
            "webhook_failed",
            endpoint_id=str(due.endpoint_id),
            event_id=str(due.event_id),
            attempt=due.attempts,
            reason=outcome.error,
            state=state,
        )

    async def _settle(self, due: DueDelivery, outcome: Outcome) -> str | None:
        for pause in (*_SETTLE_AGAIN_SECONDS, None):
            try:
                return await settle_delivery(self._database, due, outcome, self._terms.failing_days)
            except NotFound:  # the endpoint was deleted meanwhile
                return None
            except Unavailable as failure:
                if pause is None:
                    _log.warning("webhook_not_settled", event_id=str(due.event_id), reason=failure.detail)
                    return None
                await asyncio.sleep(pause)
        return None

    async def _finish(self) -> None:
        """Let what is under way end by itself for a moment; what then still runs is due again when its claim is over.

        Being asked to stop again, as whoever stops a process does until it has, changes nothing.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + min(_FINISH_SECONDS, self._terms.timeout_seconds)
        while self._under_way and clock() < deadline:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(self._under_way, timeout=deadline - clock())
        await end_tasks(self._under_way)
