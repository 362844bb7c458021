"""Bodies that cannot be quoted, each with the status and the pointers that its sender is owed.

Source: docs/spec/wire.md#errors; docs/spec/quotes.md#request.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.fixtures.serve import a_basket

HERE = '"the literal stands here"'


class Bad(NamedTuple):
    """One body; no pointers where it is no JSON at all."""

    name: str
    body: bytes
    status: int
    pointers: list[str]


def _item(field: str, literal: str) -> bytes:
    """A basket with a literal in a field of its only line."""
    basket = a_basket()
    basket["items"][0][field] = json.loads(HERE)
    return json.dumps(basket).replace(HERE, literal).encode()


def _with(**fields: Any) -> bytes:
    return json.dumps(a_basket(**fields)).encode()


def _without(field: str) -> bytes:
    return json.dumps({name: value for name, value in a_basket().items() if name != field}).encode()


def _place(**fields: Any) -> dict[str, Any]:
    return {"country": "TR", "city": "Istanbul", **fields}


LINE = a_basket()["items"][0]
BAD_BODIES = [
    Bad("cut off", b'{"customer_id":', 400, []),
    Bad("empty", b"", 400, []),
    Bad("something behind it", _with() + b"x", 400, []),
    Bad("not UTF-8", b'{"city": "\xff"}', 400, []),
    Bad("NaN", _item("unit_price", "NaN"), 400, []),
    Bad("Infinity", _item("unit_price", "Infinity"), 400, []),
    Bad("a bomb of depth", b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}", 400, []),
    Bad("an array", b"[]", 422, [""]),
    Bad("null", b"null", 422, [""]),
    Bad("NaN as text", _item("unit_price", '"NaN"'), 422, ["/items/0/unit_price"]),
    Bad("1e400", _item("unit_price", "1e400"), 422, ["/items/0/unit_price"]),
    Bad("10^13", _item("unit_price", "10000000000000"), 422, ["/items/0/unit_price"]),
    Bad("10^13 as text", _item("unit_price", '"1e13"'), 422, ["/items/0/unit_price"]),
    Bad("negative price", _item("unit_price", "-0.01"), 422, ["/items/0/unit_price"]),
    Bad("7 decimals", _item("unit_price", "1.0000001"), 422, ["/items/0/unit_price"]),
    Bad("no price", _with(items=[{"product_id": LINE["product_id"], "quantity": 1}]), 422, ["/items/0/unit_price"]),
    Bad("quantity 0", _item("quantity", "0"), 422, ["/items/0/quantity"]),
    Bad("negative quantity", _item("quantity", "-1"), 422, ["/items/0/quantity"]),
    Bad("1.5 pieces", _item("quantity", "1.5"), 422, ["/items/0/quantity"]),
    Bad("too many pieces", _item("quantity", "1000001"), 422, ["/items/0/quantity"]),
    Bad("quantity as text", _item("quantity", '"two"'), 422, ["/items/0/quantity"]),
    Bad("quantity true", _item("quantity", "true"), 422, ["/items/0/quantity"]),
    Bad("negative weight", _item("weight", "-1"), 422, ["/items/0/weight"]),
    Bad("no items", _with(items=[]), 422, ["/items"]),
    Bad("501 items", _with(items=[LINE] * 501), 422, ["/items"]),
    Bad("items as an object", _with(items={}), 422, ["/items"]),
    Bad("unknown currency", _with(currency="XXQ"), 422, ["/currency"]),
    Bad("no seller", _without("seller_id"), 422, ["/seller_id"]),
    Bad("no currency", _without("currency"), 422, ["/currency"]),
    Bad("customer as a number", _with(customer_id=5), 422, ["/customer_id"]),
    Bad("customer as no uuid", _with(customer_id="x" * 36), 422, ["/customer_id"]),
    Bad("latitude alone", _with(delivery_address=_place(latitude=41)), 422, ["/delivery_address/longitude"]),
    Bad("longitude alone", _with(pickup_address=_place(longitude=29)), 422, ["/pickup_address/latitude"]),
    Bad(
        "off the globe", _with(delivery_address=_place(latitude=90.1, longitude=0)), 422, ["/delivery_address/latitude"]
    ),
    Bad("country of three letters", _with(delivery_address=_place(country="TUR")), 422, ["/delivery_address/country"]),
    Bad("address as text", _with(delivery_address="Istanbul"), 422, ["/delivery_address"]),
    Bad("express as text", _with(is_express_delivery="yes"), 422, ["/is_express_delivery"]),
    Bad("21 coupons", _with(coupon_codes=["x"] * 21), 422, ["/coupon_codes"]),
    Bad("half a surrogate pair", _with(external_ref="@").replace(b'"@"', b'"\\ud800"'), 422, ["/external_ref"]),
    Bad("a key twice", _with()[:-1] + b', "currency": "EUR"}', 422, ["/currency"]),
    Bad("a key of a line twice", _item("quantity", '2, "quantity": 3'), 422, ["/items/0/quantity"]),
    Bad(
        "three faults at once",
        _with(currency="??", items=[{**LINE, "quantity": 0, "unit_price": -1}]),
        422,
        ["/items/0/quantity", "/items/0/unit_price", "/currency"],
    ),
    Bad("2 MiB", b" " * (2 << 20), 413, []),
]
