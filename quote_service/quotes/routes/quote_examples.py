"""The original example, as the API's description shows it: a basket, here with its hints, and what it is answered by a few
rules.

The answer is priced and written like any other, so it has every member, and its figures are right.

Source: docs/spec/quotes.md#answer.
"""

import json
from decimal import Decimal
from typing import Any

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.instants import FOREVER, SECOND_US
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.hints.find_hints import find_hints
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.regions import region_key
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges, StoredRule
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.reading.decode_basket import decode_basket

BASKET_EXAMPLE: dict[str, Any] = {
    "customer_id": "3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d",
    "seller_id": "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
    "items": [
        {
            "product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e",
            "variant_id": "c2d3e4f5-a6b7-4c8d-9e0f-1a2b3c4d5e6f",
            "quantity": 2,
            "unit_price": 25.5,
            "category_id": "11111111-1111-4111-8111-111111111111",
            "tags": ["electronics", "mobile"],
            "weight": 0.5,
        }
    ],
    "delivery_address": {
        "street": "Istiklal Caddesi 123",
        "city": "Istanbul",
        "district": "Beyoğlu",
        "country": "TR",
        "latitude": 41.0082,
        "longitude": 28.9784,
    },
    "pickup_address": {
        "street": "Seller Address",
        "city": "Istanbul",
        "district": "Kadıköy",
        "country": "TR",
        "latitude": 41.0186,
        "longitude": 29.0023,
    },
    "is_express_delivery": True,
    "coupon_codes": ["SAVE20"],
    "currency": "TRY",
    "context": {
        "user_agent": "Mozilla/5.0...",
        "ip_address": "192.168.1.1",
        "session_id": "session_123",
        "ab_test_group": "group_a",
    },
    "include_hints": True,
}

_QUOTE_ID = "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b11"
_ROW_ID = "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b{:02}"
_AT_US = 1_737_216_000 * SECOND_US  # 2025-01-18T16:00:00Z
_TTL_US = 900 * SECOND_US
_PROVIDER = "swift"


def _rule(number: int, draft: RuleDraft) -> StoredRule:
    return StoredRule(
        id=_ROW_ID.format(number),
        version=1,
        draft=draft,
        region_key=region_key(draft.region),
        created_by="",
        created_at_us=0,
        changed_in=1,
    )


def _rate(
    number: int, percent: str, seller_id: str | None = None, category_id: str | None = None, provider: str | None = None
) -> StoredRate:
    return StoredRate(
        id=_ROW_ID.format(number),
        seller_id=seller_id,
        category_id=category_id,
        logistics_provider=provider,
        commission_type="PERCENTAGE",
        rate=ExactNumber(percent),
        min_amount=None,
        max_amount=None,
        tiers=None,
        scope=None,
        split=None,
        currency=None,
        region=None,
        region_key=region_key(None),
        effective_from_us=0,
        effective_to_us=FOREVER,
        priority=0,
        changed_in=1,
    )


def _flag(number: int, key: str, kind: Any, value: Any) -> StoredFlag:
    draft = FlagDraft(key=key, type=kind, value=value, is_enabled=True)
    return StoredFlag(id=_ROW_ID.format(number), version=1, draft=draft, is_archived=False, changed_in=1)


def _rulebook() -> Rulebook:
    delivery = RuleDraft(
        name="tr-delivery",
        type="DELIVERY_FEE",
        configuration={"base_fee": ExactNumber("10.00"), "provider": _PROVIDER},
        currency="TRY",
        region="TR",
    )
    free_delivery = RuleDraft(
        name="tr-free-delivery",
        type="FREE_DELIVERY",
        configuration={"min_subtotal": ExactNumber("75.00"), "includes_express": True},
        currency="TRY",
        region="TR",
    )
    changes = RulebookChanges(
        version=1,
        is_complete=True,
        rates=[
            _rate(14, "12.75", seller_id=BASKET_EXAMPLE["seller_id"]),
            _rate(15, "1.5", category_id=BASKET_EXAMPLE["items"][0]["category_id"]),
            _rate(16, "0.75", provider=_PROVIDER),
        ],
        ended_rate_ids=[],
        rules=[
            _rule(12, delivery),
            _rule(13, RuleDraft(name="tr-vat", type="TAX", configuration={"rate": 18}, region="TR")),
            _rule(19, free_delivery),
        ],
        flags=[
            _flag(17, "dynamic_pricing", "BOOLEAN", True),
            _flag(18, "express_delivery_multiplier", "NUMBER", ExactNumber("2.0")),
        ],
        exhaustions=[],
    )
    return apply_changes(empty_rulebook(), changes)


def _answered() -> dict[str, Any]:
    rulebook, checked = _rulebook(), decode_basket(msgspec.json.encode(BASKET_EXAMPLE))
    basis = QuoteBasis(rulebook, checked, _AT_US)
    quote = price_quote(basis)
    quote.hints = find_hints(basis, {}, quote).entries
    text = write_quote(quote, _QUOTE_ID, _AT_US, _AT_US + _TTL_US)
    issued = f'{text.head}{text.flags}{text.middle}"miss"{text.tail}}}'
    return {
        **json.loads(issued, parse_float=Decimal),
        "signature": "k1.q3Jp0Yw1s6m0m1mW3o0m8eHcVtq4mXc4kq3hN0sYb2A",
    }


ANSWER_EXAMPLE: dict[str, Any] = {
    "success": True,
    "message": "Quote calculated successfully",
    "data": _answered(),
    "processing_time_ms": 0.21,
}
