"""API keys: their rows, and the set of them that holds now.

Source: docs/spec/access.md#callers.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from asyncpg import Record

from quote_service.platform.callers.access import Caller, Scope
from quote_service.platform.callers.api_keys import ApiKey
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.instants import to_micros
from quote_service.platform.system.records import record_of

STATEMENTS = Statements(__file__, "api_keys")


class AccessSnapshot(msgspec.Struct, frozen=True):
    """Who may do what as of one version: keys by digest, and the generations of tokens by person."""

    version: int
    keys: list[tuple[bytes, Caller]]
    generations: dict[str, int]


def _rate_limit(row: Record) -> RateLimit | None:
    return None if row["burst"] is None else RateLimit(row["requests_per_second"], row["burst"])


def _found(row: Record | None) -> ApiKey | None:
    return None if row is None else _key(row)


def _key(row: Record) -> ApiKey:
    return record_of(ApiKey, row, id=str(row["id"]), rate_limit=_rate_limit(row))


async def insert_key(
    connection: Connection,
    *,
    key_id: str,
    name: str,
    prefix: str,
    key_hash: bytes,
    scopes: Sequence[Scope],
    rate_limit: RateLimit | None,
    expires_at: datetime | None,
    at: datetime,
) -> ApiKey:
    """Add a key."""
    rate, burst = _limits(rate_limit)
    row = await connection.fetchrow(
        STATEMENTS["insert_key"], key_id, name, prefix, key_hash, list(scopes), rate, burst, expires_at, at
    )
    assert row is not None  # INSERT ... RETURNING
    return _key(row)


@STATEMENTS.query(row=_found)
async def key_by_id(connection: Connection, key_id: str) -> ApiKey | None:
    """A key."""


@STATEMENTS.query(row=_found)
async def key_by_prefix(connection: Connection, prefix: str) -> ApiKey | None:
    """The key with this readable prefix."""


@STATEMENTS.query(row=_found)
async def key_by_hash(connection: Connection, key_hash: bytes) -> ApiKey | None:
    """The key with this digest."""


@STATEMENTS.query(row=_found)
async def lock_key(connection: Connection, key_id: str) -> ApiKey | None:
    """A key, its row held until the transaction ends."""


async def update_key(connection: Connection, key: ApiKey, at: datetime) -> ApiKey:
    """Write what may change of a key (name, scopes, limit, expiry, revocation), as one new version."""
    rate, burst = _limits(key.rate_limit)
    row = await connection.fetchrow(
        STATEMENTS["update_key"], key.id, key.name, key.scopes, rate, burst, key.expires_at, key.revoked_at, at
    )
    assert row is not None  # the caller holds the row
    return _key(row)


@STATEMENTS.query()
async def note_uses(connection: Connection, key_ids: Sequence[str], at: datetime) -> None:
    """Write down that these keys were used recently; no new version."""


@STATEMENTS.query()
async def access_version(connection: Connection) -> int:
    """The version that the last change to access made."""


async def read_access(connection: Connection) -> AccessSnapshot:
    """Every key that holds, and every generation of tokens that a token still alive could be older than.

    Args:
        connection: Within a snapshot, so that the version and the rows are of one state.
    """
    version = await access_version(connection)
    keys = [(row["key_hash"], _caller(row)) for row in await connection.fetch(STATEMENTS["active_keys"])]
    generations = {
        str(row["id"]): row["generation"] for row in await connection.fetch(STATEMENTS["recent_generations"])
    }
    return AccessSnapshot(version, keys, generations)


def _limits(rate_limit: RateLimit | None) -> tuple[int | None, int | None]:
    return (None, None) if rate_limit is None else (rate_limit.requests_per_second, rate_limit.burst)


def _caller(row: Record) -> Caller:
    expires_at = row["expires_at"]
    return Caller(
        kind="key",
        id=str(row["id"]),
        name=row["prefix"],
        scopes=frozenset(row["scopes"]),
        rate_limit=_rate_limit(row),
        expires_at_us=None if expires_at is None else to_micros(expires_at),
    )


KEY_ROWS = ListedRows(
    ApiKey,
    STATEMENTS["keys"],
    sorts=("name", "created_at", "updated_at", "last_used_at", "expires_at"),
    search=("name", "prefix"),
    conditions={"is_revoked": "(listed.revoked_at IS NOT NULL) = {}"},
    make=_key,
)
