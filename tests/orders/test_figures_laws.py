"""Laws of what an order keeps and posts, for quotes of random rulebooks. Source: docs/spec/orders.md#frozen-figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.errors import QuoteEnded
from quote_service.quotes.operations.write_answer import earlier_data
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.rulebook.pricing_rules.model.commission_tax_versions import CommissionTaxVersion
from quote_service.selling.ledger.model.transactions import Transaction, sums_left
from quote_service.selling.orders.model.freeze_quote import freeze_quote
from quote_service.selling.orders.model.ledger_entries import entries_of_order, reversed_entries
from quote_service.selling.orders.model.order import OrderFigures, OrderLine
from quote_service.selling.orders.model.quoted import read_quoted
from tests.pricing.books import QUOTE_ID, book_of, instant_us
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT
from tests.quotes.lifecycle.issued import SIGNER, WiderWorld

CUSTOMER = UUID(int=7)


class RepeatingWorld(WiderWorld):
    """A world in which baskets have a product in several lines, at one price, perhaps of several sellers."""

    first: dict[str, Any]

    def item(self, place: int) -> dict[str, Any]:
        item = super().item(place)
        if place and self.chance(40):
            item |= {name: self.first[name] for name in ("product_id", "quantity", "unit_price") if name in self.first}
        else:
            self.first = item
        return item


WORLDS = st.integers(0, 2**48).map(RepeatingWorld)


def minor(document: dict[str, Any], amount: Any) -> int:
    scaled = Decimal(str(amount)) * 10 ** EXPONENTS[document["currency"]]
    assert scaled == int(scaled)
    return int(scaled)


def frozen(world: RepeatingWorld) -> tuple[dict[str, Any], OrderFigures]:
    data = issued(world)
    document: dict[str, Any] = parse_json(data)
    return document, freeze_quote(read_quoted(data))


def issued(world: RepeatingWorld) -> bytes:
    setup, request = world.setup(), world.request()
    at_us = instant_us(AT)
    quote = price_quote(QuoteBasis(book_of(setup), decode_basket(write_document(request)), at_us))
    text = write_quote(quote, QUOTE_ID, at_us, at_us + 900_000_000)
    return f'{text.head}{text.flags}{text.middle}"miss"{text.tail},"signature":"none"}}'.encode()


@laws(400)
@given(world=WORLDS)
def test_entries_add_up_to_zero_and_are_what_the_quote_says(world: RepeatingWorld) -> None:
    document, figures = frozen(world)
    entries = entries_of_order(figures, CUSTOMER)
    assert sums_left(entries) == {}
    if entries:
        Transaction("order", CUSTOMER, entries)
        Transaction("cancellation", CUSTOMER, reversed_entries(entries))
    sums: Counter[str] = Counter()
    by_party: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        sums[entry.account.account] += entry.amount_minor
        by_party[entry.account.account, str(entry.account.party_id)] += entry.amount_minor
    steps = document["pricing_breakdown"]["calculations"]
    added = sum(minor(document, step["amount"]) for step in steps if step["step"] == "tax" and "included" not in step)
    taxes = document["commission_breakdown"].get("commission_tax", [])
    tax = sum(minor(document, each["amount"]) for each in taxes)
    contained = sum(minor(document, each["amount"]) for each in taxes if each["inclusive"])
    assert sums["customer"] == -minor(document, document["total_amount"])
    assert sums["sales_tax"] == added
    assert sums["delivery"] == minor(document, document["delivery_fee"]) + minor(document, document["small_basket_fee"])
    assert sums["platform_discounts"] == -minor(document, document["platform_funded_discount"])
    assert sums["commission_tax"] == tax
    assert sums["commission"] == minor(document, document["commission_breakdown"]["total_commission"]) - contained
    for payout in document["payouts"]:
        assert by_party["seller", payout["seller_id"]] == minor(document, payout["payout"])


@laws(400)
@given(world=WORLDS)
def test_lines_add_up_to_the_order(world: RepeatingWorld) -> None:
    document, figures = frozen(world)
    assert len(figures.lines) == len(document["items"])
    for line in figures.lines:
        assert line.discount_minor == sum(each.amount_minor for each in line.discounts)
        assert line.seller_discount_minor == sum(each.seller_minor for each in line.discounts)
        assert all(each.amount_minor == each.seller_minor + each.platform_minor for each in line.discounts)
        assert all(
            each.amount_minor == each.seller_minor + each.category_minor + each.logistics_minor
            for each in line.commissions
        )
    assert sum(line.commission_minor for line in figures.lines) == minor(
        document, document["commission_breakdown"]["total_commission"]
    )
    for seller in figures.sellers:
        own = [line for line in figures.lines if line.seller_id == seller.seller_id]
        assert own
        assert sum(line.commission_minor for line in own) == seller.commission_minor
        assert sum(line.exclusive_tax_minor for line in own) == seller.exclusive_tax_minor
        assert sum(line.platform_discount_minor for line in own) == seller.platform_discount_minor
    on_lines = sum(line.exclusive_tax_minor for line in figures.lines)
    in_lines = sum(line.tax_minor for line in figures.lines) - on_lines
    assert figures.exclusive_tax_minor == on_lines + figures.fee_exclusive_tax_minor
    assert figures.inclusive_tax_minor == in_lines + figures.fee_inclusive_tax_minor
    assert min(figures.fee_exclusive_tax_minor, figures.fee_inclusive_tax_minor) >= 0
    assert figures.total_minor == (
        figures.item_total_minor - figures.discount_minor + figures.exclusive_tax_minor + figures.fees_minor
    )


@laws(400)
@given(world=WORLDS)
def test_a_quote_of_the_first_form_is_ordered_by_every_sum_that_it_shows(world: RepeatingWorld) -> None:
    data = issued(world)
    reported = freeze_quote(read_quoted(data))
    taxes = [seller.commission_tax for seller in reported.sellers if seller.commission_tax is not None]
    versions = {
        tax.rule_id: CommissionTaxVersion(tax.rule_id, tax.rate_micro, tax.is_inclusive, False) for tax in taxes
    }
    try:
        again = freeze_quote(read_quoted(earlier_data(data, 1, SIGNER)), tax_versions=versions)
    except QuoteEnded:
        # Of several sellers' commission it is not known which contains tax.
        assert any(tax.is_inclusive for tax in taxes)
        assert sum(seller.commission_minor != 0 for seller in reported.sellers) > 1
        return
    swapped = swapped_taxes(again, reported)
    assert sums_of(again, swapped) == sums_of(reported)
    assert [by_line(line) for line in again.lines] == [by_line(line) for line in reported.lines]
    assert by_rule(again) == by_rule(reported)


def swapped_taxes(again: OrderFigures, reported: OrderFigures) -> Counter[UUID]:
    """How much tax of each seller is added now that was contained in the price, or the other way.

    Where 20 % on a price and 25 % in it are the same tax, the first form does not show which line has which; what is contained
    in all is what it was.
    """
    swapped: Counter[UUID] = Counter()
    for line, was in zip(again.lines, reported.lines, strict=True):
        if line.exclusive_tax_minor != was.exclusive_tax_minor:
            assert {line.exclusive_tax_minor, was.exclusive_tax_minor} == {0, line.tax_minor}
            swapped[line.seller_id] += line.exclusive_tax_minor - was.exclusive_tax_minor
    assert sum(swapped.values()) == 0
    return swapped


def by_line(line: OrderLine) -> tuple[Any, ...]:
    return (line.line_id, line.discount_minor, line.commission_minor, line.tax_minor)


def by_rule(figures: OrderFigures) -> dict[UUID, tuple[int, int]]:
    """What each rule took off, and what of it the platform pays."""
    sums: dict[UUID, tuple[int, int]] = {}
    for line in figures.lines:
        for each in line.discounts:
            assert min(each.seller_minor, each.platform_minor) >= 0
            whole, platform = sums.get(each.rule_id, (0, 0))
            sums[each.rule_id] = (whole + each.amount_minor, platform + each.platform_minor)
    return sums


def sums_of(figures: OrderFigures, swapped: Mapping[UUID, int] = MappingProxyType({})) -> Any:
    # The first form shows neither a tax that came to nothing nor which of two rules took the same.
    charged = [
        (
            msgspec.structs.replace(
                seller,
                commission_tax=None,
                exclusive_tax_minor=seller.exclusive_tax_minor - swapped.get(seller.seller_id, 0),
            ),
            (tax.amount_minor, tax.is_inclusive) if tax is not None and tax.amount_minor else None,
        )
        for seller in figures.sellers
        for tax in [seller.commission_tax]
    ]
    return (figures.total_minor, figures.discount_minor, figures.fees_minor, charged)
