"""The store without scripts: who sees what, what a basket costs, what is bought. Source: docs/spec/store.md."""

from __future__ import annotations

import re

import pytest

from tests.access.running import RunningService, until
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of
from tests.web.store.shopping import CITY, Store
from tests.web.test_pages import BYTES_MAX, WITHOUT_SCRIPT

PAGES = ("/store", "/store?q=tea", "/store?q=zzzz", "/store/basket", "/store/welcome", "/store/products/{tea}")


def test_a_visitor_finds_products_with_their_prices(store: Store) -> None:
    guest = store.guest()
    home = text_of(guest.see("/store"))
    assert all(each in home for each in ("Black tea", "95.00 TRY", "Running shoe", "1,200.00 TRY", "Pantry"))
    found = text_of(guest.see("/store?q=coffe"))
    assert "Filter coffee" in found
    assert "Black tea" not in found
    assert "Nothing found" in guest.see("/store?q=zzzzzz")
    shoe = text_of(guest.see(f"/store/products/{store.shoe}"))
    assert all(each in shoe for each in ("Size 42", "Size 47", "1,300.00 TRY"))


def test_a_reduced_price_stands_beside_the_lowest_of_thirty_days(store: Store) -> None:
    guest, product = store.guest(), store.admin("GET", f"products/{store.coffee}")
    change = {"price": 180, "currency": "TRY"}
    store.admin("POST", f"products/{product['id']}/price", change)
    until(lambda: "180.00" in guest.see(f"/store/products/{store.coffee}"), "the price has moved")
    page = text_of(guest.see(f"/store/products/{store.coffee}"))
    assert "−25 %" in page
    assert "Lowest price of the 30 days before: 240.00" in page
    store.admin("POST", f"products/{product['id']}/price", {**change, "price": 240})
    until(lambda: "−25 %" not in guest.see(f"/store/products/{store.coffee}"), "the price is back")


def test_every_page_weighs_little_and_runs_files_of_ours_alone(store: Store) -> None:
    guest = store.guest()
    for page in PAGES:
        answer = guest.http.get(page.format(tea=store.tea))
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith(WITHOUT_SCRIPT)
        assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text), page
        loaded = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text))
        assert len(answer.content) + sum(guest.http.get(each).num_bytes_downloaded for each in loaded) <= BYTES_MAX


def test_a_basket_is_quoted_reported_how_to_save_and_kept_by_the_browser(store: Store) -> None:
    guest = store.guest()
    guest.add(store.tea, 2)
    page = text_of(guest.see("/store/basket"))
    assert "220.00 TRY" in page  # 2 x 95 and delivery of 30
    assert "3 units cost 85.50 each" in page
    hint = re.search(r'name="hint" value="([^"]+)"', guest.see("/store/basket"))
    assert hint is not None
    followed = guest.submit("/store/basket", quantity=["2"], hint=hint[1])
    assert followed.headers["location"] == "/store/basket"
    assert "286.50 TRY" in text_of(guest.see("/store/basket"))  # 3 x 85.50 and 30
    guest.add(store.shoe, variant_id=store.sizes["Size 47"])
    page = text_of(guest.see("/store/basket"))
    assert "Size 47" in page
    assert "1,556.50 TRY" in page  # and no delivery from 300 on
    guest.submit("/store/basket", quantity=["3", "1"], remove="0")
    assert "Black tea" not in guest.see("/store/basket")
    guest.submit("/store/basket", quantity=["1"], less="0")
    assert "There is nothing in it yet" in guest.see("/store/basket")
    assert store.service.rows("SELECT count(*) AS n FROM accepted_quotes") == [{"n": 0}]


@pytest.mark.parametrize("cookie", ["x", "A" * 5000, "gqNhYmM", "lsQQ" + "A" * 40, "%00"])
def test_a_cookie_that_is_none_of_ours_is_a_new_visit(store: Store, cookie: str) -> None:
    guest = store.guest()
    guest.http.cookies.set("quote_store", cookie)
    answer = guest.http.get("/store/basket")
    assert answer.status_code == 200
    assert "quote_store=" in answer.headers["set-cookie"]
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]


def test_a_visitors_change_carries_what_only_the_page_shows(store: Store) -> None:
    guest = store.guest()
    guest.see("/store")
    for fields in ({}, {"csrf": "0" * 64}):
        assert guest.http.post("/store/basket/lines", data={"product_id": store.tea, **fields}).status_code == 403
    other = store.guest()
    other.see("/store")
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', other.see("/store"))
    assert token is not None
    stolen = guest.http.post("/store/basket/lines", data={"product_id": store.tea, "csrf": token[1]})
    assert stolen.status_code == 403


def test_who_works_here_looks_around_and_buys_nothing(store: Store, signed_in: SignIn) -> None:
    for role in ("admin", "pricing_manager", "analyst"):
        visitor = signed_in(role)
        assert "see the store as a visitor does" in visitor.see("/store")
        assert visitor.http.get("/store/orders").status_code == 403
        assert visitor.http.get("/store/checkout").status_code == 403


