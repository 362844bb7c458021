"""What a process tells of itself: the figures of its parts under their names, and the same for people in its health.

Source: docs/spec/operations.md#health; docs/spec/operations.md#telemetry.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from quote_service.identity.health.readiness import HealthChecks
from quote_service.intelligence.competitors.operations.measure_competitors import (
    measure_listings,
    measure_sources,
    measure_stale,
)
from quote_service.intelligence.market_analysis.operations.measure_analysis import (
    measure_age,
    measure_window_age,
    measure_window_events,
)
from quote_service.intelligence.market_analysis.operations.read_windows import engine_of_windows
from quote_service.intelligence.price_decisions.operations.measure_decisions import measure_model, measure_run
from quote_service.intelligence.price_decisions.operations.measure_decisions import (
    measure_waiting as measure_waiting_decisions,
)
from quote_service.intelligence.signals.operations.measure_signals import measure_open, measure_unseen
from quote_service.platform.event_bus.operations.measure_bus import EVENT_FIGURES
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.parts import Parts
from quote_service.platform.telemetry.process_figures import register_process_figures
from quote_service.platform.telemetry.registry import MICRO, Registry
from quote_service.platform.webhooks.operations.measure_webhooks import measure_deliveries, measure_disabled
from quote_service.platform.webhooks.operations.measure_webhooks import measure_overdue as measure_waiting
from quote_service.pricing.flags.evaluation_figures import FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.tables.share_quotes import QuoteSharer
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.upkeep.measure_items import (
    measure_lag,
    measure_lag_seconds,
    measure_stock,
)
from quote_service.serving.lifespan.backlogs import measure_backlogs
from quote_service.shop.campaigns.operations.measure_campaigns import measure_campaigns, measure_overdue
from quote_service.shop.inventory.operations.measure_stock import measure_levels
from quote_service.shop.reservations.operations.find_reservation import measure_held
from quote_service.steering.analytics.operations.measure_sales import SALES_FIGURES
from quote_service.steering.change_sets.operations.measure_change_sets import measure_overdue as measure_change_sets

_FIGURES_OF_ROWS: Final = (
    ("quote_inventory_items", "Products and variants whose stock is low, or high", measure_levels),
    ("quote_campaigns", "Campaigns that are scheduled, or active", measure_campaigns),
    (
        "quote_campaign_overdue_seconds",
        "How long the campaign that is due first has waited for a background process",
        measure_overdue,
    ),
    (
        "quote_change_set_overdue_seconds",
        "How long the change set that is due first has waited for a background process",
        measure_change_sets,
    ),
    ("quote_webhook_deliveries", "Webhooks that wait, or are parked", measure_deliveries),
    (
        "quote_webhook_overdue_seconds",
        "How long the webhook that is due first has waited for a background process",
        measure_waiting,
    ),
    ("quote_webhook_endpoints_disabled", "Webhook endpoints that were disabled because they failed", measure_disabled),
    (
        "quote_competitor_sources",
        "Enabled sources of competitors' prices, by how their last fetch ended",
        measure_sources,
    ),
    (
        "quote_competitor_sources_stale",
        "Enabled sources of competitors' prices that have reported nothing for too long",
        measure_stale,
    ),
    ("quote_competitor_listings", "Listings of competitors, by how they are matched", measure_listings),
    (
        "quote_market_analysis_age_seconds",
        "Time since the last analysis of the market that was done began",
        measure_age,
    ),
    ("quote_price_decisions_waiting", "Price decisions that wait for a person", measure_waiting_decisions),
    ("quote_price_run_age_seconds", "Time since the last run of price decisions began", measure_run),
    ("quote_price_model_age_seconds", "Age of the newest model of demand", measure_model),
    ("quote_signals_open", "Open signals, by kind", measure_open),
    (
        "quote_signal_lag_seconds",
        "How long the oldest price or stock level has waited that no background process has looked at",
        measure_unseen,
    ),
    ("quote_reservations_held", "Quotes that are reserved", measure_held),
)


def register_quote_figures(parts: Parts, sharer: QuoteSharer, breaker: Breaker) -> None:
    """Register the figures that the parts of the quote path keep."""
    issuer, limiter, holder = parts[QuoteIssuer], parts[QuoteLimiter], parts[RulebookHolder]
    counter, gauge = parts[Registry].register_counter, parts[Registry].register_gauge
    gauge("quote_capacity_in_use", "Quotes that hold a permit", lambda: limiter.in_use)
    gauge("quote_capacity_waiting", "Quotes that wait for a permit", lambda: limiter.waiting)
    gauge("quote_capacity_left", "Quotes that could still be taken in", lambda: limiter.capacity_left)
    counter("quote_overloaded_total", "Quotes refused because too many waited", lambda: limiter.refused)
    counter(
        "quote_wait_expired_total",
        "Quotes that waited for a permit until their time was over",
        lambda: limiter.expired,
    )
    counter("quote_priced_total", "Quotes worked out", lambda: issuer.priced)
    counter("quote_joined_total", "Quotes that joined the same one under way (single flight)", lambda: issuer.joined)
    counter(FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING, lambda: issuer.flags_evaluated, {"source": "quote"})
    exposed = "Exposures of customers to experiments that were noted"
    counter("quote_experiment_exposures_total", exposed, lambda: issuer.exposures.exposed)
    dropped = "Exposures and outcomes of experiments that found no room while PostgreSQL was unavailable"
    counter("quote_experiment_dropped_total", dropped, lambda: issuer.exposures.dropped)
    gauge("quote_local_cache_entries", "Answers kept in the worker", lambda: len(issuer.quotes))
    gauge("quote_local_cache_bytes", "Bytes of answers kept in the worker", lambda: issuer.quotes.size_bytes)
    counter("quote_redis_shared_total", "Quotes kept in Redis", lambda: sharer.shared)
    counter("quote_redis_found_total", "Quotes that Redis had from another worker", lambda: sharer.found)
    counter("quote_redis_unshared_total", "Quotes that Redis could not be given", lambda: sharer.unshared)
    gauge("quote_redis_breaker_open", "1 while Redis is not waited for", lambda: breaker.is_open)
    counter("quote_redis_failures_total", "Redis commands without an answer", lambda: breaker.failures)
    gauge("quote_rulebook_version", "Version of the rulebook held", lambda: holder.version)
    age = "Time since the rulebook held was loaded"
    gauge("quote_rulebook_age_seconds", age, lambda: _seconds_since(holder.loaded_at_us), divisor=MICRO)
    checked = "Time since the rulebook held was known to be the newest"
    gauge("quote_rulebook_checked_seconds", checked, lambda: _seconds_since(holder.checked_at_us), divisor=MICRO)
    _register_catalog_figures(parts)
    register_background_figures(parts, "serve")


def _register_catalog_figures(parts: Parts) -> None:
    holder, gauge = parts[RulebookHolder], parts[Registry].register_gauge
    gauge("quote_catalog_prices", "Prices of products and variants held", lambda: holder.prices)
    gauge("quote_catalog_customers", "Customers held, those with a tier or segments", lambda: holder.customers)
    gauge("quote_catalog_bytes", "Memory of the prices and customers held, about", lambda: holder.catalog_bytes)
    age = "Time since the catalog held last changed"
    gauge("quote_catalog_age_seconds", age, lambda: _seconds_since(holder.catalog_at_us), divisor=MICRO)


def register_background_figures(parts: Parts, role: str = "worker") -> None:
    """Register the figures that every process has; `role` says which it is."""
    database, gauge = parts[Database], parts[Registry].register_gauge
    waits = "How long the oldest of what a background process is to do has waited, or been due, by queue"
    parts[Registry].register_shared_gauge("quote_backlog_seconds", waits, lambda: measure_backlogs(database))
    gauge("quote_postgres_connections_in_use", "PostgreSQL connections in use", lambda: database.connections_in_use)
    gauge("quote_postgres_connections", "PostgreSQL connections open", lambda: database.connections)
    register_process_figures(parts[Registry], role)


def register_loop_figures(parts: Parts) -> None:
    """Register how the loops of the process fare; those of every supervisor that its health knows of."""
    supervisors, registry = parts[HealthChecks].supervisors, parts[Registry]
    registry.register_counter(
        "quote_loop_failures_total",
        "Times that a loop ended in a mistake and was started again",
        lambda: sum(supervisor.failures for supervisor in supervisors),
    )
    registry.register_gauge(
        "quote_loops_failing",
        "Loops that fail again and again",
        lambda: sum(len(supervisor.failing()) for supervisor in supervisors),
    )


def register_flash_figures(parts: Parts) -> None:
    """Register what is the same whichever worker is asked, from the Redis that holds stock."""
    registry, runtime = parts[Registry], parts[FlashSaleRuntime]
    shared = registry.register_shared_gauge
    shared(
        "quote_flash_sale_stock", "Units left of items on sale, the latest items each", lambda: measure_stock(runtime)
    )
    shared("quote_stream_lag", "Reservations that wait to be recorded", lambda: measure_lag(runtime))
    shared("quote_stream_lag_seconds", "How long the oldest of those has waited", lambda: measure_lag_seconds(runtime))
    away = "1 while the Redis that holds stock is not waited for"
    registry.register_gauge("quote_stock_breaker_open", away, lambda: runtime.gate.is_away)


def register_shared_figures(parts: Parts) -> None:
    """Register what is the same whichever process is asked, from rows of the database."""
    shared, database = parts[Registry].register_shared_gauge, parts[Database]
    for name, meaning, read in (*_FIGURES_OF_ROWS, *EVENT_FIGURES, *SALES_FIGURES):
        shared(name, meaning, partial(read, database))
    engine = engine_of_windows(parts[Settings])
    events = "Events that windows of the market are counted of, by what became of them"
    shared("quote_market_window_events", events, lambda: measure_window_events(database, engine))
    newest = "How long ago the newest event happened that is counted in windows"
    shared("quote_market_window_age_seconds", newest, lambda: measure_window_age(database, engine))


def health_gauges(parts: Parts, breaker: Breaker) -> dict[str, Callable[[], Mapping[str, Any]]]:
    """The details of `/health/ready` beside dependencies and snapshot."""
    issuer, limiter, database = parts[QuoteIssuer], parts[QuoteLimiter], parts[Database]
    holder = parts[RulebookHolder]
    return {
        "quotes": lambda: {
            "capacity_left": limiter.capacity_left,
            "in_use": limiter.in_use,
            "waiting": limiter.waiting,
        },
        "catalog": lambda: {
            "prices": holder.prices,
            "customers": holder.customers,
            "bytes": holder.catalog_bytes,
            "age_seconds": round(_seconds_since(holder.catalog_at_us), 3),
        },
        "cache": lambda: {"entries": len(issuer.quotes), "bytes": issuer.quotes.size_bytes},
        "redis": lambda: {"breaker": "open" if breaker.is_open else "closed", "failures": breaker.failures},
        "postgres": lambda: {"connections": database.connections, "in_use": database.connections_in_use},
    }


def _seconds_since(instant_us: int) -> float:
    """0 where there has been no such instant."""
    return (now_us() - instant_us) / MICRO if instant_us else 0.0
