"""One basket in two tabs, either of which may show what was. Source: docs/spec/store.md#basket."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.web.signing_in import text_of
from tests.web.store.shopping import CITY, Buyer, Store

_FIELD = re.compile(r'<input [^>]*name="(csrf|seen|quantity|coupon|city|country|district)"[^>]*value="([^"]*)"')


class Tab:
    """A page that shows the basket, as it was when it was opened."""

    def __init__(self, buyer: Buyer) -> None:
        self._buyer = buyer
        self._fields: dict[str, list[str]] = {"has_express": ["1"]}
        for name, value in _FIELD.findall(buyer.see("/store/basket")):
            self._fields.setdefault(name, []).append(value)

    def send(self, **changed: list[str]) -> httpx.Response:
        """Submit all of its form, as a browser does."""
        answer = self._buyer.http.post("/store/basket", data={**self._fields, **changed})
        assert answer.status_code == 303, answer.text
        return answer


@pytest.fixture
def guest(store: Store) -> Iterator[Buyer]:
    buyer = store.guest()
    buyer.add(store.tea, 2)
    buyer.add(store.coffee, 1)
    yield buyer
    buyer.http.close()


def basket_of(buyer: Buyer) -> dict[str, str]:
    """Quantities by what is in the basket."""
    page = buyer.see("/store/basket")
    names = re.findall(r'aria-label="Remove ([^"]+)"', page)
    return dict(zip(names, re.findall(r'name="quantity"[^>]* value="(\d+)"', page), strict=True))


def test_a_tab_changes_the_line_it_shows_and_not_the_one_that_stands_there_now(guest: Buyer) -> None:
    early = Tab(guest)
    Tab(guest).send(remove=["0"])
    early.send(quantity=["2", "5"])
    (name,) = basket_of(guest)
    assert name.startswith("Filter coffee")
    assert basket_of(guest) == {name: "5"}


def test_what_one_tab_has_not_changed_stays_as_the_other_left_it(guest: Buyer) -> None:
    early = Tab(guest)
    Tab(guest).send(quantity=["7", "1"], coupon=["WELCOME20"], is_express=["1"], city=["Ankara"])
    early.send(more=["1"])
    assert list(basket_of(guest).values()) == ["7", "2"]
    page = guest.see("/store/basket")
    assert 'value="WELCOME20"' in page
    assert "Ankara" in text_of(page)
    assert 'name="is_express" value="1" checked' in page


def test_what_was_removed_comes_back_only_where_somebody_asks_for_it(guest: Buyer) -> None:
    early, earlier = Tab(guest), Tab(guest)
    Tab(guest).send(remove=["0"])
    early.send(less=["1"])
    assert "There is nothing in it yet" in guest.see("/store/basket")
    earlier.send(quantity=["3", "1"])
    assert list(basket_of(guest).values()) == ["3"]


@pytest.mark.parametrize("seen", ["", "nonsense", "A" * 4000])
def test_a_page_that_does_not_say_what_it_showed_shows_what_there_is(guest: Buyer, seen: str) -> None:
    Tab(guest).send(seen=[seen], quantity=["4", "1"])
    assert list(basket_of(guest).values()) == ["4", "1"]


def test_a_page_never_holds_the_secret_of_the_visit(guest: Buyer) -> None:
    page = guest.see("/store/basket")
    kept = next(cookie for cookie in guest.http.cookies.jar if cookie.name.endswith("quote_store")).value
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert kept is not None
    assert seen is not None
    assert kept[:16] not in page
    assert seen[1] != kept


def test_an_order_of_which_nobody_heard_leaves_the_basket_when_it_is_sent_again(store: Store) -> None:
    buyer = store.shopper()
    buyer.add(store.tea, 2)
    review = buyer.submit("/store/checkout", "/store/checkout", **CITY).headers["location"]
    kept = list(buyer.http.cookies.jar)
    assert "/store/orders/" in buyer.submit(review, review).headers["location"]
    buyer.http.cookies.clear()
    for each in kept:
        buyer.http.cookies.jar.set_cookie(each)
    assert "/store/orders/" in buyer.submit(review, "/store/basket").headers["location"]
    assert "There is nothing in it yet" in buyer.see("/store/basket")


def test_an_order_takes_out_of_the_basket_what_was_ordered(store: Store) -> None:
    buyer = store.shopper()
    buyer.add(store.tea, 2)
    review = buyer.submit("/store/checkout", "/store/checkout", **CITY).headers["location"]
    buyer.add(store.tea, 1)
    buyer.add(store.shoe, variant_id=store.sizes["Size 47"])
    placed = buyer.submit(review, review)
    assert "/store/orders/" in placed.headers["location"], text_of(placed.text)
    assert list(basket_of(buyer).values()) == ["1", "1"]
    # The same form once more is the same order, and takes nothing.
    assert buyer.submit(review, "/store/basket").headers["location"].split("?")[0] in placed.headers["location"]
    assert list(basket_of(buyer).values()) == ["1", "1"]
