"""What delivery costs, where it is told by country; and which of two rows with one id counts.

Source: docs/spec/competitors.md#feeds; docs/spec/competitors.md#what-is-read.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob
from quote_service.intelligence.competitors.model.reading.read_page import PageJob
from quote_service.intelligence.competitors.model.reading.shipping import shipping_to
from quote_service.intelligence.competitors.operations.reading.reading_process import answer
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.test_reading import URL

SHIPPING = (
    "DE::Standard:4.90 EUR,DE::Express:9.90 EUR,AT::Standard:8.50 EUR",
    [
        {"country": "DE", "service": "Standard", "price": "4.90 EUR"},
        {"country": "DE", "service": "Express", "price": {"value": "9.90", "currency": "EUR"}},
        {"country": "AT", "price": "8.50 EUR"},
    ],
)


@pytest.mark.parametrize("reported", SHIPPING)
def test_shipping_is_that_of_the_country_of_the_source(reported: Any) -> None:
    prices = {country: shipping_to(country, reported, "EUR") for country in ("DE", "AT", "CH", None)}
    assert prices == {"DE": Decimal("4.90"), "AT": Decimal("8.50"), "CH": None, None: None}


@pytest.mark.parametrize(
    ("reported", "country", "price"),
    [
        ("3.90 EUR", "DE", "3.90"),
        ("DE:::3.90 EUR", None, "3.90"),
        ("DE:::3.90 EUR,AT:::3.90 EUR", None, "3.90"),
        ("US:CA:Ground:6.49 EUR,US:NY:Ground:7.49 EUR", "US", None),
        ("US:CA:Ground:6.49 EUR,US::Ground:7.49 EUR", "US", "7.49"),
        ("de::Standard:4,90 EUR:1:3", "DE", "4.90"),
        ("DE:3.90 EUR", "DE", "3.90"),
        ("DE::Standard:4.90 USD", "DE", None),
        (0, "DE", "0"),
        (None, "DE", None),
    ],
)
def test_shipping_is_one_price_or_none(reported: Any, country: str | None, price: str | None) -> None:
    assert shipping_to(country, reported, "EUR") == (None if price is None else Decimal(price))


def test_shipping_in_google_s_xml_is_reported_by_country_and_of_two_rows_with_one_id_the_first_counts() -> None:
    group = "<g:shipping><g:country>{}</g:country><g:price>{} EUR</g:price></g:shipping>"
    item = "<item><g:id>A</g:id><g:price>{} EUR</g:price>{}</item>"
    both = group.format("AT", "8.50") + group.format("DE", "4.90")
    items = item.format("12.50", both) + item.format("11.00", both)
    body = f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}</channel></rss>'.encode()
    for country, shipping in (("DE", "4.90"), ("AT", "8.50"), (None, None)):
        read = answer(FeedJob(body=body, content_type="", format="google_xml", country=country))
        (found,) = read.offers
        assert found.price == Decimal("12.50")
        assert found.shipping == (None if shipping is None else Decimal(shipping))
        assert "1 row refused: item 2: its id is that of item 1, which counts" in read.detail
        assert ("the source names no country" in read.detail) == (country is None)


def test_shipping_of_a_page_is_that_to_the_country_of_the_source() -> None:
    def to(country: str, value: str) -> dict[str, Any]:
        rate = {"@type": "MonetaryAmount", "value": value, "currency": "EUR"}
        return {"shippingRate": rate, "shippingDestination": {"@type": "DefinedRegion", "addressCountry": country}}

    page = html(json_ld(product(offer(9, shippingDetails=[to("DE", "4.90"), to("AT", "8.50")])))).encode()
    for country, shipping in (("DE", "4.90"), ("AT", "8.50"), ("CH", None), (None, None)):
        (found,) = answer(PageJob(body=page, content_type="", url=URL, country=country)).offers
        assert found.shipping == (None if shipping is None else Decimal(shipping))
