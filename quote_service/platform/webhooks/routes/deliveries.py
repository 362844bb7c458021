"""What became of webhooks, and sending them again: `/api/v1/webhooks/{id}/deliveries`.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import OptionalBody
from quote_service.platform.http.endpoints.results import Location
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.event_types import EventType
from quote_service.platform.webhooks.model.deliveries import (
    Delivery,
    DeliveryDetail,
    DeliveryState,
    Replayed,
    ReplayRange,
)
from quote_service.platform.webhooks.model.endpoints import EndpointDisabled
from quote_service.platform.webhooks.operations.replay import read_detail, replay_deliveries, replay_delivery, send_test
from quote_service.platform.webhooks.routes import examples
from quote_service.platform.webhooks.tables.deliveries import DELIVERY_ROWS
from quote_service.platform.webhooks.tables.endpoints import read_endpoint


class DeliveryFilters(msgspec.Struct, frozen=True):
    """Which deliveries to list."""

    state: Annotated[DeliveryState | None, Renamed("status")] = None
    """Only deliveries in this state, such as `parked`."""
    type: EventType | None = None
    """Only deliveries of events of this type."""


@get(
    "/{endpoint_id:uuid}/deliveries",
    access=ADMINS,
    listing=Listing("webhook-deliveries", DELIVERY_ROWS, DeliveryFilters),
)
async def list_deliveries(rows: ListRequest[Delivery], endpoint_id: FromPath[UUID]) -> ListAnswer:
    """List deliveries to a webhook endpoint.

    Newest event first.
    """

    async def check(connection: Connection, _: DeliveryFilters) -> None:
        await read_endpoint(connection, endpoint_id)

    return await rows.answer({"endpoint_id": endpoint_id}, check=check)


@get("/{endpoint_id:uuid}/deliveries/{event_id:uuid}", access=ADMINS, message="Webhook delivery")
async def show_delivery(
    connection: Reading, settings: Settings, endpoint_id: FromPath[UUID], event_id: FromPath[UUID]
) -> DeliveryDetail:
    """Get a webhook delivery.

    With its event as it is sent.
    """
    return await read_detail(connection, endpoint_id, event_id, settings.event_source)


@post(
    "/{endpoint_id:uuid}/deliveries/{event_id:uuid}/replay",
    status_code=200,
    access=ADMINS,
    message="Delivery due now",
    example=examples.DUE,
    problems=(EndpointDisabled,),
)
async def send_delivery_again(change: WritingChange, endpoint_id: FromPath[UUID], event_id: FromPath[UUID]) -> Delivery:
    """Send a webhook again.

    It is due now, whatever became of it, and is retried for another day. One that is being sent right now is left alone.
    """
    return await replay_delivery(change, endpoint_id, event_id)


@post(
    "/{endpoint_id:uuid}/replay",
    status_code=200,
    access=ADMINS,
    message="Deliveries due now",
    problems=(EndpointDisabled,),
)
async def send_deliveries_again(
    change: WritingChange, endpoint_id: FromPath[UUID], data: OptionalBody[ReplayRange]
) -> Replayed:
    """Send parked webhooks again.

    All that were parked, or, with the state `pending`, all that wait for their next attempt; of events within a period if
    given. At most 10,000 at a time, the oldest first.
    """
    return await replay_deliveries(change, endpoint_id, data)


@post(
    "/{endpoint_id:uuid}/test",
    access=ADMINS,
    message="Test call due now",
    location=Location("/api/v1/webhooks/{endpoint_id}/deliveries/{id}", "The delivery."),
    example=examples.TEST,
)
async def test_endpoint(change: CreatingChange, endpoint_id: FromPath[UUID]) -> Delivery:
    """Send a test webhook.

    An event `webhook.test` is sent once to this endpoint, even if it is disabled. Read the delivery to see what became of it.
    """
    return await send_test(change, endpoint_id)
