"""What a web process opens: a rulebook that it keeps current, callers that it knows, and the way of a quote.

Nothing here waits for PostgreSQL or Redis: a process starts while they are unavailable, says so in its health, and is ready as
soon as it has a rulebook.

Source: docs/spec/quotes.md#limits; docs/spec/operations.md#health.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from hashlib import blake2b

from quote_service.identity.health.readiness import HealthChecks, Probe, SnapshotHealth
from quote_service.identity.loops.access_watch import USES_SECONDS, watch_access
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.provider.sign_in_provider import SignInProvider
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.identity.streams.open_streams import OpenStreams
from quote_service.intelligence.signals.loops.signal_news import follow_signals
from quote_service.intelligence.signals.operations.signal_news import SignalNews
from quote_service.platform.http.openapi.api_description import ApiDescription
from quote_service.platform.postgres.ping import ping_database
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import RedisClient, open_redis
from quote_service.platform.redis_store.ping import ping_redis
from quote_service.platform.redis_store.traced_commands import address_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import AcceptLimiter, CalculationLimiter
from quote_service.platform.system.due_work import DueWork
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.packages import IntelligencePackages, install_command
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.stream_places import StreamPlaces
from quote_service.platform.system.supervisor import Supervisor
from quote_service.platform.system.traces import BACKGROUND, Traces
from quote_service.platform.telemetry.loop_watch import LoopWatch
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.slots import Slots
from quote_service.quotes.operations.count_quotes import QuoteCounts
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import LocalQuotes
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_meters import QuoteMeters
from quote_service.quotes.operations.quote_notes import QuoteNotes
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.routes.quote_endpoint import QuoteEndpoint
from quote_service.quotes.tables.share_quotes import QuoteSharer
from quote_service.rulebook.experiments.loops.exposures import write_exposures, write_last_exposures
from quote_service.rulebook.experiments.operations.exposure_log import ExposureLog
from quote_service.rulebook.experiments.operations.write_exposures import ExposureReport
from quote_service.rulebook.ofrep.operations.flag_states import FlagStates
from quote_service.rulebook.snapshot.loops.rulebook_watch import watch_rulebook
from quote_service.rulebook.snapshot.operations.positions import Positions
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.rulebook_listener import RulebookListener
from quote_service.selling.flash_sales.loops.open_sales import watch_open_sales
from quote_service.selling.flash_sales.loops.sale_items import watch_sale_items
from quote_service.selling.flash_sales.loops.stock_server import watch_stock_server
from quote_service.selling.flash_sales.loops.views import report_views, write_last_views
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.open_sale_news import OpenSaleNews
from quote_service.selling.flash_sales.operations.sales.report_views import ViewReport
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.orders.operations.order_groups import OrderGroups
from quote_service.selling.orders.operations.order_meters import OrderMeters
from quote_service.selling.orders.operations.place_order import OrderPlacer
from quote_service.selling.orders.operations.place_orders import place_orders
from quote_service.selling.orders.operations.quote_basket import BasketQuoter
from quote_service.serving.lifespan.figures import (
    health_gauges,
    register_flash_figures,
    register_loop_figures,
    register_quote_figures,
    register_shared_figures,
)
from quote_service.serving.lifespan.platform import open_platform, open_traces
from quote_service.shop.catalog.loops.price_news import watch_prices
from quote_service.shop.catalog.operations.price_news import PriceNews
from quote_service.shop.catalog.operations.prior_prices import PriorPrices
from quote_service.shop.reservations.operations.reservation_meters import ReservationMeters
from quote_service.steering.analytics.loops.commission_checks import run_commission_checks
from quote_service.steering.analytics.loops.flush_counts import flush_counts, write_last_counts
from quote_service.steering.analytics.loops.live_samples import sample_quotes
from quote_service.steering.analytics.operations.check_commission import CommissionChecker
from quote_service.steering.analytics.operations.flush_counts import CountFlusher
from quote_service.steering.analytics.operations.live.live_board import LiveBoard
from quote_service.steering.analytics.operations.live.sample_quotes import QuoteSamples

# Accepts leave this many connections of the pool to everything else.
_OTHER_CONNECTIONS = 4
_WAIT_SECONDS = 10.0


@asynccontextmanager
async def open_web(settings: Settings, slots: Slots | None = None, index: int = 0) -> AsyncIterator[Parts]:
    """Open the parts of one web process, run its loops, and close all of it at the end.

    Args:
        settings: Of the service.
        slots: Where the workers of this service count together; None for a process by itself.
        index: Which of these workers it is.
    """
    async with AsyncExitStack() as stack:
        parts = await open_platform(stack, settings, slots, index)
        redis = open_redis(settings.redis_url, settings.redis_timeout_ms)
        stack.push_async_callback(redis.aclose)
        breaker = Breaker()
        _open_access(stack, parts, redis, breaker)
        traces = await open_traces(stack, settings, parts[Registry])
        if traces is not None:
            parts.add(traces)
            BACKGROUND.set(traces)
        sharer = _open_quotes(stack, parts, redis, breaker)
        _open_health(parts, redis, breaker, sharer)
        if settings.development:
            parts.add(IntelligencePackages(install_command()))
        await _start_loops(stack, parts)
        yield parts


def _open_access(stack: AsyncExitStack, parts: Parts, redis: RedisClient, breaker: Breaker) -> None:
    settings = parts[Settings]
    credentials = parts.add(Credentials.of(settings))
    stack.callback(credentials.passwords.close)
    provider = SignInProvider.of(settings)
    if provider is not None:
        parts.add(provider)
        stack.push_async_callback(provider.aclose)
    parts.add(OpenStreams(credentials))
    parts.add(StreamPlaces(settings.api_streams, settings.api_streams_others))
    limits = parts.add(RateLimits(redis, breaker, parts[Registry], workers=settings.workers))
    stack.push_async_callback(limits.close)


def _open_quotes(stack: AsyncExitStack, parts: Parts, redis: RedisClient, breaker: Breaker) -> QuoteSharer:
    settings, registry = parts[Settings], parts[Registry]
    holder = parts.add(RulebookHolder())
    work = parts.add(DueWork(leads=True))  # each process follows these by itself
    listener = parts.add(RulebookListener(settings.database_url, work))
    sale_items = parts[FlashSaleRuntime].item_cache
    parts.add(Positions(parts[Database], holder, listener, sale_items))
    parts.add(FlagStates(holder, parts[Lifecycle]))
    sale_prices = parts.add(sale_items.prices)
    parts.add(PriorPrices(holder, sale_prices, settings.reductions_of_new_products))
    parts.add(PriceNews(holder, sale_prices, parts[Lifecycle]))
    parts.add(SignalNews(parts[Lifecycle]))
    parts.add(OpenSaleNews(parts[Lifecycle]))
    signer = parts.add(QuoteSigner(settings.signing_keys))
    parts.add(ReceiptSigner(settings.receipt_keys))
    sharer = QuoteSharer(redis, breaker, settings.quote_ttl_seconds * 1000)
    log = parts.add(ExposureLog(settings.slow_quote_ms / 1000))
    counts = parts.add(QuoteCounts()) if settings.analytics == "on" else None
    issuer = parts.add(_open_issuer(settings, holder, sharer, signer, parts[FlashSaleRuntime], log, counts))
    parts.add(QuoteCache(issuer, redis, breaker, settings.quote_ttl_seconds))
    limiter = parts.add(QuoteLimiter(asyncio.get_running_loop(), settings.max_concurrency, settings.max_queue))
    accepts_at_once = max(1, settings.database_connections - _OTHER_CONNECTIONS)
    parts.add(AcceptLimiter(accepts_at_once, settings.max_queue, _WAIT_SECONDS))
    parts.add(CalculationLimiter(1, settings.max_queue, _WAIT_SECONDS))
    parts.add(LiveBoard(QuoteSamples(registry.slots), parts[Database], settings))
    parts.add(LoopWatch(registry))
    meters = parts.add(QuoteMeters(registry))
    parts.add(LedgerMeters(registry))
    parts.add(ReservationMeters(registry))
    _open_orders(stack, parts, limiter)
    notes = QuoteNotes(
        registry,
        parts.find(Traces),
        slow_seconds=settings.slow_quote_ms / 1000,
        log_ratio=settings.log_sample_ratio,
        store=address_of(redis),
    )
    parts.add(
        QuoteEndpoint(
            parts[Credentials],
            parts[RateLimits],
            limiter,
            issuer,
            meters,
            notes,
            settings.timeout_ms,
            watch=parts[LoopWatch],
            reports_unknown=settings.development,
        )
    )
    return sharer


def _open_orders(stack: AsyncExitStack, parts: Parts, limiter: QuoteLimiter) -> None:
    settings, receipts = parts[Settings], parts[ReceiptSigner]
    meters = parts.add(OrderMeters(parts[Registry]))
    groups = OrderGroups(
        parts[Database],
        lambda connection, asked: place_orders(connection, asked, receipts),
        waiting_max=settings.max_queue,
        wait_seconds=_WAIT_SECONDS,
        committed=lambda: meters.groups.add(1),
    )
    stack.push_async_callback(groups.close)
    parts[Registry].register_gauge("quote_orders_waiting", "Orders that wait for a transaction", lambda: groups.waiting)
    parts.add(
        OrderPlacer(
            groups,
            parts[QuoteCache],
            parts[Database],
            meters,
            parts[LedgerMeters],
            parts[ReservationMeters],
            settings.quote_ttl_seconds,
        )
    )
    parts.add(
        BasketQuoter(
            parts[QuoteIssuer],
            limiter,
            settings.timeout_ms / 1000,
        )
    )


def _open_issuer(
    settings: Settings,
    holder: RulebookHolder,
    sharer: QuoteSharer,
    signer: QuoteSigner,
    flash: FlashSaleRuntime,
    exposures: ExposureLog,
    counts: QuoteCounts | None,
) -> QuoteIssuer:
    return QuoteIssuer(
        holder,
        LocalQuotes(settings.local_cache_entries, settings.local_cache_bytes),
        sharer,
        signer,
        # Every worker must find the same bits for the same basket, so the secret is one that they share.
        fingerprint_secret=blake2b(settings.signing_keys[-1].secret, digest_size=32, person=b"quote-finger").digest(),
        ttl_seconds=settings.quote_ttl_seconds,
        sales=flash.item_cache.prices,
        note_shown=flash.note_shown,
        exposures=exposures,
        counts=counts,
        kept_form=settings.kept_form,
    )


def _open_health(parts: Parts, redis: RedisClient, breaker: Breaker, sharer: QuoteSharer) -> None:
    database, flash, holder = parts[Database], parts[FlashSaleRuntime], parts[RulebookHolder]
    register_quote_figures(parts, sharer, breaker)
    register_flash_figures(parts)
    register_shared_figures(parts)
    checks = HealthChecks(
        Probe("postgres", lambda: ping_database(database)),
        Probe("redis", lambda: _check_redis(redis, breaker)),
        Probe("stock_redis", flash.check_stock),
    )
    checks.gauges.update(health_gauges(parts, breaker))
    checks.missing = lambda: "no rulebook has been loaded" if holder.rulebook is None else None
    checks.snapshot = lambda: _snapshot(holder)
    parts.add(checks)


async def _check_redis(redis: RedisClient, breaker: Breaker) -> str | None:
    await ping_redis(redis)
    return "it answers, and refuses what is asked of it" if breaker.failed_recently else None


def _snapshot(holder: RulebookHolder) -> SnapshotHealth | None:
    if holder.rulebook is None:
        return None
    ages = (round((now_us() - instant) / 1_000_000, 3) for instant in (holder.loaded_at_us, holder.checked_at_us))
    return SnapshotHealth(holder.version, *ages)


async def _start_loops(stack: AsyncExitStack, parts: Parts) -> None:
    database, flash = parts[Database], parts[FlashSaleRuntime]
    views = ViewReport(flash)
    stack.push_async_callback(write_last_views, views)  # after the loops have ended
    exposures = ExposureReport(database, parts[ExposureLog])
    stack.push_async_callback(write_last_exposures, exposures)
    counts = parts.find(QuoteCounts)
    flusher = None if counts is None else CountFlusher(database, counts, parts[Registry])
    if flusher is not None:
        stack.push_async_callback(write_last_counts, flusher)  # likewise
    supervisor = Supervisor()
    parts[HealthChecks].supervisors.append(supervisor)
    register_loop_figures(parts)
    stack.push_async_callback(supervisor.stop)
    settings = parts[Settings]
    work = parts[DueWork]
    listener = parts[RulebookListener]
    supervisor.start(
        "rulebook_watch",
        lambda: watch_rulebook(
            database, listener, parts[RulebookHolder], flags_again_seconds=settings.flags_refresh_seconds
        ),
    )
    supervisor.start("api_description", parts.add(ApiDescription()).make_ahead)
    supervisor.start("publish_figures", parts[Registry].keep_publishing)
    supervisor.start("loop_watch", parts[LoopWatch].keep_watch)
    supervisor.start("live_samples", lambda: sample_quotes(parts[LiveBoard].samples))
    supervisor.start(
        "access_watch",
        partial(
            watch_access,
            database,
            parts[Credentials].ring,
            pause=partial(work.occasion("access").pause, rest_seconds=USES_SECONDS),
        ),
    )
    supervisor.start(
        "flash_sale_items", partial(watch_sale_items, flash, pause=work.occasion("flash_sale_items").pause)
    )
    supervisor.start("open_sales", lambda: watch_open_sales(flash, parts[OpenSaleNews]))
    supervisor.start("signal_news", lambda: follow_signals(parts[SignalNews], database))
    supervisor.start("price_news", lambda: watch_prices(parts[PriceNews]))
    supervisor.start("stock_server", lambda: watch_stock_server(flash))
    supervisor.start("flash_sale_views", lambda: report_views(views))
    supervisor.start("experiment_exposures", lambda: write_exposures(exposures))
    if flusher is not None:
        supervisor.start("quote_counts", lambda: flush_counts(flusher))
    checker = CommissionChecker(parts[RulebookHolder], parts[QuoteIssuer].quotes, parts[Registry])
    supervisor.start("commission_checks", lambda: run_commission_checks(checker))
