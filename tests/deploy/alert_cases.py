"""What each alert of deploy/alerts.yml fires at, and what it does not: series in promtool's notation, a value a step, which is a minute or half an hour.

`+` is a series that rises; `_` is a scrape that found nothing.
"""

from __future__ import annotations

from typing import NamedTuple

Series = dict[str, str]
_QUOTE, _ORDERS = "/api/v1/quote", "/api/v1/orders"
_ACCEPT = "/api/v1/quotes/{quote_id}/accept"
_PURCHASE = "/api/v1/flash-sales/{sale_id}/purchases"


class Case(NamedTuple):
    """Series at which an alert fires and does not, after so many steps, and the labels that it then has beside its own."""

    fires: Series
    rests: Series
    labels: tuple[dict[str, str], ...] = ({},)
    steps: int = 30
    step_minutes: int = 1


def _failed(route: str, bad: float, good: float, steps: int) -> Series:
    name = f'quote_http_duration_seconds_count{{method="POST",route="{route}",status='
    return {f'{name}"503"}}': f"0+{bad}x{steps}", f'{name}"200"}}': f"0+{good}x{steps}"}


def _slow(route: str, le: str, within: float, all_of_them: float, steps: int) -> Series:
    labels = f'method="POST",route="{route}",status="200"'
    return {
        f'quote_http_duration_seconds_bucket{{{labels},le="{le}"}}': f"0+{within}x{steps}",
        f"quote_http_duration_seconds_count{{{labels}}}": f"0+{all_of_them}x{steps}",
    }


def _rises(series: str, *, by: int = 1) -> Case:
    return Case({series: f"0+{by}x30"}, {series: "7x30"})


def _above(series: str, high: float, low: float, labels: dict[str, str] | None = None) -> Case:
    return Case({series: f"{high}x30"}, {series: f"{low}x30"}, (labels or {},))


def _all_of(*cases: Case) -> Case:
    fires: Series = {}
    rests: Series = {}
    for case in cases:
        fires, rests = {**fires, **case.fires}, {**rests, **case.rests}
    return Case(
        fires, rests, tuple(label for case in cases for label in case.labels), cases[0].steps, cases[0].step_minutes
    )


def _burns(case_of: dict[str, tuple[Series, Series]], steps: int, step_minutes: int = 1) -> Case:
    return _all_of(
        *(Case(fires, rests, ({"route": route},), steps, step_minutes) for route, (fires, rests) in case_of.items())
    )


_ROUTES = (_QUOTE, _ACCEPT, _ORDERS, _PURCHASE)
_BOUNDS = {_QUOTE: "0.1", _ACCEPT: "0.5", _ORDERS: "1.0", _PURCHASE: "0.25"}
_HALF_HOURS = 3 * 48
_HOUR = 90

