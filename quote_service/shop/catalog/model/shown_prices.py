"""The price of a product as a customer sees it, on the wire.

Source: docs/spec/catalog.md#prices-that-a-customer-sees.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.basket import QUANTITY_MAX, SEGMENTS_MAX, Name
from quote_service.pricing.catalog.price_adjustment import AdjustmentKind
from quote_service.pricing.catalog.shown_price import WhyUnavailable
from quote_service.shop.catalog.model.price_changes import Instant
from quote_service.shop.catalog.model.prices import Currency
from quote_service.shop.catalog.model.reductions import ShownReduction

PRODUCTS_MAX = 500
Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
# However they are spelled, the texts of a query fit into a request line together; a page's are in its body.
_Short = Annotated[str, msgspec.Meta(max_length=200)]
Region = Annotated[str, msgspec.Meta(min_length=1, max_length=302)]


class PriceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """For whom, where and when the price is."""

    currency: Currency
    """ISO 4217 code of the currency of the price."""
    quantity: Quantity = 1
    """How many units are bought."""
    variant_id: UUID | None = None
    """The variant of the product."""
    region: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """Where the product goes, for regional rules: a path such as `TR/Istanbul`, or the name of a city or district. Without it, rules without a region count alone."""
    customer_id: UUID | None = None
    """The customer; a shopper's own id where it is left out. Tier and segments are those of the customer's record."""
    customer_tier: Name | None = None
    """The customer's tier instead of the record's; not for shoppers."""
    segments: _Short | None = None
    """The customer's segments instead of the record's, separated by commas; not for shoppers."""
    at: Instant | None = None
    """An instant to come, for prices that rules plan; not for shoppers."""


class PricesFollowed(msgspec.Struct, frozen=True, kw_only=True):
    """Which prices to follow, for whom and where."""

    items: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    """Up to 100 products by their ids, separated by commas; of a variant `product_id/variant_id`. Each is priced for one unit."""
    currency: Currency
    """ISO 4217 code of the currency of the prices."""
    region: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """Where the products go, for regional rules: a path such as `TR/Istanbul`, or the name of a city or district. Without it, rules without a region count alone."""
    customer_id: UUID | None = None
    """The customer; a shopper's own id where it is left out. Tier and segments are those of the customer's record."""

    # As of whoever gives none: a stream is of now, and of the customer's own terms.
    at: ClassVar[None] = None
    customer_tier: ClassVar[None] = None


class ProductWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One product of a page."""

    product_id: UUID
    """The product."""
    variant_id: UUID | None = None
    """The variant of the product; null for the product itself."""
    quantity: Quantity = 1
    """How many units are bought."""


class PricesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Up to 500 products, each priced by itself, and for whom, where and when."""

    items: Annotated[list[ProductWanted], msgspec.Meta(min_length=1, max_length=PRODUCTS_MAX)]
    """The products."""
    currency: Currency
    """ISO 4217 code of the currency of the prices."""
    region: Region | None = None
    """Where the products go, for regional rules: a path such as `TR/Istanbul`, or the name of a city or district. Without it, rules without a region count alone."""
    customer_id: UUID | None = None
    """The customer; a shopper's own id where it is left out. Tier and segments are those of the customer's record."""
    customer_tier: Name | None = None
    """The customer's tier instead of the record's; not for shoppers."""
    customer_segments: Annotated[list[Name], msgspec.Meta(max_length=SEGMENTS_MAX)] | None = None
    """The customer's segments instead of the record's; not for shoppers."""
    at: Instant | None = None
    """An instant to come, for prices that rules plan; not for shoppers."""


class ShownAdjustment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What moved the price of a unit on from the list price; they stand in the order in which they were applied."""

    kind: AdjustmentKind
    """What moved the price: a price rule by its type, rounding to the currency or to a price ending, a limit of the product's price, or a flash sale."""
    amount: ExactNumber
    """What was added to the price of one unit; negative for a lower price."""
    rule_id: str | msgspec.UnsetType = msgspec.UNSET
    """The version of the price rule; left out if no rule is behind it."""
    percent: ExactNumber | msgspec.UnsetType = msgspec.UNSET
    """The percentage that was applied; left out if it was no percentage."""
    price: ExactNumber | msgspec.UnsetType = msgspec.UNSET
    """The price of one unit that was set; left out if none was."""
    flash_sale_id: str | msgspec.UnsetType = msgspec.UNSET
    """The flash sale; with the kind `flash_sale` only."""


class ShownTax(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The tax on the price of a unit, as a quote of one unit would charge it."""

    percent: ExactNumber
    """The rate in percent."""
    is_included: bool
    """Whether prices contain the tax; otherwise a quote adds it to them."""


class ShownPrice(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What one unit costs the customer; `list_price` and the amounts of all adjustments add up to `unit_price`."""

    product_id: str
    """The product."""
    variant_id: str | None
    """The variant; null for the product itself."""
    quantity: int
    """How many units are bought."""
    currency: str
    """ISO 4217 code of the currency of the prices."""
    list_price: ExactNumber
    """The product's `current_price`."""
    unit_price: ExactNumber
    """What a unit costs the customer, before promotions and coupons."""
    price_source: Literal["catalog", "flash_sale"]
    """Whether it is a flash sale that sets the price."""
    price_adjustments: list[ShownAdjustment]
    """What moved the price from the list price."""
    tax: ShownTax | None
    """The tax on the price; null where no tax rule counts for the product and the place. `is_included` holds for every price here."""
    public_price: ExactNumber | msgspec.UnsetType | None = msgspec.UNSET
    """What everybody is asked for one unit, promotions included that need nothing else; null where `unit_price` is another than everybody's, for the customer or the quantity. Left out for instants to come, in streams, and while the database is unavailable."""
    lowest_price_30_days: ExactNumber | msgspec.UnsetType | None = msgspec.UNSET
    """The lowest price that everybody was asked for in the 30 days before the present reduction began, or in the last 30 days without one; null where prices followed demand then (DEMAND_PRICE for everybody). Left out as `public_price`."""
    reduction: ShownReduction | msgspec.UnsetType | None = msgspec.UNSET
    """The reduction of `public_price` as it may be announced; null where none may be. Left out as `public_price`."""


class PriceUnavailable(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A product that has no price to show."""

    product_id: str
    """The product."""
    variant_id: str | None
    """The variant; null for the product itself."""
    reason: WhyUnavailable
    """Why: there is no such product or variant, it is not sold, or not in this currency."""


class ShownPrices(msgspec.Struct, frozen=True, kw_only=True):
    """The prices of a page."""

    at: datetime
    """The instant that the prices are of."""
    prices: list[ShownPrice]
    """The prices, in the order of the request."""
    unavailable: list[PriceUnavailable]
    """The products without a price, in the order of the request."""
