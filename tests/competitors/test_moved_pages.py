"""A page that leads elsewhere on its host is the product's page still, or another product's; on loopback.

Source: docs/spec/competitors.md#pages-that-move.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.watching import Watch, a_product
from tests.webhooks.receiver import Received, Receiver, answer

GTIN, OTHER_GTIN = "4006381333931", "96385074"


def page(name: str, price: str = "12.50", head: str = "", **fields: Any) -> bytes:
    return answer(200, html(json_ld(product(offer(price), name=name, **fields)) + head).encode())


def serving(shop: Receiver, pages: dict[str, bytes]) -> None:
    def serve(request: Received) -> bytes:
        return pages.get(request.path, answer(404))

    shop.answers = serve


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ({"name": "Running shoe"}, {"name": "Running shoe"}, True),
        ({"name": "Running shoe"}, {"name": "Leather belt"}, False),
        ({"name": "Running shoe 42"}, {"name": "Running shoe 43"}, False),
        ({"name": "T-Shirt blue M"}, {"name": "T-Shirt blue L"}, False),
        ({"name": "Running shoe"}, {"name": "Running shoe kids"}, False),
        ({"name": "Running shoe, blue"}, {"name": "Running Shoe Blue"}, True),
        ({"name": "Running shoe", "gtin13": GTIN}, {"name": "Now called otherwise", "gtin13": GTIN}, True),
        ({"name": "Running shoe", "gtin13": GTIN}, {"name": "Running shoe", "gtin8": OTHER_GTIN}, False),
        ({"name": "Running shoe", "sku": "R-1"}, {"name": "Runner", "sku": "R-1"}, True),
        ({"name": "Running shoe", "sku": "R-1"}, {"name": "Running shoe", "sku": "R-2"}, False),
    ],
)
async def test_the_price_of_another_product_is_not_taken(
    watch: Watch, shop: Receiver, before: dict[str, Any], after: dict[str, Any], is_same: bool
) -> None:
    product_id = await a_product(watch.database, "Running shoe")
    pages = {"/p/1": page(**before), "/p/2": page(price="9.00", **after)}
    serving(shop, pages)
    source = await watch.source("page", {"url": shop.url("/p/1"), "product_id": str(product_id)})
    assert await watch.turn(source) == "ok"
    pages["/p/1"] = answer(301, Location="/p/2")
    assert await watch.turn(source) == ("ok" if is_same else "gone")
    (listing,) = await watch.listings(source)
    assert listing.offer is not None
    assert str(listing.offer.price) == ("9.00" if is_same else "12.50")
    assert listing.title == (after["name"] if is_same else before["name"])
    if not is_same:
        (fetch, _) = await watch.fetches(source)
        assert fetch.detail.startswith(f"it leads to {shop.url('/p/2')}, and nothing there says that it is the same")
        assert fetch.url == shop.url("/p/2")


async def test_a_page_that_moved_before_it_was_read_is_held_against_our_own_product(
    watch: Watch, shop: Receiver
) -> None:
    ours = await a_product(watch.database, "Running shoe", ean=GTIN)
    pages = {
        "/old": answer(302, Location="/new"),
        "/gone": answer(302, Location="/"),
        "/named": answer(302, Location="/kaya"),
        "/size": answer(302, Location="/kaya-42"),
        "/kaya": page("Kaya Running Shoe"),
        "/kaya-42": page("Kaya Running Shoe 42"),
        "/new": page("Laufschuh", gtin13=GTIN),
        "/": page("Leather belt"),
    }
    serving(shop, pages)
    outcomes = {}
    for path in ("/old", "/gone", "/named", "/size"):
        source = await watch.source("page", {"url": shop.url(path), "product_id": str(ours)})
        outcomes[path] = await watch.turn(source)
        assert len(await watch.listings(source)) == (outcomes[path] == "ok")
    assert outcomes == {"/old": "ok", "/gone": "gone", "/named": "ok", "/size": "gone"}


async def test_what_a_page_says_of_itself_or_is_asked_for_goes_before_its_name(watch: Watch, shop: Receiver) -> None:
    ours = await a_product(watch.database, "Running shoe")
    canonical = f'<link rel="canonical" href="{shop.url("/a")}">'
    pages = {
        "/a": answer(302, Location="/session/1/a"),
        "/b": answer(302, Location="/c"),
        "/d": answer(301, Location="/d/?ref=menu"),
        "/session/1/a": page("Anything", head=canonical),
        "/c": page("Whatever", sku="R-1"),
        "/d/?ref=menu": page("Something"),
    }
    serving(shop, pages)
    for path, fields in (("/a", {}), ("/b", {"sku": "R-1"}), ("/d", {})):
        source = await watch.source("page", {"url": shop.url(path), "product_id": str(ours), **fields})
        assert await watch.turn(source) == "ok", path


async def test_what_a_number_matched_is_parted_from_it_when_the_number_is_another(watch: Watch, shop: Receiver) -> None:
    one = await a_product(watch.database, "One", ean="5901234123457")
    other = await a_product(watch.database, "Other", ean="4012345678901")
    rows = {"ean": "5901234123457"}

    def serve(request: Received) -> bytes:
        feed = f"id,title,price,gtin\nA,Thing,9 EUR,{rows['ean']}\n".encode()
        return answer(404) if request.path == "/robots.txt" else answer(200, feed)

    shop.answers = serve
    source = await watch.source("feed", {"format": "csv", "url": shop.url("/f")})
    found = []
    for number in ("5901234123457", "4012345678901", "4000000000006"):
        rows["ean"] = number
        assert await watch.turn(source) == "ok"
        (listing,) = await watch.listings(source)
        found.append(listing.product_id)
    assert found == [one, other, None]
