"""By how much what was quoted differs from what would be charged later, and which change makes how much of that.

The changes are made one after the other, and the basket is priced after each. What one makes is the difference to the pricing
before it, so that they add up to the whole, to the minor unit, whatever the changes do to each other.

Source: docs/spec/analytics.md#honoured-prices.
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from quote_service.pricing.flags.compiled_flag import flag_boundaries
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.honoured.terms import Kind, Terms, Unchanging, changes_between, price_by, with_change
from quote_service.pricing.quote import CheckedBasket, Quote

# Each costs a pricing; of what is beyond, only the sum is told.
CHANGES_MAX: Final = 100

CauseKind = Literal["price", "flash_sale", "stock", "demand", "flag", "rule", "rate", "clock", "other"]


class Amounts(NamedTuple):
    """What the customer pays and what the marketplace keeps, in minor units."""

    total_minor: int
    commission_minor: int

    def less(self, other: "Amounts") -> "Amounts":
        """The difference of each."""
        return Amounts(self.total_minor - other.total_minor, self.commission_minor - other.commission_minor)


class Effect(NamedTuple):
    """What one change makes: quoted less charged later. `key` is a rule's name, a rate's id, a flag's key, a product's or
    variant's id, or a sale's; "" for the clock and for others.
    """

    kind: CauseKind
    key: str
    amounts: Amounts


class Difference(NamedTuple):
    """Amounts quoted less amounts charged later, and what each change makes of it; none that makes nothing."""

    amounts: Amounts
    effects: list[Effect]


def find_difference(
    issued: Amounts,
    before: Terms,
    after: Terms,
    unchanging: Unchanging,
    read: Callable[[], CheckedBasket],
    issued_at_us: int,
    later_us: int,
) -> Difference | None:
    """Hold a quote against what would be charged later.

    Args:
        issued: What was quoted.
        before: What was in force when it was.
        after: What is in force later.
        unchanging: What counts either way.
        read: The basket again.
        issued_at_us: The quote's instant.
        later_us: The later one.

    Returns:
        The difference, None where no amount differs.

    Raises:
        Invalid: A line has no price.
    """
    changes = list(changes_between(before, after))
    clocks = [key for key, flag in before.flags.items() if _turns(flag.draft, issued_at_us, later_us)]
    if not changes and not clocks:
        return None
    last = amounts_of(price_by(after, unchanging, read, later_us))
    if last == issued:
        return None
    effects: list[Effect] = []

    def note(kind: CauseKind, key: str, was: Amounts, is_now: Amounts) -> Amounts:
        if is_now != was:
            effects.append(Effect(kind, key, was.less(is_now)))
        return is_now

    terms = before
    # What is not kept as it was then, such as the tree of categories, shows here.
    now = note("other", "", issued, amounts_of(price_by(terms, unchanging, read, issued_at_us)))
    by_clock: tuple[CauseKind, str] = ("flag", clocks[0]) if len(clocks) == 1 else ("clock", "")
    now = note(*by_clock, now, amounts_of(price_by(terms, unchanging, read, later_us)))
    for change in changes[:CHANGES_MAX]:
        terms = with_change(terms, after, change)
        key = _shown_key(change.kind, change.key, before, after)
        now = note(change.kind, key, now, amounts_of(price_by(terms, unchanging, read, later_us)))
    note("other", "", now, last)
    return Difference(issued.less(last), _added_up(effects))


def amounts_of(quote: Quote) -> Amounts:
    """The amounts of a quote."""
    return Amounts(quote.total_minor, quote.commission.total_minor)


def _turns(draft: FlagDraft, from_us: int, to_us: int) -> bool:
    return any(from_us < boundary <= to_us for boundary in flag_boundaries(draft))


def _shown_key(kind: Kind, key: object, before: Terms, after: Terms) -> str:
    if kind == "flash_sale":
        sale = after.sales.get(str(key)) or before.sales[str(key)]
        return sale.sale_id
    return str(key[0]) if isinstance(key, tuple) else str(key)


def _added_up(effects: list[Effect]) -> list[Effect]:
    """One effect for each kind and key: a sale may have several products."""
    sums: dict[tuple[CauseKind, str], Amounts] = {}
    for effect in effects:
        held = sums.get((effect.kind, effect.key), Amounts(0, 0))
        total, commission = effect.amounts
        sums[effect.kind, effect.key] = Amounts(held.total_minor + total, held.commission_minor + commission)
    return [Effect(kind, key, amounts) for (kind, key), amounts in sums.items() if any(amounts)]
