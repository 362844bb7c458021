"""What a worker process opens before it serves, and closes in the opposite order after it.

Nothing here waits for PostgreSQL or Redis: a worker starts while they are away, says so in its health, and is ready as
soon as it has a rulebook.

Source: spec 2, Limits and load; spec 9, Health.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import blake2b

from quote_service.api.credentials import Credentials
from quote_service.api.quote_door import QuoteDoor
from quote_service.api.rate_limits import RateLimits
from quote_service.api.runtime import Probe, Runtime
from quote_service.api.worker_figures import health_gauges, register_flash_figures, register_worker_figures
from quote_service.flows.flash_sales.flash_desk import FlashDesk, open_flash_desk
from quote_service.flows.flash_sales.report_views import ViewReport
from quote_service.flows.issue_quote import QuoteDesk
from quote_service.flows.local_quotes import LocalQuotes
from quote_service.flows.quote_cache import QuoteCache
from quote_service.flows.rulebook_holder import RulebookHolder
from quote_service.flows.sign_quote import QuoteSigner
from quote_service.flows.sign_receipt import ReceiptSigner
from quote_service.flows.turnstile import Turnstile
from quote_service.flows.waiting_room import WaitingRoom
from quote_service.postgres.ping import ping_database
from quote_service.postgres.pool import Database
from quote_service.postgres.rulebook_listener import RulebookListener
from quote_service.redis_store.breaker import Breaker
from quote_service.redis_store.connection import open_redis
from quote_service.redis_store.ping import ping_redis
from quote_service.redis_store.share_quotes import QuoteSharer
from quote_service.settings import Settings
from quote_service.system.new_ids import new_id
from quote_service.telemetry.flash_meters import FlashMeters
from quote_service.telemetry.quote_meters import QuoteMeters
from quote_service.telemetry.quote_notes import QuoteNotes
from quote_service.telemetry.registry import Registry
from quote_service.telemetry.slots import Slots
from quote_service.telemetry.traces import Traces
from quote_service.workers.access_watch import watch_access
from quote_service.workers.flash_sale_board import watch_board
from quote_service.workers.flash_sale_views import report_views, write_last_views
from quote_service.workers.rulebook_watch import watch_rulebook
from quote_service.workers.supervisor import Supervisor

# Accepts leave this many connections of the pool to everything else.
_OTHER_CONNECTIONS = 4
_WAIT_SECONDS = 10.0
# Longer than a quote waits for Redis: what a purchase has begun there is not given up at the first delay.
_STOCK_TIMEOUT_MS = 500


@asynccontextmanager
async def open_runtime(settings: Settings, slots: Slots | None = None, place: int = 0) -> AsyncIterator[Runtime]:
    """Open the parts of one worker process, run its loops, and close all of it at the end.

    Args:
        settings: Of the service.
        slots: Where the workers of this service count together; None for a process by itself.
        place: Which of these workers it is.
    """
    async with AsyncExitStack() as stack:
        database = await Database.open(
            settings.database_url,
            connections_max=settings.database_connections,
            statement_seconds=settings.database_timeout_ms / 1000,
        )
        stack.push_async_callback(database.close)
        redis = open_redis(settings.redis_url, settings.redis_timeout_ms)
        stack.push_async_callback(redis.aclose)
        stock_redis = open_redis(settings.stock_redis_url or settings.redis_url, _STOCK_TIMEOUT_MS)
        stack.push_async_callback(stock_redis.aclose)
        registry = Registry(slots, place)
        stack.callback(registry.publish)
        flash = open_flash_desk(database, stock_redis, FlashMeters(registry))
        stack.push_async_callback(flash.close)
        credentials = Credentials.of(settings)
        stack.callback(credentials.passwords.close)
        holder = RulebookHolder()
        breaker = Breaker()
        signer = QuoteSigner(settings.signing_keys)
        sharer = QuoteSharer(redis, breaker, settings.quote_ttl_seconds * 1000)
        desk = _open_desk(settings, holder, sharer, signer, flash)
        turnstile = Turnstile(asyncio.get_running_loop(), settings.max_concurrency, settings.max_queue)
        limits = RateLimits(redis, breaker, registry, workers=settings.workers)
        stack.push_async_callback(limits.close)
        meters = QuoteMeters(registry)
        traces = await _open_traces(stack, settings, registry)
        notes = QuoteNotes(
            registry, traces, slow_seconds=settings.slow_quote_ms / 1000, log_ratio=settings.log_sample_ratio
        )
        register_worker_figures(
            registry,
            desk=desk,
            turnstile=turnstile,
            sharer=sharer,
            breaker=breaker,
            holder=holder,
            database=database,
        )
        register_flash_figures(registry, flash)
        runtime = Runtime(
            settings=settings,
            database=database,
            redis=redis,
            credentials=credentials,
            rulebook=holder,
            door=QuoteDoor(credentials, limits, turnstile, desk, meters, notes, settings.timeout_ms),
            desk=desk,
            turnstile=turnstile,
            limits=limits,
            meters=meters,
            registry=registry,
            traces=traces,
            quotes=QuoteCache(desk, redis, breaker, settings.quote_ttl_seconds),
            signer=signer,
            receipts=ReceiptSigner(settings.receipt_keys),
            accepts=WaitingRoom(
                max(1, settings.database_connections - _OTHER_CONNECTIONS), settings.max_queue, _WAIT_SECONDS
            ),
            asides=WaitingRoom(1, settings.max_queue, _WAIT_SECONDS),
            flash=flash,
            probes=(
                Probe("postgres", lambda: ping_database(database)),
                Probe("redis", lambda: ping_redis(redis)),
            ),
            gauges=health_gauges(desk, turnstile, breaker, database),
        )
        views = ViewReport(flash)
        stack.push_async_callback(write_last_views, views)  # after the loops have ended
        supervisor = Supervisor()
        stack.push_async_callback(supervisor.stop)
        listener = RulebookListener(settings.database_url)
        supervisor.start("rulebook_watch", lambda: watch_rulebook(database, listener, holder))
        supervisor.start("publish_figures", registry.keep_publishing)
        supervisor.start("access_watch", lambda: watch_access(database, credentials.ring))
        supervisor.start("flash_sale_board", lambda: watch_board(flash))
        supervisor.start("flash_sale_views", lambda: report_views(views))
        yield runtime


async def _open_traces(stack: AsyncExitStack, settings: Settings, registry: Registry) -> Traces | None:
    """Start what goes to the collector; None where none is named."""
    if not settings.otlp_endpoint:
        return None
    # Here, because a process that exports nothing shall not pay half a second and 20 MB for the SDK.
    from quote_service.telemetry.otlp import Otlp

    otlp = Otlp(settings.otlp_endpoint, registry, instance_id=new_id(), interval_seconds=settings.otlp_interval_seconds)
    # It may wait for the network, while the loop still has to answer for figures that are read in it.
    stack.push_async_callback(asyncio.to_thread, otlp.close)
    stack.callback(registry.publish)  # before that, so that the last figures are sent as they are
    return Traces(otlp, settings.trace_sample_ratio)


def _open_desk(
    settings: Settings, holder: RulebookHolder, sharer: QuoteSharer, signer: QuoteSigner, flash: FlashDesk
) -> QuoteDesk:
    return QuoteDesk(
        holder,
        LocalQuotes(settings.local_cache_entries, settings.local_cache_bytes),
        sharer,
        signer,
        # Every worker must find the same bits for the same basket, so the secret is one that they share.
        fingerprint_secret=blake2b(settings.signing_keys[-1].secret, digest_size=32, person=b"quote-finger").digest(),
        ttl_seconds=settings.quote_ttl_seconds,
        sales=flash.board.prices,
        note_shown=flash.note_shown,
    )
