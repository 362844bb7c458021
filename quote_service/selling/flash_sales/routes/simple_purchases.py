"""Purchases as shops usually write them, read in one pass; all others are left to the full reader.

The full reader (`documents.py`) names every fault and costs eleven times as much. A purchase that is read here would be
read there as the same draft; None says nothing about a purchase but that it has to be read there.

Source: docs/spec/flash-sales.md#purchase.
"""

import re
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import written_number
from quote_service.selling.flash_sales.model.purchase import PurchaseDraft

# Whole numbers and amounts below the bounds of the draft, without signs, exponents and quotes.
_QUANTITY = re.compile(rb"[1-9][0-9]{0,5}")
_PRICE = re.compile(rb"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,6})?")
_QUOTES_OF_NAME = 2


class _SimplePurchase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    product_id: UUID
    quantity: msgspec.Raw
    expected_price: msgspec.Raw
    customer_id: UUID | None = None


_decode = msgspec.json.Decoder(_SimplePurchase).decode


def read_simple_purchase(body: bytes) -> PurchaseDraft | None:
    """The draft of a simple purchase; None where the full reader is needed."""
    if b"\\" in body:
        return None
    try:
        purchase = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    quantity, price = bytes(purchase.quantity), bytes(purchase.expected_price)
    # With a name given twice there are more quotation marks than these names and ids have.
    quotes = 4 * _QUOTES_OF_NAME + 4 if purchase.customer_id is not None else 3 * _QUOTES_OF_NAME + 2
    if body.count(b'"') != quotes or not _QUANTITY.fullmatch(quantity) or not _PRICE.fullmatch(price):
        return None
    return PurchaseDraft(
        product_id=purchase.product_id,
        quantity=int(quantity),
        expected_price=written_number(price.decode()),
        customer_id=purchase.customer_id,
    )
