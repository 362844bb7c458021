"""The loops of webhooks in a background process: one sends, one tidies up.

Source: docs/spec/webhooks.md#deliveries.
"""

import asyncio

import structlog

from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.client import OutboundClient
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import more_if, repeat_rounds
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.webhooks.operations.secret_seal import SecretSeal
from quote_service.platform.webhooks.operations.send_deliveries import DeliverySender, SenderMeters, SenderTerms
from quote_service.platform.webhooks.operations.sweep_webhooks import ROWS_AT_ONCE, reseal, sweep_webhooks

SWEEP_SECONDS = 60.0

_log = structlog.get_logger(__name__)


async def run_sender(
    database: Database, settings: Settings, registry: Registry, *, pause: Pause = asyncio.sleep
) -> None:
    """Send for as long as the process runs; never returns."""
    terms = SenderTerms(settings.event_source, settings.webhook_timeout_ms / 1000, settings.webhook_failing_days)
    client = OutboundClient(Networks(settings.outbound_networks), terms.timeout_seconds)
    try:
        seal, meters = SecretSeal(settings.jwt_keys), SenderMeters(registry)
        await DeliverySender(database, client, seal, terms, meters, pause=pause).run()
    finally:
        await client.aclose()


async def run_sweep(database: Database, settings: Settings, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
    """Sweep for as long as the process runs, again at once while there is much; never returns."""
    seal = SecretSeal(settings.jwt_keys)

    async def work() -> float | None:
        await reseal(database, seal)
        return more_if(await sweep_webhooks(database, settings.webhook_keep_days) >= ROWS_AT_ONCE)

    await repeat_rounds("webhooks_not_swept", work, sweep_seconds)
