"""Competitors as they are written and shown, and whose SKU is which product of ours.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Factor
from quote_service.platform.system.errors import Conflict, Fault

COMPETITORS_MAX = 1000
SKUS_AT_ONCE = 10_000

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Website = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Notes = Annotated[str, msgspec.Meta(max_length=2000)]
TheirSku = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class TooManyCompetitors(Conflict):
    code = "too-many-competitors"
    title = "Too many competitors"


class CompetitorDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A competitor as it is written."""

    name: Name
    """Name of the competitor; unique, whatever its case."""
    website: Website | None = None
    """Its website, for people."""
    notes: Annotated[Notes, Renamed("note")] = ""
    """Anything worth knowing, such as what its terms allow."""
    is_active: bool = True
    """Whether it is watched; while it is not, none of its sources is fetched and none of its prices is used."""


class CompetitorRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A competitor as it is kept."""

    id: UUID
    """Identifies the competitor."""
    name: str
    """Name of the competitor."""
    website: str | None
    """Its website, for people."""
    notes: Annotated[str, Renamed("note")]
    """Anything worth knowing."""
    is_active: bool
    """Whether it is watched."""
    version: int
    """Version of the competitor, from 1; it goes up with every change, and `ETag` follows it."""
    created_at: datetime
    """When the competitor was created."""
    updated_at: datetime
    """When this version was made."""
    created_by: str
    """Id of who created the competitor."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""


class SkuMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which product of ours an SKU of theirs is."""

    their_sku: TheirSku
    """The competitor's SKU."""
    product_id: UUID | None = None
    """Our product; null takes the SKU out of the map."""
    variant_id: UUID | None = None
    """The variant of our product."""
    units: Factor = ExactNumber("1")
    """How many units of ours one of theirs holds: 6 for a pack of six of what we sell singly."""


class SkuMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """SKUs to map; those that are not named stay as they are."""

    skus: Annotated[list[SkuMapping], msgspec.Meta(min_length=1, max_length=SKUS_AT_ONCE)]
    """The SKUs."""


class SkuMapWritten(msgspec.Struct, frozen=True, kw_only=True):
    """What was written of a map."""

    written: int
    """SKUs that were mapped."""
    removed: int
    """SKUs that were taken out."""
    matched: int
    """Listings that are matched now and were not before."""


def sku_map_faults(given: SkuMap) -> tuple[Fault, ...]:
    """What is wrong with a well-formed map."""
    faults, seen = [], set()
    for place, mapping in enumerate(given.skus):
        if mapping.their_sku in seen:
            faults.append(Fault(f"/skus/{place}/their_sku", "is given more than once"))
        seen.add(mapping.their_sku)
        if mapping.variant_id is not None and mapping.product_id is None:
            faults.append(Fault(f"/skus/{place}/variant_id", "needs a product_id"))
        if not 0 < mapping.units < 1_000_000:
            faults.append(Fault(f"/skus/{place}/units", "must be more than 0 and less than 1000000"))
    return tuple(faults)
