"""Endpoints as rows, with their sealed secrets.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.platform.webhooks.model.endpoints import Endpoint

_QUERIES = load_queries(__file__, "endpoints")
_INSERT = _QUERIES["insert_endpoint"]
_LOCK_COUNT = _QUERIES["lock_count"]
_COUNT = _QUERIES["count_endpoints"]
_ENDPOINT = _QUERIES["endpoint"]
_LOCK = _QUERIES["lock_endpoint"]
_UPDATE = _QUERIES["update_endpoint"]
_REMOVE = _QUERIES["remove_endpoint"]
_WRITE_SECRET = _QUERIES["write_secret"]
_FAILING = _QUERIES["note_failing"]
_WORKING = _QUERIES["note_working"]
_TOO_LONG = _QUERIES["failing_too_long"]
_DROP_FORMER = _QUERIES["drop_former_secrets"]
_SEALED_OTHERWISE = _QUERIES["sealed_otherwise"]
_WRITE_SEALS = _QUERIES["write_seals"]
_REMOVE_DELETED = _QUERIES["remove_deleted"]
_DISABLED = _QUERIES["count_disabled"]


class SealedRow(NamedTuple):
    """The secrets of an endpoint as they are stored, each with the id of its key."""

    id: UUID
    secret: bytes
    secret_key_id: str
    former_secret: bytes | None
    former_secret_key_id: str | None


async def insert_endpoint(connection: Connection, endpoint: Endpoint, secret: bytes, key_id: str) -> None:
    """Write a new endpoint with its sealed secret."""
    await connection.execute(
        _INSERT,
        endpoint.id,
        endpoint.url,
        endpoint.description,
        endpoint.event_types,
        endpoint.is_enabled,
        endpoint.disabled_reason,
        endpoint.disabled_at,
        secret,
        key_id,
        endpoint.created_at,
    )


async def count_endpoints(connection: Connection) -> int:
    """How many there are; nobody else counts until the transaction ends."""
    await connection.execute(_LOCK_COUNT)
    return int(await connection.fetchval(_COUNT))


async def read_endpoint(connection: Connection, endpoint_id: UUID) -> Endpoint:
    """An endpoint.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(_ENDPOINT, endpoint_id)
    if row is None:
        raise NotFound("There is no such webhook endpoint")
    return Endpoint(**dict(row))


async def hold_endpoint(connection: Connection, endpoint_id: UUID) -> Endpoint:
    """An endpoint, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(_LOCK, endpoint_id)
    return await read_endpoint(connection, endpoint_id)


async def update_endpoint(connection: Connection, endpoint: Endpoint, at: datetime) -> Endpoint:
    """Write what may change of a held endpoint, as one new version."""
    await connection.execute(
        _UPDATE,
        endpoint.id,
        endpoint.url,
        endpoint.description,
        endpoint.event_types,
        endpoint.is_enabled,
        endpoint.disabled_reason,
        endpoint.disabled_at,
        endpoint.failing_since,
        at,
    )
    return await read_endpoint(connection, endpoint.id)


async def remove_endpoint(connection: Connection, endpoint_id: UUID, at: datetime) -> None:
    """Remove a held endpoint; what it had coming follows in the sweep."""
    await connection.execute(_REMOVE, endpoint_id, at)


async def write_secret(
    connection: Connection, endpoint_id: UUID, secret: bytes, key_id: str, keep_former_seconds: int, at: datetime
) -> Endpoint:
    """Write a new sealed secret to a held endpoint, and keep the one it had so long."""
    await connection.execute(_WRITE_SECRET, endpoint_id, secret, key_id, keep_former_seconds, at)
    return await read_endpoint(connection, endpoint_id)


async def note_failing(connection: Connection, endpoint_id: UUID) -> None:
    """Note that deliveries to an endpoint have begun to fail, unless they did before."""
    await connection.execute(_FAILING, endpoint_id)


async def note_working(connection: Connection, endpoint_id: UUID) -> None:
    """Note that a delivery to an endpoint has succeeded."""
    await connection.execute(_WORKING, endpoint_id)


async def has_failed_too_long(connection: Connection, endpoint_id: UUID, days: int) -> bool:
    """Whether an enabled endpoint has failed for more than so many days."""
    return bool(await connection.fetchval(_TOO_LONG, endpoint_id, days))


async def drop_former_secrets(connection: Connection) -> None:
    """Forget the secrets that no longer sign."""
    await connection.execute(_DROP_FORMER)


async def sealed_otherwise(connection: Connection, key_id: str) -> list[SealedRow]:
    """Endpoints with a secret that is not sealed with this key, locked until the transaction ends."""
    return [SealedRow(*row) for row in await connection.fetch(_SEALED_OTHERWISE, [key_id])]


async def write_seals(connection: Connection, rows: Sequence[SealedRow]) -> None:
    """Write the same secrets, sealed anew."""
    await connection.executemany(_WRITE_SEALS, rows)


async def remove_deleted(connection: Connection) -> None:
    """Remove the rows of endpoints that are deleted and have nothing coming any more."""
    await connection.execute(_REMOVE_DELETED)


async def count_disabled(connection: Connection) -> dict[str, int]:
    """How many endpoints are disabled, by reason."""
    return {row["disabled_reason"]: row["endpoints"] for row in await connection.fetch(_DISABLED)}


ENDPOINT_ROWS = ListedRows(
    Endpoint,
    _QUERIES["endpoints"],
    sorts=("url", "created_at", "updated_at"),
    search=("url", "description"),
)
