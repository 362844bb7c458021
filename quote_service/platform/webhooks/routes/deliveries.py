"""What became of webhooks, and sending them again: `/api/v1/webhooks/{id}/deliveries`.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
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
from quote_service.platform.webhooks.tables.deliveries import page_of_deliveries
from quote_service.platform.webhooks.tables.endpoints import read_endpoint

_LIST = "webhook-deliveries"


class DeliveryFilters(msgspec.Struct, frozen=True):
    """Which deliveries to list."""

    state: Annotated[DeliveryState | None, Renamed("status")] = None
    """Only deliveries in this state, such as `parked`."""
    type: EventType | None = None
    """Only deliveries of events of this type."""


@get(
    "/{endpoint_id:uuid}/deliveries",
    opt={
        "access": ADMINS,
        "described": Described(answer=Delivery, answer_example=examples.DELIVERY, form="list", query=DeliveryFilters),
    },
)
async def list_deliveries(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[bytes]:
    """List deliveries to a webhook endpoint.

    Newest event first.
    """
    page = read_page(request.scope["query_string"], _LIST, DeliveryFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        await read_endpoint(connection, endpoint_id)
        rows = await page_of_deliveries(
            connection,
            endpoint_id,
            state=page.filters.state,
            event=page.filters.type,
            before=before,
            limit=page.limit + 1,
        )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{endpoint_id:uuid}/deliveries/{event_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(answer=DeliveryDetail, answer_example=examples.DETAIL, message="Webhook delivery"),
    },
)
async def show_delivery(
    request: Request[Any, Any, Any], endpoint_id: FromPath[UUID], event_id: FromPath[UUID]
) -> Response[bytes]:
    """Get a webhook delivery.

    With its event as it is sent.
    """
    parts = parts_of(request)
    async with parts[Database].read() as connection:
        detail = await read_detail(connection, endpoint_id, event_id, parts[Settings].event_source)
    return one_answer(detail, "Webhook delivery")


@post(
    "/{endpoint_id:uuid}/deliveries/{event_id:uuid}/replay",
    status_code=200,
    opt={
        "access": ADMINS,
        "described": Described(
            answer=Delivery,
            answer_example=examples.DUE,
            message="Delivery due now",
            problems=(EndpointDisabled,),
        ),
    },
)
async def send_delivery_again(
    request: Request[Any, Any, Any], endpoint_id: FromPath[UUID], event_id: FromPath[UUID]
) -> Response[bytes]:
    """Send a webhook again.

    It is due now, whatever became of it, and is retried for another day. One that is being sent right now is left alone.
    """
    async with parts_of(request)[Database].transaction() as connection:
        delivery = await replay_delivery(connection, change_of(request), endpoint_id, event_id)
    return one_answer(delivery, "Delivery due now")


@post(
    "/{endpoint_id:uuid}/replay",
    status_code=200,
    opt={
        "access": ADMINS,
        "described": Described(
            body=ReplayRange,
            body_is_required=False,
            body_example={"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "status": "parked"},
            answer=Replayed,
            answer_example={"replayed": 128, "has_more": False},
            message="Deliveries due now",
            problems=(EndpointDisabled,),
        ),
    },
)
async def send_deliveries_again(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[bytes]:
    """Send parked webhooks again.

    All that were parked, or, with the state `pending`, all that wait for their next attempt; of events within a period if
    given. At most 10,000 at a time, the oldest first.
    """
    body = await request.body()
    wanted = read_document(body, ReplayRange) if body else ReplayRange()
    async with parts_of(request)[Database].transaction() as connection:
        replayed = await replay_deliveries(connection, change_of(request), endpoint_id, wanted)
    return one_answer(replayed, "Deliveries due now")


@post(
    "/{endpoint_id:uuid}/test",
    opt={
        "access": ADMINS,
        "described": Described(
            answer=Delivery,
            answer_example={
                **examples.DELIVERY,
                "type": "webhook.test",
                "subject": examples.ENDPOINT["id"],
                "attempts": 0,
                "next_attempt_at": examples.DELIVERY["time"],
                "last_attempt_at": None,
                "last_status": None,
                "last_error": None,
                "last_answer": None,
                "last_seconds": None,
            },
            message="Test call due now",
            repeatable=True,
            headers={"Location": "The delivery."},
        ),
    },
)
async def test_endpoint(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[bytes]:
    """Send a test webhook.

    An event `webhook.test` is sent once to this endpoint, even if it is disabled. Read the delivery to see what became of it.
    """
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        delivery = await send_test(creation.connection, change_of(request), endpoint_id)
        headers = {"Location": f"/api/v1/webhooks/{endpoint_id}/deliveries/{delivery.id}"}
        return creation.answer(201, envelope(delivery, "Test call due now"), headers)
