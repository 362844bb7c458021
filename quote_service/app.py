"""The application: every route, one hook in front of them, problems for every error.

Source: docs/spec/wire.md; docs/spec/access.md#headers.
"""

import asyncio
from typing import cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from quote_service.admission import admit_request
from quote_service.identity.health.health import private_health
from quote_service.identity.health.metrics import private_metrics
from quote_service.platform.callers.access import PUBLIC
from quote_service.platform.http.cross_origin import CrossOrigin, CrossOriginAnswers
from quote_service.platform.http.edge import Application, Edge
from quote_service.platform.http.head import HeadAnswers
from quote_service.platform.http.options import ServerOptions
from quote_service.platform.http.problems import PROBLEM_HANDLERS, problem_handlers
from quote_service.platform.http.protocol.bounded_protocol import bounded_protocol
from quote_service.platform.http.request_bodies import SMALL_BODY_BYTES_MAX
from quote_service.platform.settings import Settings
from quote_service.platform.system.packages import IntelligencePackages
from quote_service.platform.system.parts import Parts
from quote_service.positions import PositionAnswers
from quote_service.rulebook.ofrep.routes import failures as ofrep


def create_app(parts: Parts) -> Litestar:
    """The application over the parts of an open process."""
    from quote_service.routes import ROUTERS

    app = Litestar(
        route_handlers=list(ROUTERS),
        before_request=admit_request,
        exception_handlers=problem_handlers({ofrep.PREFIX: ofrep.refuse_as_ofrep}),
        state=State({"parts": parts}),
        request_max_body_size=parts[Settings].body_limit_bytes,
        # Each of these has a way of its own here: docs.py, problems.py, platform/telemetry/logs.py.
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("is_import"):
                handler.request_max_body_size = parts[Settings].import_body_limit_bytes
            elif handler.opt.get("access") == PUBLIC:
                handler.request_max_body_size = min(SMALL_BODY_BYTES_MAX, parts[Settings].body_limit_bytes)
    return app


def create_figures_asgi(parts: Parts) -> Application:
    """What the port for figures answers: health with its details, and figures, to whoever reaches that port."""
    app = Litestar(
        route_handlers=[private_health, private_metrics],
        exception_handlers=PROBLEM_HANDLERS,
        state=State({"parts": parts}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    return Edge(ServerOptions(HeadAnswers(cast("Application", app))), parts)


def create_asgi(parts: Parts) -> Application:
    """What a server runs: the application behind its outermost layer."""
    # Every route and page, which take as long to import as all the rest: by the process that answers, and no other.
    from quote_service.first_use import FirstUse
    from quote_service.selling.flash_sales.routes.purchase_fast_path import PurchaseFastPath
    from quote_service.web.routes.pages import WithPages

    settings = parts[Settings]
    app = cast("Application", create_app(parts))
    if settings.fast_path == "on":
        app = PurchaseFastPath(app, parts)
    app = WithPages(PositionAnswers(app, parts), parts)
    packages = parts.find(IntelligencePackages)
    if packages is not None and packages.missing:
        app = FirstUse(app, packages)
    app = ServerOptions(HeadAnswers(app))
    if settings.cors_origins:
        app = CrossOriginAnswers(app, CrossOrigin(settings.cors_origins))
    return Edge(app, parts)


def http_protocol(parts: Parts) -> type[asyncio.Protocol]:
    """How the server speaks HTTP: with the quote's fast path or, where that is off, without."""
    from quote_service.quotes.routes.hot_path import hot_protocol

    settings = parts[Settings]
    return hot_protocol(parts) if settings.fast_path == "on" else bounded_protocol(settings.arrival_seconds)
