"""What a unit cost is read out of the quote again, so that a catalog and sales of another day explain it all the same.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from __future__ import annotations

from hypothesis import given

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.quotes.model.issued_quote import read_issued
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.operations.issued_prices import issued_sales, take_issued_prices
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, book_of, instant_us
from tests.pricing.catalog.adjusted import give_catalog_prices
from tests.pricing.laws import laws
from tests.pricing.on_sale import sales_of
from tests.pricing.rulebooks import AT, WORLDS, World


@laws(300)
@given(WORLDS)
def test_a_quote_is_priced_again_from_itself_and_what_is_kept_of_its_request(world: World) -> None:
    setup, request, at_us = world.setup(), world.request(), instant_us(AT)
    request = {**request, "external_ref": None}  # is the answer's
    book, checked = book_of(setup), decode_basket(write_document(request))
    give_catalog_prices(checked, [known.compiled for known in book.rules.values()], world.seed)
    sales = find_sales(sales_of(request, world.seed), checked, at_us)
    text = answer_text(price_quote(QuoteBasis(book, checked, at_us, sales)), AT)
    issued = parse_exact(text)
    for line in issued["items"]:
        total = line["list_price"] + sum(step["amount"] for step in line["price_adjustments"])
        assert total == line["unit_price"]
    priced = price_quote(QuoteBasis(book, checked, at_us, sales))
    kept = kept_request(checked.basket, priced.floors_minor)
    again = decode_basket(kept)
    shown = read_issued(text)
    take_issued_prices(shown, kept, again, book.rules)
    assert answer_text(price_quote(QuoteBasis(book, again, at_us, issued_sales(shown))), AT) == text
