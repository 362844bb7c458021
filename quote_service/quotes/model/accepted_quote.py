"""A quote that a checkout has committed to, as it is stored: for the receipt, the ledger, the analytics, an explanation.

Amounts are whole minor units of the quote's currency.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.system.instants import instant_text, to_micros


class AcceptedPayout(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one seller of the quote is paid; the tax on commission is None where no rule taxed it, and before there were such rules."""

    seller_id: str
    item_total_minor: int
    seller_discount_minor: int
    commission_minor: int
    payout_minor: int
    commission_tax_minor: int | None = None


class QuoteFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a quote; `coupon_rule_ids` are the coupon versions that acted, `coupon_codes` the codes sent.

    What the marketplace keeps and its sellers are paid is None where only the shopper's form of the quote is left.
    """

    external_ref: str | None
    currency: str
    exponent: int
    item_total_minor: int
    discount_minor: int
    subtotal_minor: int
    tax_minor: int
    delivery_fee_minor: int
    small_basket_fee_minor: int
    total_minor: int
    platform_discount_minor: int | None
    seller_commission_minor: int | None
    category_commission_minor: int | None
    logistics_commission_minor: int | None
    payouts: tuple[AcceptedPayout, ...] | None
    coupon_codes: tuple[str, ...]
    coupon_rule_ids: tuple[str, ...]
    issued_at_us: int
    valid_until_us: int

    @property
    def columns(self) -> tuple[str | int | None, ...]:
        """Those that are columns of an accepted quote as they are, in their order."""
        return (
            self.external_ref,
            self.currency,
            self.exponent,
            self.item_total_minor,
            self.discount_minor,
            self.subtotal_minor,
            self.tax_minor,
            self.delivery_fee_minor,
            self.small_basket_fee_minor,
            self.total_minor,
            self.platform_discount_minor,
            self.seller_commission_minor,
            self.category_commission_minor,
            self.logistics_commission_minor,
        )


class AcceptedQuote(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted quote as it is shown again; `data` is the quote as issued, `receipt` a compact JWS.

    `request` and `rulebook_version` are None where it was accepted by its signature alone.
    """

    quote_id: str
    customer_id: str | None
    data: bytes
    request: bytes | None
    rulebook_version: int | None
    issued_at_us: int
    valid_until_us: int
    accepted_at_us: int
    receipt: str

    def document(self, data: bytes | None = None) -> bytes:
        """The quote with `accepted_at` and `receipt`, as accepting it answers; `data` is another form of the same quote."""
        return b'%b,"accepted_at":"%b","receipt":"%b"}' % (
            (self.data if data is None else data)[:-1],
            instant_text(self.accepted_at_us).encode(),
            self.receipt.encode(),
        )


def figures_of(document: Mapping[str, Any], exponent: int) -> QuoteFigures:
    """The figures of a parsed quote whose shape has been checked (`quotes/answer/restore_quote.py`).

    Raises:
        ValueError: Its instants are none.
    """

    def minor(holder: Mapping[str, Any], name: str) -> int:
        return scale_decimal(Decimal(holder[name]), exponent)

    pricing, commission = document["pricing_breakdown"], document.get("commission_breakdown")

    def commission_minor(name: str) -> int | None:
        return None if commission is None else minor(commission, name)

    return QuoteFigures(
        external_ref=document["external_ref"],
        currency=document["currency"],
        exponent=exponent,
        item_total_minor=minor(pricing, "item_total"),
        discount_minor=minor(document, "discount_amount"),
        subtotal_minor=minor(document, "subtotal"),
        tax_minor=minor(document, "tax_amount"),
        delivery_fee_minor=minor(document, "delivery_fee"),
        small_basket_fee_minor=minor(document, "small_basket_fee"),
        total_minor=minor(document, "total_amount"),
        platform_discount_minor=None if commission is None else minor(document, "platform_funded_discount"),
        seller_commission_minor=commission_minor("seller_commission"),
        category_commission_minor=commission_minor("category_commission"),
        logistics_commission_minor=commission_minor("logistics_commission"),
        payouts=None
        if commission is None
        else tuple(
            AcceptedPayout(
                payout["seller_id"],
                item_total_minor=minor(payout, "item_total"),
                seller_discount_minor=minor(payout, "seller_discount"),
                commission_minor=minor(payout, "commission"),
                payout_minor=minor(payout, "payout"),
                commission_tax_minor=minor(payout, "commission_tax") if "commission_tax" in payout else None,
            )
            for payout in document["payouts"]
        ),
        coupon_codes=tuple(coupon["code"] for coupon in document["coupons"] if coupon["status"] == "applied"),
        coupon_rule_ids=tuple(rule["id"] for rule in document["applied_rules"] if rule["type"] == "COUPON"),
        issued_at_us=to_micros(datetime.fromisoformat(document["valid_from"])),
        valid_until_us=to_micros(datetime.fromisoformat(document["valid_until"])),
    )
