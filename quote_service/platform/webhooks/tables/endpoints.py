"""Endpoints as rows, with their sealed secrets.

Source: docs/spec/webhooks.md#endpoints-in-the-api.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.webhooks.model.endpoints import Endpoint

STATEMENTS = Statements(__file__, "endpoints")


class SealedRow(NamedTuple):
    """The secrets of an endpoint as they are stored, each with the id of its key."""

    id: UUID
    secret: bytes
    secret_key_id: str
    former_secret: bytes | None
    former_secret_key_id: str | None


@STATEMENTS.query()
async def insert_endpoint(connection: Connection, endpoint: Endpoint, secret: bytes, key_id: str) -> None:
    """Write a new endpoint with its sealed secret."""


async def count_endpoints(connection: Connection) -> int:
    """How many there are; nobody else counts until the transaction ends."""
    await connection.execute(STATEMENTS["lock_count"])
    return int(await connection.fetchval(STATEMENTS["count_endpoints"]))


@STATEMENTS.query(missing="There is no such webhook endpoint")
async def read_endpoint(connection: Connection, endpoint_id: UUID) -> Endpoint:
    """An endpoint.

    Raises:
        NotFound: There is none.
    """


async def hold_endpoint(connection: Connection, endpoint_id: UUID) -> Endpoint:
    """An endpoint, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["lock_endpoint"], endpoint_id)
    return await read_endpoint(connection, endpoint_id)


async def update_endpoint(connection: Connection, endpoint: Endpoint, at: datetime) -> Endpoint:
    """Write what may change of a held endpoint, as one new version."""
    await connection.execute(
        STATEMENTS["update_endpoint"],
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


@STATEMENTS.query()
async def remove_endpoint(connection: Connection, endpoint_id: UUID, at: datetime) -> None:
    """Remove a held endpoint; what it had coming follows in the sweep."""


async def write_secret(
    connection: Connection, endpoint_id: UUID, secret: bytes, key_id: str, keep_former_seconds: int, at: datetime
) -> Endpoint:
    """Write a new sealed secret to a held endpoint, and keep the one it had so long."""
    await connection.execute(STATEMENTS["write_secret"], endpoint_id, secret, key_id, keep_former_seconds, at)
    return await read_endpoint(connection, endpoint_id)


@STATEMENTS.query()
async def note_failing(connection: Connection, endpoint_id: UUID) -> None:
    """Note that deliveries to an endpoint have begun to fail, unless they did before."""


@STATEMENTS.query()
async def note_working(connection: Connection, endpoint_id: UUID) -> None:
    """Note that a delivery to an endpoint has succeeded."""


@STATEMENTS.query()
async def has_failed_too_long(connection: Connection, endpoint_id: UUID, days: int) -> bool:
    """Whether an enabled endpoint has failed for more than so many days."""


@STATEMENTS.query()
async def drop_former_secrets(connection: Connection) -> None:
    """Forget the secrets that no longer sign."""


async def sealed_otherwise(connection: Connection, key_id: str) -> list[SealedRow]:
    """Endpoints with a secret that is not sealed with this key, locked until the transaction ends."""
    return [SealedRow(*row) for row in await connection.fetch(STATEMENTS["sealed_otherwise"], [key_id])]


async def write_seals(connection: Connection, rows: Sequence[SealedRow]) -> None:
    """Write the same secrets, sealed again."""
    await connection.executemany(STATEMENTS["write_seals"], rows)


@STATEMENTS.query()
async def remove_deleted(connection: Connection) -> None:
    """Remove the rows of endpoints that are deleted and have nothing coming any more."""


@STATEMENTS.query()
async def count_disabled(connection: Connection) -> dict[str, int]:
    """How many endpoints are disabled, by reason."""


ENDPOINT_ROWS = ListedRows(
    Endpoint,
    STATEMENTS["endpoints"],
    sorts=("url", "created_at", "updated_at"),
    search=("url", "description"),
)
