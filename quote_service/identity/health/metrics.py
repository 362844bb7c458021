"""The figures of all workers, for Prometheus.

Told on a port of their own (QUOTE_METRICS_PORT), and here to admins.

Source: docs/spec/operations.md#metrics; docs/spec/access.md#metrics-and-health-details.
"""

from litestar import Response, Router

from quote_service.platform.callers.access import ADMINS, PUBLIC
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.telemetry.prometheus_text import (
    MEDIA_TYPE,
    OPENMETRICS,
    prefers_openmetrics,
    prometheus_text,
)
from quote_service.platform.telemetry.registry import Registry

_EXAMPLE = """\
# HELP quote_local_cache_bytes Bytes of answers kept in the worker
# TYPE quote_local_cache_bytes gauge
quote_local_cache_bytes{worker="0"} 20480
"""


@get(
    "/",
    access=ADMINS,
    form="text",
    example=_EXAMPLE,
    tag="Service",
)
async def show_metrics(request: AnyRequest) -> Response[str]:
    """Get metrics in Prometheus format.

    Counters are summed over all workers; gauges are reported per worker. With `Accept: application/openmetrics-text` the
    format is OpenMetrics, with trace ids as exemplars of the histograms. Prometheus can use a separate port
    (`QUOTE_METRICS_PORT`), which needs no credentials.
    """
    return await _figures(request)


@get("/", access=PUBLIC)
async def show_private_metrics(request: AnyRequest) -> Response[str]:
    """The same on the port of figures."""
    return await _figures(request)


async def _figures(request: AnyRequest) -> Response[str]:
    parts = parts_of(request)
    shared = await parts[Registry].read_shared()
    openmetrics = prefers_openmetrics(",".join(request.headers.getall("accept", [])))
    text = prometheus_text(parts[Registry], shared, openmetrics=openmetrics)
    return Response(text, media_type=OPENMETRICS if openmetrics else MEDIA_TYPE, headers={"Vary": "Accept"})


metrics = Router("/metrics", route_handlers=[show_metrics])
private_metrics = Router("/metrics", route_handlers=[show_private_metrics])
