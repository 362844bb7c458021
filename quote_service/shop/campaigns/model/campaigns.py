"""A campaign as it is sent, kept and shown.

Source: docs/spec/campaigns.md#campaigns-in-the-api.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES, Percent, quantity_faults
from quote_service.platform.system.errors import Fault
from quote_service.shop.campaigns.model.campaign_price import HeldBy
from quote_service.shop.campaigns.model.terms import DURATION_HOURS_MAX, TARGET_SALES_MAX, CampaignStatus, CampaignTerms

Hours = Annotated[int, msgspec.Meta(ge=1, le=DURATION_HOURS_MAX)]
TargetSales = Annotated[int, msgspec.Meta(ge=1, le=TARGET_SALES_MAX)]
Currency = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class CampaignDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A campaign to create or replace."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Name of the campaign; no other has it."""
    product_id: UUID
    """The product whose price it moves."""
    variant_id: UUID | None = None
    """The variant whose price it moves, one with a `current_price` of its own; null for the product itself."""
    currency: Currency | None = None
    """ISO 4217 code of the price that it moves; may be left out where the product is sold in only one currency."""
    duration: Hours
    """Hours from start to end."""
    price_manipulation_limit: Percent
    """How far the price may go up or down, in percent of the starting price."""
    target_sales_count: TargetSales
    """Units to be sold in all."""
    starts_at: _Instant | None = None
    """When the campaign starts; at most ten years ahead. Left out: now, or when it is replaced, as it is."""


class CampaignRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign."""

    id: UUID
    """Identifies the campaign; the price history names it as `source_id`."""
    name: str
    """Name of the campaign."""
    product_id: UUID
    """The product whose price it moves."""
    variant_id: UUID | None
    """The variant; null for the product itself."""
    currency: str
    """ISO 4217 code of the price that it moves."""
    duration: int
    """Hours from start to end."""
    price_manipulation_limit: ExactNumber
    """How far the price may go up or down, in percent of the starting price."""
    target_sales_count: int
    """Units to be sold in all."""
    starts_at: datetime
    """When it starts."""
    ends_at: datetime
    """When it ends: `duration` hours after its start."""
    status: CampaignStatus
    """Whether it is scheduled, active, ended or cancelled."""
    starting_price: ExactNumber | None
    """The price that every move is a percentage of, and that comes back at the end. Null before the start."""
    stopped_at: datetime | None
    """When it was ended or cancelled; null before."""
    version: int
    """Version of the campaign; `ETag` follows it. An hour that moves the price makes no new one."""
    created_by: str
    """Id of who created it."""
    created_at: datetime
    """When it was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who last changed it, or the name of a part of the system."""
    changed_at: Annotated[datetime, Renamed("updated_at")]
    """When it was last changed."""

    @property
    def item_id(self) -> UUID:
        """Whose price it moves: the variant's, or the product's."""
        return self.variant_id or self.product_id

    @property
    def terms(self) -> CampaignTerms:
        """What its prices are worked out from."""
        limit = scale_decimal(self.price_manipulation_limit, FACTOR_PLACES)
        return CampaignTerms(self.duration, limit, self.target_sales_count)


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign makes of the price at one of its hours."""

    hour: int
    """Full hours since the start."""
    at: datetime | msgspec.UnsetType = msgspec.UNSET
    """When that hour was full; left out in a simulation."""
    total_sales: int
    """Units sold until then."""
    demand_coefficient: ExactNumber | None
    """Units sold an hour over units to be sold an hour, to six decimals: above 1 it sells too well. Null at hour 0."""
    starting_price: ExactNumber
    """The price that the move is a percentage of."""
    price: ExactNumber
    """The price from this hour on."""
    held_by: HeldBy | None
    """What kept the price from being the one worked out, if anything did."""


class CampaignDetail(CampaignRecord, frozen=True, kw_only=True):
    """A campaign and what has become of it."""

    target_sales: int
    """Units to be sold in all; the same as `target_sales_count`."""
    total_sales: int
    """Units sold while it runs or ran."""
    turnover: ExactNumber
    """What they cost after discounts, in `currency`."""
    average_item_price: ExactNumber | None
    """Turnover over units, rounded to the currency's minor unit; null before anything is sold."""
    current_price: ExactNumber | None
    """The price of a unit now; null where it is no longer sold in this currency."""
    price_path: list[PricePoint]
    """The last 200 hours that were worked out, oldest first."""


def campaign_faults(draft: CampaignDraft) -> tuple[Fault, ...]:
    """Everything about a well-formed campaign that cannot be, whatever the catalog holds."""
    faults = [] if draft.name.strip() else [Fault("/name", "must not be blank")]
    if draft.currency is not None and draft.currency not in EXPONENTS:
        faults.append(Fault("/currency", "is not an ISO 4217 currency code"))
    return (*faults, *quantity_faults(draft, "", FACTOR_PLACES))
