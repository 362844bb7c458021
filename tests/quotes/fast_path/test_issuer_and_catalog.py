"""Whatever is kept, an answer shows what the catalog says now, and what has not changed is the same quote.

Source: docs/spec/quotes.md#catalog-prices; docs/spec/quotes.md#caching.
"""

from __future__ import annotations

import asyncio
from typing import Any

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.quotes.answer.restore_quote import restore_quote
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.write_answer import issued_data
from tests.pricing.books import book_of
from tests.pricing.catalog.products import CATEGORY, PRODUCT, STRANGER, a_basket, a_line, a_price
from tests.pricing.rulebooks import CATEGORIES
from tests.quotes.fast_path.test_issuer_and_sales import NOON_US, Issuer
from tests.quotes.fast_path.test_mistakes_of_askers import request_of

PROMOTION = {
    "id": "r",
    "name": "r",
    "type": "PROMOTION",
    "configuration": {"kind": "percent", "value": 10},
    "conditions": {"category_ids": [CATEGORY]},
}


def an_issuer(*prices: ProductPrice) -> Issuer:
    issuer = Issuer()
    issuer.holder.rulebook = book_of({"pricing_rules": [PROMOTION]})
    learn(issuer, *prices)
    return issuer


def learn(issuer: Issuer, *prices: ProductPrice) -> None:
    """Put other products in place, under the same version of the rules."""
    held = issuer.holder.rulebook
    assert held is not None
    issuer.holder.rulebook = held.with_catalog(CatalogSnapshot(prices), held.customers)
    issuer.holder.edition += 1


def asked(issuer: Issuer, basket: dict[str, Any]) -> tuple[str, Any, str]:
    answer, tier = issuer.ask(basket, NOON_US)
    return answer["quote_id"], answer["total_amount"], tier


def test_the_same_bytes_are_priced_anew_when_a_price_has_moved() -> None:
    issuer, basket, other = an_issuer(a_price()), a_basket(a_line()), a_basket(a_line(STRANGER, unit_price=7))
    first, left = asked(issuer, basket), asked(issuer, other)
    assert (first[1:], left[1:]) == ((180, "miss"), (14, "miss"))
    assert asked(issuer, basket) == (*first[:2], "body")
    learn(issuer, a_price(current_micro=110_000_000))
    moved = asked(issuer, basket)
    assert moved[1:] == (198, "miss")
    assert moved[0] != first[0]
    assert [asked(issuer, other) for _ in range(2)] == [(*left[:2], "local"), (*left[:2], "body")]
    learn(issuer, a_price())
    assert [asked(issuer, basket) for _ in range(2)] == [(*first[:2], "local"), (*first[:2], "body")]


def test_two_spellings_of_one_basket_part_when_the_catalog_says_otherwise_of_one() -> None:
    issuer = an_issuer(a_price())
    reported, not_reported = a_basket(a_line(category_id=CATEGORY)), a_basket(a_line())
    first = asked(issuer, reported)
    assert asked(issuer, not_reported) == (*first[:2], "local")
    assert [asked(issuer, each)[2] for each in (reported, not_reported)] == ["body", "body"]
    learn(issuer, a_price(category_id=CATEGORIES[1]))
    assert asked(issuer, reported) == (*first[:2], "local"), "it says its category itself"
    assert asked(issuer, not_reported)[1:] == (200, "miss"), "and this one takes the catalog's"


def test_each_sender_hears_of_the_price_that_it_sent() -> None:
    issuer = an_issuer(a_price())
    lines: list[dict[str, Any]] = [{"unit_price": 99}, {}, {"unit_price": 98}, {"unit_price": 99}]
    baskets = [a_basket(a_line(PRODUCT, **line)) for line in lines]
    answers = [issuer.ask(basket, NOON_US)[0] for basket in baskets]
    assert len({answer["quote_id"] for answer in answers}) == 1
    said = [[each["detail"] for each in answer["warnings"] if each["code"] == "price_changed"] for answer in answers]
    assert said == [
        ["the catalog's price is 100.00; 99.00 was sent"],
        [],
        ["the catalog's price is 100.00; 98.00 was sent"],
        ["the catalog's price is 100.00; 99.00 was sent"],
    ]
    assert answers[0]["items"][0]["product_id"] == PRODUCT


def test_a_quote_that_redis_did_not_get_is_signed_with_all_it_says() -> None:
    issuer = an_issuer(a_price())
    body = write_document(a_basket(a_line(unit_price=99), external_ref="ç"))
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        asked = request_of(issuer, QuoteLimiter(loop, 1, 0), loop, body)
        asked.request.run()
    assert asked.request.error is None
    data = issued_data(asked.request.answer)
    document = parse_exact(data)
    codes = [each["code"] for each in document["warnings"]]
    assert codes[-3:] == ["no_tax_rule", "quote_not_shared", "price_changed"]
    restored = restore_quote(document)
    assert restored.data == data
    assert QuoteSigner((("k1", b"s" * 32),)).holds(restored.signed, document["signature"])
