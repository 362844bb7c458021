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
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.records import record_of
from quote_service.pricing.flags.flag import FlagDraft, FlagState, Rollout
from quote_service.pricing.flags.guardrails import FlagGuardrail
from quote_service.rulebook.feature_flags.model.flag_records import FlagFilters, FlagRecord, FlagRollback

STATEMENTS = Statements(__file__, "feature_flags")


def _given(value: Any) -> str | None:
    return None if value is msgspec.UNSET else json_literal(value)


def _written(row: Record | None) -> FlagRecord:
    assert row is not None  # the caller holds the flag, and flags are never removed
    return _record(row)


def _record(row: Record) -> FlagRecord:
    rollout, default_value = row["rollout"], row["default_value"]
    guardrails, rollback = row["guardrails"], row["rollback"]
    return record_of(
        FlagRecord,
        row,
        value=parse_exact(row["value"]),
        rollout=None if rollout is None else convert_exact(parse_exact(rollout), Rollout),
        default_value=msgspec.UNSET if default_value is None else parse_exact(default_value),
        guardrails=None if guardrails is None else convert_exact(parse_exact(guardrails), list[FlagGuardrail]),
        rollback=None if rollback is None else msgspec.json.decode(rollback, type=FlagRollback),
    )


@STATEMENTS.query()
async def hold_flags(connection: Connection) -> None:
    """Keep every other writer of flags out until the transaction ends."""


@STATEMENTS.query()
async def key_was_used(connection: Connection, key: str) -> bool:
    """Whether there is or was a flag with this key, an archived one too; sure only after `hold_flags`."""


@STATEMENTS.query(
    arguments={
        "draft.value": json_literal,
        "draft.default_value": _given,
        "draft.rollout": json_literal,
        "draft.guardrails": json_literal,
    },
    row=_written,
)
async def insert_flag(connection: Connection, change: Author, flag_id: str, draft: FlagDraft) -> FlagRecord:
    """Version 1 of a flag."""


@STATEMENTS.query(
    arguments={
        "draft.value": json_literal,
        "draft.default_value": _given,
        "draft.rollout": json_literal,
        "draft.guardrails": json_literal,
    },
    row=_written,
)
async def replace_flag(connection: Connection, change: Author, flag_id: UUID, draft: FlagDraft) -> FlagRecord:
    """The next version of a flag that is there: all of the draft but key, salt and algorithm, which stay."""


@STATEMENTS.query(row=_written)
async def switch_off_flag(connection: Connection, change: Author, flag_id: UUID) -> FlagRecord:
    """The next version of a flag that is there, which is off."""


async def set_flag_state(
    connection: Connection, change: Author, flag_id: UUID, state: FlagState, rollback: FlagRollback | None
) -> FlagRecord:
    """The next version of a flag that is there, rolled back or armed again."""
    reported = None if rollback is None else json_literal(rollback)
    return _written(
        await connection.fetchrow(STATEMENTS["set_flag_state"], flag_id, state, reported, change.actor, change.at)
    )


@STATEMENTS.query(row=_written)
async def archive_flag(connection: Connection, change: Author, flag_id: UUID) -> FlagRecord:
    """The last version of a flag that is there."""


@STATEMENTS.query(row=_record)
async def flag_by_id(connection: Connection, flag_id: UUID) -> FlagRecord | None:
    """A flag as it is now, archived ones too."""


@STATEMENTS.query(row=_record)
async def flag_by_key(connection: Connection, key: str) -> FlagRecord | None:
    """A flag as it is now, archived ones too."""


async def page_of_flags(
    connection: Connection, wanted: FlagFilters, *, after: tuple[str, UUID] | None, limit: int
) -> list[FlagRecord]:
    """Up to `limit` flags that pass the filters, by key, from behind `after`."""
    rows = await connection.fetch(
        STATEMENTS["page_of_flags"],
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


@STATEMENTS.query(row=_record)
async def page_of_versions(
    connection: Connection, flag_id: UUID, *, before_version: int | None, limit: int
) -> list[FlagRecord]:
    """Up to `limit` versions of a flag, newest first, from below `before_version`."""
