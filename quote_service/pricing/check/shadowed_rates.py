"""Commission rates that are never taken.

A rate is kept out for good by rates that match whenever it does, precede it, and name some of its dimensions and no
others: either such a rate is taken, or one of its dimensions was taken before, and both keep the later one out.

Source: docs/spec/commission.md#which-rates-apply.
"""

from collections.abc import Iterator

from quote_service.pricing.check.book import Book, row_of_rate
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.periods import Period, clipped, common, less
from quote_service.pricing.check.reach import is_as_specific, region_contains
from quote_service.pricing.check.sample_basket import dimension_values, find_sample_basket
from quote_service.pricing.commission.compiled_rate import DIMENSIONS_OF_MASK, CompiledRate, rate_key
from quote_service.pricing.commission.rate_index import Node


def shadowed_rates(book: Book) -> Iterator[Finding]:
    """Every rate among those looked at that no line ever pays."""
    for rate in book.rates:
        book.step()
        yield from _never_taken(book, rate)


def rates_after(book: Book, rate: CompiledRate) -> Iterator[CompiledRate]:
    """The rates of the same dimensions and values as one: those that a change of it is likely to keep out."""
    yield from (other for other in _rates_in(book.rulebook.rates.rates_of(rate.named, rate.key)) if other is not rate)


def shadowed_by_touched(book: Book) -> Iterator[Finding]:
    """The rates next to the touched ones that no line pays any more."""
    seen = {rate.id for rate in book.rates}
    for rate in book.rates:
        for other in rates_after(book, rate):
            if other.id not in seen and _precedes(rate, other) and other.effective_to_us > book.now_us:
                seen.add(other.id)
                yield from _never_taken(book, other)


def _never_taken(book: Book, rate: CompiledRate) -> Iterator[Finding]:
    left: tuple[Period, ...] = clipped(rate.effective_from_us, rate.effective_to_us, book.now_us)
    needed: list[CompiledRate] = []
    for rival in _rivals(book, rate):
        period = ((rival.effective_from_us, rival.effective_to_us),)
        if _precedes(rival, rate) and common(left, period):
            needed.append(rival)
            left = less(left, period)
            if not left:
                break
    if left or not needed or not book.concerns(rate.id, *(rival.id for rival in needed)):
        return
    sample_basket = find_sample_basket(
        book, (), [rate], during=((max(book.now_us, rate.effective_from_us), rate.effective_to_us),)
    )
    examples = []
    if sample_basket is not None:
        if any(detail.rate.id == rate.id for detail in sample_basket.priced(book.rulebook).commission.details):
            return
        examples.append(
            sample_basket.example(book.rulebook, "the rate matches this line, and the line does not pay it")
        )
    named = ", ".join(DIMENSIONS_OF_MASK[rate.named]) or "none"
    why = (
        f"no line ever pays this rate (dimensions: {named}): whenever it matches, "
        f"{'another rate' if len(needed) == 1 else f'{len(needed)} other rates between them'} of the same reach "
        "or more matches too and comes first"
    )
    yield finding("rate-never-taken", why, [row_of_rate(rate), *map(row_of_rate, needed)], examples)


def _rivals(book: Book, rate: CompiledRate) -> Iterator[CompiledRate]:
    """The rates that name no dimension which this one does not name, with its values."""
    values = dimension_values(rate)
    for named in range(1, rate.named + 1) if rate.named else (0,):
        if named & rate.named == named and named in book.rulebook.rates.tables:
            key = rate_key(
                named, values.get("seller_id", ""), values.get("category_id", ""), values.get("provider", "")
            )
            yield from _rates_in(book.rulebook.rates.rates_of(named, key))


def _precedes(rival: CompiledRate, rate: CompiledRate) -> bool:
    """Whether a rate matches whenever the other does, and always comes first."""
    if rival is rate or not (rival.currency is None or rival.currency == rate.currency):
        return False
    if rival.priority != rate.priority:
        return rival.priority > rate.priority and region_contains(rival.region_key, rate.region_key)
    # Of equal priority the one that names more comes first, and rivals name the same or less.
    if rival.named != rate.named or not is_as_specific(rival.region_key, rate.region_key):
        return False
    return (rival.effective_from_us, rival.id) > (rate.effective_from_us, rate.id)


def _rates_in(node: Node) -> Iterator[CompiledRate]:
    if isinstance(node, dict):
        for rates in node.values():
            yield from rates
    else:
        yield from node
