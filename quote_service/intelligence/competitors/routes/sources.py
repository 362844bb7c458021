"""Sources of competitors' prices: `/api/v1/sources`.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.intelligence.competitors.model.check_source import source_faults
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.sources import SourceDraft, SourceKind, SourceRecord, TooManySources
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.competitors.operations.write_source import create_source, delete_source, replace_source
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.sources import SOURCE_ROWS, read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Fault
from quote_service.platform.system.preconditions import Precondition


class SourceFilters(msgspec.Struct, frozen=True):
    """Which sources to list."""

    competitor_id: UUID | None = None
    """Only sources of this competitor."""
    kind: SourceKind | None = None
    """Only sources of this kind, such as `feed`."""
    outcome: Outcome | None = None
    """Only sources whose last fetch ended so, such as `blocked`."""
    is_stale: bool | None = None
    """Only sources that are stale, or that are not."""


def _faults(draft: SourceDraft, settings: Settings) -> Iterable[Fault]:
    return source_faults(draft, Networks(settings.outbound_networks))


def _seal(settings: Settings) -> CredentialsSeal:
    return CredentialsSeal(settings.jwt_keys)


@post(
    access=COMPETITOR_WRITERS,
    message="Source created",
    location=Location("/api/v1/sources/{id}", "The source."),
    body_example=examples.SOURCE,
    dependencies={"seal": _seal},
    faults=_faults,
    problems=(TooManySources,),
    is_import=True,
)
async def add_source(change: CreatingChange, seal: CredentialsSeal, data: SourceDraft) -> Tagged[SourceRecord]:
    """Create a source.

    It is fetched as soon as the pace of its host allows, and then every `interval_seconds`. Its URL must lead to a public
    address. `credentials` are kept sealed and never shown.
    """
    return await create_source(change, data, seal)


@get(access=COMPETITOR_READERS, listing=Listing("sources", SOURCE_ROWS, SourceFilters))
async def list_sources(rows: ListRequest[SourceRecord]) -> ListAnswer:
    """List sources.

    Oldest first. With `is_stale=true`, those whose prices decide nothing; with `outcome=blocked`, those that are refused.
    """
    return await rows.answer(check_empty=_check_named)


async def _check_named(connection: Connection, asked: SourceFilters) -> None:
    await check_named(connection, competitor_id=(require_competitor, asked.competitor_id))


@get("/{source_id:uuid}", access=COMPETITOR_READERS, message="Source")
async def show_source(connection: Reading, source_id: FromPath[UUID]) -> Tagged[SourceRecord]:
    """Get a source.

    With how its last fetch ended, when the next one is, and whether its prices are stale.
    """
    return await read_source(connection, source_id)


@put(
    "/{source_id:uuid}",
    access=COMPETITOR_WRITERS,
    message="Source replaced",
    body_example={**examples.SOURCE, "interval_seconds": 7200},
    example={**examples.SOURCE_RECORD, "interval_seconds": 7200, "stale_after_seconds": 21_600, "version": 2},
    dependencies={"seal": _seal},
    faults=_faults,
    is_import=True,
)
async def edit_source(
    change: WritingChange,
    seal: CredentialsSeal,
    source_id: FromPath[UUID],
    data: SourceDraft,
    precondition: Precondition,
) -> Tagged[SourceRecord]:
    """Replace a source.

    Its kind and competitor stay. A source that was disabled by a challenge page, or because its page is gone, is enabled
    again with `is_enabled`. It is fetched again at once.
    """
    return await replace_source(change, source_id, data, seal, precondition)


@delete("/{source_id:uuid}", access=COMPETITOR_WRITERS)
async def remove_source(change: WritingChange, source_id: FromPath[UUID], precondition: Precondition) -> None:
    """Delete a source.

    With its listings and what they offer. To keep them and fetch no more, disable it instead.
    """
    await delete_source(change, source_id, precondition)
