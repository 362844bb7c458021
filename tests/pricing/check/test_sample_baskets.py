"""The rule check finds a basket for every condition, from the condition's own row.

Source: docs/adding.md#a-condition.
"""

from __future__ import annotations

import pytest

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.check.book import Book
from quote_service.pricing.check.sample_basket import find_sample_basket
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.check.rulebooks import CATEGORY, NOW_US, SELLER, applied_names, book, flag, rule

VALUES: dict[str, object] = {
    "express": True,
    "flag": "beta",
    "category_ids": [CATEGORY],
    "seller_ids": [SELLER],
    "product_ids": [SELLER],
}


@pytest.mark.parametrize("name", [*LINE_CONDITIONS, *SHOPPER_CONDITIONS])
def test_a_basket_is_found_that_satisfies_the_condition(name: str) -> None:
    conditions = {name: VALUES.get(name, ["one", "another"])}
    promotion = rule("tested", "PROMOTION", {"kind": "percent", "value": 10}, conditions=conditions)
    rulebook = book(promotion, flag("beta"))
    checked = Book(rulebook, NOW_US)
    found = find_sample_basket(checked, checked.promotions)
    assert found is not None
    assert applied_names(found.priced(rulebook)) == ["tested"]
    sent = decode_basket(write_document(found.request()))
    assert applied_names(price_quote(QuoteBasis(rulebook, sent, found.at_us))) == ["tested"], (
        "the example asks for the same"
    )


@pytest.mark.parametrize(
    "name", [name for name, each in SHOPPER_CONDITIONS.items() if each.field and not each.field_is_list]
)
def test_rules_that_no_one_value_satisfies_have_no_basket(name: str) -> None:
    rows = [
        rule(f"for {value}", "PROMOTION", {"kind": "percent", "value": 10}, conditions={name: [value]})
        for value in ("one", "another")
    ]
    checked = Book(book(*rows), NOW_US)
    assert find_sample_basket(checked, checked.promotions) is None
    assert find_sample_basket(checked, checked.promotions[:1]) is not None
