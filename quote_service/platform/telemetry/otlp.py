"""Spans and figures to an OpenTelemetry collector over OTLP/HTTP, each from a thread of the SDK's own.

Imported only where a collector is named: the SDK takes half a second and 20 MB to load. The request path hands finished
spans over and never waits; when the collector is unavailable, spans are dropped once the queue is full.

Every worker sends what it has counted itself, under an instance id of its own; the collector adds up. What is the same
whoever asks is sent by the first worker.

Source: docs/spec/operations.md#telemetry; OpenTelemetry Protocol 1.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import replace
from typing import Any

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.traces import BACKGROUND, Span, TraceParent, Traces
from quote_service.platform.telemetry.process_figures import service_version
from quote_service.platform.telemetry.registry import SHARED_SECONDS, Family, Registry, series_key
from quote_service.platform.telemetry.request_figures import BOUNDS, NAME, own_histograms

EXPORT_SECONDS = 5.0
SPANS_QUEUED_MAX = 4096
SPANS_DELAY_MS = 1000
_SCOPE = InstrumentationScope("quote_service")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}
_OK, _FAILED = Status(StatusCode.UNSET), Status(StatusCode.ERROR)


class OtlpSpans:
    """The way of spans to the collector; closed from a thread, since closing waits for the network."""

    def __init__(self, endpoint: str, instance_id: str) -> None:
        self._resource = Resource.create(
            {
                "service.name": "quote-service",
                "service.version": service_version(),
                "service.instance.id": instance_id,
            }
        )
        self._spans = BatchSpanProcessor(
            OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS),
            max_queue_size=SPANS_QUEUED_MAX,
            schedule_delay_millis=SPANS_DELAY_MS,
        )

    def emit_span(self, span: Span) -> None:
        """Put a finished span into the queue."""
        ids = span.ids
        parent = SpanContext(ids.trace_id, ids.parent_id, span.kind == "server", _SAMPLED) if ids.parent_id else None
        self._spans.on_end(
            ReadableSpan(
                name=span.name,
                context=SpanContext(ids.trace_id, ids.span_id, False, _SAMPLED),
                parent=parent,
                resource=self._resource,
                attributes=span.attributes,
                kind=_KINDS[span.kind],
                links=[_link(cause) for cause in span.links],
                status=_FAILED if span.is_failed else _OK,
                start_time=span.start_ns,
                end_time=span.end_ns,
                instrumentation_scope=_SCOPE,
            )
        )

    def flush(self) -> None:
        """Send the spans that are queued, now; waits for the network."""
        self._spans.force_flush()

    def close(self) -> None:
        """Send what is left, in bounded time."""
        self._spans.shutdown()  # type: ignore[no-untyped-call]


class Otlp(OtlpSpans):
    """The way of spans and figures to the collector; opened in the event loop."""

    def __init__(self, endpoint: str, registry: Registry, instance_id: str, *, interval_seconds: float) -> None:
        super().__init__(endpoint, instance_id)
        self._exporter = _FigureExporter(f"{endpoint.rstrip('/')}/v1/metrics", registry)
        self._reader = PeriodicExportingMetricReader(self._exporter, interval_seconds * 1000, EXPORT_SECONDS * 1000)
        self._meters = MeterProvider([self._reader], self._resource, shutdown_on_exit=False)
        instruments = _Instruments(self._meters.get_meter("quote_service"), registry, asyncio.get_running_loop())
        self._exporter.before = instruments.keep_up
        instruments.keep_up()

    def close(self) -> None:
        """Send what is left, in bounded time."""
        super().close()
        self._meters.shutdown(timeout_millis=EXPORT_SECONDS * 1000)


def trace_background(endpoint: str, ratio: float) -> OtlpSpans:
    """Trace what a process does that answers no requests and has no figures; to be closed."""
    otlp = OtlpSpans(endpoint, new_id())
    BACKGROUND.set(Traces(otlp, ratio))
    return otlp


class _Instruments:
    """One observable instrument for each family but histograms, which the SDK does not let anybody observe."""

    def __init__(self, meter: Meter, registry: Registry, loop: asyncio.AbstractEventLoop) -> None:
        self._meter = meter
        self._registry = registry
        self._loop = loop
        self._known: set[str] = set()

    def keep_up(self) -> None:
        """Make instruments for the families that have come since it was last called."""
        for family in list(self._registry.families.values()):
            if family.name in self._known or family.kind == "histogram":
                continue
            self._known.add(family.name)
            make = (
                self._meter.create_observable_counter
                if family.kind == "counter"
                else self._meter.create_observable_gauge
            )
            make(family.name, [self._observer(family)], description=family.meaning)

    def _observer(self, family: Family) -> Callable[[CallbackOptions], Iterable[Observation]]:
        registry = self._registry

        def observe(options: CallbackOptions) -> Iterator[Observation]:
            cells = registry.slot.cells
            for series in list(registry.series.values()):
                if series.family is family:
                    yield Observation((cells[series.cell] - series.base) / family.divisor, dict(series.labels))
            if registry.is_shared(family) and registry.slot.index == 0:
                yield from self._shared(family)

        return observe

    def _shared(self, family: Family) -> Iterator[Observation]:
        # Asked for in the event loop, while this thread waits.
        asked = asyncio.run_coroutine_threadsafe(self._registry.read_shared(family), self._loop)
        try:
            answers = asked.result(SHARED_SECONDS * 2)
        except WaitedTooLong:
            asked.cancel()
            return
        for answer in answers:
            yield from (Observation(value, dict(labels)) for labels, value in answer.figures)


class _FigureExporter(OTLPMetricExporter):
    """The SDK's exporter, with the histograms of the registry put in beside what was observed."""

    def __init__(self, endpoint: str, registry: Registry) -> None:
        super().__init__(endpoint=endpoint, timeout=EXPORT_SECONDS)
        self._registry = registry
        self._started_ns = time.time_ns()
        self.before: Callable[[], None] = lambda: None

    def export(
        self, metrics_data: MetricsData, timeout_millis: float | None = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        """Send one collection."""
        self.before()  # what is new now is observed from the next collection on
        for resource_metrics in metrics_data.resource_metrics[:1]:
            scope_metrics = resource_metrics.scope_metrics[0]
            reported = replace(scope_metrics, metrics=[*scope_metrics.metrics, *self._histograms()])
            whole = replace(resource_metrics, scope_metrics=[reported, *resource_metrics.scope_metrics[1:]])
            metrics_data = replace(metrics_data, resource_metrics=[whole, *metrics_data.resource_metrics[1:]])
        return super().export(metrics_data, timeout_millis, **kwargs)

    def _histograms(self) -> Iterator[Metric]:
        for name, shapes in self._registry.histograms.items():
            family = self._registry.families[name]
            points = [self._point(family, labels, bounds) for labels, bounds in shapes]
            yield self._metric(family, points)
        sums = {key: self._own(key) for key in list(self._registry.series)}
        found = own_histograms(self._registry, sums)
        requests = [self._histogram_point(each.labels, each.buckets, BOUNDS, each.sum_ns / 1e9) for each in found]
        if requests:
            yield self._metric(self._registry.families[NAME], requests)

    def _metric(self, family: Family, points: list[HistogramDataPoint]) -> Metric:
        data = Histogram(data_points=points, aggregation_temporality=AggregationTemporality.CUMULATIVE)
        return Metric(name=family.name, description=family.meaning, unit="s", data=data)

    def _point(self, family: Family, labels: Any, bounds: Sequence[float]) -> HistogramDataPoint:
        counts = [
            self._own(series_key(f"{family.name}_bucket", {**labels, "le": bound}))
            for bound in (*map(repr, bounds), "+Inf")
        ]
        total = self._own(series_key(f"{family.name}_sum", labels)) / family.divisor
        return self._histogram_point(labels, counts, bounds, total)

    def _histogram_point(
        self, labels: Any, counts: list[int], bounds: Sequence[float], total: float
    ) -> HistogramDataPoint:
        return HistogramDataPoint(
            attributes=dict(labels),
            start_time_unix_nano=self._started_ns,
            time_unix_nano=time.time_ns(),
            count=sum(counts),
            sum=total,
            bucket_counts=counts,
            explicit_bounds=bounds,
            min=None,  # type: ignore[arg-type]  # optional in the protocol, and not known
            max=None,  # type: ignore[arg-type]
        )

    def _own(self, key: str) -> int:
        series = self._registry.series[key]
        return int(self._registry.slot.cells[series.cell]) - series.base


def _link(cause: TraceParent) -> Link:
    flags = _SAMPLED if cause.is_sampled else TraceFlags(TraceFlags.DEFAULT)
    return Link(SpanContext(int(cause.trace_id, 16), int(cause.span_id, 16), True, flags))
