"""What a quote takes when it is accepted or reserved.

Source: docs/spec/reservations.md.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from quote_service.platform.money.numbers import scale_decimal
from quote_service.shop.reservations.model.claim import Claim, ClaimedDiscount, ClaimedUnits


def claim_of(document: Mapping[str, Any], exponent: int, customer_id: UUID | None) -> Claim:
    """The claim of a parsed quote whose shape has been checked (`quotes/answer/restore_quote.py`)."""
    discounts: Counter[str] = Counter()
    for step in document["pricing_breakdown"]["calculations"]:
        if "rule_id" in step and step["amount"] < 0:
            discounts[step["rule_id"]] -= scale_decimal(Decimal(step["amount"]), exponent)
    return Claim(
        quote_id=UUID(document["quote_id"]),
        customer_id=customer_id,
        currency=document["currency"],
        units=tuple(
            ClaimedUnits(
                line,
                UUID(item["product_id"]),
                None if item["variant_id"] is None else UUID(item["variant_id"]),
                item["quantity"],
            )
            for line, item in enumerate(document["items"])
        ),
        coupon_ids=tuple(UUID(rule["id"]) for rule in document["applied_rules"] if rule["type"] == "COUPON"),
        discounts=tuple(ClaimedDiscount(UUID(rule_id), amount) for rule_id, amount in discounts.items()),
    )
