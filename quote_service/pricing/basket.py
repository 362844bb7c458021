"""The basket that a checkout sends: what a quote is asked for.

Identifiers are text in canonical form once `quotes/reading/decode_basket.py` has let them through; prices and weights are
raw JSON numbers until then, because a number that has been a binary float is no longer exact.

Source: docs/spec/quotes.md#request.
"""

from typing import Annotated

import msgspec

# Described as it is written; one without hyphens is read too.
Identifier = Annotated[
    str,
    msgspec.Meta(min_length=32, max_length=36, extra_json_schema={"format": "uuid", "minLength": 36, "maxLength": 36}),
]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]

# A raw JSON number or string, read exactly later (`platform/money/numbers.py`).
DecimalLiteral = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        extra_json_schema={
            "type": ["number", "string", "null"],
            "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$",
            "description": "A decimal, as a number or as a string of the same digits; read exactly. Null is not given.",
        }
    ),
]

LINES_MAX = 500
COUPON_CODES_MAX = 20
TAGS_MAX = 100  # of a line
SEGMENTS_MAX = 1000
QUANTITY_MAX = 1_000_000
# msgspec reads no union of a raw value and null, so a number that was not sent is this very object.
NOT_GIVEN = msgspec.Raw()


class Address(msgspec.Struct, gc=False, omit_defaults=True):
    """An address; `country` is ISO 3166-1 alpha-2; give both coordinates (degrees) or neither."""

    city: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """Name of the city."""
    country: Annotated[str, msgspec.Meta(min_length=2, max_length=2)]
    """ISO 3166-1 alpha-2 code of the country, such as `TR`."""
    street: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    """Street and house number; not used for prices."""
    district: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    """Name of the district, compared with the regions of rules and rates."""
    latitude: Latitude | None = None
    """Latitude in degrees; given together with `longitude` or not at all."""
    longitude: Longitude | None = None
    """Longitude in degrees; given together with `latitude` or not at all."""


class BasketItem(msgspec.Struct, gc=False, omit_defaults=True):
    """One line as sent; what it leaves out, the catalog may say. `weight` is kilograms a unit."""

    product_id: Identifier
    """The product."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
    """How many units."""
    unit_price: DecimalLiteral = NOT_GIVEN
    """Price of one unit in the basket's currency, with up to 6 decimals, as a number or a string. Required for a product that is not in the catalog; for one that is, the catalog's price counts.
    """
    variant_id: Identifier | None = None
    """The variant of the product; returned as sent."""
    category_id: Identifier | None = None
    """The product's category, for rules, category tax rates and commission; null for the catalog's."""
    seller_id: Identifier | None = None
    """The seller of this line; null for the catalog's, or for the basket's seller if the catalog names none."""
    tags: Annotated[list[Name], msgspec.Meta(max_length=TAGS_MAX)] | None = None
    """Labels that rules can ask for; null for the catalog's."""
    weight: DecimalLiteral = NOT_GIVEN
    """Weight of one unit in kilograms, as a number or a string; null for the catalog's, or nothing if the catalog has none."""


class BasketContext(msgspec.Struct, gc=False, omit_defaults=True):
    """Where the request came from; only `ab_test_group` can change a figure."""

    user_agent: str | None = None
    """The customer's browser or app; not used for prices."""
    ip_address: str | None = None
    """The customer's IP address; not used for prices."""
    session_id: str | None = None
    """The customer's session; not used for prices."""
    ab_test_group: Name | None = None
    """The customer's test group, for rules and for feature flags that accept it."""


class Basket(msgspec.Struct, gc=False, omit_defaults=True):
    """A quote request; fields that are not named here are ignored."""

    customer_id: Identifier
    """The customer who buys."""
    seller_id: Identifier
    """The seller of every line for which neither the line nor the catalog names one."""
    items: Annotated[list[BasketItem], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    """The lines of the basket."""
    delivery_address: Address
    """Where the order goes; it decides which regional rules and rates count."""
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    """ISO 4217 code of the currency of the prices sent and of the quote."""
    pickup_address: Address | None = None
    """Where the order comes from; with coordinates on both addresses the distance is known."""
    is_express_delivery: bool = False
    """Whether express delivery is asked for."""
    coupon_codes: Annotated[list[Name], msgspec.Meta(max_length=COUPON_CODES_MAX)] | None = None
    """Coupon codes the customer entered, applied in this order."""
    context: BasketContext | None = None
    """Where the request came from."""
    logistics_provider: Name | None = None
    """Who delivers, for delivery rules and commission rates of one provider."""
    customer_tier: Name | None = None
    """The customer's tier, for rules and feature flags; null for that of the customer's record."""
    customer_segments: Annotated[list[Name], msgspec.Meta(max_length=SEGMENTS_MAX)] | None = None
    """Segments the customer is in, for rules and feature flags; null for those of the customer's record."""
    external_ref: Name | None = None
    """A reference of your own; returned as sent."""
    include_hints: bool | None = None
    """Whether the quote is to say how near a better price is (`hints`); null for no."""
