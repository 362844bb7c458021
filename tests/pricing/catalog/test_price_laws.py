"""What holds of a price whatever the rules, and that it is what exact fractions give (docs/spec/pricing-rules.md#price-rules)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.product_price import ProductPrice
from tests.pricing.catalog.price_books import DYNAMIC, PRODUCT, VARIANT, book, catalog_price, major, product, rule

DIGITS = {"TRY": 2, "JPY": 0, "KWD": 3}
ORDER = ["TIME_PRICE", "INVENTORY_PRICE", "DEMAND_PRICE", "USER_TIER_PRICE", "QUANTITY_PRICE"]


class World:
    """Rules, a product and who asks, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.currency = self.random.choice(list(DIGITS))
        self.rules = [self._rule(number) for number in range(self.random.randint(0, 8))]
        current = self.random.choice([0, self.random.randint(0, 300_000_000), self.random.randint(0, 3000) * 1_000_000])
        self.product = product(
            currency=self.currency,
            variant_id=self.random.choice([None, VARIANT]),
            current_micro=current,
            min_micro=self.random.choice([0, self.random.randint(0, current), current]),
            max_micro=self.random.choice([None, self.random.randint(current, 2 * current + 1)]),
        )
        self.quantity = self.random.choice([1, 2, 9, 10, 11, 500])
        self.product_quantity = self.quantity + self.random.choice([0, 1, 30])
        self.tier = self.random.choice([None, "gold", "iron"])
        sold = {(PRODUCT, 2): self.random.randint(0, 60)} if self.random.random() < 0.7 else {}
        stock = {each: self.random.randint(0, 60) for each in (PRODUCT, VARIANT) if self.random.random() < 0.6}
        self.catalog = CatalogSnapshot(stock=stock, demand=sold, demand_hours=frozenset({2}))

    def __repr__(self) -> str:
        return f"World({self.seed})"

    def price(self, rules: list[dict[str, Any]] | None = None) -> Any:
        return catalog_price(
            book(*(self.rules if rules is None else rules), flags=(DYNAMIC,)),
            self.product,
            self.quantity,
            product_quantity=self.product_quantity,
            tier=self.tier,
            catalog=self.catalog,
        )

    def _amount(self, low: int, high: int) -> str:
        digits = DIGITS[self.currency]
        return str(Decimal(self.random.randint(low * 10**digits, high * 10**digits)).scaleb(-digits))

    def _adjustment(self) -> dict[str, Any]:
        percent = self.random.choice(["-100", "-33.333333", "0", "0.000001", "17.5", "250", "-5"])
        ways: list[dict[str, Any]] = [
            {"percent": percent},
            {"percent": percent},
            {"amount": self._amount(-200, 100)},
            {"price": self._amount(0, 400)},
        ]
        return self.random.choice(ways)

    def _rule(self, number: int) -> dict[str, Any]:
        kind = self.random.choice(ORDER)
        configuration: dict[str, Any] = {}
        if kind == "TIME_PRICE":
            configuration["adjustment"] = self._adjustment()
        elif kind == "INVENTORY_PRICE":
            configuration["low"] = {"below": self.random.randint(1, 40), "adjustment": self._adjustment()}
            if self.random.random() < 0.6:
                configuration["high"] = {"above": self.random.randint(40, 60), "adjustment": self._adjustment()}
        elif kind == "DEMAND_PRICE":
            configuration = {
                "window_hours": self.random.choice([2, 2, 3]),
                "expected_per_hour": self.random.choice(["10", "0.3", "7.000001"]),
                "percent_per_10_percent": self.random.choice(["2", "0", "33.3"]),
                "max_percent": self.random.choice(["30", "0", "900"]),
                "min_percent": self.random.choice(["-20", "-100", "0"]),
            }
        elif kind == "USER_TIER_PRICE":
            configuration["tiers"] = {
                each: self._adjustment() for each in self.random.choice([["gold"], ["gold", "iron"]])
            }
        else:
            bounds = sorted(self.random.sample([1, 2, 10, 11, 31], 3))
            configuration["breaks"] = [{"min_quantity": each, "adjustment": self._adjustment()} for each in bounds]
            configuration["across_variants"] = self.random.random() < 0.5
        if self.random.random() < 0.3:
            digits = DIGITS[self.currency]
            configuration["ending"] = self.random.choice(["0", "9", "99", *(["0.9", "4.5"] if digits else [])])
        if self.random.random() < 0.3:
            configuration["exclusive"] = True
        conditions = self.random.choice([None, None, None, {"tags_any": ["new"]}, {"tags_any": ["old"]}])
        return rule(
            f"r{number}",
            kind,
            configuration,
            currency=self.currency,
            priority=self.random.randint(-1, 1),
            conditions=conditions,
        )


worlds = st.integers(0, 2**32).map(World)


@given(worlds)
def test_the_steps_add_up_to_the_price(world: World) -> None:
    price = world.price()
    assert price.list_price_micro == world.product.current_micro
    assert price.list_price_micro + sum(each.amount_micro for each in price.adjustments) == price.unit_price_micro


