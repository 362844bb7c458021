"""Price example baskets as things are, and as they would be with a change set.

Source: docs/spec/change-sets.md#check-and-simulation.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import CheckedBasket, Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.operations.simulate_quote import amount_differences, basket_again
from quote_service.steering.change_sets.operations.resulting_rulebook import Books


class SimulatedBasket(NamedTuple):
    """Both quotes, and by how much each amount of the second differs, as JSON numbers."""

    now: Quote
    simulated: Quote
    differences: dict[str, str]

    @property
    def is_changed(self) -> bool:
        """Whether an amount differs."""
        return any(text.strip("-0.") for text in self.differences.values())


class SimulatedSet(NamedTuple):
    """The baskets that could be priced, and how many of the sampled ones could not."""

    baskets: list[SimulatedBasket]
    left_out: int


async def simulate_change_set(
    books: Books,
    prices: Mapping[str, SalePrice],
    given: Sequence[CheckedBasket],
    sampled: Sequence[CheckedBasket],
    at_us: int,
) -> SimulatedSet:
    """Price baskets by both rulebooks, beside the event loop.

    Args:
        books: The rulebook of now and the one with the set.
        prices: What is on sale, by product.
        given: Baskets that somebody sent.
        sampled: Baskets that were bought; one that cannot be priced any more is left out.
        at_us: The instant for both.

    Raises:
        Invalid: A given basket cannot be priced; pointers are below `/baskets`.
    """
    return await asyncio.to_thread(_simulate, books, prices, given, sampled, at_us)


def _simulate(
    books: Books,
    prices: Mapping[str, SalePrice],
    given: Sequence[CheckedBasket],
    sampled: Sequence[CheckedBasket],
    at_us: int,
) -> SimulatedSet:
    done: list[SimulatedBasket] = []
    faults: list[Fault] = []
    left_out = 0
    for index, checked in enumerate(given):
        try:
            done.append(_both(books, prices, checked, at_us))
        except Invalid as refused:
            faults += (Fault(f"/baskets/{index}{fault.pointer}", fault.detail) for fault in refused.faults)
    if faults:
        raise Invalid.because(tuple(faults))
    for checked in sampled:
        try:
            done.append(_both(books, prices, checked, at_us))
        except Invalid:
            left_out += 1
    return SimulatedSet(done, left_out)


def _both(books: Books, prices: Mapping[str, SalePrice], checked: CheckedBasket, at_us: int) -> SimulatedBasket:
    other = basket_again(checked)
    now, simulated = _priced(books.now, prices, checked, at_us), _priced(books.resulting, prices, other, at_us)
    return SimulatedBasket(now, simulated, amount_differences(now, simulated))


def _priced(rulebook: Rulebook, prices: Mapping[str, SalePrice], checked: CheckedBasket, at_us: int) -> Quote:
    basis = complete_basket(QuoteBasis(rulebook, checked, at_us))
    basis.find_sales(prices)
    quote = price_quote(basis)
    quote.warnings += checked.price_warnings
    return quote
