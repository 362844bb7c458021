"""Which commission is of which line: a quote shows it in the order of the lines, and names each line by its product alone.

Nearly always that says it: a line's details are those of its product and its base, and a rate charges a line once. Where a
product stands in several lines with the same base, they are divided such that every seller's commission comes out as the
quote told it.

Source: docs/spec/commission.md#breakdown; docs/spec/orders.md#frozen-figures.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from uuid import UUID

from quote_service.selling.orders.model.order import LineCommission

_Key = tuple[UUID, int]
_TRIES_MAX = 100_000


def divide_details(
    lines: Sequence[_Key],
    seller_ids: Sequence[UUID],
    details: Sequence[_Key],
    commissions: Sequence[LineCommission],
    commission_of_seller: Mapping[UUID, int],
) -> list[int]:
    """Where the details of each line end.

    Args:
        lines: Product and base of each line.
        seller_ids: The seller of each line.
        details: Product and base of each detail, in the order of the lines.
        commissions: What each detail charges.
        commission_of_seller: What all lines of a seller are charged.

    Raises:
        ValueError: They cannot be divided so.
    """
    last = {key: place for place, key in enumerate(lines)}
    sums = list(accumulate((commission.amount_minor for commission in commissions), initial=0))
    left = dict(commission_of_seller)
    ends: list[int] = []
    options: list[list[int]] = []  # of each line, where its details may end; the one to try next stands last
    for _ in range(_TRIES_MAX):
        place, start = len(ends), ends[-1] if ends else 0
        if place == len(lines):
            if start == len(details):
                return ends
        elif place == len(options):
            longest = _longest(lines[place], details, commissions, start)
            options.append(list(range(start, longest + 1)) if last[lines[place]] > place else [longest])
        # The next option of this line that its seller can be charged; else another one of the line before.
        while len(options) == len(ends) or not options[-1]:
            if len(options) > len(ends):
                options.pop()
            if not ends:
                raise ValueError("commission that belongs to no line")
            end = ends.pop()
            start = ends[-1] if ends else 0
            left[seller_ids[len(ends)]] += sums[end] - sums[start]
        end = options[-1].pop()
        seller_id = seller_ids[len(ends)]
        if sums[end] - sums[start] <= left[seller_id]:
            left[seller_id] -= sums[end] - sums[start]
            ends.append(end)
    raise ValueError("commission that cannot be divided over the lines")


def _longest(line: _Key, details: Sequence[_Key], commissions: Sequence[LineCommission], start: int) -> int:
    """Where the details of a line end at the latest."""
    end = start
    met: set[UUID] = set()
    while end < len(details) and details[end] == line and commissions[end].rate_id not in met:
        met.add(commissions[end].rate_id)
        end += 1
    return end
