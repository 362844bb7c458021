"""Each calculation can be done again from its inputs alone (docs/spec/quotes.md#answer)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given

from tests.pricing.books import answer_text, book_of, priced, read_answer
from tests.pricing.laws import laws
from tests.pricing.oracle import DIGITS, rounded
from tests.pricing.rulebooks import AT, WORLDS, World


class Step:
    """One calculation of an answer, in minor units."""

    def __init__(self, calculation: Any, data: Any) -> None:
        digits = DIGITS[data["currency"]]
        self.data = data
        self.description = calculation["description"]
        self.name: str = calculation["step"]
        inputs = dict(calculation.get("inputs", {}))
        self.mode = inputs.pop("mode", None)
        self.inputs = {name: Fraction(Decimal(literal)) for name, literal in inputs.items()}
        self.scale: int = 10**digits
        self.amount = Fraction(Decimal(calculation["amount"])) * self.scale
        self.is_included = calculation.get("included", False)
        self.lines = len(data["items"])

    def minor(self, name: str) -> Fraction:
        return self.inputs[name] * self.scale

    def clamped(self, amount: Fraction, low: str, high: str) -> Fraction:
        if low in self.inputs:
            amount = max(amount, self.minor(low))
        return min(amount, self.minor(high)) if high in self.inputs else amount

    def is_about(self, amount: Fraction, slack: Fraction) -> bool:
        return bool(abs(self.amount - amount) <= slack)


def delivery(step: Step) -> None:
    inputs = step.inputs
    fee = step.minor("base_fee")
    slack = Fraction(1)  # the fee's rounding, and that of the distance shown
    if "per_km" in inputs:
        fee += step.minor("per_km") * max(Fraction(0), inputs["distance_km"] - inputs["free_km"])
        slack += step.minor("per_km") / 10**6
    if "per_kg" in inputs:
        fee += step.minor("per_kg") * max(Fraction(0), inputs["weight_kg"] - inputs["free_kg"])
    multiplier = inputs.get("multiplier", Fraction(1))
    assert step.is_about(step.clamped(fee, "min_fee", "max_fee") * multiplier, slack * (1 + multiplier))


def express_delivery(step: Step) -> None:
    factor, multiplier = step.minor("distance_factor"), step.inputs["multiplier"]
    fee = (step.minor("base_fee") + factor * step.inputs["distance_km"]) * multiplier
    assert step.is_about(step.clamped(fee, "", "max_fee"), 1 + factor * multiplier / 10**6)


def small_basket(step: Step) -> None:
    missing = step.minor("threshold") - step.minor("subtotal")
    assert missing > 0
    fees = {"fixed": step.minor("fee"), "top_up": min(step.minor("fee"), missing)}
    assert step.amount == fees[step.mode]


def tax(step: Step) -> None:
    rate = step.inputs["rate"]
    if "base_amount" in step.inputs:
        base = step.minor("base_amount")
    else:  # the whole of what stands in the answer under another name
        taxed = {"items": "subtotal", "delivery": "delivery_fee", "small-basket fee": "small_basket_fee"}
        (name,) = (name for end, name in taxed.items() if step.description.endswith(f" {end}"))
        base = Fraction(Decimal(step.data[name])) * step.scale
    exact = base * rate / (100 + rate if step.is_included else 100)
    assert step.is_about(exact, Fraction(step.lines, 2))  # each line is rounded by itself


def discount(step: Step) -> None:
    off, base = -step.amount, step.minor("base_amount")
    assert 0 < off <= base
    assert 0 <= step.minor("platform_funded") <= off
    assert 1 <= step.inputs["covered_lines"] <= step.lines
    if "percent" in step.inputs:
        exact = step.clamped(base * step.inputs["percent"] / 100, "", "max_discount")
        assert step.is_about(-exact, Fraction(step.lines, 2))
    if "sets" in step.inputs:
        exact = step.minor("sets_before") - step.inputs["sets"] * step.minor("set_price")
        assert off == step.clamped(exact, "", "max_discount")
    if "max_discount" in step.inputs:
        assert off <= step.minor("max_discount")


def delivery_discount(step: Step) -> None:
    assert 0 < -step.amount <= step.minor("base_amount")
    assert step.minor("platform_funded") == -step.amount
    if "max_discount" in step.inputs:
        assert -step.amount <= step.minor("max_discount")


def free_delivery(step: Step) -> None:
    assert -step.amount == step.minor("base_amount")


CHECKS = {
    "delivery": delivery,
    "express_delivery": express_delivery,
    "small_basket": small_basket,
    "tax": tax,
    "promotion": discount,
    "coupon": discount,
    "delivery_discount": delivery_discount,
    "free_delivery": free_delivery,
}


@laws(400)
@given(WORLDS)
def test_every_step_can_be_done_again(world: World) -> None:
    data = read_answer(answer_text(priced(book_of(world.setup()), world.request(), AT), AT))
    digits = DIGITS[data["currency"]]
    first, *rest = [Step(each, data) for each in data["pricing_breakdown"]["calculations"]]
    assert first.name == "items"
    running_fee = Fraction(0)
    for step in rest:
        CHECKS[step.name](step)
        if step.name in ("free_delivery", "delivery_discount"):
            assert step.minor("base_amount") == running_fee
        if step.name in ("delivery", "express_delivery", "free_delivery", "delivery_discount"):
            running_fee += step.amount
    assert rounded(sum((s.amount for s in [first, *rest] if not s.is_included), Fraction(0))) == rounded(
        Fraction(Decimal(data["total_amount"])) * 10**digits
    )
