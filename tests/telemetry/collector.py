"""A collector of OpenTelemetry that keeps what it is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """What has come so far: spans, the latest of each metric of each sender, and every byte."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Span] = []
        self.metrics: dict[tuple[str, str], Metric] = {}
        self.received = b""
        self.resources: list[dict[str, str]] = []

    def take(self, path: str, body: bytes) -> None:
        self.received += body
        if path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append({each.key: each.value.string_value for each in resource.resource.attributes})
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for reported in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                sender = next(
                    each.value.string_value
                    for each in reported.resource.attributes
                    if each.key == "service.instance.id"
                )
                for scope in reported.scope_metrics:
                    self.metrics |= {(sender, metric.name): metric for metric in scope.metrics}

    def of_trace(self, trace_id: str) -> dict[str, Span]:
        return {span.name: span for span in list(self.spans) if span.trace_id.hex() == trace_id}

    def quotes_counted(self) -> int:
        metrics = dict(self.metrics)
        return sum(
            int(point.count)
            for (_, name), metric in metrics.items()
            if name == "quote_duration_seconds"
            for point in metric.histogram.data_points
        )

    def sum_of(self, name: str) -> float:
        metrics = dict(self.metrics)
        return sum(
            float(point.as_int or point.as_double)
            for (_, reported), metric in metrics.items()
            if reported == name
            for point in (*metric.sum.data_points, *metric.gauge.data_points)
        )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens on a port of its own."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