def test_a_basket_is_held_ordered_refunded_and_the_next_one_cancelled(store: Store) -> None:
    buyer = store.shopper()
    buyer.add(store.coffee, 2)
    held = buyer.submit("/store/checkout", "/store/checkout", **CITY)
    assert held.status_code == 303, text_of(held.text)
    review = held.headers["location"]
    assert store.admin("GET", f"inventory/{store.coffee}")["reserved"] == 2
    assert "Held for you" in buyer.see(review)
    assert "480.00 TRY" in text_of(buyer.see(review))
    # Nobody else sees it.
    assert store.shopper().http.get(review).status_code == 404
    placed = buyer.submit(review, review)
    order = placed.headers["location"].split("?")[0]
    again = buyer.submit(review, order)
    assert again.headers["location"].split("?")[0] == order
    page = text_of(buyer.see(f"{order}?placed=1"))
    assert "Thank you" in page
    assert "commission" not in page.lower()
    assert "There is nothing in it yet" in buyer.see("/store/basket")
    assert "Signed receipt" in buyer.see(f"{order}/receipt")
    assert store.shopper().http.get(order).status_code == 404
    order_id = order.rsplit("/", 1)[1]
    wanted = {"lines": [{"line_id": 1, "quantity": 1}], "delivery": "none", "restock": True}
    store.admin("POST", f"orders/{order_id}/refunds", wanted, **{"Idempotency-Key": "one"})
    page = text_of(buyer.see(order))
    assert "Refunded 240.00 TRY" in page
    assert "Cancel this order" not in page
    refused = buyer.submit(f"{order}/cancel", order)
    assert refused.status_code == 409
    assert "status" in text_of(refused.text)

    buyer.add(store.coffee)
    second = buyer.submit("/store/checkout", "/store/checkout", **CITY).headers["location"]
    order = buyer.submit(second, second).headers["location"].split("?")[0]
    assert buyer.submit(f"{order}/cancel", order).headers["location"] == order
    assert "Cancelled" in text_of(buyer.see(order))
    assert store.admin("GET", f"inventory/{store.coffee}")["quantity"] == 9


def test_what_is_held_can_be_given_back_and_what_there_is_not_is_said(store: Store) -> None:
    buyer = store.shopper()
    buyer.add(store.coffee, 3)
    review = buyer.submit("/store/checkout", "/store/checkout", **CITY).headers["location"]
    assert buyer.submit(f"{review}/release", review).headers["location"] == "/store/basket"
    assert store.admin("GET", f"inventory/{store.coffee}")["reserved"] == 0
    assert "no longer held" in buyer.see(review)
    buyer.submit("/store/basket", quantity=["999"])
    refused = buyer.submit("/store/checkout", "/store/checkout", **CITY)
    assert refused.status_code == 409
    assert "Not enough stock" in text_of(refused.text) or "stock" in text_of(refused.text)
    assert store.shopper().http.get("/store/checkout").headers["location"] == "/store/basket"


def test_a_purchase_shows_each_of_its_states(store: Store) -> None:
    sale = store.sale(units=2, limit=1, hold_seconds=600)
    try:
        one, other, third = store.shopper(), store.shopper(), store.shopper()
        assert "Sign in to buy" in store.guest().see(f"/store/sales/{sale}")
        bought = one.buy(sale, store.tea)
        assert bought.status_code == 303, text_of(bought.text)
        purchase = bought.headers["location"]
        assert "Reserved" in text_of(one.see(purchase))
        assert store.shopper().http.get(purchase).status_code == 404
        again = one.buy(sale, store.tea)
        assert again.status_code == 409
        assert "Limit per customer reached" in text_of(again.text)
        assert one.submit(f"{purchase}/confirm", purchase).headers["location"] == purchase
        until(lambda: "It is yours" in one.see(purchase), "it is confirmed")
        until(lambda: "See the order" in one.see(purchase), "it is an order")
        refused = other.buy(sale, store.tea, price="48")
        assert "Price changed" in text_of(refused.text)
        held = other.buy(sale, store.tea).headers["location"]
        sold_out = third.buy(sale, store.tea)
        assert sold_out.status_code == 409
        assert "Sold out" in text_of(sold_out.text)
        assert other.submit(f"{held}/give-back", held).headers["location"] == held
        assert "Given back" in other.see(held)
        taken = third.buy(sale, store.tea)
        assert taken.status_code == 303, text_of(taken.text)
    finally:
        store.end(sale)
    late = text_of(third.http.get(f"/store/sales/{sale}").text)
    assert "This sale is not open" in late


def test_the_store_is_there_for_whom_its_flag_is_on_alone(store: Store, service: RunningService) -> None:
    flag = store.admin("GET", "feature-flags/key/store_page")
    body = {name: flag[name] for name in ("key", "name", "type", "value")}
    headers = service.as_role("admin")

    def switch(is_enabled: bool) -> None:
        path = f"/api/v1/feature-flags/{flag['id']}"
        etag = service.http.get(path, headers=headers).headers["etag"]
        draft = {**body, "is_enabled": is_enabled}
        changed = service.http.put(path, json=draft, headers={**headers, "If-Match": etag})
        assert changed.status_code == 200, changed.text
        until(lambda: (store.guest().http.get("/store").status_code == 200) == is_enabled, "the flag counts")

    buyer = store.shopper()
    switch(False)
    try:
        for path in ("/store", "/store/basket", f"/store/products/{store.tea}", "/store/stream"):
            assert store.guest().http.get(path).status_code == 404
        assert buyer.http.get("/store/orders").status_code == 404
    finally:
        switch(True)
