"""Quotes of the past, as the service would have priced, written, signed and accepted them then: rows of accepted quotes.

Source: docs/spec/seeding.md#orders.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from quote_service.lab.seeding.model.copy_lines import copy_line
from quote_service.platform.settings import Keys
from quote_service.platform.system.instants import SECOND_US, instant_text
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.answer.plain_flags import plain_flags
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.accepted_quote import AcceptedPayout, QuoteFigures
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.sign_receipt import ReceiptSigner


class OrderKeys(NamedTuple):
    """What orders are signed with, and how long a quote lasts."""

    signing: Keys
    receipt: Keys
    ttl_seconds: int
    author: str


class PastQuotes:
    """Prices baskets by one rulebook, each at an instant of its own."""

    def __init__(self, changes: RulebookChanges, keys: OrderKeys) -> None:
        self._rulebook: Rulebook = apply_changes(empty_rulebook(), changes)
        self._signer = QuoteSigner(keys.signing)
        self._receipts = ReceiptSigner(keys.receipt)
        self._keys = keys

    def line(
        self, basket: CheckedBasket, prices: Iterable[ProductPrice], quote_id: str, at_us: int, decides_us: int
    ) -> str:
        """A quote and its receipt as COPY takes them.

        Args:
            basket: What was asked for.
            prices: What its products cost then.
            quote_id: A version-7 UUID of that instant.
            at_us: When the quote was issued.
            decides_us: How much later it was accepted, if it held so long; otherwise at its last moment.
        """
        # The catalog as it was then, so far as this basket asks; nothing else of a rulebook depends on it.
        self._rulebook.catalog = CatalogSnapshot(prices)
        quote = price_quote(complete_basket(QuoteBasis(self._rulebook, basket, at_us)))
        valid_until_us = at_us + self._keys.ttl_seconds * SECOND_US
        data, signed = self._issue(quote, quote_id, at_us, valid_until_us)
        figures = figures_of_quote(quote, at_us, valid_until_us)
        accepted_us = at_us + min(decides_us, self._keys.ttl_seconds * SECOND_US - 1)
        return copy_line(
            (
                quote_id,
                quote.basket.customer_id,
                *figures.columns,
                msgspec.json.encode(figures.payouts).decode(),
                "{}",  # no coupons are sent
                data,
                kept_request(quote.basket, quote.floors_minor),
                self._rulebook.version,
                instant_text(at_us),
                instant_text(valid_until_us),
                instant_text(accepted_us),
                self._keys.author,
                "system",
                "",
                self._receipts.sign(quote_id, figures, signed, accepted_us),
            )
        )

    def _issue(self, quote: Quote, quote_id: str, at_us: int, valid_until_us: int) -> tuple[bytes, bytes]:
        """The data of a quote as it is issued, and what of it is signed."""
        text = write_quote(quote, quote_id, at_us, valid_until_us)
        issued = f'{text.head}{text.flags}{text.middle}"miss"{text.tail}'.encode()
        signed = f'{text.head}{plain_flags(text.flags)}{text.middle}"miss"{text.tail}}}'.encode()
        return b'%b,"signature":"%b"}' % (issued, self._signer.sign(signed).encode()), signed


def figures_of_quote(quote: Quote, issued_us: int, valid_until_us: int) -> QuoteFigures:
    """The figures of a priced quote: those that its text holds (`figures_of`), without reading it."""
    return QuoteFigures(
        external_ref=quote.basket.external_ref,
        currency=quote.basket.currency,
        exponent=quote.exponent,
        item_total_minor=quote.item_total_minor,
        discount_minor=quote.discount_minor,
        subtotal_minor=quote.subtotal_minor,
        tax_minor=quote.tax_minor,
        delivery_fee_minor=quote.delivery_fee_minor,
        small_basket_fee_minor=quote.small_basket_fee_minor,
        total_minor=quote.total_minor,
        platform_discount_minor=quote.platform_discount_minor,
        seller_commission_minor=quote.commission.seller_minor,
        category_commission_minor=quote.commission.category_minor,
        logistics_commission_minor=quote.commission.logistics_minor,
        payouts=tuple(
            AcceptedPayout(
                payout.seller_id,
                payout.item_total_minor,
                payout.seller_discount_minor,
                payout.commission_minor,
                payout.payout_minor,
                payout.commission_tax_minor,
            )
            for payout in quote.payouts
        ),
        coupon_codes=(),
        coupon_rule_ids=(),
        issued_at_us=issued_us,
        valid_until_us=valid_until_us,
    )
