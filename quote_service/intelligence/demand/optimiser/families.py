"""Prices of products that belong together: sizes in order.

Source: docs/spec/demand.md#families.
"""

from collections import deque
from collections.abc import Sequence

from quote_service.intelligence.demand.optimiser.choose_price import USUAL_RISK, sure_gain
from quote_service.intelligence.demand.optimiser.outlook import Offer, doubtful_ends

_NOTHING = float("-inf")


def choose_ladder(
    offers: Sequence[Offer],
    candidates: Sequence[Sequence[int]],
    steps_minor: Sequence[int],
    risk: float = USUAL_RISK,
    units: Sequence[int] | None = None,
) -> list[int] | None:
    """A price for each offer, each at least a step above the one before, with the highest sum of sure gains.

    With `units` none costs more by unit than the one before either.

    Exact: step by step along the ladder, with the best sum that every price of a rung can be reached with.

    Args:
        offers: From the smallest to the largest.
        candidates: Ascending legal prices of each.
        steps_minor: How much the price of each offer but the first must at least exceed the one before.
        risk: As `choose_price` takes it.
        units: How much is in each; None compares no prices by unit.

    Returns:
        None when no prices keep the steps.
    """
    ends = [doubtful_ends(offer.elasticity, risk) for offer in offers]
    reached: list[list[tuple[float, int]]] = []
    for rung, (offer, prices) in enumerate(zip(offers, candidates, strict=True)):
        row: list[tuple[float, int]] = []
        # Prices of the rung below that fit, the best first: both ends of what fits only ever rise with the price.
        fitting: deque[int] = deque()
        seen = 0
        for price in prices:
            best_below, best_at = (0.0, -1) if rung == 0 else (_NOTHING, -1)
            if rung > 0:
                earlier = candidates[rung - 1]
                while seen < len(earlier) and earlier[seen] + steps_minor[rung - 1] <= price:
                    while fitting and reached[-1][fitting[-1]][0] < reached[-1][seen][0]:
                        fitting.pop()
                    fitting.append(seen)
                    seen += 1
                while units is not None and fitting and earlier[fitting[0]] * units[rung] < price * units[rung - 1]:
                    fitting.popleft()
                if fitting:
                    best_below, best_at = reached[-1][fitting[0]][0], fitting[0]
            row.append((best_below + sure_gain(offer, price, ends[rung]), best_at))
        reached.append(row)
    last = max(range(len(reached[-1])), key=lambda at: reached[-1][at][0], default=None) if reached else None
    if last is None or reached[-1][last][0] == _NOTHING:
        return None
    found: list[int] = []
    for rung in range(len(offers) - 1, -1, -1):
        found.append(candidates[rung][last])
        last = reached[rung][last][1]
    return found[::-1]
