"""What is read of pages and feeds, and the process that reads them.

Source: docs/spec/competitors.md#what-is-read; docs/spec/competitors.md#the-process-that-reads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.reading.pack_size import pack_size_of
from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob, ItemsJob
from quote_service.intelligence.competitors.model.reading.read_page import PageJob
from quote_service.intelligence.competitors.model.reading.robots import RobotsJob
from quote_service.intelligence.competitors.model.reading.score_titles import Candidate, ScoreJob
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.reading.reading_process import answer
from tests.competitors.pages import Page, amounts, html, json_ld, offer, product, shapes

URL = "https://shop.example/p/1"
ROBOTS = "User-agent: *\nDisallow: /\nUser-agent: quote-service-prices\nDisallow: /cart\nCrawl-delay: 7\n"


def job_of(page: Page) -> PageJob:
    return PageJob(body=page.html.encode(), content_type="text/html; charset=utf-8", url=URL, **page.source)


@pytest.mark.parametrize("page", [*amounts(), *shapes()], ids=lambda page: page.name)
def test_a_page_is_read_as_it_is_meant(page: Page) -> None:
    body = answer(job_of(page))
    assert (body.outcome, len(body.offers)) == (page.outcome, page.outcome == "ok"), body
    for found in body.offers:
        assert found.price == (None if page.price is None else Decimal(page.price))
        assert found.currency == page.currency
        assert found.read_from.startswith(page.read_from)
        assert {name: getattr(found, name) for name in page.more} == dict(page.more)


def test_a_page_in_another_encoding_is_read_by_its_header_or_its_own_word() -> None:
    page = html(json_ld(product(offer(9), name="Gömlek")), language="tr")
    said = page.replace("utf-8", "iso-8859-9").encode("iso-8859-9")
    for content_type in ("text/html; charset=ISO-8859-9", "text/html"):
        (found,) = answer(PageJob(body=said, content_type=content_type, url=URL)).offers
        assert found.title == "Gömlek"


FEED_XML = """<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Feed</title>
<item><g:id>A</g:id><title>Cola 6 x 330 ml</title><g:price>12.99 EUR</g:price><g:sale_price>9.99 EUR</g:sale_price>
<g:gtin>4006381333931</g:gtin><g:availability>in_stock</g:availability>
<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping></item>
<item><g:id>B</g:id></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><entry><g:id>A</g:id>
<link href="https://shop.example/a"/><g:price>9.99 EUR</g:price></entry></feed>"""


@pytest.mark.parametrize(
    ("form", "body", "prices", "refused"),
    [
        ("google_xml", FEED_XML, {"A": "9.99"}, "1 row refused: item 2"),
        ("google_xml", ATOM, {"A": "9.99"}, ""),
        ("csv", "id,price\nA,9.99 EUR\nB,\n", {"A": "9.99"}, "1 row refused: row 3"),
        ("csv", "\ufeffID;Price;Currency\nA;1.299,00;EUR\n", {"A": "1299"}, ""),
        ("csv", "id\tprice\tavailability\nA\t\tout of stock\nB\t2\t0\n", {}, "2 rows refused"),
        ("ndjson", '{"id":"A","price":9.99,"currency":"EUR"}\nno json\n', {"A": "9.99"}, "1 row refused: row 2"),
        ("ndjson", '[1]\n{"id":"A","price":{"value":"9.99","currency":"EUR"}}', {"A": "9.99"}, "1 row refused: row 1: it is no JSON"),
    ],
)  # fmt: skip
def test_a_feed_is_read_row_by_row(form: Any, body: str, prices: dict[str, str], refused: str) -> None:
    answered = answer(FeedJob(body=body.encode(), content_type="", format=form))
    assert {found.external_id: found.price for found in answered.offers} == {
        name: Decimal(price) for name, price in prices.items()
    }
    assert answered.detail.startswith(refused) or not prices
    assert answered.outcome == ("ok" if prices else "no_price")


def test_a_feed_that_declares_entities_or_is_of_another_form_is_refused() -> None:
    bomb = FEED_XML.replace("<rss", '<!DOCTYPE r [<!ENTITY a "b">]><rss').encode()
    for body in (bomb, b"<rss><item>", b"no xml"):
        assert answer(FeedJob(body=body, content_type="", format="google_xml")).outcome == "parse_error"
    assert answer(ItemsJob(body=b"[", path="a")).outcome == "parse_error"
    assert answer(ItemsJob(body=b'{"a": 1}', path="b")).outcome == "parse_error"
    twice = answer(FeedJob(body=b"id,Price,price \nA,1 EUR,2 EUR\n", content_type="", format="csv"))
    assert (twice.outcome, twice.detail) == ("parse_error", "more than one of its columns is called price")
    nested = b'{"data": {"items": [{"sku": "A", "pricing": {"amount": "9.99", "code": "EUR"}, "left": 3}]}}'
    fields = {"price": "pricing.amount", "currency": "pricing.code", "availability": "left"}
    (found,) = answer(ItemsJob(body=nested, path="data.items", fields=fields)).offers
    assert (found.external_id, found.price, found.availability) == ("A", Decimal("9.99"), "in_stock")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("4006381333931", "04006381333931"),
        ("4006381-333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("4006381333932", None),
        ("2012345678900", None),
        ("0212345678907", None),
        ("20123451", None),
        ("0000020123451", None),
        ("01234565", None),
        ("00000000000000", None),
        ("400638133393", None),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", None),
    ],
)
def test_a_trade_item_number_counts_by_its_check_digit(written: str, number: str | None) -> None:
    assert gtin_14(written) == number


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Cola 6 x 330 ml", (1980, "ml")),
        ("Cola 1,5 L 6-pack", (9000, "ml")),
        ("Rice 500 g", (500, "g")),
        ("Rice 1.5kg", (1500, "g")),
        ("Nails, pack of 40", (40, "piece")),
        ("Capsules 12 pcs 60 g", (60, "g")),
        ("Phone 128GB", None),
        ("500 g or 1 kg", None),
    ],
)
def test_the_size_of_a_pack_is_in_its_name(name: str, size: tuple[int, str] | None) -> None:
    found = pack_size_of(name)
    assert (None if found is None else (int(found.quantity), str(found.unit))) == size


def test_proposals_go_by_names_and_numbers() -> None:
    names = ["Coca-Cola Zero 330 ml", "Coca-Cola Zero 6 x 330 ml", "Pepsi Max 6 x 330 ml", "Coca-Cola T-Shirt"]
    candidates = [Candidate(str(place), None, name) for place, name in enumerate(names)]
    scored = answer(ScoreJob(title="Coca Cola ZERO 6x330ml", brand="Coca-Cola", candidates=candidates)).scored
    assert [each.product_id for each in scored][:2] == ["1", "0"]
    assert [each.units for each in scored][:2] == ["1", "6"]
    assert "3" not in {each.product_id for each in scored}


async def test_the_process_that_reads_is_replaced_and_killed_and_ends_with_its_input() -> None:
    reader = PageReader(jobs_of_a_process=2)
    page = job_of(next(shapes()))
    try:
        robots = (await reader.read(RobotsJob(rules=ROBOTS, agent="quote-service-prices", url=f"{URL}?a"))).robots
        assert robots is not None
        assert (robots.allows, robots.crawl_delay_seconds) == (True, 7)
        assert (await reader.read(page)).outcome == "ok"
        first = reader.pid
        assert (await reader.read(page)).outcome == "ok"
        assert reader.started == 2
        second = reader.pid
        assert second is not None
        assert second != first
        os.kill(second, signal.SIGSTOP)  # a page that it cannot end with
        usual, reader.job_seconds = reader.job_seconds, 0.2
        assert (await reader.read(page)).outcome == "parse_error"
        reader.job_seconds = usual
        assert (await reader.read(page)).outcome == "ok"
        third = reader.pid
        assert third is not None
        os.kill(third, signal.SIGKILL)
        assert (await reader.read(page)).outcome in ("parse_error", "ok")  # it may be known to have ended already
        assert (await reader.read(page)).outcome == "ok"
    finally:
        await reader.close()
    assert reader.pid is None


def test_what_answers_requests_imports_nothing_that_reads_pages() -> None:
    packages = (
        "extruct",
        "selectolax",
        "protego",
        "price_parser",
        "rapidfuzz",
        "lxml",
        "duckdb",
        "xgboost",
        "sklearn",
        "aiokafka",
    )
    look = f"import sys, quote_service.app, quote_service.routes; print([p for p in {packages} if p in sys.modules])"
    output = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=120)
    assert output.stdout.strip() == "[]"
