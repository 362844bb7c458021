"""Every route of signals, under its path."""

from litestar import Router

from quote_service.intelligence.signals.routes.examples import EXAMPLES
from quote_service.intelligence.signals.routes.signals import acknowledge_one_signal, list_signals, show_signal
from quote_service.intelligence.signals.routes.stream import stream_signals
from quote_service.intelligence.signals.routes.thresholds import (
    add_threshold,
    edit_threshold,
    list_effective_thresholds,
    list_thresholds,
    remove_one_threshold,
    show_threshold,
)

SIGNALS = (
    Router(
        "/api/v1/signals",
        route_handlers=[list_signals, stream_signals, show_signal, acknowledge_one_signal],
        opt={"examples": EXAMPLES},
    ),
    Router(
        "/api/v1/signal-thresholds",
        route_handlers=[
            add_threshold,
            list_thresholds,
            list_effective_thresholds,
            show_threshold,
            edit_threshold,
            remove_one_threshold,
        ],
        opt={"examples": EXAMPLES},
    ),
)
