"""Which lines of an accepted quote have prices that contain their tax, as far back as quotes go.

The first form says it in the sum and not at each line. There a step reports the lines of one rule and rate what they come to and
what tax they pay, and a line tells its own: so each line has the step whose rate gives its tax, and the lines of a step add up to it.

Source: docs/spec/quotes.md#forms.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from quote_service.platform.money.amounts import read_scaled, tax_on
from quote_service.quotes.model.quoted_steps import QuotedStep

_RATE_PLACES = 6
_SUMS_MAX = 100_000


class TaxedLine(NamedTuple):
    """What is paid for a line less its discounts, and its tax."""

    net_minor: int
    tax_minor: int


def included_taxes(lines: Sequence[TaxedLine], steps: Iterable[QuotedStep]) -> list[bool]:
    """Of each line, whether its tax is contained in its price; where there is no tax it is not.

    Raises:
        ValueError: The lines cannot be divided over the steps.
    """
    taxes = [step for step in steps if step.step == "tax"]
    if not any(step.included for step in taxes):
        return [False] * len(lines)
    if all(step.included for step in taxes):
        return [line.tax_minor != 0 for line in lines]
    of_lines = [_LineTax.of(step) for step in taxes if bytes(step.inputs.base_amount)]
    kinds = [{tax.is_included for tax in of_lines if tax.gives(line)} if line.tax_minor else {False} for line in lines]
    if not all(kinds):
        raise ValueError("a line is taxed by no step of the sum")
    known_minor = sum(line.tax_minor for line, kind in zip(lines, kinds, strict=True) if kind == {True})
    open_places = [place for place, kind in enumerate(kinds) if len(kind) > 1]
    left_minor = sum(tax.amount_minor for tax in of_lines if tax.is_included) - known_minor
    among = _places_of_sum([lines[place].tax_minor for place in open_places], left_minor)
    included = {open_places[index] for index in among}
    return [kind == {True} or place in included for place, kind in enumerate(kinds)]


class _LineTax(NamedTuple):
    """What a rule takes of some lines."""

    rate_micro: int
    is_included: bool
    amount_minor: int

    @classmethod
    def of(cls, step: QuotedStep) -> Self:
        return cls(
            read_scaled(bytes(step.inputs.rate), _RATE_PLACES),
            step.included,
            int(bytes(step.amount).replace(b".", b"")),
        )

    def gives(self, line: TaxedLine) -> bool:
        return tax_on(line.net_minor, self.rate_micro, self.is_included) == line.tax_minor


def _places_of_sum(amounts: Sequence[int], wanted: int) -> list[int]:
    """Which amounts, each > 0, come to a sum: where 20 % on a price and 25 % in it are the same tax, the sum decides."""
    # Of each sum that the amounts so far can come to, the amount that was added last and the sum before it.
    reached: dict[int, tuple[int, int]] = {0: (-1, 0)}
    for place, amount in enumerate(amounts):
        for before in [before for before in reached if before + amount <= wanted]:
            reached.setdefault(before + amount, (place, before))
        if len(reached) > _SUMS_MAX:
            break
    if wanted not in reached:
        raise ValueError("taxes that cannot be divided over the lines")
    places = []
    while wanted:
        place, wanted = reached[wanted]
        places.append(place)
    return places
