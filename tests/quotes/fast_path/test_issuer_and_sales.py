"""Whatever is kept, an answer shows what is on sale now: nothing of a sale that is over, changed or sold out.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes; docs/spec/quotes.md#caching.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import open_redis
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import LocalAnswer, LocalQuotes
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_request import AwaitedAsker, QuoteRequest
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.tables.share_quotes import QuoteSharer
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.runtime.sale_prices import sale_prices_of
from tests.pricing.books import book_of
from tests.pricing.laws import laws
from tests.pricing.rulebooks import World

PRODUCTS = [UUID(int=number) for number in (1, 2)]
SALE = UUID(int=99)
TTL_US = 900_000_000
NOON_US = 1_750_000_000_000_000

ITEMS = st.builds(
    lambda place, price, sold, state, starts, ends: stock_item(
        PRODUCTS[place], item_id=place + 1, price_minor=price, sold=sold, state=state, starts=starts, ends=ends
    ),
    st.integers(0, 1),
    st.sampled_from([1999, 1899, 2600]),
    st.sampled_from([0, 5, 10]),
    st.sampled_from(["active", "active", "active", "ended"]),
    st.integers(0, 20),
    st.integers(10, 40),
)
BOARDS = st.lists(ITEMS, max_size=2, unique_by=lambda item: item.id)


def stock_item(product_id: UUID, **fields: Any) -> StockItem:
    """An item on sale from and until so many seconds after noon."""
    starts, ends = fields.pop("starts", 0), fields.pop("ends", 100)
    usual = {"id": fields.pop("item_id", 1), "currency": "TRY", "price_minor": 1999, "allocated": 10, "sold": 0}
    unread = {"hold_ms": 0, "revision": 1, "epoch": 1, "is_drifted": False, "redis_run_id": None, "high_number": 0}
    return StockItem(
        sale_id=SALE,
        product_id=product_id,
        limit=2,
        starts_ms=NOON_US // 1000 + starts * 1000,
        ends_ms=NOON_US // 1000 + ends * 1000,
        high_water_ms=0,
        high_water_seq=0,
        **{"state": "active", **usual, **unread, **fields},
    )


class Issuer:
    """An issuer whose Redis is unavailable, so that every answer is there at once."""

    def __init__(self) -> None:
        self.holder = holder = RulebookHolder()
        holder.rulebook = empty_rulebook()
        breaker = Breaker(lambda: 0.0)
        breaker.failed()
        self.sales, self.shown = SalePrices(), Counter[int]()
        self.issuer = QuoteIssuer(
            holder,
            LocalQuotes(100, 1_000_000),
            QuoteSharer(open_redis("redis://127.0.0.1:1/0", 100), breaker, 1000),
            QuoteSigner((("k1", b"s" * 32),)),
            fingerprint_secret=b"f" * 32,
            ttl_seconds=TTL_US // 1_000_000,
            sales=self.sales,
            note_shown=self.shown.update,
        )

    def ask(self, basket: dict[str, Any], at_us: int) -> tuple[dict[str, Any], str]:
        """The answer as the endpoint gets it: from the same bytes, else by pricing; and where it came from."""
        body = write_document(basket)
        held = self.issuer.find(body, at_us)
        if held is not None:
            return read(held), "body"
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            asker = AwaitedAsker(loop.create_future())
            asked = QuoteRequest(self.issuer, QuoteLimiter(loop, 1, 0), asker, body, at_us, math.inf)
            asked.run()
            asker.future.result()
        assert asked.error is None
        return read(asked.answer), asked.tier


def read(answer: LocalAnswer) -> dict[str, Any]:
    return dict(json.loads(b'%b"miss"%b' % (answer.head, answer.tail)))


def a_basket(*products: int, reference: str | None = None) -> dict[str, Any]:
    items = [{"product_id": str(PRODUCTS[place]), "quantity": 2, "unit_price": 25} for place in products]
    return {**World(1).request(), "currency": "TRY", "items": items, "external_ref": reference}


BASKETS = st.sampled_from([a_basket(0), a_basket(1), a_basket(0, 1), a_basket(0, reference="cart")])
STEPS = st.lists(BOARDS | st.integers(0, 10) | BASKETS, min_size=2, max_size=40)


@laws(400)
@given(STEPS)
def test_every_answer_shows_what_is_on_sale_now(steps: list[Any]) -> None:
    issuer, board, at_us = Issuer(), [], NOON_US
    counted = Counter[int]()
    for step in steps:
        if isinstance(step, list):
            board = step
            issuer.sales.replace(sale_prices_of(board))
        elif isinstance(step, int):
            at_us += step * 1_000_000
        else:
            answer, _ = issuer.ask(step, at_us)
            on_sale = {str(item.product_id): item for item in board if applies(item, at_us)}
            for line in answer["items"]:
                item = on_sale.get(line["product_id"])
                assert line["price_source"] == ("request" if item is None else "flash_sale")
                assert line["unit_price"] == (25 if item is None else item.price_minor / 100)
            counted.update(item.id for product, item in on_sale.items() if product in str(step["items"]))
            assert issuer.shown == counted


def applies(item: StockItem, at_us: int) -> bool:
    return (
        item.state == "active"
        and item.sold < item.allocated
        and item.price_minor <= 2500
        and item.starts_ms * 1000 <= at_us < item.ends_ms * 1000
    )


def test_sales_of_other_products_leave_an_answer_as_it_was_given() -> None:
    issuer = Issuer()
    basket = a_basket(0)
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0])]))
    first, tier = issuer.ask(basket, NOON_US)
    assert (tier, first["items"][0]["unit_price"]) == ("miss", 19.99)
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0]), stock_item(PRODUCTS[1], item_id=2)]))
    asked = [issuer.ask(basket, NOON_US + second * 1_000_000) for second in (1, 2)]
    assert asked == [(first, "local"), (first, "body")]
    assert issuer.shown == {1: 3}


def test_units_that_are_sold_change_nothing_until_the_last_one_goes() -> None:
    issuer = Issuer()
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0])]))
    version = issuer.sales.version
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0], sold=9, revision=2, epoch=5)]))
    assert issuer.sales.version == version
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0], sold=10)]))
    assert (issuer.sales.version, issuer.sales.by_product) == (version + 1, {})


def test_a_price_that_comes_back_brings_its_quote_back() -> None:
    issuer = Issuer()
    prices = [1999, 1899, 1999]
    answers = []
    for price in prices:
        issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0], price_minor=price)]))
        answers.append(issuer.ask(a_basket(0), NOON_US))
    (first, _), (second, _), (again, tier) = answers
    assert (again, tier) == (first, "local")
    assert second["quote_id"] != first["quote_id"]


def test_a_later_end_lets_an_answer_be_found_longer() -> None:
    issuer = Issuer()
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0], ends=10)]))
    first, _ = issuer.ask(a_basket(0), NOON_US)
    issuer.sales.replace(sale_prices_of([stock_item(PRODUCTS[0], ends=20)]))
    late = [issuer.ask(a_basket(0), NOON_US + second * 1_000_000) for second in (11, 12, 20)]
    assert late[:2] == [(first, "local"), (first, "body")]
    assert late[2][0]["items"][0]["price_source"] == "request"
    assert first["valid_until"] > first["valid_from"], "and it stays binding as any quote"


def test_a_padded_body_takes_no_room_from_other_answers() -> None:
    plain, padded = Issuer(), Issuer()
    quotes = [
        issuer.ask({**a_basket(0), **extra}, NOON_US)[0]
        for issuer, extra in ((plain, {}), (padded, {"notes": "x" * 500_000}))
    ]
    assert quotes[0]["items"] == quotes[1]["items"]
    assert 0 < padded.issuer.quotes.size_bytes <= plain.issuer.quotes.size_bytes
    again, tier = padded.ask({**a_basket(0), "notes": "y" * 500_000}, NOON_US)
    assert (again, tier) == (quotes[1], "local")


def test_the_end_of_a_quarter_leaves_an_answer_as_it_was_given() -> None:
    issuer = Issuer()
    window = {"time_of_day": {"from": "10:00", "to": "11:00"}}
    rule = {"id": "r", "name": "r", "type": "PROMOTION", "configuration": {"kind": "percent", "value": 10}}
    issuer.holder.rulebook = book_of({"pricing_rules": [{**rule, "conditions": {**window, "seller_ids": [str(SALE)]}}]})
    quarter_us = NOON_US - NOON_US % 900_000_000 + 900_000_000
    first, tier = issuer.ask(a_basket(0), quarter_us - 1)
    assert tier == "miss"
    asked = [issuer.ask(a_basket(0), quarter_us + second * 1_000_000) for second in (0, 1)]
    assert asked == [(first, "local"), (first, "body")]
    assert issuer.ask(a_basket(0), quarter_us + TTL_US)[1] == "miss"


def scheduled_rate(seller_id: str) -> dict[str, Any]:
    """Of 10 %, which begins ten seconds after noon."""
    starts = datetime.fromtimestamp(NOON_US // 1_000_000 + 10, UTC).isoformat()
    return {
        "id": "r",
        "seller_id": seller_id,
        "commission_type": "PERCENTAGE",
        "rate": 10,
        "priority": 1,
        "effective_from": starts,
    }


def test_no_answer_outlives_the_start_of_a_rate_that_its_lines_pay() -> None:
    issuer = Issuer()
    issuer.holder.rulebook = book_of({"commission_rates": [scheduled_rate(a_basket(0)["seller_id"])]})
    asked = [issuer.ask(a_basket(0), NOON_US + second * 1_000_000) for second in (0, 9, 10, 11)]
    assert [tier for _, tier in asked] == ["miss", "body", "miss", "body"]
    charged = [answer["commission_breakdown"]["total_commission"] for answer, _ in asked]
    assert charged == [0, 0, 5, 5], "10 % of 2 x 25"
    assert asked[2][0]["quote_id"] != asked[0][0]["quote_id"]


def test_the_start_of_a_rate_of_others_leaves_an_answer_as_it_was_given() -> None:
    issuer = Issuer()
    issuer.holder.rulebook = book_of({"commission_rates": [scheduled_rate(str(SALE))]})
    asked = [issuer.ask(a_basket(0), NOON_US + second * 1_000_000) for second in (0, 9, 10, 11)]
    assert [tier for _, tier in asked] == ["miss", "body", "body", "body"]
    assert all(answer == asked[0][0] for answer, _ in asked)
