"""Quotes of every kind: what is written for each, and what is asked.

Each has a seller of its own, whose rules and rates no other's quotes see. What a release does not know is left out, and
named in its corpus.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Draft = dict[str, Any]
PICKUP = {"country": "TR", "city": "Istanbul", "latitude": 41.0186, "longitude": 29.0023}
DELIVERY = {"country": "TR", "city": "Istanbul", "latitude": 41.0082, "longitude": 28.9784}
_DELIVERY_FEE = (
    "DELIVERY_FEE",
    {"base_fee": 10, "per_km": 2, "free_km": 1, "per_kg": 1.5, "min_fee": 5, "max_fee": 40},
)
_CATEGORY, _OTHER_CATEGORY = "01900000-0000-7000-8000-0000000000c1", "01900000-0000-7000-8000-0000000000c2"


@dataclass(frozen=True)
class Case:
    """`rules` are kinds with their configuration; `{code}` stands for a coupon code of the case's own.

    Attributes:
        name: Names it in the corpus.
        rules: Written for its seller; a third entry is further conditions.
        rates: Commission rates for its seller.
        lines: Price, quantity and further fields of each line.
        basket: More of the request.
        sale_price: Of a flash sale of its first line's product.
        second_seller: Its second line is another seller's.
    """

    name: str
    rules: tuple[tuple[str, Draft] | tuple[str, Draft, Draft], ...] = ()
    rates: tuple[Draft, ...] = ()
    lines: tuple[Draft, ...] = ({"unit_price": 25.5, "quantity": 2},)
    basket: Draft = field(default_factory=dict)
    sale_price: float | None = None
    second_seller: bool = False


_PERCENT = {"commission_type": "PERCENTAGE", "rate": 12.5}
_TWO = ({"unit_price": 80, "quantity": 1, "weight": 1.25}, {"unit_price": 19.99, "quantity": 3})
_TAX = ("TAX", {"rate": 18, "applies_to_delivery": True, "applies_to_small_basket": True})
_COUPON = ("COUPON", {"kind": "percent", "value": 10, "code": "{code}"})

CASES = (
    Case("plain"),
    Case("external reference", basket={"external_ref": 'cart 7 \u011f/"\\'}),
    Case("small basket, fixed", (("SMALL_BASKET_FEE", {"threshold": 100, "fee": 7.5}),)),
    Case("small basket, top up", (("SMALL_BASKET_FEE", {"threshold": 60, "fee": 20, "mode": "top_up"}),)),
    Case("delivery by distance and weight", (_DELIVERY_FEE,), lines=_TWO),
    Case(
        "express delivery",
        (("EXPRESS_FEE", {"base_fee": 12, "distance_factor": 1.5, "multiplier": 2, "max_fee": 90}),),
        basket={"is_express_delivery": True},
    ),
    Case("express by the delivery fee", (_DELIVERY_FEE,), basket={"is_express_delivery": True}),
    Case("free delivery", (_DELIVERY_FEE, ("FREE_DELIVERY", {"min_subtotal": 40}))),
    Case(
        "delivery discount",
        (_DELIVERY_FEE, ("PROMOTION", {"kind": "percent", "value": 50, "applies_to": "delivery", "max_discount": 4})),
    ),
    Case("promotion by percent", (("PROMOTION", {"kind": "percent", "value": 12.5}),), (_PERCENT,), _TWO),
    Case(
        "promotion of both",
        (("PROMOTION", {"kind": "amount", "value": 9.99, "funded_by": "shared", "platform_percent": 40}),),
        (_PERCENT,),
        _TWO,
    ),
    Case(
        "promotion, platform", (("PROMOTION", {"kind": "percent", "value": 5, "funded_by": "platform"}),), (_PERCENT,)
    ),
    Case("fixed price", (("PROMOTION", {"kind": "fixed_price", "value": 20, "applies_to": "lines"}),)),
    Case(
        "buy two get one",
        (("PROMOTION", {"kind": "buy_x_get_y", "value": {"buy": 2, "get": 1}}),),
        lines=({"unit_price": 9.9, "quantity": 7},),
    ),
    Case(
        "percent by sum",
        (
            (
                "PROMOTION",
                {
                    "kind": "tiered_percent",
                    "value": {"tiers": [{"from": 50, "percent": 5}, {"from": 100, "percent": 8}]},
                },
            ),
        ),
        lines=_TWO,
    ),
    Case("coupon", (_COUPON,), (_PERCENT,), basket={"coupon_codes": ["{code}"]}),
    Case("coupon that is unknown", basket={"coupon_codes": ["NO-SUCH-COUPON"]}),
    Case(
        "promotion and coupon",
        (("PROMOTION", {"kind": "percent", "value": 10}), _COUPON),
        (_PERCENT,),
        _TWO,
        {"coupon_codes": ["{code}"]},
    ),
    Case(
        "coupon for delivery",
        (_DELIVERY_FEE, ("COUPON", {"kind": "amount", "value": 5, "applies_to": "delivery", "code": "{code}"})),
        basket={"coupon_codes": ["{code}"]},
    ),
    Case("tax on top", (_TAX, _DELIVERY_FEE, ("SMALL_BASKET_FEE", {"threshold": 100, "fee": 7.5})), (_PERCENT,)),
    Case("tax within", (("TAX", {"rate": 20, "inclusive": True}),), (_PERCENT,), _TWO),
    Case(
        "tax within some",
        (
            ("TAX", {"rate": 20, "inclusive": True}, {"category_ids": [_CATEGORY]}),
            ("TAX", {"rate": 18, "applies_to_delivery": True}, {"category_ids": [_OTHER_CATEGORY]}),
            _DELIVERY_FEE,
            ("PROMOTION", {"kind": "percent", "value": 10}),
        ),
        (_PERCENT,),
        (
            {"unit_price": 80, "quantity": 1, "category_id": _CATEGORY},
            {"unit_price": 19.99, "quantity": 3, "category_id": _OTHER_CATEGORY},
        ),
    ),
    Case(
        "commission, flat",
        rates=({"commission_type": "FLAT", "rate": 3, "currency": "TRY", "scope": "UNIT"},),
        lines=_TWO,
    ),
    Case(
        "commission by tiers",
        rates=(
            {
                "commission_type": "TIERED",
                "currency": "TRY",
                "tiers": [{"up_to": 50, "rate": 10}, {"up_to": None, "rate": 5}],
            },
        ),
        lines=_TWO,
    ),
    Case("two sellers", (("PROMOTION", {"kind": "percent", "value": 10}),), (_PERCENT,), _TWO, second_seller=True),
    Case("yen", basket={"currency": "JPY"}, lines=({"unit_price": 1234, "quantity": 3},)),
    Case("dinar", basket={"currency": "KWD"}, lines=({"unit_price": 1.234, "quantity": 3},)),
    Case("flash sale", lines=({"unit_price": 25.5, "quantity": 1},), sale_price=19.99),
    # Of later releases.
    Case(
        "bundle",
        (("PROMOTION", {"kind": "bundle", "value": 60, "items": [{"category_ids": [_CATEGORY], "quantity": 2}]}),),
        lines=({"unit_price": 40, "quantity": 4, "category_id": _CATEGORY},),
    ),
    Case("tax on the commission", (("COMMISSION_TAX", {"rate": 20}),), (_PERCENT,)),
    Case(
        "coupon that is excluded",
        (("PROMOTION", {"kind": "percent", "value": 10, "exclusive": "all"}), _COUPON),
        basket={"coupon_codes": ["{code}"]},
    ),
    Case("hints", (("FREE_DELIVERY", {"min_subtotal": 60}), _DELIVERY_FEE), basket={"include_hints": True}),
    Case("promotion for a tier", (("PROMOTION", {"kind": "percent", "value": 7}),), basket={"customer_tier": "GOLD"}),
)
