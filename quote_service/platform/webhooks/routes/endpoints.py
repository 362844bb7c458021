"""Webhook endpoints as admins keep them: `/api/v1/webhooks`.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.endpoints.connections import (
    CreatingSecretChange,
    Reading,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import delete, get, patch, post
from quote_service.platform.http.endpoints.parameters import OptionalBody
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed, Fault
from quote_service.platform.system.preconditions import Precondition
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


def _faults(draft: EndpointDraft | EndpointPatch, settings: Settings) -> tuple[Fault, ...]:
    return endpoint_faults(draft, Networks(settings.outbound_networks))


def _seal(settings: Settings) -> SecretSeal:
    return SecretSeal(settings.jwt_keys)


@post(
    access=ADMINS,
    message="Webhook endpoint created; its secret is shown only once",
    location=Location("/api/v1/webhooks/{id}", "The endpoint, without its secret."),
    faults=_faults,
    dependencies={"seal": _seal},
    problems=(AnswerSealed, TooManyEndpoints),
)
async def add_endpoint(change: CreatingSecretChange, data: EndpointDraft, seal: SecretSeal) -> Tagged[NewEndpoint]:
    """Create a webhook endpoint.

    Events of its types are sent to it from now on. The secret that verifies them is returned only in this response.
    """
    return await create_endpoint(change, data, seal)


@get(access=ADMINS, listing=Listing("webhooks", ENDPOINT_ROWS))
async def list_endpoints(rows: ListRequest[Endpoint]) -> ListAnswer:
    """List webhook endpoints.

    Oldest first.
    """
    return await rows.answer()


@get("/{endpoint_id:uuid}", access=ADMINS, message="Webhook endpoint")
async def show_endpoint(connection: Reading, endpoint_id: FromPath[UUID]) -> Tagged[Endpoint]:
    """Get a webhook endpoint."""
    return await read_endpoint(connection, endpoint_id)


@patch(
    "/{endpoint_id:uuid}",
    access=ADMINS,
    message="Webhook endpoint changed",
    faults=_faults,
    example=examples.DISABLED,
)
async def edit_endpoint(
    change: WritingChange, endpoint_id: FromPath[UUID], data: EndpointPatch, precondition: Precondition
) -> Tagged[Endpoint]:
    """Update a webhook endpoint.

    Changes its URL, types, description, or whether it is enabled. Disabling parks what has not been delivered; while it is
    disabled, events are not kept for it.
    """
    return await change_endpoint(change, endpoint_id, data, precondition)


@delete("/{endpoint_id:uuid}", access=ADMINS)
async def remove_endpoint(change: WritingChange, endpoint_id: FromPath[UUID], precondition: Precondition) -> None:
    """Delete a webhook endpoint.

    What has not been delivered is not sent any more.
    """
    await delete_endpoint(change, endpoint_id, precondition)


@post(
    "/{endpoint_id:uuid}/rotate-secret",
    status_code=200,
    access=ADMINS,
    message="Secret rotated; it is shown only once",
    dependencies={"seal": _seal},
    example=examples.ROTATED,
    problems=(AnswerSealed,),
)
async def rotate_endpoint_secret(
    change: CreatingSecretChange,
    endpoint_id: FromPath[UUID],
    precondition: Precondition,
    seal: SecretSeal,
    data: OptionalBody[Rotation],
) -> Tagged[NewEndpoint]:
    """Rotate the secret of a webhook endpoint.

    The new secret is returned only in this response. Webhooks are signed with the former one too for a day, or as long as
    the request says.
    """
    return await rotate_secret(change, endpoint_id, data.keep_former_seconds, seal, precondition)
