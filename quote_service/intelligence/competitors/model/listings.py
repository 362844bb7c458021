"""Listings: what a competitor offers, which product of ours it is, and what it costs.

Source: docs/spec/competitors.md#matching; docs/spec/competitors.md#observations.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.competitors.model.competitors import TheirSku
from quote_service.intelligence.competitors.model.found_offers import Availability, Condition, PackUnit
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.sources import Currency
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Factor

PUSHED_MAX = 10_000

MatchState = Literal["unmatched", "proposed", "matched", "ignored"]
MatchMethod = Literal["source", "sku_map", "gtin", "person"]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A product that a listing could be."""

    product_id: UUID
    """Our product."""
    variant_id: UUID | None
    """The variant of our product; null for the product itself."""
    name: str
    """Its name."""
    score: ExactNumber
    """How alike the names are, from 0 to 1."""
    units: ExactNumber | None
    """How many units of ours one of theirs seems to hold; null where their sizes do not say."""


class OfferNow(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing offers now."""

    currency: str
    """ISO 4217 code."""
    price: ExactNumber | None
    """What one costs; null where it is not sold and no price is shown."""
    list_price: ExactNumber | None
    """The price before a reduction; null without one."""
    shipping: ExactNumber | None
    """What delivery costs; null where it is not said."""
    unit_price: ExactNumber | None
    """The price of a kilogram, a litre or a piece; null where the size of the pack is not said."""
    availability: Availability
    """Whether it can be bought."""
    condition: Condition
    """Whether it is new."""
    valid_until: str | None
    """Until when the price is said to hold: a day, or an instant in UTC; as it is written where it is neither; null where it is not said."""
    seller: str | None
    """Who sells it, on a marketplace; null where it is not said."""
    observed_at: datetime
    """Since when it has been observed to be so."""
    confirmed_at: datetime
    """When it was last seen to be so."""
    is_fresh: bool
    """Whether that is recent enough for its source, so that it may decide something."""
    doubted_reason: str | None
    """Why it may decide nothing, such as `price_anomaly`; null while nothing speaks against it."""


class ListingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a competitor offers, as it is kept."""

    id: UUID
    """Identifies the listing."""
    source_id: UUID
    """The source that reports it."""
    competitor_id: UUID
    """The competitor."""
    external_id: str
    """What the source calls it: an id, a SKU, or the URL of its page."""
    title: str | None
    """Its name there."""
    brand: str | None
    """Its brand."""
    gtin: str | None
    """Its GTIN in fourteen digits."""
    sku: str | None
    """The competitor's SKU."""
    url: str | None
    """Its page."""
    pack_quantity: ExactNumber | None
    """How much is in a pack, in `pack_unit`; null where it is not said."""
    pack_unit: PackUnit | None
    """Pieces, grams or millilitres; null where it is not said."""
    match_state: Annotated[MatchState, Renamed("match_status")]
    """Whether it is one of our products: `unmatched`, `proposed` for a person to decide, `matched`, or `ignored`."""
    match_method: MatchMethod | None
    """How it was matched: by its source, the map of SKUs, its GTIN or a person; null while it is not."""
    product_id: UUID | None
    """Our product; null while it is not matched."""
    variant_id: UUID | None
    """The variant of our product; null for the product itself."""
    units: ExactNumber
    """How many units of ours one of theirs holds; its price is divided by it where it is compared."""
    proposals: list[Proposal]
    """Products that it could be, the likeliest first."""
    matched_by: str | None
    """Id of the person who decided; null where nobody did."""
    offer: OfferNow | None
    """What it offers now; null before the first observation."""
    version: int
    """Version of the match, from 1; it goes up with every decision, and `ETag` follows it."""
    created_at: datetime
    """When it was first seen."""
    updated_at: datetime
    """When its match was last decided, or what it is called changed."""


class MatchDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which product of ours a listing is."""

    product_id: UUID
    """Our product."""
    variant_id: UUID | None = None
    """The variant of our product."""
    units: Factor = ExactNumber("1")
    """How many units of ours one of theirs holds."""


class MatchRejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which product of ours a listing is not."""

    product_id: UUID | None = None
    """Our product that it is not; null: none of ours, so that it is ignored."""
    variant_id: UUID | None = None
    """The variant that it is not."""


class ObservationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing offered from an instant on."""

    id: UUID
    """Identifies the observation."""
    observed_at: datetime
    """When it was observed."""
    received_at: datetime
    """When it was written here."""
    currency: str
    """ISO 4217 code."""
    price: ExactNumber | None
    """What one cost; null where it was not sold and no price was shown."""
    list_price: ExactNumber | None
    """The price before a reduction; null without one."""
    shipping: ExactNumber | None
    """What delivery cost; null where it was not said."""
    unit_price: ExactNumber | None
    """The price of a kilogram, a litre or a piece; null where the size of the pack was not said."""
    availability: Availability
    """Whether it could be bought."""
    condition: Condition
    """Whether it was new."""
    seller: str | None
    """Who sold it, on a marketplace; null where it was not said."""
    read_from: str
    """What it was read from, such as `json-ld` or `row 12`."""
    excerpt: str | None
    """The beginning of what it was read from; null where nothing was kept."""
    fetch_id: UUID | None
    """The fetch that it is from."""
    doubted_reason: str | None
    """Why it decides nothing; null while nothing speaks against it."""


class PushedObservation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody saw: an offer, and when."""

    currency: Currency
    """ISO 4217 code."""
    price: Factor | None = None
    """What one costs; may be null only where `availability` is `out_of_stock` or `discontinued`."""
    external_id: TheirSku | None = None
    """What the competitor calls it. Left out: `sku`, `gtin` or `url`, the first that is given."""
    sku: TheirSku | None = None
    """The competitor's SKU."""
    gtin: Annotated[str, msgspec.Meta(max_length=30)] | None = None
    """Its GTIN, EAN or UPC."""
    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    """Its page."""
    title: _Text | None = None
    """Its name there."""
    brand: _Text | None = None
    """Its brand."""
    list_price: Factor | None = None
    """The price before a reduction."""
    shipping: Factor | None = None
    """What delivery costs."""
    availability: Availability = "unknown"
    """Whether it can be bought."""
    condition: Condition = "new"
    """Whether it is new."""
    seller: _Text | None = None
    """Who sells it, on a marketplace."""
    observed_at: Instant | None = None
    """When it was seen, of the last 30 days; null for now."""


class PushBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Observations of one source."""

    source_id: UUID
    """The source, of the kind `push`."""
    observations: Annotated[list[PushedObservation], msgspec.Meta(min_length=1, max_length=PUSHED_MAX)]
    """What was seen; each is taken or refused by itself."""


class ObservationFault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with an observation."""

    pointer: str
    """Where it stands in the request, as a JSON Pointer."""
    detail: str
    """What is wrong, in words."""


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An observation that was not taken, and why."""

    position: int
    """Its place in the request, from 0."""
    errors: list[ObservationFault]
    """Everything that is wrong with it."""


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of pushed observations."""

    fetch_id: UUID | None
    """The push as it is kept among the fetches of the source; null where nothing was taken."""
    accepted: int
    """Observations that were taken."""
    changed: int
    """Those of them that tell something new, and were added to the history."""
    refused: list[RefusedRow]
    """Those that were not taken."""


class ComparablePrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a competitor charges for a product of ours now, and whether it may be compared."""

    listing_id: UUID
    """The listing."""
    competitor_id: UUID
    """The competitor."""
    competitor: str
    """Name of the competitor."""
    product_id: UUID
    """Our product."""
    variant_id: UUID | None
    """The variant of our product; null for the product itself."""
    currency: str
    """ISO 4217 code."""
    price: ExactNumber | None
    """What one of theirs costs; null where it is not sold and no price is shown."""
    units: ExactNumber
    """How many units of ours one of theirs holds."""
    comparable_price: ExactNumber | None
    """The price of one unit of ours: `price` divided by `units`; null where it may not be compared."""
    comparable_delivered_price: ExactNumber | None
    """The same with what delivery costs; null where that is not said either."""
    not_comparable: list[str]
    """Why it may not be compared: `stale`, `doubted`, `not_sold`, `not_new`, `no_price`, `source_disabled`; empty if it may."""
    availability: Availability
    """Whether it can be bought."""
    url: str | None
    """Its page."""
    outcome: Outcome | None
    """How the last fetch of its source ended."""
    observed_at: datetime
    """Since when the price has been observed."""
    confirmed_at: datetime
    """When it was last seen."""
