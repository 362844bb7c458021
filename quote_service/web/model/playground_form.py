"""The playground's form, as the request that it stands for.

A field that is left empty is left out of the request; what is written in one goes to the API as it stands, which says what
is wrong with it and where.

Source: docs/spec/web.md#playground.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from quote_service.platform.money.numbers import ExactNumber, NotANumber, read_number

Fields = dict[str, list[str]]
_ADDRESS = ("city", "country", "district", "latitude", "longitude")
_NUMBERS = frozenset({"latitude", "longitude"})


class PlaygroundRequest(msgspec.Struct, frozen=True):
    """What is sent: the basket, and another instant or tier that is supposed beside it."""

    basket: dict[str, Any]
    supposed: dict[str, Any]


def read_playground(fields: Fields) -> PlaygroundRequest:
    """The request of a form that was filled in."""
    basket: dict[str, Any] = {
        "customer_id": _first(fields, "customer_id"),
        "seller_id": _first(fields, "seller_id"),
        "items": _items(fields),
        "delivery_address": _address(fields, "delivery"),
        "is_express_delivery": bool(_first(fields, "is_express_delivery")),
        "currency": _first(fields, "currency"),
    }
    pickup = _address(fields, "pickup")
    if pickup:
        basket["pickup_address"] = pickup
    for name in ("coupon_codes", "customer_segments"):
        if words := _words(_first(fields, name)):
            basket[name] = words
    supposed: dict[str, Any] = {}
    if tier := _first(fields, "customer_tier"):
        basket["customer_tier"] = tier
    if tier := _first(fields, "supposed_tier"):
        supposed["customer_tier"] = tier
    if at := _first(fields, "at"):
        supposed["at"] = at if at.endswith("Z") or "+" in at else f"{at}:00Z" if len(at) == 16 else f"{at}Z"
    return PlaygroundRequest(basket, supposed)


def playground_fields(basket: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields for a basket, other than its lines; what it does not say is not there."""
    given: dict[str, Any] = {
        name: basket[name]
        for name in ("customer_id", "seller_id", "currency", "customer_tier", "is_express_delivery")
        if basket.get(name)
    }
    for kind in ("delivery", "pickup"):
        address = basket.get(f"{kind}_address")
        if isinstance(address, Mapping):
            given |= {f"{kind}_{name}": address[name] for name in _ADDRESS if address.get(name) is not None}
    for name in ("coupon_codes", "customer_segments"):
        if isinstance(basket.get(name), list):
            given[name] = ", ".join(str(each) for each in basket[name])
    return given


def _items(fields: Fields) -> list[dict[str, Any]]:
    items = []
    columns = [fields.get(f"item_{name}", []) for name in ("product_id", "quantity", "unit_price", "category_id")]
    for product_id, quantity, unit_price, category_id in zip(*columns, strict=False):
        item: dict[str, Any] = {"product_id": product_id.strip(), "quantity": _number(quantity)}
        if unit_price.strip():
            item["unit_price"] = _number(unit_price)
        if category_id.strip():
            item["category_id"] = category_id.strip()
        items.append(item)
    return items


def _address(fields: Fields, kind: str) -> dict[str, Any]:
    address = {}
    for name in _ADDRESS:
        text = _first(fields, f"{kind}_{name}")
        if text:
            address[name] = _number(text) if name in _NUMBERS else text
    return address


def _number(text: str) -> ExactNumber | int | str:
    """As a number where it is one; else as it stands, for the API to refuse."""
    text = text.strip()
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else read_number(text)
    except NotANumber:
        return text


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0].strip()
