"""An event as it is sent: CloudEvents 1.0, structured JSON.

Source: docs/spec/webhooks.md#deliveries.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.platform.system.traces import usable_traceparent

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class CloudEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The members of an event, in the order in which they are sent; `traceparent` is an extension of CloudEvents."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    data: msgspec.Raw
    traceparent: str | None = None


def write_event(
    event_id: UUID, source: str, kind: str, subject: str, told_at: datetime, data: str, traceparent: str | None
) -> bytes:
    """The bytes of an event; the same for every attempt and every endpoint. `traceparent` is that of what has written it."""
    time = instant_text(to_micros(told_at))
    event = CloudEvent(
        "1.0",
        str(event_id),
        source,
        kind,
        subject,
        time,
        "application/json",
        msgspec.Raw(data.encode()),
        usable_traceparent(traceparent),
    )
    return write_document(event)
