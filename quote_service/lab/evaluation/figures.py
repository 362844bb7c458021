"""What an evaluation finds: figures beside what they should be, or why there is none.

Source: docs/spec/demand.md#evaluate.
"""

from typing import Literal

import msgspec

Relation = Literal["near", "at_least", "at_most"]


class Figure(msgspec.Struct, frozen=True):
    """One figure. Without a target it is told for comparison.

    Attributes:
        group: What it is about.
        name: What it is.
        value: As measured.
        target: What it should be.
        relation: How it should stand to the target.
        tolerance: For `near`: how far off it may be.
    """

    group: str
    name: str
    value: float
    target: float | None = None
    relation: Relation = "at_least"
    tolerance: float = 0.0

    @property
    def reached(self) -> bool | None:
        if self.target is None:
            return None
        if self.relation == "near":
            return abs(self.value - self.target) <= self.tolerance
        return self.value >= self.target if self.relation == "at_least" else self.value <= self.target


class Skipped(msgspec.Struct, frozen=True):
    """A group that could not be measured, and why."""

    group: str
    reason: str


def lines_of(found: list[Figure | Skipped]) -> list[str]:
    """A table for people, group by group."""
    lines: list[str] = []
    group = ""
    for one in found:
        if one.group != group:
            group = one.group
            lines += ["", group]
        if isinstance(one, Skipped):
            lines.append(f"  skipped: {one.reason}")
        else:
            lines.append(f"  {one.name:<62}{one.value:>12.4f}  {_judged(one)}".rstrip())
    return lines


def _judged(figure: Figure) -> str:
    if figure.target is None:
        return ""
    sign = {"near": "=", "at_least": ">=", "at_most": "<="}[figure.relation]
    within = f" +- {figure.tolerance:g}" if figure.relation == "near" else ""
    return f"{'reached' if figure.reached else 'MISSED '}  {sign} {figure.target:g}{within}"
