"""Every route of price decisions, under its path."""

from litestar import Router

from quote_service.intelligence.price_decisions.routes.decisions import (
    accept_one,
    decide_manually,
    list_decisions,
    reject_one,
    roll_back_prices,
    show_decision,
)
from quote_service.intelligence.price_decisions.routes.examples import EXAMPLES
from quote_service.intelligence.price_decisions.routes.models import list_model_products, list_models, show_model
from quote_service.intelligence.price_decisions.routes.policies import (
    add_policy,
    delete_policy,
    edit_policy,
    import_many,
    list_policies,
    show_policy,
)
from quote_service.intelligence.price_decisions.routes.what_if import list_runs, what_if

PRICE_DECISIONS = (
    Router(
        "/api/v1/price-policies",
        route_handlers=[add_policy, list_policies, show_policy, edit_policy, delete_policy, import_many],
        opt={"examples": EXAMPLES},
    ),
    Router(
        "/api/v1/decisions",
        route_handlers=[
            decide_manually,
            list_decisions,
            show_decision,
            accept_one,
            reject_one,
            roll_back_prices,
            what_if,
            list_runs,
        ],
        opt={"examples": EXAMPLES},
    ),
    Router(
        "/api/v1/price-models",
        route_handlers=[list_models, show_model, list_model_products],
        opt={"examples": EXAMPLES},
    ),
)
