"""The process of `quote-service worker`: the loops that are to run once and not in every web worker.

Any number may run; each loop takes its turns under locks of its own in PostgreSQL or Redis.

Source: docs/spec/operations.md#production.
"""

import asyncio
import signal
import socket
from functools import partial

import structlog
import uvloop

from quote_service.identity.health.readiness import HealthChecks
from quote_service.identity.loops.access_sweep import sweep_access
from quote_service.identity.operations.factors.second_factors import SecondFactors
from quote_service.intelligence.behaviour.loops.counting import run_behaviour_sweep, run_counting
from quote_service.intelligence.behaviour.operations.count_behaviour import behaviour_group
from quote_service.intelligence.competitors.loops.watching import run_matcher, run_watcher
from quote_service.intelligence.competitors.loops.watching import run_sweep as sweep_competitors
from quote_service.intelligence.market_analysis.loops.analysis_process import run_market_analysis
from quote_service.intelligence.market_analysis.loops.window_stream import run_market_stream
from quote_service.intelligence.market_analysis.loops.window_sweep import run_window_sweep
from quote_service.intelligence.market_analysis.operations.count_windows import window_groups
from quote_service.intelligence.price_decisions.loops.deciding import run_decider
from quote_service.intelligence.price_decisions.loops.learning import run_learning
from quote_service.intelligence.price_decisions.operations.decision_terms import terms_of
from quote_service.intelligence.price_experiments.loops.running import run_price_experiments
from quote_service.intelligence.signals.loops.looking import run_news, run_sales, run_sources
from quote_service.intelligence.signals.loops.looking import run_sweep as sweep_signals
from quote_service.platform.event_bus.loops.bus_loops import run_consumer, run_relay, run_retries, run_upkeep
from quote_service.platform.postgres.due_work import watch_due_work
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.crash_points import arm_in_development
from quote_service.platform.system.due_work import DueWork, Pause
from quote_service.platform.system.packages import IntelligencePackages
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.supervisor import Supervisor
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.webhooks.loops.sending import run_sender, run_sweep
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.rulebook.experiments.loops.deciding import decide_on_experiments, forget_experiments, note_over_time
from quote_service.selling.flash_sales.loops.maintenance import maintain_flash_sales
from quote_service.selling.flash_sales.loops.recorder import run_recorder
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.serving.lifespan.background import open_background
from quote_service.serving.processes.figures import bind_figures, figures_served
from quote_service.shop.campaigns.loops.campaign_schedule import run_campaigns
from quote_service.shop.catalog.loops.imports import run_imports
from quote_service.shop.catalog.loops.price_schedule import run_price_schedule
from quote_service.shop.reservations.loops.reservation_sweep import sweep_reservations
from quote_service.shop.reservations.operations.reservation_meters import ReservationMeters
from quote_service.steering.analytics.loops.folds import run_folds
from quote_service.steering.analytics.loops.honoured import run_honoured_check
from quote_service.steering.analytics.loops.sales_counting import run_sales_counting
from quote_service.steering.change_sets.loops.publication_schedule import run_publications
from quote_service.steering.replay.loops.replay_processes import run_replays

_log = structlog.get_logger(__name__)


