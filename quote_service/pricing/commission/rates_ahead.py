"""What time alone will make of the commission of a basket: the rates that it pays now, where it will pay others later.

Asked only while a rate anywhere is still to begin or to end. A rate that others come before, whenever that is, changes
nothing and is not told of.

Source: docs/spec/quotes.md#caching; `docs/decisions/effective-periods.md`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.commission.choose_rates import RatesHere, choose_and_keep
from quote_service.pricing.commission.rate_index import RateIndex
from quote_service.pricing.quote import CheckedBasket

# Seller, category and provider of lines that will pay other rates, and the ids of those of now.
LineAhead = tuple[str, str | None, str | None, list[str]]


class RatesAhead(NamedTuple):
    """`state`: the lines that will pay others, None where none will; two instants at which a basket pays different rates
    never have the same. `until_us`: it is the same till then, or longer.
    """

    state: list[LineAhead] | None
    until_us: int


def rates_ahead(
    index: RateIndex, here: RatesHere, providers: Sequence[str], checked: CheckedBasket, at_us: int
) -> RatesAhead:
    """How the rates of a basket stand at an instant.

    Args:
        index: The rates.
        here: Where the basket goes, and its currency.
        providers: Whom rules may name as the logistics provider, where the request names none: only pricing knows which.
        checked: The basket.
        at_us: The instant.
    """
    basket = checked.basket
    given = basket.logistics_provider
    asked = (given,) if given is not None else (None, *providers)
    # Most lines of a basket are alike to a rate; the order is that of the lines, so that all processes tell the same.
    alike = {(item.seller_id or basket.seller_id, item.category_id): None for item in basket.items}
    state: list[LineAhead] = []
    until_us = FOREVER
    for seller_id, category_id in alike:
        for provider in asked:
            payer = (seller_id, category_id, provider)
            chosen = here.chosen.get(payer)
            if chosen is None or not chosen.from_us <= at_us < chosen.until_us:
                chosen = choose_and_keep(index, here, payer, at_us)
            if chosen.until_us < until_us:
                until_us = chosen.until_us
            if chosen.will_change:
                state.append((seller_id, category_id, provider, [rate.id for rate in chosen.rates]))
    return RatesAhead(state or None, until_us)
