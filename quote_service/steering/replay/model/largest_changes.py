"""The quotes that a change moves most, each with what it is moved by.

Source: docs/spec/replay.md#result.
"""

from typing import Any

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.quote import Calculation, Quote

LARGEST_MAX = 20
_STEPS_MAX = 50

Amount = msgspec.Raw


class AppliedRule(msgspec.Struct, frozen=True):
    """A rule that acted in one of the two quotes only."""

    rule_id: str
    """The version of the rule; of a draft it is an id of this replay."""
    name: str
    """The name of the rule."""


class ChangedStep(msgspec.Struct, frozen=True):
    """A step of the calculation that is not the same in both quotes."""

    step: str
    """Which step of the calculation it is."""
    description: str
    """What the step does, in words."""
    amount: Amount
    """What the step adds to the total, in the quote's currency."""


class ChangedQuote(msgspec.Struct, frozen=True):
    """A quote before and after; amounts are in its currency."""

    rank: int
    """Minor units by which the total or the commission changes, whichever is more; the order of the list."""
    quote_id: str
    """The quote."""
    total_before: Amount
    """What the customer paid."""
    total_after: Amount
    """What the customer would have paid."""
    commission_before: Amount
    """The commission as it was charged."""
    commission_after: Amount
    """The commission with the change."""
    rules_gone: list[AppliedRule]
    """Rules that acted and would not have."""
    rules_new: list[AppliedRule]
    """Rules that did not act and would have."""
    steps_before: list[ChangedStep]
    """Steps of the quote as it was issued that would not have been the same."""
    steps_after: list[ChangedStep]
    """Steps of the quote with the change that were not the same before."""


def note_changed(largest: list[ChangedQuote], rank: int, quote_id: str, before: Quote, after: Quote) -> None:
    """Keep a changed quote among the largest if it is one of them; of two as large the one with the lower id."""
    if len(largest) >= LARGEST_MAX:
        last = largest[-1]
        if (-rank, quote_id) >= (-last.rank, last.quote_id):
            return
        largest.pop()
    largest.append(_changed(rank, quote_id, before, after))
    largest.sort(key=lambda each: (-each.rank, each.quote_id))


def _changed(rank: int, quote_id: str, before: Quote, after: Quote) -> ChangedQuote:
    exponent = before.exponent
    steps_before, steps_after = _steps(before), _steps(after)
    rules_before = {rule.id: rule.name for rule in before.applied_rules}
    rules_after = {rule.id: rule.name for rule in after.applied_rules}
    return ChangedQuote(
        rank=rank,
        quote_id=quote_id,
        total_before=amount(before.total_minor, exponent),
        total_after=amount(after.total_minor, exponent),
        commission_before=amount(before.commission.total_minor, exponent),
        commission_after=amount(after.commission.total_minor, exponent),
        rules_gone=[AppliedRule(*rule) for rule in rules_before.items() if rule[0] not in rules_after],
        rules_new=[AppliedRule(*rule) for rule in rules_after.items() if rule[0] not in rules_before],
        steps_before=[_step(*each, exponent) for each in steps_before if each not in steps_after][:_STEPS_MAX],
        steps_after=[_step(*each, exponent) for each in steps_after if each not in steps_before][:_STEPS_MAX],
    )


def amount(amount_minor: int, exponent: int) -> Amount:
    """An amount as a JSON number with its currency's digits."""
    return msgspec.Raw(amount_text(amount_minor, exponent).encode())


def _steps(quote: Quote) -> list[tuple[str, str, int]]:
    steps: list[Calculation] = quote.calculations
    found = [(each.step, each.description, each.amount_minor) for each in steps]
    for detail in quote.commission.details:
        rate: Any = detail.rate
        found.append(("commission", f"rate {rate.id} on product {detail.line.product_id}", detail.amount_minor))
    return found


def _step(step: str, description: str, amount_minor: int, exponent: int) -> ChangedStep:
    return ChangedStep(step, description, amount(amount_minor, exponent))
