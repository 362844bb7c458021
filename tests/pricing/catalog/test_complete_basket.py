"""What the catalog fills into a basket, and which baskets it refuses.

Source: docs/spec/quotes.md#catalog-prices.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.system.errors import Invalid
from quote_service.pricing.basket import LINES_MAX, NOT_GIVEN, QUANTITY_MAX
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.errors import UnknownProduct
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, priced, read_answer
from tests.pricing.catalog.products import (
    AT_US,
    CATEGORY,
    MAKER,
    PRODUCT,
    SELLER,
    STRANGER,
    VARIANT,
    a_basket,
    a_line,
    a_price,
    book_with,
    completed,
)
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, CATEGORIES, WORLDS, World

BOOK = book_with([a_price(), a_price(variant_id=VARIANT, current_micro=120_000_000)])


def refusal(book: Rulebook, request: dict[str, Any], **fields: Any) -> Invalid:
    with pytest.raises(Invalid) as refused:
        completed(book, request, **fields)
    return refused.value


def pointers(book: Rulebook, request: dict[str, Any], **fields: Any) -> list[str]:
    return [fault.pointer for fault in refusal(book, request, **fields).faults]


def bits(book: Rulebook, checked: CheckedBasket) -> int:
    return fingerprint_bits(QuoteBasis(book, checked, AT_US), b"s" * 32)


def test_what_a_line_leaves_out_comes_from_the_catalog() -> None:
    checked = completed(BOOK, a_basket(a_line(), a_line(variant_id=VARIANT)))
    assert checked.unit_prices_micro == [100_000_000, 120_000_000]
    assert checked.weight_pico == 4 * 500_000_000_000
    assert checked.catalog_prices is not None
    assert [price and price.list_price_micro for price in checked.catalog_prices] == checked.unit_prices_micro
    assert checked.price_warnings == ()
    for item in checked.basket.items:
        assert (item.category_id, item.seller_id, item.tags) == (CATEGORY, MAKER, ["shoes"])
        assert bytes(item.weight) == b"0.5"


def test_what_a_line_says_itself_stays_but_for_its_price() -> None:
    other = CATEGORIES[1]
    line = a_line(category_id=other, seller_id=SELLER, tags=[], weight=2, unit_price=99.5)
    checked = completed(BOOK, a_basket(line))
    (item,) = checked.basket.items
    assert (item.category_id, item.seller_id, item.tags, checked.weight_pico) == (other, SELLER, [], 4 * 10**12)
    assert checked.unit_prices_micro == [100_000_000]
    (warning,) = checked.price_warnings
    assert (warning.code, warning.pointer) == ("price_changed", "/items/0/unit_price")
    assert warning.detail == "the catalog's price is 100.00; 99.50 was sent"


@pytest.mark.parametrize("price", [100, "100", "100.00", 100.0, "1e2"])
def test_the_same_price_in_any_spelling_is_no_difference(price: Any) -> None:
    checked = completed(BOOK, a_basket(a_line(unit_price=price)))
    assert checked.price_warnings == ()


def test_a_product_without_category_seller_tags_and_weight_fills_nothing() -> None:
    book = book_with([a_price(category_id=None, seller_id=None, tags=(), weight_pico=None)])
    checked = completed(book, a_basket(a_line()))
    (item,) = checked.basket.items
    assert (item.category_id, item.seller_id, item.tags, item.weight) == (None, None, None, NOT_GIVEN)
    assert checked.weight_pico == 0


def test_lines_of_other_products_keep_the_prices_of_the_request() -> None:
    checked = completed(BOOK, a_basket(a_line(STRANGER, unit_price=7), a_line()))
    assert checked.unit_prices_micro == [7_000_000, 100_000_000]
    assert checked.catalog_prices is not None
    assert checked.catalog_prices[0] is None
    checked = completed(BOOK, a_basket(a_line(STRANGER, unit_price=7)))
    assert (checked.unit_prices_micro, checked.catalog_prices) == ([7_000_000], None)


@pytest.mark.parametrize("book", [book_with([]), BOOK], ids=["no catalog", "a catalog"])
def test_a_product_that_is_not_in_the_catalog_needs_a_price(book: Rulebook) -> None:
    request = a_basket(a_line(STRANGER), a_line(STRANGER, unit_price=7), a_line(STRANGER, unit_price=None))
    assert pointers(book, request) == ["/items/0/unit_price", "/items/2/unit_price"]
    assert type(refusal(book, request)) is Invalid


@pytest.mark.parametrize("sent", [{}, {"unit_price": 1}], ids=["no price sent", "a price sent"])
def test_what_is_known_and_not_sold_is_refused_at_its_field(sent: dict[str, Any]) -> None:
    other, third = CATEGORIES[1], CATEGORIES[2]
    book = book_with(
        [a_price(is_active=False), a_price(other, currency="USD"), a_price(third), a_price(third, variant_id=VARIANT)]
    )
    request = a_basket(
        a_line(**sent),
        a_line(other, **sent),
        a_line(other, variant_id=VARIANT, **sent),
        a_line(third, variant_id=STRANGER, **sent),
        a_line(third, variant_id=VARIANT, **sent),
    )
    messages = {fault.pointer: fault.detail for fault in refusal(book, request).faults}
    assert messages == {
        "/items/0/product_id": "is not sold at present",
        "/items/1/product_id": "has no price in TRY",
        "/items/2/product_id": "has no price in TRY",
        "/items/3/variant_id": "is not a variant of this product that is sold",
    }


def test_the_variant_of_another_product_is_none_of_this_one() -> None:
    book = book_with([a_price(), a_price(STRANGER), a_price(STRANGER, variant_id=VARIANT)])
    assert pointers(book, a_basket(a_line(variant_id=VARIANT))) == ["/items/0/variant_id"]


def test_all_faults_are_reported_together() -> None:
    request = a_basket(a_line(STRANGER), a_line(variant_id=STRANGER), a_line(unit_price=-1), currency="TRY")
    assert pointers(BOOK, request) == ["/items/2/unit_price"], "what cannot be read at all is told first"
    assert pointers(BOOK, {**request, "items": request["items"][:2], "customer_id": "x" * 32}) == [
        "/customer_id",
        "/items/0/unit_price",
        "/items/1/variant_id",
    ]
    assert pointers(BOOK, {**request, "items": request["items"][:2], "currency": "XXQ"}) == [
        "/items/0/unit_price",
        "/currency",
    ]


@pytest.mark.parametrize("wrong", ["0" * 35, "x" * 36, "ü" * 32, "0" * 32 + "-" * 4])
@pytest.mark.parametrize("name", ["product_id", "variant_id"])
def test_the_catalog_is_not_asked_for_what_is_no_identifier(name: str, wrong: str) -> None:
    line = {**a_line(), name: wrong}
    assert pointers(BOOK, a_basket(line, a_line(STRANGER))) == [f"/items/0/{name}", "/items/1/unit_price"]


def test_the_bound_of_a_basket_counts_the_prices_of_the_catalog() -> None:
    micro = 10**13 * 10**6
    book = book_with([a_price(current_micro=micro // QUANTITY_MAX, max_micro=None), a_price(STRANGER)])
    dear = a_line(quantity=QUANTITY_MAX)
    assert pointers(book, a_basket(dear)) == ["/items/0", "/items"]
    assert pointers(book, a_basket(a_line(STRANGER), {**dear, "quantity": QUANTITY_MAX // 2 + 1}, dear)) == [
        "/items/2",
        "/items",
    ]
    half = {**dear, "quantity": QUANTITY_MAX // 2}
    assert pointers(book, a_basket(half, half)) == ["/items"]
    assert pointers(
        book,
        a_basket(half, {**half, "quantity": QUANTITY_MAX // 2 - 1}, a_line("c" * 8 + STRANGER[8:], unit_price=10**7)),
    ) == ["/items"]
    assert completed(book, a_basket(half, {**half, "quantity": QUANTITY_MAX // 2 - 1})).catalog_prices is not None


def test_500_lines_of_one_product_are_a_basket() -> None:
    checked = completed(BOOK, a_basket(*[a_line(unit_price=1)] * LINES_MAX))
    assert checked.unit_prices_micro == [100_000_000] * LINES_MAX
    assert len(checked.price_warnings) == LINES_MAX


def test_a_shoppers_lines_must_be_sold_by_somebody() -> None:
    book = book_with([a_price(), a_price(VARIANT, seller_id=None), a_price(CATEGORIES[1], is_active=False)])
    checked = completed(book, a_basket(a_line()), is_shoppers=True)
    assert checked.basket.seller_id == MAKER, "and not who the shopper says"
    unknown = a_basket(a_line(), a_line(STRANGER), a_line(CATEGORIES[1]))
    assert isinstance(refusal(book, unknown, is_shoppers=True), UnknownProduct)
    assert pointers(book, unknown, is_shoppers=True) == ["/items/1/product_id", "/items/2/product_id"]
    unsold = a_basket(a_line(), a_line(VARIANT), a_line(CATEGORIES[1]))
    assert type(refusal(book, unsold, is_shoppers=True)) is Invalid
    assert pointers(book, unsold, is_shoppers=True) == ["/items/1/product_id", "/items/2/product_id"]


def test_the_price_that_is_sent_makes_no_other_quote() -> None:
    sent = [completed(BOOK, a_basket(a_line(**price))) for price in ({}, {"unit_price": 1}, {"unit_price": "100"})]
    assert len({bits(BOOK, checked) for checked in sent}) == 1
    assert len({kept_request(checked.basket) for checked in sent}) == 1


def test_a_moved_price_makes_another_quote_of_baskets_with_the_product_alone() -> None:
    moved = book_with([a_price(current_micro=101_000_000), a_price(STRANGER)])
    before = book_with([a_price(), a_price(STRANGER)])

    def both(*items: dict[str, Any]) -> tuple[int, int]:
        first, second = (bits(book, completed(book, a_basket(*items))) for book in (before, moved))
        return first, second

    assert len(set(both(a_line()))) == 2
    assert len(set(both(a_line(STRANGER), a_line()))) == 2
    assert len(set(both(a_line(STRANGER)))) == 1
    assert len(set(both(a_line(CATEGORIES[0], unit_price=5)))) == 1
    assert bits(before, completed(before, a_basket(a_line()))) == both(a_line())[0], "the same price is the same quote"


def test_a_price_of_the_catalog_and_the_same_of_the_request_are_two_quotes() -> None:
    plain: dict[str, Any] = {"category_id": None, "seller_id": None, "tags": (), "weight_pico": None}
    book = book_with([a_price(PRODUCT, **plain)])
    request = a_basket(a_line(unit_price=100))
    assert bits(book, completed(book, request)) != bits(book, completed(book_with([]), request))


def test_what_is_kept_can_be_read_again_and_has_what_the_catalog_filled_in() -> None:
    checked = completed(BOOK, a_basket(a_line(unit_price=1), a_line(STRANGER, unit_price=7)))
    again = decode_basket(kept_request(checked.basket))
    first, second = again.basket.items
    assert (first.category_id, first.seller_id, first.tags) == (CATEGORY, MAKER, ["shoes"])
    assert (first.unit_price, bytes(second.unit_price)) == (NOT_GIVEN, b"7")
    assert again.weight_pico == checked.weight_pico


def catalog_of(world: World, request: dict[str, Any]) -> CatalogSnapshot:
    """A catalog that knows half of a request's products, at prices of its own."""
    prices = []
    for item in request["items"]:
        if world.chance(50):
            micro = int(world.amount(30_000) * 10**6)
            known = a_price(
                item["product_id"], currency=request["currency"], current_micro=micro, min_micro=0, max_micro=None
            )
            prices += [known, msgspec.structs.replace(known, variant_id=item.get("variant_id"))]
    return CatalogSnapshot(prices)


