"""Admins create, change and delete webhook endpoints.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

import os
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition
from quote_service.platform.webhooks.model.endpoints import (
    ENDPOINTS_MAX,
    DisabledReason,
    Endpoint,
    EndpointDraft,
    EndpointPatch,
    NewEndpoint,
    TooManyEndpoints,
)
from quote_service.platform.webhooks.model.signatures import SECRET_BYTES, shown_secret
from quote_service.platform.webhooks.operations.secret_seal import SecretSeal
from quote_service.platform.webhooks.tables.deliveries import park_pending
from quote_service.platform.webhooks.tables.endpoints import (
    count_endpoints,
    hold_endpoint,
    insert_endpoint,
    remove_endpoint,
    update_endpoint,
    write_secret,
)

_DISABLED = "The endpoint was disabled"


async def create_endpoint(change: Change, draft: EndpointDraft, seal: SecretSeal) -> NewEndpoint:
    """Write an endpoint with a new secret.

    Args:
        change: Its author.
        draft: Without faults of its own (`endpoint_faults`).
        seal: For the secret.

    Raises:
        TooManyEndpoints: There are as many as there may be.
    """
    if await count_endpoints(change.connection) >= ENDPOINTS_MAX:
        raise TooManyEndpoints(f"There are {ENDPOINTS_MAX} endpoints already; delete one first")
    at = change.at
    endpoint = Endpoint(
        id=UUID(new_id(change.at_us // 1000)),
        url=draft.url,
        description=draft.description,
        event_types=draft.event_types,
        is_enabled=draft.is_enabled,
        disabled_reason=None if draft.is_enabled else "by_hand",
        disabled_at=None if draft.is_enabled else at,
        failing_since=None,
        former_secret_until=None,
        version=1,
        created_at=at,
        updated_at=at,
    )
    secret = os.urandom(SECRET_BYTES)
    await insert_endpoint(change.connection, endpoint, *seal.seal(endpoint.id, secret))
    await change.record("webhook.create", None, endpoint)
    return _with_secret(endpoint, secret)


async def change_endpoint(
    change: Change, endpoint_id: UUID, wanted: EndpointPatch, precondition: Precondition
) -> Endpoint:
    """Change what is given; disabling parks what has not been delivered.

    Raises:
        NotFound: There is no such endpoint.
        Stale: It has been changed since the caller saw it.
    """
    held = await hold_endpoint(change.connection, endpoint_id)
    precondition.require(str(endpoint_id), held.version)
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not UNSET}
    changed: Endpoint = msgspec.structs.replace(held, **given)
    if changed == held:
        return held
    if changed.is_enabled != held.is_enabled:
        changed = _switched(changed, None if changed.is_enabled else "by_hand", change.at)
    return await _write(change, "webhook.update", held, changed)


async def disable_endpoint(change: Change, endpoint_id: UUID, reason: DisabledReason) -> None:
    """Disable an endpoint that cannot be delivered to, and tell the others; one that is disabled or gone stays so."""
    held = await hold_endpoint(change.connection, endpoint_id)
    if held.is_enabled:
        changed = _switched(msgspec.structs.replace(held, is_enabled=False), reason, change.at)
        await _write(change, "webhook.disable", held, changed)


async def delete_endpoint(change: Change, endpoint_id: UUID, precondition: Precondition) -> None:
    """Delete an endpoint with what it had coming.

    Raises:
        NotFound, Stale: As above.
    """
    held = await hold_endpoint(change.connection, endpoint_id)
    precondition.require(str(endpoint_id), held.version)
    await remove_endpoint(change.connection, endpoint_id, change.at)
    await change.record("webhook.delete", held)


async def rotate_secret(
    change: Change,
    endpoint_id: UUID,
    keep_former_seconds: int,
    seal: SecretSeal,
    precondition: Precondition,
) -> NewEndpoint:
    """Give an endpoint a new secret; the one that it had signs too for so long.

    Raises:
        NotFound, Stale: As above.
    """
    held = await hold_endpoint(change.connection, endpoint_id)
    precondition.require(str(endpoint_id), held.version)
    secret = os.urandom(SECRET_BYTES)
    at = change.at
    sealed = seal.seal(endpoint_id, secret)
    written = await write_secret(change.connection, endpoint_id, *sealed, keep_former_seconds, at)
    await change.record("webhook.rotate_secret", held, written)
    return _with_secret(written, secret)


def _switched(endpoint: Endpoint, reason: DisabledReason | None, at: datetime) -> Endpoint:
    disabled_at = None if reason is None else at
    return msgspec.structs.replace(endpoint, disabled_reason=reason, disabled_at=disabled_at, failing_since=None)


def _with_secret(endpoint: Endpoint, secret: bytes) -> NewEndpoint:
    return NewEndpoint(**msgspec.structs.asdict(endpoint), secret=shown_secret(secret))


async def _write(
    change: Change,
    action: str,
    held: Endpoint,
    changed: Endpoint,
) -> Endpoint:
    written = await update_endpoint(change.connection, changed, change.at)
    if not written.is_enabled:
        await park_pending(change.connection, held.id, _DISABLED)
    await change.record(action, held, written)
    return written
