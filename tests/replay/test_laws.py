"""What is replayed is what was issued, for random rulebooks, baskets, prices and sales. Source: docs/spec/replay.md#proof."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_documents import convert_exact
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.model.past_quote import PastQuote
from quote_service.quotes.operations.issued_again import is_issued_again
from quote_service.quotes.reading.decode_basket import decode_basket, decode_kept_basket
from quote_service.steering.replay.model.count_quote import figures_of
from quote_service.steering.replay.model.supposed_change import SupposedChange
from quote_service.steering.replay.model.supposed_rulebook import PreparedChange, SupposedBook, suppose
from quote_service.steering.replay.model.tally import BUCKETS, Tally, pack_tally, unpack_tally
from quote_service.steering.replay.operations.price_again import PriceAgain
from tests.pricing.books import QUOTE_ID, answer_text, book_of, instant_us, read_setup
from tests.pricing.catalog.adjusted import give_catalog_prices
from tests.pricing.laws import laws
from tests.pricing.on_sale import sales_of
from tests.pricing.rulebooks import AT, CATEGORIES, WORLDS, World

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
    data = answer_text(price_quote(QuoteBasis(book, checked, at_us, find_sales(prices, checked, at_us))), AT).encode()
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
    assert block.after == figures_of(price_quote(QuoteBasis(less, checked, past.issued_at_us, sales)))


@laws(200)
@given(WORLDS)
def test_price_rules_that_change_nothing_move_no_price(world: World) -> None:
    (past, book, *_), tally = accepted(world), Tally()
    same = suppose(book, PreparedChange(SupposedChange(ended_rules=["no such rule"])))
    assert same.rulebook is not None
    PriceAgain(decode_basket, {}, tally).price(book, same._replace(moves_prices=True), past)
    (block,) = tally.currencies.values()
    assert block.before == block.after


@laws(150)
@given(WORLDS)
def test_a_kept_request_is_read_as_any_other(world: World) -> None:
    request = accepted(world).past.request or b""
    assert decode_kept_basket(request) == decode_basket(request)


@pytest.mark.long("600 drawn worlds, each priced again twice")
@laws(600)
@given(WORLDS)
def test_what_is_left_out_because_it_cannot_move_does_not_move(world: World) -> None:
    (past, book, setup, _), thorough, quick = accepted(world), Tally(), Tally()
    supposed = suppose(book, PreparedChange(drawn_change(world, setup)))
    PriceAgain(decode_basket, {}, thorough).price(book, supposed._replace(unmoved=None), past)
    PriceAgain(decode_basket, {}, quick).price(book, supposed, past)
    assert pack_tally(quick) == pack_tally(thorough)


def drawn_change(world: World, setup: dict[str, Any]) -> SupposedChange:
    """A few rules and rates of another world, and without a few of this one."""
    other = World(world.seed ^ 0x5EED)
    other.currency, other.digits = world.currency, world.digits
    rules = [{**rule, **other.maybe(60, "conditions", other.conditions())} for rule in other.rules()]
    rules = rules[: other.random.randint(0, 3)]
    rates = [other.rate() for _ in range(other.random.choice([0, 0, 1]))]
    names = [rule["name"] for rule in setup["pricing_rules"]]
    ids = [rate["id"] for rate in setup["commission_rates"]]
    document = {
        "draft_rules": [without(rule, "id", "version") for rule in rules],
        "ended_rules": other.random.sample(names, min(len(names), other.random.choice([0, 0, 1]))),
        "draft_rates": [without(rate, "id") for rate in rates],
        "ended_rates": other.random.sample(ids, min(len(ids), other.random.choice([0, 0, 1]))),
    }
    return convert_exact(read_setup(document), SupposedChange)


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


_ELSEWHERE = "c0000000-0000-4000-8000-00000000000f"
_HALF = {"name": "Half", "type": "PROMOTION", "configuration": {"kind": "percent", "value": 50}}


@pytest.mark.parametrize(
    ("change", "is_unmoved"),
    [
        ({"draft_rules": [_HALF]}, False),
        ({"draft_rules": [{**_HALF, "region": "JP"}]}, True),
        ({"draft_rules": [{**_HALF, "conditions": {"category_ids": [_ELSEWHERE]}}]}, True),
        ({"draft_rules": [{**_HALF, "conditions": {"category_ids": [_ELSEWHERE, CATEGORIES[0]]}}]}, False),
        ({"draft_rules": [{**_HALF, "conditions": {"customer_tiers": ["none"]}}]}, True),
        ({"draft_rules": [{"name": "Fast", "type": "EXPRESS_FEE", "configuration": {"base_fee": 1}, "currency": "TRY"}]}, True),
        ({"draft_rates": [{"commission_type": "PERCENTAGE", "rate": 7}]}, False),
        ({"draft_rates": [{"commission_type": "PERCENTAGE", "rate": 7, "category_id": _ELSEWHERE}]}, True),
        ({"ended_rules": ["Delivery"]}, False),
        ({"ended_rules": ["Goods of elsewhere"]}, True),
        ({"draft_flags": [{"key": "new", "type": "BOOLEAN", "value": True, "is_enabled": True}]}, False),
    ],
)  # fmt: skip
def test_quotes_that_meet_nothing_of_a_change_are_not_priced_again(change: dict[str, Any], is_unmoved: bool) -> None:
    delivery = {"name": "Delivery", "type": "DELIVERY_FEE", "configuration": {"base_fee": 10}, "currency": "TRY"}
    elsewhere = {**_HALF, "name": "Goods of elsewhere", "conditions": {"category_ids": [_ELSEWHERE]}}
    book = book_of({"pricing_rules": [{**delivery, "id": "1"}, {**elsewhere, "id": "2"}]})
    supposed = suppose(book, PreparedChange(convert_exact(read_setup(change), SupposedChange)))
    item = {"product_id": QUOTE_ID, "category_id": CATEGORIES[0], "quantity": 1, "unit_price": 100}
    address = {"city": "Istanbul", "country": "TR"}
    basket = {
        "customer_id": QUOTE_ID,
        "seller_id": QUOTE_ID,
        "items": [item],
        "delivery_address": address,
        "currency": "TRY",
    }
    quote = price_quote(QuoteBasis(book, decode_basket(write_document(basket)), instant_us(AT)))
    assert isinstance(quote, PricingContext)
    assert (supposed.unmoved is not None and supposed.unmoved.holds(quote, instant_us(AT))) is is_unmoved


@pytest.mark.parametrize("reference", [None, "", "null", 'a","subtotal":1', "\\", "\u2028 夏 \U0001f600", "x" * 200])
def test_a_quote_is_met_whatever_reference_it_echoes(reference: str | None) -> None:
    world = World(7)
    book, request = book_of(world.setup()), {**world.request(), "external_ref": reference}
    checked = decode_basket(write_document(request))
    quote, at_us = price_quote(QuoteBasis(book, checked, instant_us(AT))), instant_us(AT)
    data = answer_text(quote, AT).encode()
    assert is_issued_again(data, quote, QUOTE_ID, at_us, at_us + 900_000_000)
    assert quote.basket.external_ref == reference
