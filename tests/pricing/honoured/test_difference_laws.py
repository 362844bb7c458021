"""What a change makes of a quote, for random rulebooks and baskets. Source: docs/spec/analytics.md#honoured-prices."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.commission.compiled_rate import compile_rate
from quote_service.pricing.honoured.find_difference import Amounts, amounts_of, find_difference
from quote_service.pricing.honoured.terms import (
    Terms,
    Unchanging,
    price_by,
    rates_in_force,
    rules_in_force,
)
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, book_of, instant_us, priced, read_answer, stored_rates
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, INSTANTS, World

SEEDS = st.integers(0, 2**32)
# Why a code is not in force is told by its dates, which terms have not.
LEFT_OUT = ("coupons", "warnings")


def terms_of(setup: dict[str, Any], book: Rulebook, at: str) -> Terms:
    at_us = instant_us(at)
    rates = [rate for rate in setup["commission_rates"] if rate.get("is_active", True)]
    return Terms(
        rules=rules_in_force(book.rules, book.period_at(at_us)),
        rates=rates_in_force(map(compile_rate, stored_rates(rates)), at_us),
        flags={flag.draft.key: flag for flag in book.flags.values()},
        prices={},
        stock={},
        demand={},
        sales={},
    )


def unchanging_of(book: Rulebook) -> Unchanging:
    return Unchanging(
        parents={},
        seller_regions=book.catalog.seller_regions,
        coupon_uses=book.coupon_uses,
        budget_spends=book.budget_spends,
        demand_hours=frozenset(),
    )


def changed(setup: dict[str, Any], random: Random) -> dict[str, Any]:
    """Some rules, rates and flags fewer."""
    some = dict(setup)
    for part in ("pricing_rules", "commission_rates", "feature_flags"):
        some[part] = [each for each in setup.get(part, ()) if random.randrange(100) < 80]
    return some


def shown(text: str) -> dict[str, Any]:
    return {name: value for name, value in read_answer(text).items() if name not in LEFT_OUT}


@given(SEEDS)
@laws(150)
def test_terms_price_as_the_rulebook_that_they_are_taken_from(seed: int) -> None:
    world = World(seed)
    setup, request = world.setup(), world.request()
    body = write_document(request)
    for at in INSTANTS:
        book = book_of(setup)
        quote = price_by(terms_of(setup, book, at), unchanging_of(book), lambda: decode_basket(body), instant_us(at))
        assert shown(answer_text(quote, at)) == shown(answer_text(priced(book, request, at), at)), world


@given(SEEDS)
@laws(150)
def test_effects_add_up_to_the_difference_of_both_quotes(seed: int) -> None:
    world, random = World(seed), Random(seed)
    setup, request = world.setup(), world.request()
    other, later = changed(setup, random), random.choice([AT, INSTANTS[-1]])
    first, second = book_of(setup), book_of(other)
    body = write_document(request)

    def read() -> CheckedBasket:
        return decode_basket(body)

    issued = amounts_of(priced(first, request, AT))
    # What was used up when it was issued counts later too.
    second.coupon_uses, second.budget_spends = first.coupon_uses, first.budget_spends
    charged = amounts_of(priced(second, request, later))
    found = find_difference(
        issued,
        terms_of(setup, first, AT),
        terms_of(other, second, later),
        unchanging_of(first),
        read,
        instant_us(AT),
        instant_us(later),
    )
    if found is None:
        assert issued == charged, world
        return
    assert found.amounts == issued.less(charged) != Amounts(0, 0), world
    assert [sum(column) for column in zip(*(each.amounts for each in found.effects), strict=True)] == [*found.amounts]
    assert all(any(effect.amounts) for effect in found.effects)
    assert not any(effect.kind == "other" for effect in found.effects), "all that differs is named"
