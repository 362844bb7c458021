"""What a quote takes is read from its answer. Source: docs/spec/reservations.md#what-is-taken."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from quote_service.quotes.model.claim_of import claim_of
from quote_service.shop.reservations.model.claim import ClaimedDiscount, ClaimedUnits

QUOTE, PRODUCT, VARIANT, COUPON, PROMOTION, TAX, CUSTOMER = (UUID(int=number) for number in range(1, 8))


def step(amount: str, rule: UUID | None = None) -> dict[str, Any]:
    return {"amount": Decimal(amount)} | ({} if rule is None else {"rule_id": str(rule)})


def test_lines_coupons_and_discounts() -> None:
    document = {
        "quote_id": str(QUOTE),
        "currency": "TRY",
        "items": [
            {"product_id": str(PRODUCT), "variant_id": None, "quantity": 2},
            {"product_id": str(PRODUCT), "variant_id": str(VARIANT), "quantity": 3},
        ],
        "applied_rules": [
            {"id": str(PROMOTION), "type": "PROMOTION"},
            {"id": str(COUPON), "type": "COUPON"},
            {"id": str(TAX), "type": "TAX"},
        ],
        "pricing_breakdown": {
            "calculations": [
                step("100.00"),
                step("-1.50", PROMOTION),
                step("-2", COUPON),
                # The same rule off the delivery fee.
                step("-0.05", PROMOTION),
                step("18.00", TAX),
                step("0.00", TAX),
            ]
        },
    }
    claim = claim_of(document, 2, CUSTOMER)
    assert (claim.quote_id, claim.customer_id, claim.currency) == (QUOTE, CUSTOMER, "TRY")
    assert claim.units == (ClaimedUnits(0, PRODUCT, None, 2), ClaimedUnits(1, PRODUCT, VARIANT, 3))
    assert claim.coupon_ids == (COUPON,)
    assert claim.discounts == (ClaimedDiscount(PROMOTION, 155), ClaimedDiscount(COUPON, 200))
