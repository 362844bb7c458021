"""Whether a collector takes what it will be sent, in words for whoever set it up.

Source: docs/spec/operations.md#production.
"""

import http.client
import os
import urllib.error
import urllib.request
from urllib.parse import unquote

_WAIT_SECONDS = 5.0


def why_not_taken(endpoint: str) -> str | None:
    """Why the collector takes no spans; None if it does. Waits for the network."""
    headers = {"Content-Type": "application/x-protobuf", **dict(_given_headers())}
    # An empty message is a valid one that holds no span. The form of the endpoint is checked: http or https.
    asked = urllib.request.Request(f"{endpoint.rstrip('/')}/v1/traces", b"", headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=_WAIT_SECONDS):  # noqa: S310
            return None
    except urllib.error.HTTPError as refused:
        refused.close()
        return f"answers {refused.code} to spans: it is no collector for OTLP over HTTP, or refuses us"
    except (OSError, http.client.HTTPException):
        return f"leads to nothing that answers OTLP over HTTP within {_WAIT_SECONDS:.0f} s"


def _given_headers() -> list[tuple[str, str]]:
    """What the exporter sends too, by the variable that the OpenTelemetry specification gives it."""
    pairs = [pair.partition("=") for pair in os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "").split(",") if "=" in pair]
    return [(unquote(name.strip()), unquote(value.strip())) for name, _, value in pairs]
