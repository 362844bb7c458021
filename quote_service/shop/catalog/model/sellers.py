"""Sellers, as far as the catalog knows them.

Source: docs/spec/catalog.md#sellers.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.errors import Fault
from quote_service.pricing.regions import RegionUnreadable, region_key
from quote_service.shop.catalog.model.categories import Name

ExternalRef = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Region = Annotated[str, msgspec.Meta(min_length=2, max_length=400)]


class SellerDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A seller as it is written."""

    name: Name
    """Name of the seller."""
    external_ref: ExternalRef | None = None
    """What another system calls the seller; unique where it is given."""
    is_active: bool = True
    """Whether the seller sells at present."""
    region: Region | None = None
    """Where the seller is, from the country down: `DE` or `TR/Istanbul`. It decides which `COMMISSION_TAX` rules count; null if unknown."""


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
    region: str | None
    """Where the seller is, from the country down; null if unknown."""
    version: int
    """Version of the seller, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of who created the seller."""
    created_at: datetime
    """When the seller was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""
    updated_at: datetime
    """When this version was made."""


def seller_faults(draft: SellerDraft) -> Iterator[Fault]:
    """What is wrong with a draft; a bare place name would leave open in which country the seller pays taxes."""
    if draft.region is None:
        return
    try:
        key = region_key(draft.region)
    except RegionUnreadable as unreadable:
        yield Fault("/region", str(unreadable))
        return
    if key.startswith("*"):
        yield Fault("/region", "must start with an ISO 3166-1 country code")
