"""Health, for load balancers and for people on the machine.

Details (dependencies, latencies, versions) are told to callers on the machine itself, and to others only with
QUOTE_HEALTH_DETAILS_PUBLIC: a request that a proxy passed on counts as coming from elsewhere.

Source: spec 9, Health; spec 8, "health details are not on the public port unless so configured".
"""

import ipaddress
from typing import Any, Literal

import msgspec
from litestar import MediaType, Request, Response, Router, get

from quote_service.api.described import Described
from quote_service.api.readiness import Readiness, assess, without_details
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import write_document
from quote_service.domain.access import PUBLIC

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Liveness(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["alive"] = "alive"


@get(
    "/live", opt={"access": PUBLIC, "described": Described(form="document", answer=Liveness, answer_example=Liveness())}
)
async def show_liveness() -> Response[bytes]:
    """Whether the process answers at all: restart it when this does not."""
    return Response(write_document(Liveness()), media_type=MediaType.JSON)


@get(
    "/ready",
    opt={
        "access": PUBLIC,
        "described": Described(form="document", answer=Readiness, answer_example=Readiness("ready")),
    },
)
async def show_readiness(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Whether to send traffic here: 503 while draining or without a rulebook.

    `degraded` is a 200: PostgreSQL or Redis is away, and quotes are answered all the same.
    """
    runtime = runtime_of(request)
    readiness = await assess(runtime)
    may_know = runtime.settings.health_details_public or is_local(request)
    return Response(
        write_document(readiness if may_know else without_details(readiness)),
        status_code=503 if readiness.status == "not_ready" else 200,
        media_type=MediaType.JSON,
        headers={"Retry-After": "1"} if readiness.status == "not_ready" else {},
    )


def is_local(request: Request[Any, Any, Any]) -> bool:
    """Whether the request comes from this machine, and not through a proxy on it."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


health = Router("/health", route_handlers=[show_liveness, show_readiness])
