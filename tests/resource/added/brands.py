"""Brands."""

import msgspec

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.http.declared.router import router_of
from quote_service.platform.resource.resource import Resource
from tests.resource.added.brand_model import BrandDraft, BrandRecord, brand_faults


class BrandFilters(msgspec.Struct, frozen=True):
    """Which brands to list."""

    is_active: bool | None = None
    """Only brands that are shown, or only those that are not."""
    alias: str | None = None
    """Only brands with this other name."""


def _in_order(draft: BrandDraft) -> BrandDraft:
    return msgspec.structs.replace(draft, aliases=sorted(set(draft.aliases)))


BRANDS = Resource(
    one="brand",
    many="brands",
    meaning="What products are sold under.",
    draft=BrandDraft,
    record=BrandRecord,
    example=BrandDraft(name="Kaya", country="TR"),
    readers=CATALOG_READERS,
    writers=CATALOG_WRITERS,
    verbs=frozenset({"create", "list", "show", "replace", "change", "remove"}),
    computed={"initial": "left(name, 1)"},
    shown_example={"initial": "K"},
    filters=BrandFilters,
    conditions={"alias": "listed.aliases @> ARRAY[{}::text]"},
    sorts=("name", "country", "launched_at", "is_active", "created_at", "updated_at"),
    search=("name", "country"),
    faults=brand_faults,
    normal=_in_order,
)
ROUTER = router_of(BRANDS)
