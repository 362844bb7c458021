"""Add one quote, as it was and as it would have been, to what a replay has counted.

Every quote of a replay passes through here, so the module is compiled.

Source: docs/spec/replay.md#result.
"""

from typing import Any, Final

from quote_service.pricing.quote import Quote
from quote_service.steering.replay.model.largest_changes import LARGEST_MAX, note_changed
from quote_service.steering.replay.model.tally import EDGES, GROUP_SIZE, GROUPS_MAX, THE_REST, CurrencyTally

# Names of this module are found at once by compiled code, those of others by their text each time.
_EDGES: Final[tuple[int, ...]] = EDGES
_MIDDLE: Final[int] = len(EDGES) // 2  # the index of the edge 0


def count_quote(tally: CurrencyTally, quote_id: str, before: Quote, after: Quote) -> None:
    """Count a quote.

    Args:
        tally: What has been counted in its currency.
        quote_id: The quote.
        before: As it was issued.
        after: With the change; the very same object where nothing was supposed, or nothing that could move it.
    """
    tally.quotes += 1
    figures = figures_of(before)
    figures_after = figures if after is before else figures_of(after)
    _add(tally.before, figures)
    _add(tally.after, figures_after)
    address = before.basket.delivery_address
    region = _group(tally.regions, f"{address.country}/{address.city}")
    region[0] += 1
    _count_region(region, before, 1)
    _count_region(region, after, 4)
    _count_lines(tally, before, after)
    total, total_after = before.total_minor, after.total_minor
    tally.histogram[_bucket(total, total_after)] += 1
    if after is before or (figures == figures_after and _has_same_lines(before, after)):
        return
    tally.changed += 1
    if total_after > total:
        tally.up += 1
    elif total_after < total:
        tally.down += 1
    rank = max(abs(total_after - total), abs(after.commission.total_minor - before.commission.total_minor))
    largest = tally.largest
    if len(largest) < LARGEST_MAX or rank >= largest[-1].rank:
        note_changed(largest, rank, quote_id, before, after)


def figures_of(quote: Quote) -> list[int]:
    """The amounts of a quote in minor units, in the order of FIGURES."""
    commission = quote.commission
    payouts = 0
    for payout in quote.payouts:
        payouts += payout.payout_minor
    return [
        quote.item_total_minor,
        quote.discount_minor,
        quote.discount_minor - quote.seller_discount_minor,
        quote.delivery_fee_minor,
        quote.small_basket_fee_minor,
        quote.exclusive_tax_minor,
        quote.inclusive_tax_minor,
        quote.total_minor,
        commission.seller_minor + commission.category_minor + commission.logistics_minor,
        commission.seller_minor,
        commission.category_minor,
        commission.logistics_minor,
        payouts,
    ]


def _add(sums: list[int], figures: list[int]) -> None:
    for index, figure in enumerate(figures):
        sums[index] += figure


def _count_region(group: list[int], quote: Quote, place: int) -> None:
    commission = quote.commission
    group[place] += quote.item_total_minor - quote.discount_minor
    group[place + 1] += quote.discount_minor
    group[place + 2] += commission.seller_minor + commission.category_minor + commission.logistics_minor


def _count_lines(tally: CurrencyTally, before: Quote, after: Quote) -> None:
    """Lines by seller and category; both quotes are of one basket, so their lines stand in one order."""
    sellers, categories = tally.sellers, tally.categories
    lines_after = after.lines
    for index, line in enumerate(before.lines):
        line_after = lines_after[index]
        discount_minor, discount_after_minor = line.discount_minor, line_after.discount_minor
        net_minor, net_after_minor = line.total_minor - discount_minor, line_after.total_minor - discount_after_minor
        category_id: Any = line.item.category_id
        for group in (_group(sellers, line.seller_id), _group(categories, category_id or "")):
            group[0] += 1
            group[1] += net_minor
            group[2] += discount_minor
            group[4] += net_after_minor
            group[5] += discount_after_minor
    _count_commission(tally, before, 3)
    _count_commission(tally, after, 6)


def _count_commission(tally: CurrencyTally, quote: Quote, place: int) -> None:
    sellers, categories = tally.sellers, tally.categories
    for detail in quote.commission.details:
        amount_minor = detail.amount_minor
        if amount_minor:
            line = detail.line
            category_id: Any = line.item.category_id
            _group(sellers, line.seller_id)[place] += amount_minor
            _group(categories, category_id or "")[place] += amount_minor


def _group(groups: dict[str, list[int]], key: str) -> list[int]:
    group = groups.get(key)
    if group is None:
        if len(groups) >= GROUPS_MAX and key != THE_REST:
            return _group(groups, THE_REST)
        group = groups[key] = [0] * GROUP_SIZE
    return group


def _bucket(before_minor: int, after_minor: int) -> int:
    """Which bar of the histogram a change is counted in: below 0 an edge belongs to the bar above it, above 0 to that below."""
    change = 100 * (after_minor - before_minor)
    if change == 0:
        return _MIDDLE + 1
    edges = _EDGES
    if before_minor == 0:
        return len(edges) + 1 if change > 0 else 0
    if change < 0:
        for index in range(_MIDDLE + 1):
            if change < edges[index] * before_minor:
                return index
        return _MIDDLE
    for index in range(_MIDDLE + 1, len(edges)):
        if change <= edges[index] * before_minor:
            return index + 1
    return len(edges) + 1


def _has_same_lines(before: Quote, after: Quote) -> bool:
    for one, other in zip(before.lines, after.lines, strict=True):
        if (
            one.total_minor != other.total_minor
            or one.discount_minor != other.discount_minor
            or one.seller_discount_minor != other.seller_discount_minor
            or one.tax_minor != other.tax_minor
        ):
            return False
    details, details_after = before.commission.details, after.commission.details
    if len(details) != len(details_after):
        return False
    for charged, charged_after in zip(details, details_after, strict=True):
        if (
            charged.seller_minor != charged_after.seller_minor
            or charged.category_minor != charged_after.category_minor
            or charged.logistics_minor != charged_after.logistics_minor
        ):
            return False
    return True
