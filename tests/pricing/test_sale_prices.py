"""What a flash sale does to a quote, whatever the rulebook: a line on sale is priced as if the sale's price had been asked.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, book_of, instant_us, priced, read_answer
from tests.pricing.laws import laws
from tests.pricing.on_sale import SALE_ID, sales_of
from tests.pricing.rulebooks import AT, WORLDS, World, scaled

AT_US = instant_us(AT)
PRODUCT = "b0000000-0000-4000-8000-000000000001"


def a_price(**fields: Any) -> SalePrice:
    usual = {"item_id": 7, "sale_id": SALE_ID, "currency": "TRY", "price_micro": 19_990_000}
    return SalePrice(**{**usual, "starts_us": AT_US, "ends_us": AT_US + 10, **fields})


def lines_of(*prices: str, currency: str = "TRY") -> Any:
    """A checked basket of one product, a line for each price."""
    world = World(1)
    items = [{"product_id": PRODUCT, "quantity": 2, "unit_price": Decimal(price)} for price in prices]
    return decode_basket(write_document({**world.request(), "currency": currency, "items": items}))


@laws(300)
@given(WORLDS)
def test_a_line_on_sale_is_priced_as_if_its_price_had_been_asked_for(world: World) -> None:
    setup, request = world.setup(), world.request()
    prices = sales_of(request, world.seed)
    book = book_of(setup)
    shown = read_answer(answer_text(priced(book, request, AT, prices), AT))
    asked = copy.deepcopy(request)
    for item in asked["items"]:
        price = prices.get(item["product_id"])
        own_micro = int(item["unit_price"] * 10**6)
        if (
            price is not None
            and price.currency == request["currency"]
            and price.starts_us <= AT_US < price.ends_us
            and price.price_micro <= own_micro
        ):
            item["unit_price"] = scaled(price.price_micro, 6)
    other = read_answer(answer_text(priced(book, asked, AT), AT))
    for line, item, lowered in zip(shown["items"], request["items"], asked["items"], strict=True):
        assert Decimal(line["list_price"]) == item["unit_price"]
        assert Decimal(line["unit_price"]) == lowered["unit_price"] <= item["unit_price"]
        if line["price_source"] == "flash_sale":
            (adjustment,) = line.pop("price_adjustments")
            assert (adjustment["kind"], adjustment["flash_sale_id"]) == ("flash_sale", SALE_ID)
            assert Decimal(line["list_price"]) + Decimal(adjustment["amount"]) == Decimal(line["unit_price"])
            line |= {"price_source": "request", "price_adjustments": [], "list_price": line["unit_price"]}
    assert shown == other


@laws(300)
@given(WORLDS, st.integers(0, 2 * 3_600_000_000))
def test_what_is_on_sale_stays_until_the_instant_that_is_reported(world: World, later_us: int) -> None:
    request = world.request()
    prices, checked = sales_of(request, world.seed), decode_basket(write_document(request))
    sales = find_sales(prices, checked, AT_US)
    until_us = FOREVER if sales is None else sales.until_us
    assert until_us > AT_US
    at_us = AT_US + later_us
    lines = [None] * len(checked.basket.items)
    now, then = (lines if found is None else found.lines for found in (sales, find_sales(prices, checked, at_us)))
    if at_us < until_us:
        assert now == then
    elif at_us == until_us:
        assert now != then


def test_begin_is_on_sale_and_end_is_not() -> None:
    checked, prices = lines_of("25.50"), {PRODUCT: a_price()}
    on_sale = {at_us: find_sales(prices, checked, AT_US + at_us) for at_us in (-1, 0, 9, 10)}
    assert {at_us: found and found.item_ids for at_us, found in on_sale.items()} == {-1: (), 0: (7,), 9: (7,), 10: None}
    assert {at_us: found and found.until_us - AT_US for at_us, found in on_sale.items()} == {
        -1: 0,
        0: 10,
        9: 10,
        10: None,
    }


def test_each_line_of_a_product_goes_by_its_own_price() -> None:
    found = find_sales({PRODUCT: a_price()}, lines_of("25.50", "19.99", "19.989999", "30"), AT_US)
    assert found is not None
    assert [None if line is None else line.own_price_micro for line in found.lines] == [
        25_500_000,
        19_990_000,
        None,
        30_000_000,
    ]
    assert found.item_ids == (7,), "shown once"
    assert find_sales({PRODUCT: a_price()}, lines_of("25.50", currency="USD"), AT_US) is None


def test_the_fingerprint_goes_by_the_price_alone() -> None:
    checked, book = lines_of("25.50", "25.50"), empty_rulebook()

    def bits(price: SalePrice | None, at_us: int = AT_US) -> int:
        sales = find_sales({} if price is None else {PRODUCT: price}, checked, at_us)
        return fingerprint_bits(QuoteBasis(book, checked, at_us, sales), b"s" * 32)

    without = bits(None)
    assert bits(a_price(), AT_US - 1) == without == bits(a_price(price_micro=30_000_000))
    on_sale = bits(a_price())
    assert bits(a_price(ends_us=AT_US + 99, starts_us=0)) == on_sale
    assert len({without, on_sale, bits(a_price(price_micro=19_980_000)), bits(a_price(item_id=8))}) == 4
