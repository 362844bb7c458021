"""Brands: what is written, and what is kept."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.errors import Fault

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class BrandDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A brand as it is written."""

    name: Name
    """Name of the brand; unique."""
    country: str | None = None
    """ISO 3166-1 code of where it is from; null if unknown."""
    aliases: list[Name] = []
    """Other names, in alphabetical order."""
    launched_at: datetime | None = None
    """When it was launched; null if unknown."""
    is_active: bool = True
    """Whether it is shown."""


class BrandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A brand as it is kept."""

    id: UUID
    """Identifies the brand."""
    name: str
    """Name of the brand."""
    initial: str
    """First letter of the name."""
    country: str | None
    """ISO 3166-1 code of where it is from."""
    aliases: list[str]
    """Other names."""
    launched_at: datetime | None
    """When it was launched."""
    is_active: bool
    """Whether it is shown."""
    version: int
    """Version of the brand, from 1."""
    created_by: str
    """Id of who created the brand."""
    created_at: datetime
    """When the brand was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""
    updated_at: datetime
    """When this version was made."""


def brand_faults(draft: BrandDraft) -> Iterator[Fault]:
    """What is wrong with a draft."""
    if draft.country is not None and len(draft.country) != 2:
        yield Fault("/country", "must be an ISO 3166-1 code")
