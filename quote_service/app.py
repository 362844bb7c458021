"""The application: every route, one guard in front of them, problems for every error.

Source: spec 1, spec 8.
"""

from typing import cast

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State

from quote_service.api.access import enforce_access
from quote_service.api.edge import Application, Edge
from quote_service.api.problems import PROBLEM_HANDLERS
from quote_service.api.request_bodies import require_json_body
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
    return Litestar(
        route_handlers=list(ROUTERS),
        guards=[enforce_access, require_json_body],
        exception_handlers=PROBLEM_HANDLERS,
        state=State({"runtime": runtime}),
        request_max_body_size=runtime.settings.body_limit_bytes,
        cors_config=CORSConfig(allow_origins=list(origins), expose_headers=_EXPOSED_HEADERS) if origins else None,
        # Each of these has a way of its own here: docs.py, problems.py, telemetry/logs.py.
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def create_asgi(runtime: Runtime) -> Application:
    """What a server runs: the application behind its outermost layer."""
    return Edge(cast("Application", create_app(runtime)))
