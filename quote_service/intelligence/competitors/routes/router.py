"""Every route of competitors, under its path."""

from litestar import Router

from quote_service.intelligence.competitors.operations.competitors import COMPETITORS as _COMPETITORS
from quote_service.intelligence.competitors.routes.examples import EXAMPLES
from quote_service.intelligence.competitors.routes.fetches import fetch_source_now, list_fetches, upload_feed
from quote_service.intelligence.competitors.routes.listings import (
    list_listings,
    list_observations,
    match_listing,
    reject_listing,
    show_listing,
    unmatch_listing,
)
from quote_service.intelligence.competitors.routes.observations import compare_prices, push_observations
from quote_service.intelligence.competitors.routes.skus import list_skus, write_sku_map
from quote_service.intelligence.competitors.routes.sources import (
    add_source,
    edit_source,
    list_sources,
    remove_source,
    show_source,
)
from quote_service.platform.http.declared.router import router_of

COMPETITORS = (
    router_of(_COMPETITORS, list_skus, write_sku_map),
    Router(
        "/api/v1/sources",
        route_handlers=[
            add_source,
            list_sources,
            show_source,
            edit_source,
            remove_source,
            fetch_source_now,
            list_fetches,
            upload_feed,
        ],
        opt={"examples": EXAMPLES},
    ),
    Router(
        "/api/v1/listings",
        route_handlers=[
            list_listings,
            show_listing,
            match_listing,
            unmatch_listing,
            reject_listing,
            list_observations,
        ],
        opt={"examples": EXAMPLES},
    ),
    Router("/api/v1/observations", route_handlers=[push_observations], opt={"examples": EXAMPLES}),
    Router("/api/v1/competitor-prices", route_handlers=[compare_prices]),
)
