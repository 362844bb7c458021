"""The steps of a price as a waterfall: bars that begin where the one before ended.

Source: docs/spec/web.md#playground.
"""

from decimal import Decimal
from typing import Any, NamedTuple

_SCALE = 1000
_THINNEST = 4
_NAMES = {
    "items": "Items",
    "delivery": "Delivery",
    "express_delivery": "Express",
    "small_basket": "Small basket",
    "tax": "Tax",
}
_KINDS = {"tax": "bar-tax", "delivery": "bar-fee", "express_delivery": "bar-fee", "small_basket": "bar-fee"}


class Bar(NamedTuple):
    """One step: what it is, what it adds, and where its bar stands on a scale of 1 000."""

    label: str
    amount: Any
    kind: str
    x: int
    width: int

    @property
    def is_total(self) -> bool:
        """Whether it is the sum of the others."""
        return self.kind == "bar-total"


class _Step(NamedTuple):
    label: str
    amount: Any
    start: Decimal
    end: Decimal
    kind: str


def waterfall(calculations: list[dict[str, Any]], total: Any) -> tuple[Bar, ...]:
    """Each step that changes something, and the total. What is contained in prices stands at their end and adds nothing."""
    steps: list[_Step] = []
    reached = Decimal(0)
    for step in calculations:
        amount = Decimal(str(step["amount"]))
        name = _NAMES.get(step["step"])
        label = step["description"] if name is None else f"{name}: {step['description']}"
        if step.get("included"):
            steps.append(_Step(f"{label}, contained", step["amount"], reached - amount, reached, "bar-tax"))
        elif amount:
            kind = "bar-minus" if amount < 0 else _KINDS.get(step["step"], "bar-plus")
            steps.append(_Step(label, step["amount"], reached, reached + amount, kind))
            reached += amount
    steps.append(_Step("Total", total, Decimal(0), Decimal(str(total)), "bar-total"))
    low = min(Decimal(0), *(min(step.start, step.end) for step in steps))
    high = max(Decimal(0), *(max(step.start, step.end) for step in steps))
    scale = _SCALE / ((high - low) or Decimal(1))
    return tuple(
        Bar(
            step.label,
            step.amount,
            step.kind,
            round((min(step.start, step.end) - low) * scale),
            max(_THINNEST, round(abs(step.end - step.start) * scale)),
        )
        for step in steps
    )
