"""Webhook endpoints as admins keep them: `/api/v1/webhooks`.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import etag_header, precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed, Invalid
from quote_service.platform.system.parts import Parts
from quote_service.platform.webhooks.model.endpoints import (
    Endpoint,
    EndpointDraft,
    EndpointPatch,
    NewEndpoint,
    Rotation,
    TooManyEndpoints,
    endpoint_faults,
)
from quote_service.platform.webhooks.operations.secret_seal import SecretSeal
from quote_service.platform.webhooks.operations.write_endpoint import (
    change_endpoint,
    create_endpoint,
    delete_endpoint,
    rotate_secret,
)
from quote_service.platform.webhooks.routes import examples
from quote_service.platform.webhooks.tables.endpoints import ENDPOINT_ROWS, read_endpoint

_LIST = Listing("webhooks", ENDPOINT_ROWS)
_CREATED = "Webhook endpoint created; its secret is shown only once"
_ROTATED = "Secret rotated; it is shown only once"


@post(
    "/",
    opt={
        "access": ADMINS,
        "described": Described(
            body=EndpointDraft,
            body_example=examples.DRAFT,
            answer=NewEndpoint,
            answer_example=examples.NEW_ENDPOINT,
            message=_CREATED,
            repeatable=True,
            problems=(AnswerSealed, TooManyEndpoints),
            headers=created("The endpoint, without its secret."),
        ),
    },
)
async def add_endpoint(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a webhook endpoint.

    Events of its types are sent to it from now on. The secret that verifies them is returned only in this response.
    """
    draft = read_document(await request.body(), EndpointDraft)
    _refuse_faults(draft, parts_of(request))
    async with creating(request, secret=True) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_endpoint(creation.connection, change_of(request), draft, _seal(parts_of(request)))
        return creation.created("/api/v1/webhooks", made, _CREATED)


@get("/", opt={"access": ADMINS, "described": _LIST.described(examples.ENDPOINT)})
async def list_endpoints(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List webhook endpoints.

    Oldest first.
    """
    return await _LIST.answer(request)


@get(
    "/{endpoint_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(
            answer=Endpoint, answer_example=examples.ENDPOINT, message="Webhook endpoint", headers=VERSIONED
        ),
    },
)
async def show_endpoint(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[bytes]:
    """Get a webhook endpoint."""
    async with parts_of(request)[Database].read() as connection:
        endpoint = await read_endpoint(connection, endpoint_id)
    return tagged_answer(endpoint, "Webhook endpoint", endpoint.id, endpoint.version)


@patch(
    "/{endpoint_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(
            body=EndpointPatch,
            body_example={"is_enabled": False},
            answer=Endpoint,
            answer_example={
                **examples.ENDPOINT,
                "is_enabled": False,
                "disabled_reason": "by_hand",
                "disabled_at": "2026-03-02T09:00:00Z",
                "updated_at": "2026-03-02T09:00:00Z",
                "version": 2,
            },
            message="Webhook endpoint changed",
            conditional=True,
            headers=VERSIONED,
        ),
    },
)
async def edit_endpoint(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[bytes]:
    """Update a webhook endpoint.

    Changes its URL, types, description, or whether it is enabled. Disabling parks what has not been delivered; while it is
    disabled, events are not kept for it.
    """
    wanted = read_document(await request.body(), EndpointPatch)
    _refuse_faults(wanted, parts_of(request))
    async with parts_of(request)[Database].transaction() as connection:
        endpoint = await change_endpoint(connection, change_of(request), endpoint_id, wanted, precondition_of(request))
    return tagged_answer(endpoint, "Webhook endpoint changed", endpoint.id, endpoint.version)


@delete(
    "/{endpoint_id:uuid}",
    status_code=204,
    opt={"access": ADMINS, "described": Described(form="nothing", conditional=True)},
)
async def remove_endpoint(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[None]:
    """Delete a webhook endpoint.

    What has not been delivered is not sent any more.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await delete_endpoint(connection, change_of(request), endpoint_id, precondition_of(request))
    return Response(None, status_code=204)


@post(
    "/{endpoint_id:uuid}/rotate-secret",
    status_code=200,
    opt={
        "access": ADMINS,
        "described": Described(
            body=Rotation,
            body_is_required=False,
            body_example={"keep_former_seconds": 86_400},
            answer=NewEndpoint,
            answer_example={
                **examples.NEW_ENDPOINT,
                "former_secret_until": "2026-03-03T09:00:00Z",
                "updated_at": "2026-03-02T09:00:00Z",
                "version": 2,
            },
            message=_ROTATED,
            repeatable=True,
            conditional=True,
            problems=(AnswerSealed,),
            headers=VERSIONED,
        ),
    },
)
async def rotate_endpoint_secret(request: Request[Any, Any, Any], endpoint_id: FromPath[UUID]) -> Response[bytes]:
    """Rotate the secret of a webhook endpoint.

    The new secret is returned only in this response. Webhooks are signed with the former one too for a day, or as long as
    the request says.
    """
    body = await request.body()
    rotation = read_document(body, Rotation) if body else Rotation()
    async with creating(request, secret=True) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await rotate_secret(
            creation.connection,
            change_of(request),
            endpoint_id,
            rotation.keep_former_seconds,
            _seal(parts_of(request)),
            precondition_of(request),
        )
        return creation.answer(200, envelope(made, _ROTATED), etag_header(str(made.id), made.version))


def _seal(parts: Parts) -> SecretSeal:
    return SecretSeal(parts[Settings].jwt_keys)


def _refuse_faults(draft: EndpointDraft | EndpointPatch, parts: Parts) -> None:
    if faults := endpoint_faults(draft, Networks(parts[Settings].outbound_networks)):
        raise Invalid.because(faults)
