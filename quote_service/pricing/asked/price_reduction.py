"""Whether a price is a reduction that may be announced, and against which prior price: the one place that decides.

A pure function of what was asked of everybody. Directive 98/6/EC, article 6a: an announced reduction names the lowest price
asked in the 30 days before it began. CJEU C-330/23 (Aldi Sued): its percentage is worked out from that price too.

Source: docs/spec/price-reductions.md.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from quote_service.platform.system.instants import SECOND_US

#: 720 hours, so that no change of clocks makes a month of them shorter.
PERIOD_US: Final = 30 * 24 * 3600 * SECOND_US

#: What a reduction of a product is announced against that was sold for less than the period before: nothing at all, or the
#: lowest price since it was sold.
OfNewProducts = Literal["nothing", "lowest"]
AskedCause = Literal["list_price", "price_rule", "promotion", "flash_sale"]


class AskedPrice(NamedTuple):
    """What was asked of everybody for one unit from an instant on, in millionths of a major unit; None while it was not sold.

    Where it is not sure, something was asked that is not known.
    """

    from_us: int
    price_micro: int | None
    cause: AskedCause = "list_price"
    is_sure: bool = True


class PriceReduction(NamedTuple):
    """A reduction that may be announced: `price_micro` since `began_us` instead of `prior_micro`, which is more.

    `percent_off` is a whole percentage of the prior price, never more than it is; 0 for less than one.
    """

    price_micro: int
    prior_micro: int
    percent_off: int
    began_us: int
    cause: AskedCause


class PriorPrice(NamedTuple):
    """What may be said of a price beside others that were asked.

    `lowest_micro` is the lowest price of the 30 days before the present reduction began, or of the last 30 days where there is
    none; None where nothing is asked now, or not all of these is known.
    """

    lowest_micro: int | None
    reduction: PriceReduction | None


NOT_ASKED: Final = PriorPrice(None, None)


def find_prior_price(asked: Sequence[AskedPrice], at_us: int, of_new: OfNewProducts = "nothing") -> PriorPrice:
    """The lowest price before the present reduction, and the reduction where it may be announced.

    A price is reduced where it last went down, no more than 30 days ago. Reductions that follow each other without a rise, a
    break or 30 days of rest between them are one that began with the first of them.

    Args:
        asked: What was asked, ascending by instant. What holds when an instant is asked for, holds from the last step not
            after it; of several steps of one instant the last one counts.
        at_us: The instant.
        of_new: For products that were not sold for 30 days before the reduction began.
    """
    runs = _runs(asked, at_us)
    if not runs or runs[-1].price_micro is None:
        return NOT_ASKED
    price_micro = runs[-1].price_micro
    first = _first_cut(runs, at_us)
    began_us = at_us if first is None else runs[first].from_us
    if not _is_sure(asked, began_us - PERIOD_US, at_us):
        return NOT_ASKED
    if first is None:
        return PriorPrice(_lowest(runs, at_us - PERIOD_US), None)
    prior_micro = _lowest(runs[:first], began_us - PERIOD_US)
    reduction = None
    if price_micro < prior_micro and (of_new == "lowest" or _sold_since(runs[:first]) <= began_us - PERIOD_US):
        percent_off = (prior_micro - price_micro) * 100 // prior_micro
        reduction = PriceReduction(price_micro, prior_micro, percent_off, began_us, runs[-1].cause)
    return PriorPrice(prior_micro, reduction)


def _is_sure(asked: Sequence[AskedPrice], from_us: int, until_us: int) -> bool:
    """Whether it is known what was asked at every moment between two instants, both included."""
    ends = [*(step.from_us for step in asked[1:]), until_us + 1]
    return all(
        step.is_sure or step.price_micro is None or end_us <= from_us or step.from_us > until_us
        for step, end_us in zip(asked, ends, strict=True)
    )


def _runs(asked: Sequence[AskedPrice], at_us: int) -> list[AskedPrice]:
    """The steps up to an instant at which the price became another, each of an instant of its own."""
    runs: list[AskedPrice] = []
    for step in asked:
        if step.from_us > at_us:
            break
        if runs and runs[-1].from_us == step.from_us:
            runs.pop()
        if not runs or runs[-1].price_micro != step.price_micro:
            runs.append(step)
        elif step.price_micro is not None:
            # The price went on; what asks it now is what a page may name.
            runs[-1] = runs[-1]._replace(cause=step.cause)
    return runs


def _first_cut(runs: list[AskedPrice], at_us: int) -> int | None:
    """Which run the present reduction began with; None where there is none."""
    first, until_us = None, at_us
    for place in range(len(runs) - 1, 0, -1):
        price_micro, before_micro = runs[place].price_micro, runs[place - 1].price_micro
        if price_micro is None or before_micro is None or before_micro < price_micro:
            break
        if until_us - runs[place].from_us > PERIOD_US:
            break  # it has been the ordinary price for long
        first, until_us = place, runs[place].from_us
    return first


def _lowest(runs: list[AskedPrice], from_us: int) -> int:
    """The lowest price of the runs since an instant, that in force at the instant included."""
    ends = [run.from_us for run in runs[1:]]
    asked = (run.price_micro for place, run in enumerate(runs) if place == len(ends) or ends[place] > from_us)
    return min(price_micro for price_micro in asked if price_micro is not None)


def _sold_since(runs: list[AskedPrice]) -> int:
    """Since when the item has been sold; what was off sale for 30 days is new when it comes back."""
    since_us = runs[-1].from_us
    for place in range(len(runs) - 1, -1, -1):
        run = runs[place]
        if run.price_micro is not None:
            since_us = run.from_us
        elif runs[place + 1].from_us - run.from_us >= PERIOD_US:
            break
    return since_us
