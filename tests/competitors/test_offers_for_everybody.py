"""Of what a page or feed offers the price counts that anybody pays for one, now; and words for stock and condition.

Source: docs/spec/competitors.md#what-is-read; docs/spec/competitors.md#feeds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob, read_feed
from quote_service.intelligence.competitors.model.reading.read_page import PageJob, PageRead, read_page
from quote_service.intelligence.competitors.model.reading.schema_words import availability_of, condition_of
from tests.competitors.pages import html, json_ld, product

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def page(text: str, **fields: Any) -> PageRead:
    job = PageJob(
        body=text.encode(), content_type="text/html; charset=utf-8", url="https://a.example/p", at=AT, **fields
    )
    return read_page(job)


def eur(price: Any, **more: Any) -> dict[str, Any]:
    return {"price": price, "priceCurrency": "EUR", **more}


@pytest.mark.parametrize(
    "other",
    [
        {"validForMemberTier": {"name": "gold"}},
        {"eligibleQuantity": {"minValue": 10}},
        {"priceComponentType": "https://schema.org/Installment"},
        {"billingDuration": 24},
    ],
)
def test_what_not_everybody_pays_for_one_is_no_price(other: dict[str, Any]) -> None:
    special, usual = eur(8, **other), eur(10)
    in_specifications = html(json_ld(product({"@type": "Offer", "priceSpecification": [special, usual]})))
    as_offers = html(json_ld(product([{"@type": "Offer", **special}, {"@type": "Offer", **usual}])))
    within = {"@type": "AggregateOffer", "priceCurrency": "EUR", "offers": [special, usual]}
    for text in (in_specifications, as_offers, html(json_ld(product(within)))):
        for when_several in ("refuse", "lowest"):
            read = page(text, when_several=when_several)
            assert read.offer is not None, read
            assert read.offer.price == 10


@pytest.mark.parametrize(
    ("specified", "outcome", "price"),
    [
        ([eur(8, validThrough="2026-04-30"), eur(10)], "ok", 10),
        ([eur(8, validFrom="2026-05-01", validThrough="2026-05-01"), eur(10, validThrough="2026-04-30")], "ok", 8),
        ([eur(8, validFrom="2026-05-01T14:00+01:00"), eur(10)], "ok", 10),
        ([eur(8, validFrom="2026-05-01T13:00:00+01:00", validThrough="soon")], "ok", 8),
        ([eur(8, validFrom="0001-01-01", validThrough="9999-12-31"), eur(10, validThrough="2026-04-30")], "ok", 8),
        ([eur(100, valueAddedTaxIncluded=False), eur(119, valueAddedTaxIncluded=True)], "ok", 119),
        ([eur(100), eur(119)], "several_prices", None),
        ([eur(100), eur("100.00")], "ok", 100),
    ],
)
def test_of_several_specifications_the_one_counts_that_holds_now(
    specified: list[dict[str, Any]], outcome: str, price: int | None
) -> None:
    read = page(html(json_ld(product({"@type": "Offer", "priceSpecification": specified}))))
    assert (read.outcome, None if read.offer is None else read.offer.price) == (outcome, price)


def test_where_every_offer_is_for_some_there_is_no_price() -> None:
    for special in ({"validForMemberTier": {"name": "gold"}}, {"eligibleQuantity": {"minValue": 10}}):
        for offers in (
            [{"@type": "Offer", **eur(8, **special)}],
            {"@type": "Offer", "priceSpecification": eur(8, **special)},
        ):
            assert page(html(json_ld(product(offers)))).outcome == "no_price"


@pytest.mark.parametrize(
    ("offer", "outcome", "price", "lowest"),
    [
        ({"lowPrice": "9.90"}, "several_prices", None, "9.9"),
        ({"lowPrice": "9.90", "highPrice": ""}, "several_prices", None, "9.9"),
        ({"lowPrice": "9.90", "highPrice": {"value": 12}}, "several_prices", None, "9.9"),
        ({"lowPrice": "9.90", "offerCount": 4}, "several_prices", None, "9.9"),
        ({"lowPrice": "9.90", "offerCount": 1}, "ok", "9.9", "9.9"),
        ({"lowPrice": "9.90", "highPrice": "9.90"}, "ok", "9.9", "9.9"),
        ({"lowPrice": "9.90", "price": "11"}, "ok", "11", "11"),
        ({"price": "11"}, "ok", "11", "11"),
        ({"highPrice": "11"}, "no_price", None, None),
    ],
)
def test_an_end_of_a_range_is_no_price(
    offer: dict[str, Any], outcome: str, price: str | None, lowest: str | None
) -> None:
    text = html(json_ld(product({"@type": "AggregateOffer", "priceCurrency": "EUR", **offer})))
    read, other = page(text), page(text, when_several="lowest")
    assert (read.outcome, None if read.offer is None else read.offer.price) == (outcome, price and Decimal(price))
    assert (None if other.offer is None else other.offer.price) == (lowest and Decimal(lowest))


@pytest.mark.parametrize(
    ("specified", "outcome", "lowest"),
    [
        ({"minPrice": 9, "maxPrice": 12}, "several_prices", 9),
        ({"minPrice": 9}, "several_prices", 9),
        ({"minPrice": 9, "maxPrice": "9.00"}, "ok", 9),
        ({"maxPrice": 12}, "no_price", None),
    ],
)
def test_an_end_of_a_range_of_a_specification_is_no_price(
    specified: dict[str, Any], outcome: str, lowest: int | None
) -> None:
    text = html(json_ld(product({"@type": "Offer", "priceSpecification": {"priceCurrency": "EUR", **specified}})))
    other = page(text, when_several="lowest")
    assert (page(text).outcome, None if other.offer is None else other.offer.price) == (outcome, lowest)


@pytest.mark.parametrize(
    ("limits", "holds"),
    [
        ({"priceValidUntil": "2026-04-30"}, False),
        ({"priceValidUntil": "2026-05-01"}, True),
        ({"priceValidUntil": "2026-05-01T11:59Z"}, False),
        ({"priceValidUntil": "9999-12-31"}, True),
        ({"priceValidUntil": "soon"}, True),
        ({"validThrough": "2026-04-30"}, False),
        ({"validFrom": "0001-01-01", "validThrough": "9999-12-31"}, True),
        ({"validFrom": "2026-05-02"}, False),
    ],
)
def test_a_price_whose_time_is_over_is_none(limits: dict[str, str], *, holds: bool) -> None:
    alone = page(html(json_ld(product({"@type": "Offer", **eur(8, **limits)}))))
    assert alone.outcome == ("ok" if holds else "no_price")
    assert holds or alone.detail.startswith("its price does not hold now")
    with_other = [{"@type": "Offer", **eur(8, **limits)}, {"@type": "Offer", **eur(10)}]
    read = page(html(json_ld(product(with_other))), when_several="lowest")
    assert read.offer is not None
    assert read.offer.price == (8 if holds else 10)


def test_a_period_without_an_end_spoils_no_feed() -> None:
    rows = "id,price,sale_price,sale_price_effective_date\nA,15 EUR,10 EUR,2020-01-01/9999-12-31\nB,7 EUR,,\n"
    job = FeedJob(body=rows.encode(), content_type="text/csv", format="csv", at=AT)
    prices = {each.external_id: str(each.price) for each in read_feed(job).offers}
    assert prices == {"A": "10.000000", "B": "7.000000"}


def test_open_graph_is_read_where_shops_write_name_for_property() -> None:
    said = '<meta name="{0}:price:amount" content="12.50"><meta name="{0}:price:currency" content="EUR">'
    for prefix in ("og", "product", "OG"):
        read = page(html(said.format(prefix)))
        assert read.offer is not None, read
        assert (read.offer.price, read.offer.currency, read.offer.read_from) == (Decimal("12.50"), "EUR", "opengraph")
    both = '<meta property="og:price:amount" content="10"><meta property="og:price:currency" content="GBP">'
    read = page(html(said.format("og") + both))
    assert read.offer is not None
    assert (str(read.offer.price), read.offer.currency) == ("10.000000", "GBP")


def test_words_may_be_nodes_and_lists() -> None:
    words = {
        "availability": [{"@id": "https://schema.org/SoldOut"}],
        "itemCondition": {"@id": "http://schema.org/UsedCondition"},
    }
    read = page(html(json_ld(product({"@type": "Offer", **eur(8), **words}))))
    assert read.offer is not None
    assert (read.offer.availability, read.offer.condition) == ("out_of_stock", "used")


def test_a_sale_of_open_graph_counts_within_its_dates() -> None:
    def read(end: str) -> FoundOffer | None:
        said = {
            "price:amount": "19.99",
            "price:currency": "USD",
            "sale_price:amount": "15.00",
            "sale_price:currency": "USD",
            "sale_price_dates:end": end,
        }
        tags = "".join(f'<meta property="product:{name}" content="{value}">' for name, value in said.items())
        return page(html(f'<meta property="og:title" content="Thing">{tags}')).offer

    now, over = read("2026-05-02T00:00:00"), read("2026-05-01T00:00:00")
    assert now is not None
    assert over is not None
    assert (now.price, now.list_price) == (Decimal(15), Decimal("19.99"))
    assert (over.price, over.list_price) == (Decimal("19.99"), None)


@pytest.mark.parametrize(
    ("period", "price"),
    [
        ("", "10"),
        ("2016-02-24T11:07+0100/2016-02-29T23:07+0100", "15"),
        ("2026-04-24T11:07+0100/2026-05-29T23:07+0100", "10"),
        ("2026-05-01T13:00+0100/2026-05-29T23:07+0100", "10"),
        ("2026-05-01T14:00+0100/2026-05-29T23:07+0100", "15"),
    ],
)
def test_a_sale_of_a_feed_counts_within_its_period(period: str, price: str) -> None:
    def read(form: Any, body: str) -> FoundOffer:
        (offer,) = read_feed(FeedJob(body=body.encode(), content_type="text/csv", format=form, at=AT)).offers
        return offer

    header = "id,price,sale_price,sale_price_effective_date"
    item = (
        f"<g:id>1</g:id><g:price>15 EUR</g:price><g:sale_price>10 EUR</g:sale_price>"
        f"<g:sale_price_effective_date>{period}</g:sale_price_effective_date>"
    )
    namespace = 'xmlns:g="http://base.google.com/ns/1.0"'
    for form, body in (
        ("csv", f"{header}\n1,15 EUR,10 EUR,{period}\n"),
        ("google_xml", f"<rss {namespace}><channel><item>{item}</item></channel></rss>"),
    ):
        offer = read(form, body)
        assert offer.price == Decimal(price)
        assert offer.list_price == (Decimal(15) if price == "10" else None)


def test_feeds_of_spreadsheets_are_read() -> None:
    table = "id;price;currency\n1;1.299,00;EUR\n"
    packed = "id\ttitle\tprice\n1\tÄ\t12.50 EUR\n".encode("utf-16")
    for body, price in (
        (f"sep=;\n{table}".encode(), "1299"),
        (packed, "12.5"),
        (b"\xef\xbb\xbf" + table.encode(), "1299"),
    ):
        (offer,) = read_feed(FeedJob(body=body, content_type="text/csv", format="csv")).offers
        assert (offer.external_id, offer.price) == ("1", Decimal(price))


def test_a_sale_in_another_currency_is_none() -> None:
    body = b"id,price,sale_price\n1,15 EUR,10 USD\n2,5 EUR,4 EUR\n"
    read = read_feed(FeedJob(body=body, content_type="text/csv", format="csv", at=AT))
    assert [(offer.price, offer.currency) for offer in read.offers] == [(Decimal(15), "EUR"), (Decimal(4), "EUR")]


def test_a_selector_that_is_none_is_reported_and_spoils_nothing_else() -> None:
    read = page(html("", '<p class="p">12 EUR</p>'), price_selector="div[")
    assert (read.outcome, read.detail) == ("parse_error", "a selector of the source is not one of CSS")
    both = page(html(json_ld(product({"@type": "Offer", **eur(5)}))), price_selector="div[", prefers_selector=True)
    assert both.offer is not None


def test_a_selector_that_finds_several_prices_or_a_list_price() -> None:
    text = html("", '<p class="p">Was £15, now £12.50</p><p class="q">£10 - £20</p><b class="s">Leider ausverkauft</b>')
    one = page(text, price_selector=".p", availability_selector=".s").offer
    assert one is not None
    assert (one.currency, one.availability) == ("GBP", "out_of_stock")
    assert (one.price, one.list_price) == (Decimal("12.5"), Decimal(15))
    several = page(text, price_selector=".q")
    assert (several.outcome, several.detail) == ("several_prices", "the selector finds the prices 10, 20")
    lowest = page(text, price_selector=".q", when_several="lowest").offer
    assert lowest is not None
    assert lowest.price == 10


def test_latin_1_is_what_browsers_take_it_for() -> None:
    for named in ("iso-8859-1", "latin1", "undefined", "zlib", "idna"):
        body = '<p class="p">12,50 €</p>'.encode("cp1252" if named in ("iso-8859-1", "latin1") else "utf-8")
        job = PageJob(
            body=body, content_type=f"text/html; charset={named}", url="https://a.example", price_selector=".p"
        )
        offer = read_page(job).offer
        assert offer is not None, named
        assert (offer.currency, offer.price) == ("EUR", Decimal("12.5"))


@pytest.mark.parametrize(
    ("text", "availability"),
    [
        ("http://schema.org/InStock", "in_stock"),
        ("https://schema.org/OutOfStock/", "out_of_stock"),
        ("Sorry, this item is sold out", "out_of_stock"),
        ("Out of stock - back in stock soon", "out_of_stock"),
        ("Not available in your area", "out_of_stock"),
        ("Nicht auf Lager", "out_of_stock"),
        ("Tükendi", "out_of_stock"),
        ("Only 3 left!", "low_stock"),
        ("In stock, ships today", "in_stock"),
        ("Back in stock soon", "unknown"),
        ("Auf Lager", "in_stock"),
        ("Pre-order now", "preorder"),
        ("Shoe", "unknown"),
    ],
)
def test_words_for_stock(text: str, availability: str) -> None:
    assert availability_of(text) == availability


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("New", "new"),
        ("New other (see details)", "new"),
        ("https://schema.org/UsedCondition", "used"),
        ("For parts or not working", "damaged"),
        ("Very Good - Refurbished", "refurbished"),
        ("Certified - Refurbished", "refurbished"),
        ("Open box", "used"),
        ("Like New", "used"),
        ("Pre-owned - Excellent", "used"),
        ("Something else", "unknown"),
    ],
)
def test_words_for_condition(text: str, condition: str) -> None:
    assert condition_of(text) == condition
