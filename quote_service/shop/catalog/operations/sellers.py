"""Sellers.

Source: docs/spec/catalog.md#sellers.
"""

import msgspec

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.resource.resource import Resource
from quote_service.platform.system.errors import NameTaken, StillUsed
from quote_service.shop.catalog.model.sellers import ExternalRef, SellerDraft, SellerRecord, seller_faults


class SellerFilters(msgspec.Struct, frozen=True):
    """Which sellers to list."""

    is_active: bool | None = None
    """Only sellers who sell at present, or only those who do not."""
    external_ref: ExternalRef | None = None
    """Only the seller whom another system calls so."""


SELLERS = Resource(
    one="seller",
    many="sellers",
    draft=SellerDraft,
    record=SellerRecord,
    example=SellerDraft(name="Kaya Shoes", external_ref="S-1042", region="TR/Istanbul"),
    readers=CATALOG_READERS,
    writers=CATALOG_WRITERS,
    filters=SellerFilters,
    sorts=("name", "created_at", "updated_at"),
    search=("name", "external_ref", "region"),
    faults=seller_faults,
    problems={"create": (NameTaken,), "replace": (NameTaken,), "remove": (StillUsed,)},
    about={"remove": "Only if no product names the seller; deactivate the seller otherwise."},
)
