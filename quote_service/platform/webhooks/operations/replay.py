"""Admins send deliveries again, and try an endpoint out.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.webhooks.model.cloud_event import write_event
from quote_service.platform.webhooks.model.deliveries import (
    REPLAYED_MAX,
    Delivery,
    DeliveryDetail,
    Replayed,
    ReplayRange,
)
from quote_service.platform.webhooks.model.endpoints import Endpoint, EndpointDisabled
from quote_service.platform.webhooks.tables.deliveries import insert_test, read_delivery, replay_one, replay_range
from quote_service.platform.webhooks.tables.endpoints import hold_endpoint, read_endpoint


class TestMessage(msgspec.Struct, frozen=True):
    """What a test call says."""

    message: str = "This is a test of the webhook endpoint"


async def send_test(change: Change, endpoint_id: UUID) -> Delivery:
    """Write an event for one endpoint alone, enabled or not.

    Raises:
        NotFound: There is no such endpoint.
    """
    endpoint = await hold_endpoint(change.connection, endpoint_id)
    event_id = UUID(new_id(change.at_us // 1000))
    await insert_test(change.connection, event_id, endpoint_id, write_document(TestMessage()))
    await _audit(change, "webhook.test", endpoint, event_id=str(event_id))
    return (await read_delivery(change.connection, endpoint_id, event_id))[0]


async def replay_delivery(change: Change, endpoint_id: UUID, event_id: UUID) -> Delivery:
    """Make a delivery due now, whatever became of it; one that is under way stays so.

    Raises:
        NotFound: There is no such endpoint, or delivery.
        EndpointDisabled: Nothing is sent to it.
    """
    endpoint = await _hold_enabled(change.connection, endpoint_id)
    await read_delivery(change.connection, endpoint_id, event_id)
    await replay_one(change.connection, endpoint_id, event_id)
    await _audit(change, "webhook.replay", endpoint, event_id=str(event_id))
    return (await read_delivery(change.connection, endpoint_id, event_id))[0]


async def replay_deliveries(change: Change, endpoint_id: UUID, wanted: ReplayRange) -> Replayed:
    """Make what is parked, or waits, due now, the oldest events first.

    Raises:
        NotFound: There is no such endpoint.
        EndpointDisabled: Nothing is sent to it.
    """
    endpoint = await _hold_enabled(change.connection, endpoint_id)
    count = await replay_range(change.connection, endpoint_id, wanted.state, wanted.from_, wanted.to, REPLAYED_MAX)
    await _audit(change, "webhook.replay", endpoint, deliveries=count)
    return Replayed(count, has_more=count == REPLAYED_MAX)


async def read_detail(connection: Connection, endpoint_id: UUID, event_id: UUID, source: str) -> DeliveryDetail:
    """A delivery with its event as it is sent.

    Raises:
        NotFound: There is no such endpoint, or delivery.
    """
    await read_endpoint(connection, endpoint_id)
    delivery, data, traceparent = await read_delivery(connection, endpoint_id, event_id)
    event = write_event(event_id, source, delivery.type, delivery.subject, delivery.time, data, traceparent)
    return DeliveryDetail(**msgspec.structs.asdict(delivery), event=msgspec.Raw(event))


async def _hold_enabled(connection: Connection, endpoint_id: UUID) -> Endpoint:
    endpoint = await hold_endpoint(connection, endpoint_id)
    if not endpoint.is_enabled:
        raise EndpointDisabled("The endpoint is disabled; enable it first")
    return endpoint


async def _audit(change: Change, action: str, endpoint: Endpoint, **what: str | int) -> None:
    await change.record(action, None, what, object_id=endpoint.id)