def start_background_loops(supervisor: Supervisor, parts: Parts) -> None:
    """Start every loop of the background; each further loop is started here.

    A loop with an occasion asks PostgreSQL when `platform/postgres/sql/due_work.sql` has found something for it.
    """
    settings = parts[Settings]
    # A development service has the loops in the process that answers requests, which listens to something else.
    work = parts.find(DueWork) or DueWork()
    packages = parts.find(IntelligencePackages)
    if packages is not None:
        supervisor.start("intelligence_packages", packages.install_when_wanted)
    supervisor.start("due_work", lambda: watch_due_work(settings.database_url, work))

    def pause(topic: str) -> Pause:
        return work.occasion(topic).pause

    factors = SecondFactors(settings.jwt_keys)
    supervisor.start("access_sweep", lambda: sweep_access(parts[Database], settings.login_window_seconds, factors))
    supervisor.start("price_schedule", partial(run_price_schedule, parts[Database], pause=pause("price_schedule")))
    supervisor.start("campaigns", partial(run_campaigns, parts[Database], pause=pause("campaigns")))
    needs_approval = settings.change_set_approval == "on"
    supervisor.start(
        "change_sets",
        partial(run_publications, parts[Database], needs_approval=needs_approval, pause=pause("change_sets")),
    )
    supervisor.start(
        "reservation_sweep",
        partial(sweep_reservations, parts[Database], parts[ReservationMeters], pause=pause("reservation_sweep")),
    )
    supervisor.start("product_imports", partial(run_imports, parts[Database], pause=pause("product_imports")))
    supervisor.start(
        "sales_counting",
        partial(run_sales_counting, parts[Database], settings.time_zone, pause=pause("sales_counting")),
    )
    supervisor.start(
        "honoured_prices", partial(run_honoured_check, parts[Database], decode_basket, pause=pause("honoured_prices"))
    )
    supervisor.start("analytics_folds", lambda: run_folds(parts[Database], settings))
    supervisor.start(
        "experiments", partial(decide_on_experiments, parts[Database], parts[Registry], pause=pause("experiments"))
    )
    supervisor.start("experiments_noted", lambda: note_over_time(parts[Database]))
    supervisor.start(
        "experiments_forgotten", lambda: forget_experiments(parts[Database], settings.experiment_keep_days)
    )
    if settings.replay_processes:
        supervisor.start("replays", partial(run_replays, parts[Database], settings, pause=pause("replays")))
    if settings.analysis_seconds:
        supervisor.start("market_analysis", lambda: run_market_analysis(parts[Database], settings, packages=packages))
    supervisor.start(
        "webhooks", partial(run_sender, parts[Database], settings, parts[Registry], pause=pause("webhooks"))
    )
    supervisor.start("webhook_sweep", lambda: run_sweep(parts[Database], settings))
    if settings.watch == "on":
        supervisor.start(
            "competitors",
            partial(run_watcher, parts[Database], settings, parts[Registry], packages, pause=pause("competitors")),
        )
    supervisor.start(
        "event_relay", partial(run_relay, parts[Database], settings, parts[Registry], pause=pause("event_relay"))
    )
    supervisor.start("event_upkeep", partial(run_upkeep, parts[Database], settings, parts[Registry], work))
    counting = window_groups(settings)
    groups = {group.name: group for group in (behaviour_group(settings), *counting)}
    supervisor.start(
        "event_retries", partial(run_retries, parts[Database], parts[Registry], groups, pause=pause("event_retries"))
    )
    replays = work.occasion("event_replays")
    supervisor.start("behaviour", partial(run_counting, parts[Database], settings, parts[Registry], replays))
    for group in counting:
        supervisor.start(
            group.name,
            partial(run_consumer, parts[Database], settings, parts[Registry], group, work.occasion("event_replays")),
        )
    if settings.market_window_seconds and settings.analytics_engine == "spark":
        supervisor.start("market_stream", lambda: run_market_stream(parts[Database], settings))
    supervisor.start("market_window_sweep", lambda: run_window_sweep(parts[Database], settings))
    supervisor.start("behaviour_sweep", lambda: run_behaviour_sweep(parts[Database], settings))
    supervisor.start(
        "competitor_listings", partial(run_matcher, parts[Database], packages, pause=pause("competitor_listings"))
    )
    supervisor.start("competitor_sweep", lambda: sweep_competitors(parts[Database], settings))
    supervisor.start("signals", partial(run_news, parts[Database], pause=pause("signals")))
    supervisor.start("signal_sources", lambda: run_sources(parts[Database]))
    supervisor.start("signal_sales", lambda: run_sales(parts[Database]))
    supervisor.start("signal_sweep", lambda: sweep_signals(parts[Database], settings))
    if settings.price_decision_seconds:
        supervisor.start("price_decisions", lambda: run_decider(parts[Database], settings, parts[Registry]))
    if settings.price_learn_seconds:
        supervisor.start("price_learning", lambda: run_learning(parts[Database], settings, packages=packages))
    supervisor.start(
        "price_experiments",
        partial(run_price_experiments, parts[Database], terms_of(settings), pause=pause("price_experiments")),
    )
    supervisor.start(
        "flash_sale_maintenance",
        partial(maintain_flash_sales, parts[FlashSaleRuntime], pause=pause("flash_sale_maintenance")),
    )
    supervisor.start(
        "flash_sale_recorder",
        lambda: run_recorder(parts[FlashSaleRuntime], settings.stock_redis_url or settings.redis_url),
    )


def run_background(settings: Settings) -> None:
    """Run the loops until SIGTERM or SIGINT.

    Raises:
        CannotListen: The port for its figures is taken.
    """
    arm_in_development(is_development=settings.development)
    listening = bind_figures(settings.metrics_host, settings.worker_metrics_port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, listening))


async def _run(settings: Settings, listening: socket.socket | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    async with open_background(settings) as parts:
        supervisor = Supervisor()
        parts[HealthChecks].supervisors.append(supervisor)
        start_background_loops(supervisor, parts)
        _log.info("background_started", loops=sorted(supervisor.running()))
        try:
            async with figures_served(parts, listening):
                await stopped.wait()
        finally:
            await supervisor.stop()
