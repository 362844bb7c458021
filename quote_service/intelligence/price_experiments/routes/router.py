"""Every route of price experiments, under its path."""

from litestar import Router

from quote_service.intelligence.price_experiments.routes.examples import EXAMPLES
from quote_service.intelligence.price_experiments.routes.experiments import (
    create_price_experiment,
    discard_price_experiment,
    list_price_experiments,
    replace_price_experiment,
    report_price_experiment,
    show_price_experiment,
    start_price_experiment,
    stop_price_experiment,
)
from quote_service.intelligence.price_experiments.routes.performance import show_price_performance

PRICE_EXPERIMENTS = (
    Router(
        "/api/v1/price-experiments",
        route_handlers=[
            create_price_experiment,
            list_price_experiments,
            show_price_experiment,
            replace_price_experiment,
            discard_price_experiment,
            start_price_experiment,
            stop_price_experiment,
            report_price_experiment,
        ],
        opt={"examples": EXAMPLES},
    ),
    Router("/api/v1/price-performance", route_handlers=[show_price_performance], opt={"examples": EXAMPLES}),
)