def facts_asked_for(request: dict[str, Any], checked: CheckedBasket) -> dict[str, Any]:
    """A request that asks for what the catalog says, of a service that knows no catalog."""
    items = []
    for sent, item, price_micro in zip(request["items"], checked.basket.items, checked.unit_prices_micro, strict=True):
        filled = {"category_id": item.category_id, "seller_id": item.seller_id, "tags": item.tags}
        weight = {} if item.weight is NOT_GIVEN else {"weight": msgspec.Raw(bytes(item.weight))}
        price = f"{price_micro // 10**6}.{price_micro % 10**6:06d}"
        items.append({**sent, **filled, **weight, "unit_price": price})
    return {**request, "items": items}


@laws(300)
@given(WORLDS)
def test_a_line_of_the_catalog_is_priced_as_if_everything_had_been_asked_for(world: World) -> None:
    setup, request = world.setup(), world.request()
    catalog = catalog_of(world, request)
    book, plain = book_with([], setup), book_with([], setup)
    book.catalog = catalog
    shown = read_answer(answer_text(priced(book, request, AT), AT))
    asked = facts_asked_for(request, completed(book, request))
    other = read_answer(answer_text(priced(plain, asked, AT), AT))
    for line in shown["items"]:
        if line["price_source"] == "catalog":
            assert catalog.knows(line["product_id"])
            assert (line["list_price"], line["price_adjustments"]) == (line["unit_price"], [])
            line["price_source"] = "request"
    assert shown == other