CASES: dict[str, Case] = {
    # 2 % of requests fail where 1.44 % is too fast; 1 % does not.
    "FailuresBurnFast": _burns(
        {route: (_failed(route, 2, 98, _HOUR), _failed(route, 1, 199, _HOUR)) for route in _ROUTES}, _HOUR
    ),
    # 0.2 %, twice what the objective allows, for days; 0.05 % is what it allows.
    "FailuresBurn": _burns(
        {route: (_failed(route, 2, 998, _HALF_HOURS), _failed(route, 1, 1999, _HALF_HOURS)) for route in _ROUTES},
        _HALF_HOURS,
        30,
    ),
    "SlownessBurnsFast": _burns(
        {
            route: (_slow(route, bound, 80, 100, _HOUR), _slow(route, bound, 95, 100, _HOUR))
            for route, bound in _BOUNDS.items()
        },
        _HOUR,
    ),
    "SlownessBurns": _burns(
        {
            route: (_slow(route, bound, 98, 100, _HALF_HOURS), _slow(route, bound, 99.5, 100, _HALF_HOURS))
            for route, bound in _BOUNDS.items()
        },
        _HALF_HOURS,
        30,
    ),
    # Every process is down: nothing answers, so there is no series at all.
    "ServiceIsDown": Case(
        {'quote_process_info{role="serve",instance="a"}': "1x5 _x25", 'quote_process_info{role="worker"}': "1x30"},
        {'quote_process_info{role="serve",instance="a"}': "1x30", 'quote_process_info{role="worker"}': "1x30"},
        ({"role": "serve"},),
    ),
    "WorkerIsDown": Case(
        {'quote_process_info{role="serve"}': "1x30", 'quote_process_info{role="worker"}': "1x5 _x25"},
        {'quote_process_info{role="serve"}': "1x30", 'quote_process_info{role="worker"}': "1x30"},
        ({"role": "worker"},),
    ),
    "ProcessIsDown": _above(
        'up{job="quote-service",instance="quote:9464"}', 0, 1, {"job": "quote-service", "instance": "quote:9464"}
    ),
    "LoopsFail": _above('quote_loops_failing{instance="w:9464",worker="0"}', 1, 0, {"instance": "w:9464"}),
    # Three seconds of each minute; one second of each is a burst.
    "EventLoopHeld": Case(
        {'quote_event_loop_held_seconds_total{instance="quote:9464",worker="0"}': "0+3x30"},
        {'quote_event_loop_held_seconds_total{instance="quote:9464",worker="0"}': "0+1x30"},
        ({"instance": "quote:9464"},),
    ),
    "RequestsFail": Case(
        {
            'quote_http_duration_seconds_count{method="GET",route="/admin/{subject}",status="500"}': "0+10x60",
            'quote_http_duration_seconds_count{method="GET",route="/admin/{subject}",status="200"}': "0+90x60",
        },
        {
            'quote_http_duration_seconds_count{method="GET",route="/admin/{subject}",status="404"}': "0+10x60",
            'quote_http_duration_seconds_count{method="GET",route="/admin/{subject}",status="200"}': "0+90x60",
        },
        ({"method": "GET", "route": "/admin/{subject}"},),
        60,
    ),
    "BacklogGrowsOld": _all_of(
        *(
            _above(f'quote_backlog_seconds{{queue="{queue}"}}', high, low, {"queue": queue})
            for queue, high, low in (
                ("imports", 2000, 600),
                ("price_changes", 90, 5),
                ("replays", 2000, 600),
                ("reservations", 90, 5),
            )
        )
    ),
    "WebhookBacklog": _above('quote_webhook_deliveries{state="pending"}', 12_000, 900),
    "EventBacklog": _above("quote_event_outbox", 60_000, 900),
    "QuotesAreRefusedForLoad": _all_of(
        _rises("quote_overloaded_total"),
        Case({"quote_wait_expired_total": "0x30"}, {"quote_wait_expired_total": "0x30"}, ()),
    ),
    "RulebookIsOld": _above('quote_rulebook_checked_seconds{worker="0"}', 90, 2),
    "QuotesAreNotShared": _above('quote_redis_breaker_open{worker="0"}', 1, 0),
    "StockIsLow": _above('quote_inventory_items{level="low"}', 3, 0),
    "CampaignsWait": _above("quote_campaign_overdue_seconds", 200, 3),
    "ChangeSetsWait": _above("quote_change_set_overdue_seconds", 90, 3),
    "CommissionMismatches": _rises("quote_commission_mismatches_total"),
    "SalesAreNotCounted": _above('quote_analytics_age_seconds{source="orders"}', 400, 5),
    "QuoteCountsLost": _rises("quote_counts_lost_total"),
    "WebhooksWait": _above("quote_webhook_overdue_seconds", 90, 2),
    "WebhooksParked": Case(
        {'quote_webhook_attempts_total{outcome="parked"}': "0+1x30"},
        {
            'quote_webhook_attempts_total{outcome="parked"}': "7x30",
            'quote_webhook_attempts_total{outcome="failed"}': "0+1x30",
        },
        ({"outcome": "parked"},),
    ),
    "WebhookEndpointDisabled": _above('quote_webhook_endpoints_disabled{reason="gone"}', 1, 0, {"reason": "gone"}),
    "CompetitorSourcesStale": _above("quote_competitor_sources_stale", 1, 0),
    "MarketNotAnalysed": _above("quote_market_analysis_age_seconds", 200_000, 5000),
    "SignalsNotLookedFor": _above("quote_signal_lag_seconds", 90, 2),
    "PriceBreakerOpen": _rises("quote_price_breakers_total"),
    "EventsNotPublished": _above("quote_event_outbox_seconds", 90, 1),
    "EventsNotHandled": _above('quote_event_lag_seconds{group="g",topic="t"}', 400, 3, {"group": "g"}),
    "EventsGivenUp": _rises("quote_event_outbox_dropped_total"),
    "EventDeadLetters": Case(
        {'quote_event_dead_letters{group="g",state="dead"}': "2x30"},
        {'quote_event_dead_letters{group="g",state="retrying"}': "2x30"},
        ({"group": "g"},),
    ),
    "FlashSaleLateRefusals": _rises("quote_flash_sale_rejected_total"),
    "FlashSaleDeadLetters": _rises("quote_flash_sale_dead_letters_total"),
    "FlashSaleRecordingLags": _above("quote_stream_lag_seconds", 45, 1),
    "FlashSaleItemRebuilt": Case(
        {'quote_flash_sale_recoveries_total{reason="lost"}': "0+1x30"},
        {'quote_flash_sale_recoveries_total{reason="not_loaded"}': "0+1x30"},
        ({"reason": "lost"},),
    ),
    "FlashSaleStockUnreachable": _above('quote_stock_breaker_open{worker="0"}', 1, 0),
    "FlagRolledBack": _rises("quote_flags_rolled_back_total"),
    "ExperimentsLoseFigures": _rises("quote_experiment_dropped_total"),
}
