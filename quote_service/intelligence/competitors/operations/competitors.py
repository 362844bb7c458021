"""Competitors.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from uuid import UUID

import msgspec

from quote_service.intelligence.competitors.model.competitors import (
    COMPETITORS_MAX,
    CompetitorDraft,
    CompetitorRecord,
    TooManyCompetitors,
)
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import count
from quote_service.platform.resource.resource import Resource
from quote_service.platform.system.errors import NameTaken


class CompetitorFilters(msgspec.Struct, frozen=True):
    """Which competitors to list."""

    is_active: bool | None = None
    """Only competitors that are watched, or only those that are not."""


async def _refuse_too_many(connection: Connection, _: UUID, __: CompetitorDraft, held: CompetitorRecord | None) -> None:
    if held is None and await count(COMPETITORS, connection) >= COMPETITORS_MAX:
        raise TooManyCompetitors(f"There are {COMPETITORS_MAX} competitors already")


COMPETITORS: Resource[CompetitorDraft, CompetitorRecord] = Resource(
    one="competitor",
    many="competitors",
    draft=CompetitorDraft,
    record=CompetitorRecord,
    example=CompetitorDraft(name="Corner Shop", website="https://corner.example"),
    shown_example={"id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b01"},
    readers=COMPETITOR_READERS,
    writers=COMPETITOR_WRITERS,
    verbs=frozenset({"create", "list", "show", "replace"}),
    filters=CompetitorFilters,
    sorts=("name", "created_at", "updated_at"),
    search=("name", "website"),
    # So that the count holds.
    one_at_a_time=True,
    check=_refuse_too_many,
    problems={"create": (NameTaken, TooManyCompetitors), "replace": (NameTaken,)},
    about={
        "create": "Its prices come from sources, which are created on their own.",
        "replace": "With `is_active` false none of its sources is fetched, and none of its prices is used.",
    },
)
