"""The pages as one application beside the API.

Source: docs/spec/web.md.
"""

from collections.abc import MutableMapping
from typing import Any, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from quote_service.platform.http.edge import Application, Receive, Send
from quote_service.platform.http.request_bodies import SMALL_BODY_BYTES_MAX
from quote_service.platform.settings import Settings
from quote_service.platform.system.parts import Parts
from quote_service.web.rendering.assets import read_assets
from quote_service.web.rendering.templates import Templates
from quote_service.web.routes.account.account import ACCOUNT
from quote_service.web.routes.analytics.figures import export_figures, show_figures
from quote_service.web.routes.api_reference import show_api_reference
from quote_service.web.routes.assets import ASSETS, show_asset
from quote_service.web.routes.change_sets.trial import replay_set, show_trial
from quote_service.web.routes.decisions.routes import DECISION_PAGES
from quote_service.web.routes.event_bus.event_bus import retry_all, show_event_bus
from quote_service.web.routes.failures import FAILURES
from quote_service.web.routes.flags.experiment import show_experiment
from quote_service.web.routes.flags.rollout import change_rollout, preview_rollout, show_rollout
from quote_service.web.routes.flash_sales.live import show_live_sale, stream_live_sale
from quote_service.web.routes.gate import API, admit_to_page
from quote_service.web.routes.imports.imports import export_rows, show_import, show_outcome, take_import
from quote_service.web.routes.market.routes import MARKET
from quote_service.web.routes.overview import show_overview, stream_overview
from quote_service.web.routes.playground.playground import PLAYGROUND
from quote_service.web.routes.pricing.findings import show_check, show_findings
from quote_service.web.routes.pricing.last_week import replay_draft, show_last_week
from quote_service.web.routes.pricing.timeline import show_timeline
from quote_service.web.routes.pricing.trying import check_draft, try_draft
from quote_service.web.routes.selling.statement import export_statement, show_statement
from quote_service.web.routes.signals.routes import SIGNAL_PAGES
from quote_service.web.routes.signing_in.new_password import show_new_password, take_new_password
from quote_service.web.routes.signing_in.provider import come_back, go_to_provider, link_own_identity
from quote_service.web.routes.signing_in.second_step import sign_in_with_code, sign_in_with_new_factor
from quote_service.web.routes.signing_in.sign_in import end_page_session, go_home, show_sign_in, start_page_session
from quote_service.web.routes.store.routes import STORE
from quote_service.web.routes.streams import STREAMS, page_places
from quote_service.web.routes.style import show_style
from quote_service.web.routes.subjects.actions import do_to_object, show_action
from quote_service.web.routes.subjects.choices import (
    show_category_choices,
    show_competitor_choices,
    show_product_choices,
    show_seller_choices,
)
from quote_service.web.routes.subjects.forms import change_object, create_object, show_edit, show_new
from quote_service.web.routes.subjects.lists import export_list, show_list
from quote_service.web.routes.subjects.objects import show_object
from quote_service.web.routes.subjects.shapes import show_shape

PAGES: tuple[ControllerRouterHandler, ...] = (
    show_asset,
    show_api_reference,
    show_sign_in,
    start_page_session,
    end_page_session,
    go_home,
    sign_in_with_code,
    sign_in_with_new_factor,
    show_new_password,
    take_new_password,
    go_to_provider,
    come_back,
    link_own_identity,
    *ACCOUNT,
    show_overview,
    stream_overview,
    *PLAYGROUND,
    *STORE,
    *MARKET,
    *SIGNAL_PAGES,
    *DECISION_PAGES,
    show_event_bus,
    retry_all,
    show_style,
    show_figures,
    export_figures,
    show_shape,
    show_product_choices,
    show_competitor_choices,
    show_category_choices,
    show_seller_choices,
    show_rollout,
    change_rollout,
    preview_rollout,
    show_experiment,
    show_live_sale,
    stream_live_sale,
    try_draft,
    check_draft,
    replay_draft,
    show_last_week,
    show_timeline,
    show_check,
    show_findings,
    show_import,
    take_import,
    show_outcome,
    export_rows,
    show_trial,
    replay_set,
    show_statement,
    export_statement,
    show_list,
    export_list,
    show_object,
    show_action,
    do_to_object,
    show_new,
    create_object,
    show_edit,
    change_object,
)
_FIRST_PARTS = frozenset({"admin", "store", "account", "assets", "sign-in", "sign-out", "reset-password"})
# Whole paths: what stands below them is the API's.
_PATHS = frozenset({"/docs", "/docs/"})


class WithPages:
    """Wraps the API; what stands below the paths of pages is a page."""

    __slots__ = ("_api", "_pages")

    def __init__(self, api: Application, parts: Parts) -> None:
        self._api = api
        self._pages = _create_pages(api, parts)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        path = scope["path"]
        is_page = scope["type"] == "http" and (
            path in _PATHS or path.partition("/")[2].partition("/")[0] in _FIRST_PARTS
        )
        await (self._pages if is_page else self._api)(scope, receive, send)


def _create_pages(api: Application, parts: Parts) -> Application:
    assets, places = read_assets(), page_places(parts[Settings])
    pages = Litestar(
        route_handlers=list(PAGES),
        before_request=admit_to_page,
        exception_handlers=FAILURES,
        state=State({"parts": parts, "templates": Templates(assets), ASSETS: assets, API: api, STREAMS: places}),
        request_max_body_size=parts[Settings].body_limit_bytes,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    for route in pages.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("is_import"):
                handler.request_max_body_size = parts[Settings].import_body_limit_bytes
            elif (access := handler.opt.get("page")) is not None and access.takes_little:
                handler.request_max_body_size = min(SMALL_BODY_BYTES_MAX, parts[Settings].body_limit_bytes)
    return cast("Application", pages)
