"""Is this quote right? Every sum in an answer done again, to the cent, in decimals.

Source: docs/spec/quotes.md#steps; docs/spec/commission.md#breakdown.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_CENT = Decimal("0.01")
_PARTS = ("seller_commission", "category_commission", "logistics_commission")


def read_answer(body: bytes) -> dict[str, Any]:
    """The `data` of an answer, numbers as they are written."""
    data: dict[str, Any] = json.loads(body, parse_float=Decimal)["data"]
    return data


def quote_faults(quote: dict[str, Any], item_total_cents: int) -> list[str]:
    """What does not add up, in words; empty when everything does.

    Args:
        quote: From `read_answer`; its amounts have two decimals.
        item_total_cents: What whoever asked knows that the lines come to.
    """
    return [*_price_faults(quote, item_total_cents), *_commission_faults(quote)]


def _price_faults(quote: dict[str, Any], item_total_cents: int) -> Iterator[str]:
    pricing, items = quote["pricing_breakdown"], quote["items"]
    counted = [each for each in pricing["calculations"] if not each.get("included")]
    tax = _sum(each["amount"] for each in counted if each["step"] == "tax")
    parts = pricing["subtotal"] + tax + pricing["delivery_fee"] + pricing["small_basket_fee"]
    yield from _differing("the calculations", _sum(each["amount"] for each in counted), quote["total_amount"])
    yield from _differing("the parts of the total", parts, quote["total_amount"])
    yield from _differing("the lines", _sum(item["line_total"] for item in items), pricing["item_total"])
    yield from _differing("the item total", pricing["item_total"], Decimal(item_total_cents) * _CENT)
    yield from _differing("the discounts", _sum(item["discount_amount"] for item in items), quote["discount_amount"])
    details = quote.get("discount_details", ())
    yield from _differing("the discounts by rule", _sum(each["amount"] for each in details), quote["discount_amount"])
    platform = _sum(each["platform_funded"] for each in details)
    yield from _differing("the platform's part by rule", platform, quote["platform_funded_discount"])
    yield from _differing("the subtotal", pricing["item_total"] - quote["discount_amount"], quote["subtotal"])
    for name in ("subtotal", "tax_amount", "delivery_fee", "small_basket_fee", "total_amount"):
        yield from _differing(f"{name} of the breakdown", pricing[name], quote[name])
    for item in items:
        price = (item["unit_price"] * item["quantity"]).quantize(_CENT, ROUND_HALF_UP)
        yield from _differing("unit price x quantity", price, item["line_total"])


def _commission_faults(quote: dict[str, Any]) -> Iterator[str]:
    commission = quote["commission_breakdown"]
    details, total = commission["details"], commission["total_commission"]
    yield from _differing("the parts of the commission", _sum(commission[part] for part in _PARTS), total)
    yield from _differing("the details", _sum(detail["amount"] for detail in details), total)
    for part in _PARTS:
        yield from _differing(f"{part} of the details", _sum(each[part] for each in details), commission[part])
    for payout in quote["payouts"]:
        left = payout["item_total"] - payout["seller_discount"] - payout["commission"]
        yield from _differing("a payout", left, payout["payout"])


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _differing(what: str, found: Decimal, wanted: Decimal) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {found} instead of {wanted}"
