"""Changes of a current price: asked for now or for later, and the history of all moves.

Source: docs/spec/catalog.md#moving-a-price; docs/spec/catalog.md#price-history.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.shop.catalog.model.prices import Currency, UnitPrice

Reason = Literal["manual", "inventory", "campaign", "intelligence", "import", "schedule"]
ChangeStatus = Literal["scheduled", "done", "cancelled", "failed"]
Bucket = Literal["hour", "day", "week"]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
BUCKETS_MAX = 1000


class PriceChangeDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new current price."""

    price: UnitPrice
    """The price of a unit, from `min_price` to `max_price`."""
    currency: Currency
    """ISO 4217 code; one that the product is sold in."""
    variant_id: UUID | None = None
    """The variant whose price it is; null for the product itself."""
    effective_at: Instant | None = None
    """When the price changes; must be in the future. Null for now."""
    reason_note: Annotated[Annotated[str, msgspec.Meta(max_length=1000)] | None, Renamed("note")] = None
    """Why, in words; kept in the price history."""


class PriceChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a current price that was asked for."""

    id: UUID
    """Identifies the change; the price history names it as `source_id`."""
    product_id: UUID
    """The product."""
    variant_id: UUID | None
    """The variant; null for the product itself."""
    currency: str
    """ISO 4217 code."""
    price: ExactNumber
    """The price that was asked for."""
    effective_at: datetime
    """When the price changes or changed."""
    reason_note: Annotated[str | None, Renamed("note")]
    """Why, in words."""
    status: ChangeStatus
    """`scheduled`, `done`, `cancelled`, or `failed` where there was no such price any more at its time."""
    applied_price: ExactNumber | None
    """What the price became: `price`, held to the bounds of that moment. Null unless `done`."""
    decided_at: datetime | None
    """When it was done, cancelled or failed; null while it is `scheduled`."""
    version: int
    """Version of the change; `ETag` follows it."""
    created_by: str
    """Id of who asked for it."""
    created_at: datetime
    """When it was asked for."""


class PriceMove(msgspec.Struct, frozen=True, kw_only=True):
    """One move of a current price."""

    id: int
    """Number of the move; later ones are higher."""
    variant_id: UUID | None
    """The variant; null for the product itself."""
    currency: str
    """ISO 4217 code."""
    old_price: ExactNumber | None
    """The price before; null where the item was not sold in this currency."""
    new_price: ExactNumber | None
    """The price from then on; null where the item is no longer sold in this currency."""
    reason: Reason
    """What moved the price."""
    source_id: str | None
    """The price change, import or other object behind it; null where there is none."""
    actor: str
    """Id of who moved it, or the name of a part of the system or a database role."""
    note: str | None
    """Why, in words."""
    at: datetime
    """When it moved."""


class PriceBucket(msgspec.Struct, frozen=True, kw_only=True):
    """What a price was over a stretch of time."""

    from_: datetime = msgspec.field(name="from")
    """Begin of the stretch."""
    min_price: ExactNumber
    """The lowest price in force at any moment of it."""
    max_price: ExactNumber
    """The highest price in force at any moment of it."""
    last_price: ExactNumber
    """The price in force at its end; the last one, where it was no longer sold then."""
