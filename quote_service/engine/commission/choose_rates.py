"""Which rates a line pays: the matching rates in order of precedence, each taking the dimensions it covers.

Source: spec 3, Which rates apply to a line.
"""

from quote_service.engine.commission.compiled_rate import (
    CATEGORY,
    DIMENSIONS_OF_MASK,
    EVERY_DIMENSION,
    LOGISTICS,
    SELLER,
    CompiledRate,
    rate_key,
)
from quote_service.engine.commission.rate_index import RateIndex

Ranked = tuple[int, int, int, int, str, CompiledRate]


def choose_rates(
    index: RateIndex,
    regions: dict[str, int],
    seller_id: str,
    category_id: str | None,
    logistics_provider: str | None,
    currency: str,
    at_us: int,
) -> tuple[CompiledRate, ...]:
    """The rates that lines of this seller and category pay, in order of precedence.

    Args:
        index: The rates.
        regions: The regions that contain the delivery address, with their specificity.
        seller_id: The line's seller.
        category_id: The line's category, None if it has none.
        logistics_provider: The quote's, None if it has none.
        currency: The quote's.
        at_us: The quote's instant.
    """
    taken: list[CompiledRate] = []
    free = EVERY_DIMENSION
    ranked = _matching(index, regions, seller_id, category_id, logistics_provider, currency, at_us)
    for *_, rate in ranked:
        # A rate that names none is left for when nothing else was taken, whatever its priority.
        if rate.named and rate.named & free == rate.named:
            taken.append(rate)
            free ^= rate.named
            if not free:
                break
    if not taken:
        for *_, rate in ranked:
            if not rate.named:
                return (rate,)
    return tuple(taken)


def dimensions_present(category_id: str | None, logistics_provider: str | None) -> int:
    """The mask of the dimensions that a line has a value for; every line has a seller."""
    return SELLER | (CATEGORY if category_id else 0) | (LOGISTICS if logistics_provider else 0)


def _matching(
    index: RateIndex,
    regions: dict[str, int],
    seller_id: str,
    category_id: str | None,
    logistics_provider: str | None,
    currency: str,
    at_us: int,
) -> list[Ranked]:
    """The rates that match, best first: priority, dimensions named, specificity, start, id, each descending."""
    present = dimensions_present(category_id, logistics_provider)
    found: list[Ranked] = []
    for named in index.tables:
        if named & present != named:
            continue
        node = index.rates_of(named, rate_key(named, seller_id, category_id or "", logistics_provider or ""))
        if isinstance(node, dict):
            node = tuple(rate for region in regions if region in node for rate in node[region])
        dimensions = len(DIMENSIONS_OF_MASK[named])
        found += [
            (rate.priority, dimensions, regions[rate.region_key], rate.effective_from_us, rate.id, rate)
            for rate in node
            if rate.region_key in regions
            and rate.effective_from_us <= at_us < rate.effective_to_us
            and (rate.currency is None or rate.currency == currency)
        ]
    if len(found) > 1:
        found.sort(reverse=True)  # ids differ, so the rates themselves are never compared
    return found