@laws(100)
@given(WORLDS, st.integers(0, 2**32))
def test_the_order_of_the_lines_changes_no_price(world: World, seed: int) -> None:
    request = world.request()
    book = book_with([])
    book.catalog = catalog_of(world, request)
    places = list(range(len(request["items"])))
    world.random.seed(seed)
    world.random.shuffle(places)
    shuffled = {**request, "items": [request["items"][place] for place in places]}
    one, other = completed(book, request), completed(book, shuffled)
    assert [one.unit_prices_micro[place] for place in places] == other.unit_prices_micro
    assert one.weight_pico == other.weight_pico


def test_a_basket_without_a_catalog_is_the_one_that_was_read() -> None:
    request = a_basket(a_line(STRANGER, unit_price=7))
    checked = decode_basket(write_document(request))
    before = msgspec.structs.replace(checked, unit_prices_micro=[*checked.unit_prices_micro])
    assert completed(book_with([]), request) == before


@pytest.mark.parametrize("name", ["product_id", "variant_id"])
@pytest.mark.parametrize("identifier", ["0" * 33, "0" * 36, "g" * 32, "b0000000-0000-4000-8000-00000000000\u0661"])
def test_a_catalog_is_not_asked_for_what_is_no_identifier(name: str, identifier: str) -> None:
    body = write_document(a_basket(a_line() | {name: identifier}, a_line(STRANGER)))
    with pytest.raises(Invalid) as refused:
        decode_basket(body, CatalogSnapshot([a_price()]))
    assert [(fault.pointer, fault.detail) for fault in refused.value.faults] == [
        (f"/items/0/{name}", "must be a UUID"),
        ("/items/1/unit_price", "is required for a product that is not in the catalog"),
    ]
