"""Sources as rows, with what became of their fetches.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.competitors.model.batches import FetchBatch
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.sources import (
    ApiSettings,
    DisabledReason,
    FeedSettings,
    FetchRecord,
    PageSettings,
    SourceDraft,
    SourceRecord,
)
from quote_service.platform.documents.documents import document_text, write_document
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "sources")

_SETTINGS: dict[str, Any] = {"page": PageSettings, "feed": FeedSettings, "api": ApiSettings}


class Upload(NamedTuple):
    """What was uploaded for a feed."""

    source_id: UUID
    id: UUID
    content_type: str
    body: bytes
    received_at: datetime


class FetchToWrite(NamedTuple):
    """A fetch that has ended; `version` is that of the source when it began, None for what was pushed."""

    id: UUID
    source_id: UUID
    at: datetime
    outcome: Outcome
    detail: str
    is_confirming: bool
    version: int | None = None
    url: str = ""
    status: int | None = None
    seconds: float | None = None
    size: int = 0
    sha256: bytes | None = None
    offers: int = 0
    etag: str | None = None
    last_modified: str | None = None
    next_seconds: float = 0.0
    disabled: DisabledReason | None = None
    batches: Sequence[FetchBatch] = ()
    next_batch: int = 0


class SealedRow(NamedTuple):
    """Credentials as they are stored, with the id of their key."""

    id: UUID
    credentials: bytes
    key_id: str


def _record(row: Record) -> SourceRecord:
    values = {name: value for name, value in row.items() if name != "settings"}
    kind = row["kind"]
    settings = convert_exact(parse_exact(row["settings"]), _SETTINGS[kind]) if kind in _SETTINGS else None
    each: dict[str, Any] = {name: settings if name == kind else None for name in _SETTINGS}
    return SourceRecord(**values, **each)


async def count_sources(connection: Connection) -> int:
    """How many there are; nobody else counts until the transaction ends."""
    await connection.execute(STATEMENTS["lock_count"])
    return int(await connection.fetchval(STATEMENTS["count_sources"]))


async def insert_source(
    connection: Connection, source_id: UUID, draft: SourceDraft, lane: str | None, author: str, at: datetime
) -> None:
    """Write a new source; it is due at once, where it is fetched at all."""
    await connection.execute(
        STATEMENTS["insert_source"],
        source_id,
        draft.competitor_id,
        draft.name,
        draft.kind,
        _settings_json(draft),
        draft.currency,
        draft.interval_seconds,
        _stale_seconds(draft),
        draft.is_enabled,
        lane,
        author,
        at,
        draft.country,
    )


async def update_source(
    connection: Connection, source_id: UUID, draft: SourceDraft, lane: str | None, author: str, at: datetime
) -> None:
    """Write a held source again; it is due at once, where it is fetched at all."""
    await connection.execute(
        STATEMENTS["update_source"],
        source_id,
        draft.name,
        _settings_json(draft),
        draft.currency,
        draft.interval_seconds,
        _stale_seconds(draft),
        draft.is_enabled,
        lane,
        author,
        at,
        draft.country,
    )


@STATEMENTS.query()
async def write_credentials(connection: Connection, source_id: UUID, sealed: bytes | None, key_id: str | None) -> None:
    """Write sealed credentials; None takes them away."""


@STATEMENTS.query()
async def remove_source(connection: Connection, source_id: UUID) -> None:
    """Remove a source with its listings; what was observed of them goes when it is old."""


@STATEMENTS.query(missing="There is no such source", row=_record)
async def read_source(connection: Connection, source_id: UUID) -> SourceRecord:
    """A source.

    Raises:
        NotFound: There is none.
    """


async def hold_source(connection: Connection, source_id: UUID) -> SourceRecord:
    """A source, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["lock_source"], source_id)
    return await read_source(connection, source_id)


async def ask_now(connection: Connection, source_id: UUID) -> bool:
    """Have a source fetched as soon as its host's pace allows; whether it is one that is fetched, and enabled."""
    return str(await connection.execute(STATEMENTS["ask_now"], source_id)) == "UPDATE 1"


@STATEMENTS.query()
async def insert_upload(
    connection: Connection, source_id: UUID, upload_id: UUID, content_type: str, body: bytes
) -> None:
    """Keep what was uploaded for a feed until it is read; it takes the place of what was before."""


@STATEMENTS.query()
async def claim_upload(connection: Connection, seconds: float) -> Upload | None:
    """An upload that nobody else reads, kept from others for so long."""


@STATEMENTS.query()
async def remove_upload(connection: Connection, upload: Upload) -> None:
    """Drop an upload that has been read."""


@STATEMENTS.query(arguments={"fetch.batches": document_text})
async def insert_fetch(connection: Connection, fetch: FetchToWrite) -> None:
    """Write how a fetch ended."""


@STATEMENTS.query()
async def note_fetch(connection: Connection, fetch: FetchToWrite) -> None:
    """Write what the end of a fetch makes of its source."""


async def write_fetch(connection: Connection, fetch: FetchToWrite) -> None:
    """Write how a fetch ended, and what that makes of its source."""
    await insert_fetch(connection, fetch)
    await note_fetch(connection, fetch)


@STATEMENTS.query()
async def sealed_otherwise(connection: Connection, key_id: str) -> list[SealedRow]:
    """Sources whose credentials are not sealed with this key, locked until the transaction ends."""


@STATEMENTS.query()
async def count_by_outcome(connection: Connection) -> dict[str, int]:
    """How many enabled sources there are by how their last fetch ended; `never` where there was none."""


@STATEMENTS.query()
async def count_stale(connection: Connection) -> int:
    """How many enabled sources have reported nothing for too long."""


@STATEMENTS.query()
async def forget_fetches(connection: Connection, days: int, limit: int) -> Affected:
    """Remove up to `limit` fetches that are older; how many there were."""


def _settings_json(draft: SourceDraft) -> str:
    settings = getattr(draft, draft.kind, None)
    return "{}" if settings is None else write_document(settings).decode()


def _stale_seconds(draft: SourceDraft) -> int:
    return (
        min(3 * draft.interval_seconds, 31_536_000) if draft.stale_after_seconds is None else draft.stale_after_seconds
    )


SOURCE_ROWS = ListedRows(
    SourceRecord,
    STATEMENTS["sources"],
    sorts=("name", "kind", "last_fetch_at", "next_fetch_at", "created_at", "updated_at"),
    search=("name",),
    conditions={"outcome": "listed.last_outcome = {}"},
    make=_record,
)


def _fetch(row: Any) -> FetchRecord:
    values = {name: row[name] for name in FetchRecord.__struct_fields__}
    return FetchRecord(**{**values, "batches": convert_exact(parse_exact(row["batches"]), list[FetchBatch])})


FETCH_ROWS = ListedRows(
    FetchRecord,
    STATEMENTS["fetches"],
    order="-id",
    sorts=("at", "outcome", "bytes", "offers"),
    search=("url", "detail"),
    conditions={"from_": "listed.at >= {}", "to": "listed.at < {}"},
    make=_fetch,
)
