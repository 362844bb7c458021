"""Which rates a line pays: the matching rates in order of precedence, each taking the dimensions it covers.

Source: docs/spec/commission.md#which-rates-apply.
"""

from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.commission.compiled_rate import (
    CATEGORY,
    DIMENSIONS_OF_MASK,
    EVERY_DIMENSION,
    LOGISTICS,
    SELLER,
    CompiledRate,
    rate_key,
)
from quote_service.pricing.commission.rate_index import RateIndex

Ranked = tuple[int, int, int, int, str, CompiledRate]
Payer = tuple[str, str | None, str | None]
_KEPT_MAX = 10_000


class PaidRate:
    """A rate as lines are charged it: `charge` as the rate's, `dimension` the first that it covers.

    Every line reads these, which of the rate itself costs several times as much.
    """

    __slots__ = ("charge", "dimension", "is_plain", "rate")

    def __init__(self, rate: CompiledRate) -> None:
        self.rate = rate
        self.is_plain = rate.is_plain
        self.charge = rate.charge
        self.dimension = rate.covered & -rate.covered


class ChosenRates:
    """The rates that are paid, in order of precedence, by lines alike for `from_us <= t < until_us`.

    `will_change`: at some later instant others are.
    """

    __slots__ = ("from_us", "paid", "until_us", "will_change")

    def __init__(self, rates: tuple[CompiledRate, ...], from_us: int, until_us: int, will_change: bool) -> None:
        self.paid = [PaidRate(rate) for rate in rates]
        self.from_us = from_us
        self.until_us = until_us
        self.will_change = will_change

    @property
    def rates(self) -> tuple[CompiledRate, ...]:
        """The rates themselves."""
        return tuple([paid.rate for paid in self.paid])


class RatesHere:
    """What rates are chosen for: the regions that contain the delivery address, with their specificity, and a currency.

    `chosen` keeps what was found, by seller, category and logistics provider; it lives as long as the index of the rates.
    """

    __slots__ = ("chosen", "currency", "regions")

    def __init__(self, regions: dict[str, int], currency: str) -> None:
        self.regions = regions
        self.currency = currency
        self.chosen: dict[Payer, ChosenRates] = {}


def choose_rates(
    index: RateIndex,
    regions: dict[str, int],
    seller_id: str,
    category_id: str | None,
    logistics_provider: str | None,
    currency: str,
    at_us: int,
) -> ChosenRates:
    """The rates that lines of this seller and category pay.

    Args:
        index: The rates.
        regions: The regions that contain the delivery address, with their specificity.
        seller_id: The line's seller.
        category_id: The line's category, None if it has none.
        logistics_provider: The quote's, None if it has none.
        currency: The quote's.
        at_us: The quote's instant.
    """
    there = _there(index, regions, seller_id, category_id, logistics_provider, currency)
    edges = {edge for _, rate in there for edge in (rate.effective_from_us, rate.effective_to_us)}
    later = sorted(edge for edge in edges if at_us < edge < FOREVER)
    rates = _take(_ranked(there, at_us))
    ids = [rate.id for rate in rates]
    return ChosenRates(
        rates=rates,
        from_us=max((edge for edge in edges if edge <= at_us), default=0),
        until_us=later[0] if later else FOREVER,
        will_change=any([rate.id for rate in _take(_ranked(there, edge))] != ids for edge in later),
    )


def choose_and_keep(index: RateIndex, here: RatesHere, payer: Payer, at_us: int) -> ChosenRates:
    """Choose for lines of this seller, category and logistics provider, and keep it for the next of them."""
    chosen = choose_rates(index, here.regions, *payer, here.currency, at_us)
    kept = here.chosen
    if len(kept) >= _KEPT_MAX:
        kept.clear()  # identifiers come from outside, so what is kept of them is bounded
    kept[payer] = chosen
    return chosen


def dimensions_present(category_id: str | None, logistics_provider: str | None) -> int:
    """The mask of the dimensions that a line has a value for; every line has a seller."""
    return SELLER | (CATEGORY if category_id else 0) | (LOGISTICS if logistics_provider else 0)


def _take(ranked: list[Ranked]) -> tuple[CompiledRate, ...]:
    taken: list[CompiledRate] = []
    free = EVERY_DIMENSION
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


def _there(
    index: RateIndex,
    regions: dict[str, int],
    seller_id: str,
    category_id: str | None,
    logistics_provider: str | None,
    currency: str,
) -> list[tuple[int, CompiledRate]]:
    """The rates that match at some time, each with the specificity of its region."""
    present = dimensions_present(category_id, logistics_provider)
    found: list[tuple[int, CompiledRate]] = []
    for named in index.tables:
        if named & present != named:
            continue
        node = index.rates_of(named, rate_key(named, seller_id, category_id or "", logistics_provider or ""))
        if isinstance(node, dict):
            node = tuple(rate for region in regions if region in node for rate in node[region])
        found += [
            (regions[rate.region_key], rate)
            for rate in node
            if rate.region_key in regions and (rate.currency is None or rate.currency == currency)
        ]
    return found


def _ranked(there: list[tuple[int, CompiledRate]], at_us: int) -> list[Ranked]:
    """Those effective at an instant, best first: priority, dimensions named, specificity, start, id, each descending."""
    ranked = [
        (rate.priority, len(DIMENSIONS_OF_MASK[rate.named]), specificity, rate.effective_from_us, rate.id, rate)
        for specificity, rate in there
        if rate.effective_from_us <= at_us < rate.effective_to_us
    ]
    ranked.sort(reverse=True)  # ids differ, so the rates themselves are never compared
    return ranked
