"""Feature flags as admins write and read them; every version that was ever in force is kept.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.flags.flag import FlagDraft, FlagState, Rollout
from quote_service.pricing.flags.guardrails import FlagGuardrail
from quote_service.rulebook.feature_flags.model.flag_records import FlagFilters, FlagRecord, FlagRollback

_QUERIES = load_queries(__file__, "feature_flags")
_HOLD_RULEBOOK = _QUERIES["hold_rulebook"]
_KEY_WAS_USED = _QUERIES["key_was_used"]
_INSERT = _QUERIES["insert_flag"]
_REPLACE = _QUERIES["replace_flag"]
_SWITCH_OFF = _QUERIES["switch_off_flag"]
_SET_STATE = _QUERIES["set_flag_state"]
_ARCHIVE = _QUERIES["archive_flag"]
_BY_ID = _QUERIES["flag_by_id"]
_BY_KEY = _QUERIES["flag_by_key"]
_PAGE = _QUERIES["page_of_flags"]
_VERSIONS = _QUERIES["page_of_versions"]


async def hold_flags(connection: Connection) -> None:
    """Keep every other writer of flags out until the transaction ends."""
    await connection.execute(_HOLD_RULEBOOK)


async def key_was_used(connection: Connection, key: str) -> bool:
    """Whether there is or was a flag with this key, an archived one too; sure only after `hold_flags`."""
    was_used: bool = await connection.fetchval(_KEY_WAS_USED, key)
    return was_used


async def insert_flag(connection: Connection, change: Change, flag_id: str, draft: FlagDraft) -> FlagRecord:
    """Version 1 of a flag."""
    row = await connection.fetchrow(
        _INSERT,
        flag_id,
        draft.key,
        draft.name,
        draft.description,
        draft.type,
        json_literal(draft.value),
        _given(draft.default_value),
        draft.is_enabled,
        _optional(draft.rollout),
        draft.expose_in_quote,
        draft.accept_group,
        draft.salt,
        draft.algorithm,
        None if draft.guardrails is None else json_literal(draft.guardrails),
        change.actor,
        from_micros(change.at_us),
    )
    return _written(row)


async def replace_flag(connection: Connection, change: Change, flag_id: UUID, draft: FlagDraft) -> FlagRecord:
    """The next version of a flag that is there: all of the draft but key, salt and algorithm, which stay."""
    row = await connection.fetchrow(
        _REPLACE,
        flag_id,
        draft.name,
        draft.description,
        draft.type,
        json_literal(draft.value),
        _given(draft.default_value),
        draft.is_enabled,
        _optional(draft.rollout),
        draft.expose_in_quote,
        draft.accept_group,
        None if draft.guardrails is None else json_literal(draft.guardrails),
        change.actor,
        from_micros(change.at_us),
    )
    return _written(row)


async def switch_off_flag(connection: Connection, change: Change, flag_id: UUID) -> FlagRecord:
    """The next version of a flag that is there, which is off."""
    return _written(await connection.fetchrow(_SWITCH_OFF, flag_id, change.actor, from_micros(change.at_us)))


async def set_flag_state(
    connection: Connection, change: Change, flag_id: UUID, state: FlagState, rollback: FlagRollback | None
) -> FlagRecord:
    """The next version of a flag that is there, rolled back or armed again."""
    told = None if rollback is None else json_literal(rollback)
    return _written(
        await connection.fetchrow(_SET_STATE, flag_id, state, told, change.actor, from_micros(change.at_us))
    )


async def archive_flag(connection: Connection, change: Change, flag_id: UUID) -> FlagRecord:
    """The last version of a flag that is there."""
    return _written(await connection.fetchrow(_ARCHIVE, flag_id, change.actor, from_micros(change.at_us)))


async def flag_by_id(connection: Connection, flag_id: UUID) -> FlagRecord | None:
    """A flag as it is now, archived ones too."""
    row = await connection.fetchrow(_BY_ID, flag_id)
    return None if row is None else _record(row)


async def flag_by_key(connection: Connection, key: str) -> FlagRecord | None:
    """A flag as it is now, archived ones too."""
    row = await connection.fetchrow(_BY_KEY, key)
    return None if row is None else _record(row)


async def page_of_flags(
    connection: Connection, wanted: FlagFilters, *, after: tuple[str, UUID] | None, limit: int
) -> list[FlagRecord]:
    """Up to `limit` flags that pass the filters, by key, from behind `after`."""
    rows = await connection.fetch(
        _PAGE,
        wanted.is_archived,
        wanted.type,
        wanted.is_enabled,
        wanted.expose_in_quote,
        wanted.key_prefix,
        wanted.state,
        *(after or (None, None)),
        limit,
    )
    return [_record(row) for row in rows]


async def page_of_versions(
    connection: Connection, flag_id: UUID, *, before_version: int | None, limit: int
) -> list[FlagRecord]:
    """Up to `limit` versions of a flag, newest first, from below `before_version`."""
    return [_record(row) for row in await connection.fetch(_VERSIONS, flag_id, before_version, limit)]


def _given(value: Any) -> str | None:
    return None if value is msgspec.UNSET else json_literal(value)


def _optional(rollout: Rollout | None) -> str | None:
    return None if rollout is None else json_literal(rollout)


def _written(row: Record | None) -> FlagRecord:
    assert row is not None  # the caller holds the flag, and flags are never removed
    return _record(row)


def _record(row: Record) -> FlagRecord:
    rollout, default_value = row["rollout"], row["default_value"]
    guardrails, rollback = row["guardrails"], row["rollback"]
    return FlagRecord(
        id=row["id"],
        version=row["version"],
        key=row["key"],
        type=row["type"],
        value=parse_exact(row["value"]),
        name=row["name"],
        description=row["description"],
        is_enabled=row["is_enabled"],
        rollout=None if rollout is None else convert_exact(parse_exact(rollout), Rollout),
        default_value=msgspec.UNSET if default_value is None else parse_exact(default_value),
        expose_in_quote=row["expose_in_quote"],
        accept_group=row["accept_group"],
        salt=row["salt"],
        algorithm=row["algorithm"],
        guardrails=None if guardrails is None else convert_exact(parse_exact(guardrails), list[FlagGuardrail]),
        is_archived=row["is_archived"],
        state=row["state"],
        rollback=None if rollback is None else msgspec.json.decode(rollback, type=FlagRollback),
        created_by=row["created_by"],
        created_at=row["created_at"],
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
    )
