"""Categories: a tree of names.

Source: docs/spec/catalog.md#categories.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.documents.renamed import Renamed

LEVELS_MAX = 10
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class CategoryDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A category as it is written."""

    name: Name
    """Name of the category; unique below its parent."""
    parent_id: UUID | None = None
    """The category above; null for one at the top. There are at most ten levels."""


class CategoryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A category as it is kept."""

    id: UUID
    """Identifies the category."""
    name: str
    """Name of the category; unique below its parent."""
    parent_id: UUID | None
    """The category above; null for one at the top."""
    path: list[str]
    """Names from the top down to this category."""
    version: int
    """Version of the category, from 1; it goes up with every change, and `ETag` follows it."""
    created_at: datetime
    """When the category was created."""
    updated_at: datetime
    """When this version was made."""
    created_by: str | UnsetType = UNSET
    """Id of who created the category. Left out for shoppers and checkouts."""
    changed_by: Annotated[str | UnsetType, Renamed("updated_by")] = UNSET
    """Id of who made this version. Left out for shoppers and checkouts."""
