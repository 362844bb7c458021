"""Health, for load balancers and for those who run the service.

Details (dependencies, latencies, versions) are told on the port of figures, and here to admins: where a request comes from
decides nothing, since behind a proxy on the same machine all the world is local.

Source: docs/spec/operations.md#health; docs/spec/access.md#metrics-and-health-details.
"""

from typing import Literal

import msgspec
from litestar import MediaType, Response, Router

from quote_service.identity.health.readiness import Readiness, Status, assess, without_details
from quote_service.identity.operations.credentials import Credentials, caller_of_headers
from quote_service.platform.callers.access import ADMINS, PUBLIC
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError


class Liveness(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["alive"] = "alive"
    """Always `alive`."""


@get(
    "/live",
    access=PUBLIC,
    form="document",
    answer=Liveness,
    example=Liveness(),
)
async def show_liveness() -> Response[bytes]:
    """Check that the process is alive.

    Restart the process when this fails.
    """
    return Response(write_document(Liveness()), media_type=MediaType.JSON)


@get(
    "/ready",
    access=PUBLIC,
    form="document",
    answer=Readiness,
    example=Readiness("ready"),
)
async def show_readiness(request: AnyRequest) -> Response[bytes]:
    """Check that the process is ready for traffic.

    Status 503 means not ready: draining, or no pricing rules loaded yet. `degraded` is a 200: a dependency
    cannot be reached, but quotes are still answered. Admins also get the details: dependencies, latencies, the rulebook.
    """
    readiness = await assess(parts_of(request))
    return _answer(readiness if _is_admin(request) else without_details(readiness), readiness.status)


@get("/ready", access=PUBLIC)
async def show_details(request: AnyRequest) -> Response[bytes]:
    """The same with every detail, on the port of figures."""
    readiness = await assess(parts_of(request))
    return _answer(readiness, readiness.status)


def _answer(document: Readiness, status: Status) -> Response[bytes]:
    return Response(
        write_document(document),
        status_code=503 if status == "not_ready" else 200,
        media_type=MediaType.JSON,
        headers={"Retry-After": "1"} if status == "not_ready" else {},
    )


def _is_admin(request: AnyRequest) -> bool:
    try:
        caller = caller_of_headers(request.scope["headers"], parts_of(request)[Credentials], now_us())
    except QuoteServiceError:  # the route is public: who cannot be known is told what everybody is
        return False
    return caller is not None and ADMINS.allows(caller)


health = Router("/health", route_handlers=[show_liveness, show_readiness])
private_health = Router("/health", route_handlers=[show_liveness, show_details])
