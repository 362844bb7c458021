"""The application: every route, one hook in front of them, problems for every error.

Source: spec 1, spec 8.
"""

import asyncio
from typing import Literal, cast

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from quote_service.api.admission import admit_request
from quote_service.api.edge import Application, Edge
from quote_service.api.flash_sales.purchase_door import PurchaseDoor
from quote_service.api.head import HeadAnswers
from quote_service.api.health import health
from quote_service.api.hot_path import hot_protocol
from quote_service.api.metrics import metrics
from quote_service.api.problems import PROBLEM_HANDLERS
from quote_service.api.routes import ROUTERS
from quote_service.api.runtime import Runtime

_EXPOSED_HEADERS = [
    "ETag",
    "Location",
    "X-Request-ID",
    "Idempotent-Replayed",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
]


def create_app(runtime: Runtime) -> Litestar:
    """The application over an open runtime."""
    origins = runtime.settings.cors_origins
    app = Litestar(
        route_handlers=list(ROUTERS),
        before_request=admit_request,
        exception_handlers=PROBLEM_HANDLERS,
        state=State({"runtime": runtime}),
        request_max_body_size=runtime.settings.body_limit_bytes,
        cors_config=CORSConfig(allow_origins=list(origins), expose_headers=_EXPOSED_HEADERS) if origins else None,
        # Each of these has a way of its own here: docs.py, problems.py, telemetry/logs.py.
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("is_import"):
                handler.request_max_body_size = runtime.settings.import_body_limit_bytes
    return app


def create_background_asgi(runtime: Runtime) -> Application:
    """What a process without requests of its own answers: its health and its figures."""
    app = Litestar(
        route_handlers=[health, metrics],
        exception_handlers=PROBLEM_HANDLERS,
        state=State({"runtime": runtime}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    return Edge(HeadAnswers(cast("Application", app)), runtime)


def create_asgi(runtime: Runtime) -> Application:
    """What a server runs: the application behind its outermost layer."""
    app = cast("Application", create_app(runtime))
    # The door's answers carry no CORS headers; browsers are served by the ordinary way.
    return Edge(HeadAnswers(app if runtime.settings.cors_origins else PurchaseDoor(app, runtime)), runtime)


def http_protocol(runtime: Runtime) -> type[asyncio.Protocol] | Literal["httptools"]:
    """How the server speaks HTTP: the protocol class made for this runtime, or one of uvicorn's by name."""
    # Answers of the hot path carry no CORS headers; browsers are served by the ordinary way.
    return "httptools" if runtime.settings.cors_origins else hot_protocol(runtime)
