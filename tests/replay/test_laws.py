"""What is replayed is what was issued, for random rulebooks, baskets, prices and sales. Source: docs/spec/replay.md#proof."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import given

from quote_service.documents.documents import write_document
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.find_sales import find_sales
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.routes.reading.decode_basket import decode_basket
from quote_service.quotes.words.kept_request import kept_request
from quote_service.quotes.words.past_quote import PastQuote
from quote_service.replay.operations.price_again import PriceAgain
from quote_service.replay.words.count_quote import figures_of
from quote_service.replay.words.supposed_change import SupposedChange
from quote_service.replay.words.supposed_rulebook import PreparedChange, SupposedBook, suppose
from quote_service.replay.words.tally import BUCKETS, Tally, pack_tally, unpack_tally
from tests.pricing.books import QUOTE_ID, answer_text, book_of, instant_us
from tests.pricing.catalog.adjusted import give_catalog_prices
from tests.pricing.laws import laws
from tests.pricing.on_sale import sales_of
from tests.pricing.rulebooks import AT, WORLDS, World

_NOTHING = SupposedBook(None, moves_prices=False)


class Accepted(NamedTuple):
    """A quote of a world as it is kept once it is accepted, and what it was priced by."""

    past: PastQuote
    book: Rulebook
    setup: dict[str, Any]
    sales: dict[str, SalePrice]


def accepted(world: World, *, with_catalog: bool = True) -> Accepted:
    setup, request, at_us = world.setup(), world.request(), instant_us(AT)
    book, checked = book_of(setup), decode_basket(write_document(request))
    if with_catalog:
        give_catalog_prices(checked, [known.compiled for known in book.rules.values()], world.seed)
    prices = sales_of(request, world.seed)
    data = answer_text(price_quote(book, checked, at_us, find_sales(prices, checked, at_us)), AT).encode()
    instant, request_kept = datetime(2026, 1, 1, tzinfo=UTC), kept_request(checked.basket)
    past = PastQuote(QUOTE_ID, instant, 1, at_us, at_us + 900_000_000, data, request_kept)
    return Accepted(past, book, setup, prices)


@laws(300)
@given(WORLDS)
def test_without_a_change_every_quote_is_met_byte_for_byte(world: World) -> None:
    (past, book, *_), tally = accepted(world), Tally()
    PriceAgain(decode_basket, {}, tally).price(book, _NOTHING, past)
    assert (tally.replayed, tally.not_replayed) == (1, {}), tally.examples
    (block,) = tally.currencies.values()
    assert block.before == block.after
    assert (block.quotes, block.changed, block.histogram[BUCKETS // 2]) == (1, 0, 1)
    assert unpack_tally(pack_tally(tally)) == tally


@laws(200)
@given(WORLDS)
def test_groups_add_up_to_the_figures(world: World) -> None:
    (past, book, *_), tally = accepted(world), Tally()
    change = SupposedChange(ended_rules=sorted({known.compiled.name for known in book.rules.values()})[:2])
    supposed = suppose(book, PreparedChange(change))
    PriceAgain(decode_basket, {}, tally).price(book, supposed, past)
    (block,) = tally.currencies.values()
    for groups in (block.sellers, block.categories, block.regions):
        sums = [sum(each) for each in zip(*groups.values(), strict=True)]
        # Item total, discount and commission before and after.
        assert sums[1] + sums[2] == block.before[0]
        assert (sums[2], sums[3], sums[5], sums[6]) == (
            block.before[1],
            block.before[8],
            block.after[1],
            block.after[8],
        )
    assert sum(block.histogram) == 1
    assert block.changed in (0, 1)
    assert block.up + block.down <= block.changed


@laws(150)
@given(WORLDS)
def test_what_is_left_out_is_what_would_have_been_priced_without_it(world: World) -> None:
    (past, book, setup, prices), tally = accepted(world, with_catalog=False), Tally()
    names = sorted({known.compiled.name for known in book.rules.values()})[::2]
    rates = [rate.id for rate in book.rates.all_rates()][::2]
    change = SupposedChange(ended_rules=names, ended_rates=[UUID(rate) for rate in rates])
    PriceAgain(decode_basket, {}, tally).price(book, suppose(book, PreparedChange(change)), past)
    less = book_of(
        {
            **setup,
            "pricing_rules": [rule for rule in setup.get("pricing_rules", ()) if rule["name"] not in names],
            "commission_rates": [rate for rate in setup.get("commission_rates", ()) if rate.get("id") not in rates],
        }
    )
    checked = decode_basket(past.request or b"")
    sales = find_sales(prices, checked, past.issued_at_us)
    (block,) = tally.currencies.values()
    assert block.after == figures_of(price_quote(less, checked, past.issued_at_us, sales))


@laws(200)
@given(WORLDS)
def test_price_rules_that_change_nothing_move_no_price(world: World) -> None:
    (past, book, *_), tally = accepted(world), Tally()
    same = suppose(book, PreparedChange(SupposedChange(ended_rules=["no such rule"])))
    assert same.rulebook is not None
    PriceAgain(decode_basket, {}, tally).price(book, same._replace(moves_prices=True), past)
    (block,) = tally.currencies.values()
    assert block.before == block.after
