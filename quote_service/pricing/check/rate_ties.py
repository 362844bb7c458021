"""Commission rates whose order nothing but their ids decides, where it makes a difference to a commission.

Source: docs/spec/commission.md#which-rates-apply.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations, islice, product

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.check.book import Book, row_of_rate
from quote_service.pricing.check.finding import Finding, finding
from quote_service.pricing.check.reach import currencies_meet, regions_meet
from quote_service.pricing.check.sample_basket import dimension_values, find_sample_basket
from quote_service.pricing.check.shadowed_rates import rates_after
from quote_service.pricing.commission.compiled_rate import DIMENSIONS_OF_MASK, CompiledRate
from quote_service.pricing.commission.rate_index import change_rate_index
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rulebook.rulebook import Rulebook

_TRIES_MAX = 200
_TRIES_PER_GROUP = 4
_MEMBERS_MAX = 50


def rate_ties(book: Book) -> Iterator[Finding]:
    """Pairs of rates of equal rank that compete for a line; of many alike, the first pair that shows it."""
    left = _TRIES_MAX
    for pairs in _rival_pairs(book):
        competing = ((one, other) for one, other in pairs if _compete(one, other) and book.concerns(one.id, other.id))
        for one, other in islice(competing, _TRIES_PER_GROUP):
            left -= 1
            if left < 0:
                book.is_cut_short = True
                return
            found = _tie(book, one, other)
            if found is not None:
                yield found
                break


def _rival_pairs(book: Book) -> Iterator[Iterator[tuple[CompiledRate, CompiledRate]]]:
    """Pairs that share a value, by what they share: the same dimensions, or one of several."""
    same: dict[tuple[object, ...], list[CompiledRate]] = {}
    shared: dict[tuple[object, ...], dict[int, list[CompiledRate]]] = {}
    for rate in _candidates(book):
        rank = (rate.priority, rate.effective_from_us)
        same.setdefault((rate.named, rate.key, *rank), []).append(rate)
        count = len(DIMENSIONS_OF_MASK[rate.named])
        if count == 2:  # two that name one dimension, or all three, compete only where they name the same
            for value in dimension_values(rate).items():
                shared.setdefault((value, *rank), {}).setdefault(rate.named, []).append(rate)
    for members in same.values():
        if len(members) > 1:
            yield combinations(members, 2)
    for by_mask in shared.values():
        for one, other in combinations(by_mask.values(), 2):
            yield product(one[:_MEMBERS_MAX], other[:_MEMBERS_MAX])


def _candidates(book: Book) -> Iterable[CompiledRate]:
    if book.touched is None:
        return book.rates
    beside = {rate.id: rate for touched in book.rates for rate in (touched, *rates_after(book, touched))}
    beside.update((rate.id, rate) for rate in book.sampled_rates)
    return beside.values()


def _compete(one: CompiledRate, other: CompiledRate) -> bool:
    """Whether the two may match one line with equal rank and want a dimension of it in common."""
    return (
        bool(one.covered & other.covered)
        and currencies_meet(one.currency, other.currency)
        and one.effective_from_us < other.effective_to_us
        and other.effective_from_us < one.effective_to_us
        and not _depths(one.region_key).isdisjoint(_depths(other.region_key))
        and regions_meet(one.region_key, other.region_key)
    )


def _depths(key: str) -> set[int]:
    """The specificities that a region may have."""
    return {2, 3} if key.startswith("*") else {key.count("/") + 1 if key else 0}


def _tie(book: Book, one: CompiledRate, other: CompiledRate) -> Finding | None:
    start_us = max(book.now_us, one.effective_from_us, other.effective_from_us)
    sample_basket = find_sample_basket(
        book, (), [one, other], during=((start_us, min(one.effective_to_us, other.effective_to_us)),)
    )
    if sample_basket is None:
        return None
    here = sample_basket.priced(book.rulebook).commission
    paid = {detail.rate.id for detail in here.details}
    if (one.id in paid) is (other.id in paid):
        return None
    winner, loser = (one, other) if one.id in paid else (other, one)
    without = _without_rate(book.rulebook, winner.id)
    there = sample_basket.priced(without).commission
    if loser.id not in {detail.rate.id for detail in there.details}:
        return None
    before = (here.seller_minor, here.category_minor, here.logistics_minor)
    after = (there.seller_minor, there.category_minor, there.logistics_minor)
    if before == after or not _ranks_alike(winner, loser, sample_basket.address):
        return None
    exponent = EXPONENTS[sample_basket.currency]
    why = (
        "both rates match this line with the same rank, so that only their ids decide which of them it pays: the "
        f"commission is {amount_text(here.total_minor, exponent)} {sample_basket.currency}, and would be "
        f"{amount_text(there.total_minor, exponent)} by the other; give one of them a priority"
    )
    example = sample_basket.example(book.rulebook, "as it is: the first of the two rates is paid")
    return finding("tie-decided-by-id", why, [row_of_rate(winner), row_of_rate(loser)], [example])


def _ranks_alike(one: CompiledRate, other: CompiledRate, address: tuple[str, str, str | None]) -> bool:
    regions = address_regions(*address)
    return regions[one.region_key] == regions[other.region_key]


def _without_rate(rulebook: Rulebook, rate_id: str) -> Rulebook:
    index = change_rate_index(rulebook.rates, (), (rate_id,))
    held = rulebook
    return Rulebook(held.version, index, held.rules, held.flags, held.coupon_uses, held.catalog, held.customers)
