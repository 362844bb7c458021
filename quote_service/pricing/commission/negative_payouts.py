"""The warning that commission and a seller's discounts take more than the seller's lines come to.

Quotes, orders and statements give it in the same words.

Source: docs/spec/commission.md#payouts.
"""

from typing import Final

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.quote import Warning

PAYOUT_NEGATIVE: Final = "payout_negative"


def payout_negative(seller_id: str, payout_minor: int, currency: str, exponent: int) -> Warning:
    """The warning about one payout, which is below zero."""
    owed = f"{amount_text(-payout_minor, exponent)} {currency}"
    return Warning(
        PAYOUT_NEGATIVE,
        f"Commission and discounts take {owed} more than the lines of seller {seller_id} come to; the seller owes it, and"
        " later payouts are less by it",
    )
