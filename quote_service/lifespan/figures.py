"""What a worker tells of itself: the figures of its parts under their names, and the same for people in its health.

Source: spec 9, Health and Telemetry.
"""

from collections.abc import Callable, Mapping
from typing import Any

from quote_service.flows.flash_sales.flash_desk import FlashDesk
from quote_service.flows.flash_sales.measure_items import measure_lag, measure_lag_seconds, measure_stock
from quote_service.flows.issue_quote import QuoteDesk
from quote_service.flows.rulebook_holder import RulebookHolder
from quote_service.flows.turnstile import Turnstile
from quote_service.postgres.pool import Database
from quote_service.redis_store.breaker import Breaker
from quote_service.redis_store.share_quotes import QuoteSharer
from quote_service.system.clock import now_us
from quote_service.telemetry.process_figures import register_process_figures
from quote_service.telemetry.registry import MICRO, Registry

FLAG_EVALUATIONS = "quote_flag_evaluations_total"
FLAG_EVALUATIONS_MEANING = (
    "Feature flags evaluated: those shown in quotes that were priced, and those asked for by others"
)


def register_worker_figures(
    registry: Registry,
    *,
    desk: QuoteDesk,
    turnstile: Turnstile,
    sharer: QuoteSharer,
    breaker: Breaker,
    holder: RulebookHolder,
    database: Database,
) -> None:
    """Register the figures that the parts of the quote path keep."""
    counter, gauge = registry.register_counter, registry.register_gauge
    gauge("quote_capacity_in_use", "Quotes that hold a permit", lambda: turnstile.in_use)
    gauge("quote_capacity_waiting", "Quotes that wait for a permit", lambda: turnstile.waiting)
    gauge("quote_capacity_left", "Quotes that could still be taken in", lambda: turnstile.capacity_left)
    counter("quote_overloaded_total", "Quotes refused because too many waited", lambda: turnstile.refused)
    counter(
        "quote_wait_expired_total",
        "Quotes that waited for a permit until their time was over",
        lambda: turnstile.expired,
    )
    counter("quote_priced_total", "Quotes worked out", lambda: desk.priced)
    counter("quote_joined_total", "Quotes that joined the same one under way (single flight)", lambda: desk.joined)
    counter(FLAG_EVALUATIONS, FLAG_EVALUATIONS_MEANING, lambda: desk.flags_evaluated, {"source": "quote"})
    gauge("quote_local_cache_entries", "Answers kept in the worker", lambda: len(desk.quotes))
    gauge("quote_local_cache_bytes", "Bytes of answers kept in the worker", lambda: desk.quotes.size_bytes)
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
    gauge("quote_postgres_connections_in_use", "PostgreSQL connections in use", lambda: database.connections_in_use)
    gauge("quote_postgres_connections", "PostgreSQL connections open", lambda: database.connections)
    register_process_figures(registry)


def register_flash_figures(registry: Registry, desk: FlashDesk) -> None:
    """Register what is the same whichever worker is asked, from the Redis that holds stock."""
    shared = registry.register_shared_gauge
    shared("quote_flash_sale_stock", "Units left of items on sale, the latest items each", lambda: measure_stock(desk))
    shared("quote_stream_lag", "Reservations that wait to be recorded", lambda: measure_lag(desk))
    shared("quote_stream_lag_seconds", "How long the oldest of those has waited", lambda: measure_lag_seconds(desk))
    away = "1 while the Redis that holds stock is not waited for"
    registry.register_gauge("quote_stock_breaker_open", away, lambda: desk.gate.is_away)


def health_gauges(
    desk: QuoteDesk, turnstile: Turnstile, breaker: Breaker, database: Database
) -> dict[str, Callable[[], Mapping[str, Any]]]:
    """The details of `/health/ready` beside dependencies and snapshot."""
    return {
        "quotes": lambda: {
            "capacity_left": turnstile.capacity_left,
            "in_use": turnstile.in_use,
            "waiting": turnstile.waiting,
        },
        "cache": lambda: {"entries": len(desk.quotes), "bytes": desk.quotes.size_bytes},
        "redis": lambda: {"breaker": "open" if breaker.is_open else "closed", "failures": breaker.failures},
        "postgres": lambda: {"connections": database.connections, "in_use": database.connections_in_use},
    }


def _seconds_since(instant_us: int) -> float:
    """0 where there has been no such instant."""
    return (now_us() - instant_us) / MICRO if instant_us else 0.0
