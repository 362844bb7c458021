"""The basket that a checkout sends: what a quote is asked for.

Identifiers are text in canonical form once `api/wire/decode_basket.py` has let them through; prices and weights are
raw JSON numbers until then, because a number that has been a binary float is no longer exact.

Source: spec 2, Request.
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

# A raw JSON number or string, read exactly later (`domain/numbers.py`).
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
QUANTITY_MAX = 1_000_000
# msgspec reads no union of a raw value and null, so a number that was not sent is this very object.
NOT_GIVEN = msgspec.Raw()


class Address(msgspec.Struct, gc=False):
    """A place; `country` is ISO 3166-1 alpha-2; both coordinates (degrees) or neither."""

    city: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    country: Annotated[str, msgspec.Meta(min_length=2, max_length=2)]
    street: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    district: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class BasketItem(msgspec.Struct, gc=False):
    """One line as sent. `weight` is kilograms a unit; a line without `seller_id` is the basket's seller's."""

    product_id: Identifier
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
    unit_price: DecimalLiteral = NOT_GIVEN
    variant_id: Identifier | None = None
    category_id: Identifier | None = None
    seller_id: Identifier | None = None
    tags: list[str] | None = None
    weight: DecimalLiteral = NOT_GIVEN


class BasketContext(msgspec.Struct, gc=False):
    """Where the request came from; only `ab_test_group` can change a figure."""

    user_agent: str | None = None
    ip_address: str | None = None
    session_id: str | None = None
    ab_test_group: Name | None = None


class Basket(msgspec.Struct, gc=False):
    """A quote request; fields that are not named here are ignored."""

    customer_id: Identifier
    seller_id: Identifier
    items: Annotated[list[BasketItem], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    delivery_address: Address
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]
    pickup_address: Address | None = None
    is_express_delivery: bool = False
    coupon_codes: Annotated[list[Name], msgspec.Meta(max_length=COUPON_CODES_MAX)] | None = None
    context: BasketContext | None = None
    logistics_provider: Name | None = None
    customer_tier: Name | None = None
    customer_segments: list[Name] | None = None
    external_ref: Name | None = None
