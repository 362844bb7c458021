"""Rules that mean the categories below theirs (docs/spec/pricing-rules.md#conditions)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.category_tree import CategoryTree
from quote_service.pricing.explain.explain_pricing import explain_pricing
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import instant_us, stored_rules
from tests.pricing.catalog.price_books import AT, PRODUCT, SELLER, book, catalog_price, product, rule, time_price

TOP, MIDDLE, BELOW, BESIDE = (f"c0000000-0000-4000-8000-00000000000{n}" for n in range(1, 5))
TREE = {TOP: None, MIDDLE: TOP, BELOW: MIDDLE, BESIDE: TOP}
CONDITIONS = {"category_ids": [MIDDLE], "includes_children": True}
HALF = rule("half", "PROMOTION", {"kind": "percent", "value": 50}, currency=None, conditions=CONDITIONS)


def with_tree(rulebook: Rulebook, parents: Mapping[str, str | None]) -> Rulebook:
    return rulebook.with_catalog(CatalogSnapshot(parents=parents), rulebook.customers)


def basket(category: str | None) -> Any:
    item = {"product_id": PRODUCT, "quantity": 1, "unit_price": 100, "category_id": category}
    body = {
        "customer_id": SELLER,
        "seller_id": SELLER,
        "items": [item],
        "delivery_address": {"country": "TR", "city": "Istanbul"},
        "currency": "TRY",
    }
    return decode_basket(msgspec.json.encode(body))


def discount(rulebook: Rulebook, category: str | None) -> int:
    return price_quote(QuoteBasis(rulebook, basket(category), instant_us(AT))).discount_minor


@pytest.mark.parametrize(
    ("category", "expected"), [(TOP, 0), (MIDDLE, 5000), (BELOW, 5000), (BESIDE, 0), (None, 0), (PRODUCT, 0)]
)
def test_a_rule_reaches_the_categories_below_its_own(category: str | None, expected: int) -> None:
    assert discount(with_tree(book(HALF), TREE), category) == expected


def test_without_it_a_rule_reaches_its_own_categories_alone() -> None:
    for conditions in ({"category_ids": [MIDDLE]}, {**CONDITIONS, "includes_children": False}):
        rulebook = with_tree(book({**HALF, "conditions": conditions}), TREE)
        assert [discount(rulebook, each) for each in (MIDDLE, BELOW)] == [5000, 0]


def test_a_price_rule_reaches_them_too() -> None:
    rules = with_tree(book(time_price("t", {"amount": -1}, conditions=CONDITIONS)), TREE)
    assert catalog_price(rules, product(category_id=BELOW)).adjustments
    assert not catalog_price(rules, product(category_id=TOP)).adjustments


def test_a_change_of_the_tree_changes_what_a_rule_reaches() -> None:
    before = with_tree(book(HALF), TREE)
    assert discount(before, BELOW) == 5000
    after = with_tree(before, {**TREE, BELOW: BESIDE, BESIDE: MIDDLE, MIDDLE: None})
    assert [discount(after, each) for each in (TOP, BELOW, BESIDE)] == [0, 5000, 5000]
    assert [discount(before, each) for each in (TOP, BELOW, BESIDE)] == [0, 5000, 0]
    assert discount(with_tree(after, {}), BELOW) == 0


def test_a_rule_that_is_written_later_is_compiled_by_the_tree() -> None:
    changes = RulebookChanges(
        version=2, is_complete=False, rates=[], ended_rate_ids=[], rules=stored_rules([HALF]), flags=[], exhaustions=[]
    )
    for held in (changes, msgspec.structs.replace(changes, is_complete=True)):
        assert discount(apply_changes(with_tree(book(), TREE), held), BELOW) == 5000


def test_the_fingerprint_changes_with_what_rules_reach_and_with_nothing_else_of_the_tree() -> None:
    def bits(rulebook: Rulebook) -> int:
        return fingerprint_bits(QuoteBasis(rulebook, basket(BELOW), instant_us(AT)), b"k" * 32)

    held = with_tree(book(HALF), TREE)
    assert bits(held) != bits(with_tree(held, {**TREE, BELOW: TOP}))
    moved = with_tree(held, {**TREE, TOP: BESIDE, BESIDE: None})
    assert bits(held) == bits(moved) == bits(with_tree(book(HALF), TREE))
    assert moved.rules is held.rules
    plain = book({**HALF, "conditions": None})
    assert bits(plain) == bits(with_tree(plain, TREE))


def test_the_period_is_kept_where_no_rule_changes() -> None:
    held = with_tree(book(HALF), TREE)
    period = held.period_at(instant_us(AT))
    assert with_tree(held, {**TREE, PRODUCT: TOP}).period_at(instant_us(AT)) is period
    assert with_tree(held, {**TREE, PRODUCT: BELOW}).period_at(instant_us(AT)) is not period


@pytest.mark.parametrize(("category", "reason"), [(BELOW, "applied"), (TOP, "condition not met")])
def test_the_explanation_knows_the_tree(category: str, reason: str) -> None:
    rows = RulebookChanges(
        version=1, is_complete=True, rates=[], ended_rate_ids=[], rules=stored_rules([HALF]), flags=[], exhaustions=[]
    )
    explained = explain_pricing(rows, basket(category), instant_us(AT), None, None, TREE)
    assert [(each.reason, each.detail) for each in explained.rules] == [
        (reason, None if reason == "applied" else "category_ids")
    ]


parents = st.dictionaries(st.sampled_from("abcdefgh"), st.none() | st.sampled_from("abcdefgh"))


@given(parents, st.sets(st.sampled_from("abcdefgh")))
def test_below_is_whatever_has_one_of_them_above_it_also_in_a_ring(tree: dict[str, str | None], some: set[str]) -> None:
    def reaches(category: str) -> bool:
        seen: set[str] = set()
        at: str | None = category
        while at is not None and at not in seen:
            if at in some:
                return True
            seen.add(at)
            at = tree.get(at)
        return False

    assert CategoryTree(tree).with_those_below(some) == {each for each in "abcdefgh" if reaches(each)}
