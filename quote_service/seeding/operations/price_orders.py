"""Seeded orders: quotes that the service's own functions priced, wrote and signed, with their receipts, as rows.

Nothing here asks a server, so that several processes price at once, each some orders.

Source: docs/spec/seeding.md#orders.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from quote_service.money.amounts import MICRO
from quote_service.money.currencies import EXPONENTS
from quote_service.pricing.basket import Address, Basket, BasketItem
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket, Quote
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.answer.plain_flags import plain_flags
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.words.accepted_quote import AcceptedPayout, QuoteFigures
from quote_service.quotes.words.kept_request import kept_request
from quote_service.seeding.words.baskets import SeedBasket, SeedLine, seed_basket
from quote_service.seeding.words.copy_lines import copy_line
from quote_service.seeding.words.customers import seed_customer
from quote_service.seeding.words.draws import Draws
from quote_service.seeding.words.plan import SeedPlan
from quote_service.seeding.words.price_paths import priced
from quote_service.seeding.words.products import (
    COST_PERCENT,
    CURRENCY,
    MAX_PERCENT,
    MIN_PERCENT,
    SeedProduct,
    seed_product,
)
from quote_service.seeding.words.rhythm import Rhythm
from quote_service.settings import Keys
from quote_service.system.instants import SECOND_US, instant_text

_EXPONENT = EXPONENTS[CURRENCY]
_MICRO_OF_A_MINOR = MICRO // 10**_EXPONENT
_PICO_OF_A_GRAM = 10**9
_COUNTRY = "TR"
# Where everything is sent from: Tuzla, east of Istanbul.
_WAREHOUSE = Address("Istanbul", _COUNTRY, None, "Tuzla", 40.8161, 29.3033)
_PRODUCTS_KEPT = 50_000


class OrderKeys(NamedTuple):
    """What orders are signed with, and how long a quote lasts."""

    signing: Keys
    receipt: Keys
    ttl_seconds: int
    author: str


class OrderPricer:
    """Prices the orders of a plan by one rulebook."""

    def __init__(self, plan: SeedPlan, changes: RulebookChanges, keys: OrderKeys) -> None:
        self._plan = plan
        self._rulebook: Rulebook = apply_changes(empty_rulebook(), changes)
        self._rhythm = Rhythm(plan)
        self._signer = QuoteSigner(keys.signing)
        self._receipts = ReceiptSigner(keys.receipt)
        self._keys = keys
        self._product = lru_cache(_PRODUCTS_KEPT)(self._seed_product)

    def lines(self, first: int, end: int) -> bytes:
        """The rows of some orders, as COPY takes them."""
        return "".join(self._lines(first, end)).encode()

    def _lines(self, first: int, end: int) -> Iterator[str]:
        for number in range(first, end):
            draws = Draws(self._plan.seed, "order", number)
            at_us = self._rhythm.instant_us(number, draws)
            wanted = seed_basket(self._plan, draws, at_us, self._product)
            yield self._line(wanted, draws.identifier(at_us), at_us)

    def _seed_product(self, number: int) -> SeedProduct:
        return seed_product(self._plan, number)

    def _line(self, wanted: SeedBasket, quote_id: str, at_us: int) -> str:
        # The catalog as it was then, so far as this basket asks; nothing else of a rulebook depends on it.
        self._rulebook.catalog = CatalogSnapshot(_product_price(line) for line in wanted.lines)
        checked = complete_basket(self._rulebook, checked_basket(self._plan, wanted), at_us)
        quote = price_quote(self._rulebook, checked, at_us)
        valid_until_us = at_us + self._keys.ttl_seconds * SECOND_US
        data, signed = self._issue(quote, quote_id, at_us, valid_until_us)
        figures = figures_of_quote(quote, at_us, valid_until_us)
        accepted_us = at_us + min(wanted.decides_us, self._keys.ttl_seconds * SECOND_US - 1)
        return copy_line(
            (
                quote_id,
                quote.basket.customer_id,
                figures.external_ref,
                figures.currency,
                figures.exponent,
                figures.item_total_minor,
                figures.discount_minor,
                figures.subtotal_minor,
                figures.tax_minor,
                figures.delivery_fee_minor,
                figures.small_basket_fee_minor,
                figures.total_minor,
                figures.platform_discount_minor,
                figures.seller_commission_minor,
                figures.category_commission_minor,
                figures.logistics_commission_minor,
                msgspec.json.encode(figures.payouts).decode(),
                "{}",  # no coupons are sent
                data,
                kept_request(quote.basket),
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


def checked_basket(plan: SeedPlan, wanted: SeedBasket) -> CheckedBasket:
    """The request of an order, as it is read when a checkout sends it: what products cost, the catalog says."""
    customer = seed_customer(plan, wanted.customer)
    basket = Basket(
        customer_id=customer.id,
        seller_id=wanted.lines[0].product.seller_id,
        items=[_item(line) for line in wanted.lines],
        delivery_address=Address(wanted.city, _COUNTRY, None, wanted.district, wanted.latitude, wanted.longitude),
        currency=CURRENCY,
        pickup_address=_WAREHOUSE,
        is_express_delivery=wanted.is_express,
        customer_tier=customer.tier,
        customer_segments=list(customer.segments) or None,
    )
    return CheckedBasket(basket, _EXPONENT, [NOT_PRICED] * len(wanted.lines), 0, lacks_prices=True)


def _item(line: SeedLine) -> BasketItem:
    variant = line.variant
    return BasketItem(
        product_id=line.product.id, quantity=line.quantity, variant_id=None if variant is None else variant.id
    )


def _product_price(line: SeedLine) -> ProductPrice:
    """The price of a line's product, or variant, as the catalog held it."""
    product, variant = line.product, line.variant
    lowest, cost, highest = (
        priced(product.base_minor, percent) * _MICRO_OF_A_MINOR for percent in (MIN_PERCENT, COST_PERCENT, MAX_PERCENT)
    )
    return ProductPrice(
        product_id=product.id,
        variant_id=None if variant is None else variant.id,
        currency=CURRENCY,
        category_id=product.category_id,
        seller_id=product.seller_id,
        tags=product.tags,
        weight_pico=product.grams * _PICO_OF_A_GRAM,
        is_active=True,
        current_micro=line.unit_minor * _MICRO_OF_A_MINOR,
        min_micro=lowest,
        max_micro=highest,
        cost_micro=cost,
    )


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