@given(worlds)
def test_no_bound_is_passed_whatever_is_combined(world: World) -> None:
    offered, price = world.product, world.price()
    assert price.unit_price_micro >= max(0, offered.min_micro)
    assert offered.max_micro is None or price.unit_price_micro <= offered.max_micro
    running = price.list_price_micro
    for each in price.adjustments:
        running += each.amount_micro
        assert running >= 0


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_the_rulebook_makes_no_difference(world: World, random: Random) -> None:
    shuffled = random.sample(world.rules, len(world.rules))
    assert shown(world.price()) == shown(world.price(shuffled))


@given(worlds)
def test_the_price_is_what_exact_fractions_give(world: World) -> None:
    names, expected = by_fractions(world)
    price = world.price()
    assert [each.rule.name for each in price.adjustments if each.rule is not None] == names
    assert major(price.unit_price_micro) == expected


@given(worlds)
def test_within_a_type_nothing_acts_after_an_exclusive_rule(world: World) -> None:
    acted = [each.rule for each in world.price().adjustments if each.rule is not None]
    for before, after in pairwise(acted):
        assert not (before.effect.is_exclusive and before.type == after.type)
        ranks = [(ORDER.index(each.type), -each.priority, each.name) for each in (before, after)]
        assert ranks[0] < ranks[1]


def shown(price: Any) -> Any:
    return price.unit_price_micro, [(each.kind, each.amount_micro, each.percent_micro) for each in price.adjustments]


def by_fractions(world: World) -> tuple[list[str], Decimal]:
    """The rules that act, and the price, worked out from the documents in another way."""
    offered: ProductPrice = world.product
    price = Fraction(offered.current_micro, 10**6)
    names: list[str] = []
    ending: str | None = None
    for kind in ORDER:
        of_kind = [each for each in world.rules if each["type"] == kind]
        for each in sorted(of_kind, key=lambda each: (-each["priority"], each["name"])):
            if each["conditions"] == {"tags_any": ["old"]}:
                continue
            step = adjusted(world, each, price)
            if step is None:
                continue
            price = max(Fraction(0), step)
            names.append(each["name"])
            ending = each["configuration"].get("ending", ending)
            if each["configuration"].get("exclusive"):
                break
    if not names:
        return names, major(offered.current_micro)
    unit = Fraction(1, 10 ** DIGITS[world.currency])
    step_between, first = unit, Fraction(0)
    if ending is not None:
        first = Fraction(ending)
        step_between = Fraction(10 ** len(str(int(first)))) if first >= 1 else Fraction(1)
    candidates = int((price - first) / step_between)
    nearest = min(
        (first + step_between * each for each in range(max(0, candidates - 2), max(0, candidates) + 3)),
        key=lambda each: (abs(each - price), -each),
    )
    held = max(nearest, Fraction(offered.min_micro, 10**6))
    if offered.max_micro is not None:
        held = min(held, Fraction(offered.max_micro, 10**6))
    return names, Decimal(held.numerator) / Decimal(held.denominator)


def adjusted(world: World, document: dict[str, Any], price: Fraction) -> Fraction | None:
    shown, kind = document["configuration"], document["type"]
    adjustment: dict[str, Any] | None = None
    if kind == "TIME_PRICE":
        adjustment = shown["adjustment"]
    elif kind == "USER_TIER_PRICE":
        adjustment = shown["tiers"].get(world.tier)
    elif kind == "QUANTITY_PRICE":
        quantity = world.product_quantity if shown["across_variants"] else world.quantity
        reached = [each for each in shown["breaks"] if each["min_quantity"] <= quantity]
        adjustment = reached[-1]["adjustment"] if reached else None
    elif kind == "INVENTORY_PRICE":
        stock = world.catalog.stock.get(world.product.item_id, world.catalog.stock.get(PRODUCT))
        if stock is not None and stock < shown["low"]["below"]:
            adjustment = shown["low"]["adjustment"]
        elif stock is not None and "high" in shown and stock > shown["high"]["above"]:
            adjustment = shown["high"]["adjustment"]
    else:
        if shown["window_hours"] not in world.catalog.demand_hours:
            return None
        sold = world.catalog.demand.get((PRODUCT, shown["window_hours"]), 0)
        ratio = Fraction(sold) / (shown["window_hours"] * Fraction(shown["expected_per_hour"]))
        percent: Fraction = (ratio - 1) * 10 * Fraction(shown["percent_per_10_percent"])
        held = max(Fraction(shown["min_percent"]), min(Fraction(shown["max_percent"]), percent))
        return price * (1 + held / 100)
    if adjustment is None:
        return None
    if "percent" in adjustment:
        return price * (1 + Fraction(adjustment["percent"]) / 100)
    return price + Fraction(adjustment["amount"]) if "amount" in adjustment else Fraction(adjustment["price"])
