"""Sellers, as far as the catalog knows them.

Source: docs/spec/catalog.md#sellers.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.catalog.words.categories import Name

ExternalRef = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SellerDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A seller as it is written."""

    name: Name
    """Name of the seller."""
    external_ref: ExternalRef | None = None
    """What another system calls the seller; unique where it is given."""
    is_active: bool = True
    """Whether the seller sells at present."""


class SellerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A seller as it is kept."""

    id: UUID
    """Identifies the seller."""
    name: str
    """Name of the seller."""
    external_ref: str | None
    """What another system calls the seller."""
    is_active: bool
    """Whether the seller sells at present."""
    version: int
    """Version of the seller, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of who created the seller."""
    created_at: datetime
    """When the seller was created."""
    changed_by: str
    """Id of who made this version."""
    updated_at: datetime
    """When this version was made."""
