"""Stock of a product or variant: what is written, what is shown.

Source: docs/spec/inventory.md#stock.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Percent
from quote_service.platform.system.errors import Conflict

UNITS_MAX = 1_000_000_000
Units = Annotated[int, msgspec.Meta(ge=0, le=UNITS_MAX)]
Delta = Annotated[int, msgspec.Meta(ge=-UNITS_MAX, le=UNITS_MAX)]
StockReason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Level = Literal["low", "normal", "high"]


class NotEnoughStock(Conflict):
    """`quantity` units are there, `reserved` of them for orders: no change may leave fewer than those."""

    code = "not-enough-stock"
    title = "Not enough stock"
    quantity: int
    reserved: int


class StockDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Stock as it is set. What is left out stays as it is."""

    quantity: Units
    """Units that there are, reserved ones included."""
    variant_id: UUID | None = None
    """The variant whose stock it is; null for the product itself."""
    low_threshold: Units | UnsetType | None = UNSET
    """Stock is low at this quantity and below; null for never."""
    high_threshold: Units | UnsetType | None = UNSET
    """Stock is high at this quantity and above; more than `low_threshold`. Null for never."""
    low_adjust_percent: Percent | UnsetType = UNSET
    """By how much prices go up while stock is low, in percent."""
    high_adjust_percent: Percent | UnsetType = UNSET
    """By how much prices go down while stock is high, in percent."""
    is_dynamic: bool | UnsetType = UNSET
    """Whether prices follow the stock."""
    reason: StockReason | None = None
    """Why the quantity changes; kept with the movement."""


class StockAdjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Units that come or go."""

    delta: Delta
    """How many units come (above 0) or go (below 0); not 0."""
    reason: StockReason
    """Why; kept with the movement."""
    variant_id: UUID | None = None
    """The variant whose stock it is; null for the product itself."""


class StockRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Stock as it is."""

    product_id: UUID
    """The product."""
    variant_id: UUID | None
    """The variant; null for the product itself."""
    sku: str
    """SKU of the product or variant."""
    quantity: int
    """Units that there are, reserved ones included."""
    reserved: int
    """Units that are kept for orders."""
    available: int
    """Units that can be sold: `quantity` without `reserved`."""
    low_threshold: int | None
    """Stock is low at this quantity and below; null for never."""
    high_threshold: int | None
    """Stock is high at this quantity and above; null for never."""
    low_adjust_percent: ExactNumber
    """By how much prices go up while stock is low, in percent."""
    high_adjust_percent: ExactNumber
    """By how much prices go down while stock is high, in percent."""
    is_dynamic: bool
    """Whether prices follow the stock."""
    level: Level
    """`low`, `normal` or `high`, by the quantity and the thresholds."""
    version: int
    """Version of the stock; it goes up with every change, and `ETag` follows it. 0 if no stock has been set yet."""
    changed_by: Annotated[str | None, Renamed("updated_by")]
    """Id of who made this version, or a database role; null if no stock has been set yet."""
    updated_at: datetime | None
    """When this version was made; null if no stock has been set yet."""

    @property
    def item_id(self) -> UUID:
        """The variant's id, or the product's."""
        return self.variant_id or self.product_id


class StockMovement(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a quantity, or of what of it is reserved."""

    id: int
    """Number of the movement; later ones are higher. The price history names it as `source_id` where it moved a price."""
    variant_id: UUID | None
    """The variant; null for the product itself."""
    delta: int
    """Units that came (above 0) or went (below 0)."""
    reserved_delta: int
    """Units that were reserved (above 0), or are not any more (below 0)."""
    quantity: int
    """Units that there were after it."""
    reserved: int
    """Units that were reserved after it."""
    reason: str | None
    """Why, in words; null if nobody said."""
    actor: str
    """Id of who did it, or a database role."""
    at: datetime
    """When it was done."""
