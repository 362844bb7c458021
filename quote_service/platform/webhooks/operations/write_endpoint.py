"""Admins create, change and delete webhook endpoints.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

import os
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.event_types import EventType
from quote_service.platform.system.instants import from_micros
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


async def create_endpoint(
    connection: Connection, change: Change, draft: EndpointDraft, seal: SecretSeal
) -> NewEndpoint:
    """Write an endpoint with a new secret.

    Args:
        connection: Inside a transaction.
        change: Its author.
        draft: Without faults of its own (`endpoint_faults`).
        seal: For the secret.

    Raises:
        TooManyEndpoints: There are as many as there may be.
    """
    if await count_endpoints(connection) >= ENDPOINTS_MAX:
        raise TooManyEndpoints(f"There are {ENDPOINTS_MAX} endpoints already; delete one first")
    at = from_micros(change.at_us)
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
    await insert_endpoint(connection, endpoint, *seal.seal(endpoint.id, secret))
    await _audit(connection, change, "webhook.create", None, endpoint)
    return _with_secret(endpoint, secret)


async def change_endpoint(
    connection: Connection, change: Change, endpoint_id: UUID, wanted: EndpointPatch, precondition: Precondition
) -> Endpoint:
    """Change what is given; disabling parks what has not been delivered.

    Raises:
        NotFound: There is no such endpoint.
        Stale: It has been changed since the caller saw it.
    """
    held = await hold_endpoint(connection, endpoint_id)
    precondition.require(str(endpoint_id), held.version)
    given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not UNSET}
    changed: Endpoint = msgspec.structs.replace(held, **given)
    if changed == held:
        return held
    if changed.is_enabled != held.is_enabled:
        changed = _switched(changed, None if changed.is_enabled else "by_hand", from_micros(change.at_us))
    return await _write(connection, change, "webhook.update", held, changed)


async def disable_endpoint(connection: Connection, change: Change, endpoint_id: UUID, reason: DisabledReason) -> None:
    """Disable an endpoint that cannot be delivered to, and tell the others; one that is disabled or gone stays so."""
    held = await hold_endpoint(connection, endpoint_id)
    if held.is_enabled:
        changed = _switched(msgspec.structs.replace(held, is_enabled=False), reason, from_micros(change.at_us))
        await _write(connection, change, "webhook.disable", held, changed, told="webhook.disabled")


async def delete_endpoint(
    connection: Connection, change: Change, endpoint_id: UUID, precondition: Precondition
) -> None:
    """Delete an endpoint with what it had coming.

    Raises:
        NotFound, Stale: As above.
    """
    held = await hold_endpoint(connection, endpoint_id)
    precondition.require(str(endpoint_id), held.version)
    await remove_endpoint(connection, endpoint_id, from_micros(change.at_us))
    await _audit(connection, change, "webhook.delete", held, None)


async def rotate_secret(
    connection: Connection,
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
    held = await hold_endpoint(connection, endpoint_id)
    precondition.require(str(endpoint_id), held.version)
    secret = os.urandom(SECRET_BYTES)
    at = from_micros(change.at_us)
    sealed = seal.seal(endpoint_id, secret)
    written = await write_secret(connection, endpoint_id, *sealed, keep_former_seconds, at)
    await _audit(connection, change, "webhook.rotate_secret", held, written)
    return _with_secret(written, secret)


def _switched(endpoint: Endpoint, reason: DisabledReason | None, at: datetime) -> Endpoint:
    disabled_at = None if reason is None else at
    return msgspec.structs.replace(endpoint, disabled_reason=reason, disabled_at=disabled_at, failing_since=None)


def _with_secret(endpoint: Endpoint, secret: bytes) -> NewEndpoint:
    return NewEndpoint(**msgspec.structs.asdict(endpoint), secret=shown_secret(secret))


async def _write(
    connection: Connection,
    change: Change,
    action: str,
    held: Endpoint,
    changed: Endpoint,
    told: EventType | None = None,
) -> Endpoint:
    written = await update_endpoint(connection, changed, from_micros(change.at_us))
    if not written.is_enabled:
        await park_pending(connection, held.id, _DISABLED)
    await _audit(connection, change, action, held, written, told)
    return written


async def _audit(
    connection: Connection,
    change: Change,
    action: str,
    before: Endpoint | None,
    after: Endpoint | None,
    told: EventType | None = None,
) -> None:
    shown = after or before
    assert shown is not None
    await record_change(
        connection,
        change,
        action=action,
        object_kind="webhook",
        object_id=str(shown.id),
        before=None if before is None else write_document(before),
        after=None if after is None else write_document(after),
        told=told,
    )
