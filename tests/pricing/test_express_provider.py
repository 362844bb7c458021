"""Whoever delivers what an EXPRESS_FEE rule charges has their commission, as with a DELIVERY_FEE rule.

Source: docs/spec/pricing-rules.md#express_fee; docs/decisions/logistics-provider.md.
"""

from typing import Any

import pytest

from tests.pricing.books import book_of, priced
from tests.pricing.rulebooks import AT

REQUEST: dict[str, Any] = {
    "customer_id": "d0000000-0000-4000-8000-000000000000",
    "seller_id": "a0000000-0000-4000-8000-000000000000",
    "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}],
    "delivery_address": {"city": "Istanbul", "country": "TR"},
    "currency": "TRY",
    "is_express_delivery": True,
}


def rule(name: str, kind: str, **configuration: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "currency": "TRY", "configuration": configuration}


@pytest.mark.parametrize(
    ("express", "asked", "charged"),
    [
        ({"provider": "rocket"}, {}, "rocket"),
        ({}, {}, None),  # the delivery rule's provider did not set this fee
        ({"provider": "rocket"}, {"logistics_provider": "swift"}, "swift"),
        ({"provider": "rocket"}, {"is_express_delivery": False}, "swift"),
    ],
)
def test_the_rule_that_set_the_fee_names_the_provider(
    express: dict[str, Any], asked: dict[str, Any], charged: str | None
) -> None:
    setup = {
        "pricing_rules": [
            rule("standard", "DELIVERY_FEE", base_fee=10, provider="swift"),
            rule("express", "EXPRESS_FEE", base_fee=20, **express),
        ],
        "commission_rates": [
            {"id": provider, "logistics_provider": provider, "commission_type": "PERCENTAGE", "rate": 1}
            for provider in ("swift", "rocket")
        ],
    }
    quote = priced(book_of(setup), REQUEST | asked, AT)
    assert [detail.rate.id for detail in quote.commission.details] == ([] if charged is None else [charged])
