"""The law of hints: whoever does what one says pays what it promises, whatever the rulebook and the basket.

Source: docs/spec/hints.md#a-hint-comes-true.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.rulebook.rulebook import Rulebook
from tests.pricing.books import book_of, minor
from tests.pricing.catalog.products import a_price
from tests.pricing.hints.followed import Shown, ask, follow, saving
from tests.pricing.laws import laws
from tests.pricing.on_sale import sales_of
from tests.pricing.rulebooks import CATEGORIES, World


class NearWorld(World):
    """A world whose thresholds are near its baskets, with a catalog, tiers and prices by quantity."""

    def price_rules(self) -> list[dict[str, Any]]:
        rules = []
        for number in range(self.random.choice([0, 0, 1, 2])):
            kind = self.random.choice(["QUANTITY_PRICE", "USER_TIER_PRICE"])
            if kind == "QUANTITY_PRICE":
                bounds = sorted(self.random.sample([2, 3, 4, 8, 10], 2))
                configuration: dict[str, Any] = {
                    "breaks": [{"min_quantity": each, "adjustment": self.adjustment()} for each in bounds],
                    "across_variants": self.chance(50),
                }
            else:
                tiers = self.random.choice([["gold"], ["gold", "silver"], ["platin"]])
                configuration = {"tiers": {each: self.adjustment() for each in tiers}}
            rules.append(
                {
                    **self.scope(),
                    "region": None,
                    "effective_from": None,
                    "effective_to": None,
                    "name": f"price {number}",
                    "type": kind,
                    "configuration": configuration | self.maybe(20, "exclusive", True),
                    "currency": self.currency,
                    **self.maybe(20, "conditions", {"customer_tiers": ["gold"]}),
                }
            )
        return rules

    def adjustment(self) -> dict[str, Any]:
        return self.random.choice(
            [
                {"percent": -self.random.randint(0, 50)},
                {"percent": self.random.randint(0, 20)},
                {"amount": -self.amount(500)},
                {"price": self.amount(5000)},
            ]
        )

    def near_rules(self) -> list[dict[str, Any]]:
        """Rules of everywhere whose conditions a basket almost meets."""
        kinds = ["FREE_DELIVERY", "SMALL_BASKET_FEE", "PROMOTION", "PROMOTION", "COUPON", "COUPON"]
        rules = []
        for number, kind in enumerate(self.random.sample(kinds, self.random.randint(1, len(kinds)))):
            conditions = {
                **self.maybe(60, "min_subtotal", self.amount(30_000)),
                **self.maybe(30, "product_ids", [f"b0000000-0000-4000-8000-{self.random.randrange(3):012d}"]),
                **self.maybe(30, "category_ids", self.some(CATEGORIES)),
            }
            configuration = self.configuration(kind)
            if kind == "FREE_DELIVERY":
                configuration["min_subtotal"] = self.amount(40_000)
            rules.append(
                {
                    "id": self.new_id(),
                    "name": f"near {kind} {number}",
                    "type": kind,
                    "configuration": configuration,
                    "currency": self.currency,
                    "priority": self.random.randint(-1, 3),
                    **({"conditions": conditions} if kind in ("PROMOTION", "COUPON") else {}),
                }
            )
        return rules

    def catalog(self, request: dict[str, Any]) -> CatalogSnapshot:
        prices = []
        for place in range(9):
            product_id = f"b0000000-0000-4000-8000-{place:012d}"
            if self.chance(60):
                micro = int(self.amount(30_000) * 10**6)
                low = self.random.choice([0, micro // 2, micro])
                prices.append(
                    a_price(product_id, currency=self.currency, current_micro=micro, min_micro=low, max_micro=None)
                )
        return CatalogSnapshot(prices)

    def shown(self, *, has_catalog: bool) -> Shown:
        setup, request = self.setup(), self.request()
        near = self.near_rules()
        setup["pricing_rules"] += near + self.price_rules()
        codes = [rule["configuration"]["code"] for rule in near if rule["type"] == "COUPON"]
        request["coupon_codes"] = [*codes, *request.get("coupon_codes", ())]
        book: Rulebook = book_of(setup)
        if has_catalog:
            book.catalog = self.catalog(request)
        return ask(book, request, sales_of(request, self.seed) if self.chance(30) else None)


WORLDS = st.integers(0, 2**48).map(NearWorld)


@pytest.mark.parametrize("has_catalog", [False, True])
@laws(400)
@given(world=WORLDS)
def test_a_hint_that_is_followed_comes_true(has_catalog: bool, world: NearWorld) -> None:
    days_sold = world.shown(has_catalog=has_catalog)
    savings = []
    for hint in days_sold.hints:
        then = follow(days_sold, hint)
        assert then["total_amount"] == hint["total_amount"], hint
        assert saving(days_sold, hint, then, world.digits) == minor(hint["saving"], world.digits) > 0, hint
        # What the hint names is what pays, unless a fee is what ends.
        if hint["code"] != "small_basket_fee":
            assert hint["rule_id"] in [each["id"] for each in then["applied_rules"]], hint
        savings.append(minor(hint["saving"], world.digits))
    assert savings == sorted(savings, reverse=True)
    assert len(savings) <= 5


@pytest.mark.long("700 drawn worlds")
def test_these_worlds_have_hints_of_every_sort() -> None:
    """Of a sort that never came the law would say nothing."""
    sorts = Counter(
        sort_of(hint) for seed in range(2100, 2800) for hint in NearWorld(seed).shown(has_catalog=True).hints
    )
    assert set(sorts) == {
        ("free_delivery", "goods"),
        ("small_basket_fee", "goods"),
        *((code, missing) for code in ("promotion", "coupon") for missing in MISSING),
        ("quantity_price", "units of a line"),
        ("user_tier_price", "tier"),
    }, sorts


MISSING = ("goods", "goods like a line", "units of a line", "units of a product")


def sort_of(hint: dict[str, Any]) -> tuple[str, str]:
    """The code, and what is missing."""
    if "missing_amount" in hint:
        return hint["code"], "goods like a line" if "line" in hint else "goods"
    if "missing_quantity" in hint:
        return hint["code"], "units of a line" if "line" in hint else "units of a product"
    return hint["code"], "tier"
