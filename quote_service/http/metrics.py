"""The figures of all workers, for Prometheus.

Told to callers on the machine itself, and to others only with QUOTE_METRICS_PUBLIC, as the details of health are.

Source: spec 9, Telemetry; spec 8.
"""

from typing import Any

from litestar import Request, Response, Router, get

from quote_service.api.described import Described
from quote_service.api.health import is_local
from quote_service.api.runtime import runtime_of
from quote_service.domain.access import PUBLIC
from quote_service.domain.errors import NotFound
from quote_service.telemetry.prometheus_text import MEDIA_TYPE, prometheus_text

_EXAMPLE = """\
# HELP quote_local_cache_bytes Bytes of answers kept in the worker
# TYPE quote_local_cache_bytes gauge
quote_local_cache_bytes{worker="0"} 20480
"""


@get(
    "/",
    opt={
        "access": PUBLIC,
        "described": Described(form="text", answer_example=_EXAMPLE, problems=(NotFound,), tag="Service"),
    },
)
async def show_metrics(request: Request[Any, Any, Any]) -> Response[str]:
    """What is counted and measured, in the text format of Prometheus.

    Counters are added up over all workers; gauges are told for each worker. From other machines there is nothing here,
    unless it is so configured.
    """
    runtime = runtime_of(request)
    if not (runtime.settings.metrics_public or is_local(request)):
        raise NotFound("There is nothing at this path")
    shared = await runtime.registry.read_shared()
    return Response(prometheus_text(runtime.registry, shared), media_type=MEDIA_TYPE)


metrics = Router("/metrics", route_handlers=[show_metrics])
