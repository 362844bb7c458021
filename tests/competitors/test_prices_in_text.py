"""Of a text with several numbers the price is read, or nothing; laws of how amounts are written.

Source: docs/spec/competitors.md#what-is-read.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.competitors.model.reading.price_text import (
    read_amount,
    read_amounts,
    read_currency,
    read_former_amount,
)
from quote_service.intelligence.competitors.model.reading.read_page import PageJob, read_page

URL = "https://shop.example/p/1"
# What a page says, the source's currency, and what is read: the currency, the price, the price of before.
TEXTS: tuple[tuple[str, str | None, str | None, str | None, str | None], ...] = (
    ("Now only £12.50 was £15", None, "GBP", "12.50", "15"),
    ("was £15 now only £12.50", None, "GBP", "12.50", "15"),
    ("statt 15,99 € nur 12,99 €", None, "EUR", "12.99", "15.99"),
    ("12,99 € statt 15,99 €", None, "EUR", "12.99", "15.99"),
    ("UVP 15,99 € 12,99 €", None, "EUR", "12.99", "15.99"),
    ("£10 - £20", None, "GBP", None, None),
    ("10-20 €", None, "EUR", None, None),
    ("from 12.50 to 15.00", "GBP", "GBP", None, None),
    ("15,99 € 12,99 €", None, "EUR", None, None),
    ("£12.50 £12.50", None, "GBP", "12.50", None),
    ("£12.50 (£2.50/kg)", None, "GBP", "12.50", None),
    ("12.99 €/kg", None, "EUR", "12.99", None),
    ("2 for £5", None, "GBP", None, None),
    ("3 x £9.99", None, "GBP", "9.99", None),
    ("6 x 330 ml 3,99 €", None, "EUR", "3.99", None),
    ("5 Stück 12,99", "EUR", "EUR", "12.99", None),
    ("Item no. 4711 12,99 €", None, "EUR", "12.99", None),
    ("12,99 € incl. 19% VAT", None, "EUR", "12.99", None),
    ("Save £3 £12", None, "GBP", "12", None),
    ("£3 off £12", None, "GBP", "12", None),
    ("save 20% £8", None, "GBP", "8", None),
    ("1e3 EUR", None, None, None, None),
    ("£12 50", None, "GBP", None, None),
    ("£ 12 . 50", None, "GBP", "12.50", None),
    ("12€50", None, "EUR", "12.50", None),
    ("-5 €", None, "EUR", None, None),
    ("- £5", None, "GBP", None, None),
    ("TOP DEAL £12.99", None, "GBP", "12.99", None),
    ("ALL 12,99 €", None, "EUR", "12.99", None),
    ("$12 CAD", "USD", "CAD", "12", None),
    ("$12.99", "AUD", "AUD", "12.99", None),
    ("$12.99", "EUR", None, None, None),
    ("Price: 1 299 kr", "GBP", None, None, None),
    ("Price: 1 299 kr", "SEK", "SEK", "1299", None),
    ("EUR 12.99 / USD 13.99", None, None, None, None),
    ("0,125 €", None, "EUR", "0.125", None),
    ("1.299", "KWD", "KWD", "1.299", None),
    ("₹1,29,900.00", None, "INR", "129900", None),
    ("CHF 1’299.50", None, "CHF", "1299.50", None),
    ("1,250.500 KWD", None, "KWD", "1250.500", None),
    ("1299 .00 $", "USD", "USD", "1299", None),
    ("１，２９９円", None, "JPY", "1299", None),
    ("٢٥٠٬١٢٩٫٥٠ ر.س", None, "SAR", "250129.50", None),
    ("۱۲۹۹", "IRR", "IRR", "1299", None),
    ("Rp1.299.000,00", None, "IDR", "1299000", None),
    ("1 299 руб.", None, "RUB", "1299", None),
    ("99 ct", "EUR", "EUR", None, None),
    ("99¢", "USD", "USD", None, None),
    ("2,49 €/100 g", None, "EUR", None, None),
    ("from £12.50", None, "GBP", None, None),
    ("ab 12,50 €", None, "EUR", None, None),
    ("à partir de 12,50 €", None, "EUR", None, None),
)


@pytest.mark.parametrize(("text", "usual", "currency", "price", "former"), TEXTS)
def test_the_price_of_a_text_is_read_or_nothing(
    text: str, usual: str | None, currency: str | None, price: str | None, former: str | None
) -> None:
    assert read_currency(text, usual) == currency
    if currency is not None:
        assert read_amount(text, currency) == (None if price is None else Decimal(price))
        assert read_former_amount(text, currency) == (None if former is None else Decimal(former))


@pytest.mark.parametrize("name", ["BTC", "points", "DEM", "?"])
def test_what_names_an_unknown_currency_is_not_in_the_usual_one(name: str) -> None:
    assert read_currency(name, "EUR") is None


def test_an_amount_in_another_currency_is_none() -> None:
    assert read_amount("10.00 USD", "EUR") is None
    assert read_amount("10.00 EUR / 11.00 USD", "USD") == Decimal(11)


CENTS = st.integers(1, 10**9 - 1)
POINTS_AND_COMMAS = st.sampled_from(
    [(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("", "."), ("", ",")]
)
AROUND = st.sampled_from(
    ["€{}", "{} €", "EUR {}", "{} EUR", "{}€", "Only {} €!", "Preis: {} € *", "{} € inkl. 19 % MwSt."]
)


def written(cents: int, thousands: str, point: str) -> str:
    return f"{cents // 100:,}".replace(",", thousands) + f"{point}{cents % 100:02d}"


@given(CENTS, POINTS_AND_COMMAS, AROUND)
def test_an_amount_is_read_however_it_is_written(cents: int, marks: tuple[str, str], around: str) -> None:
    text = around.format(written(cents, *marks))
    assert (read_currency(text, None), read_amount(text, "EUR")) == ("EUR", Decimal(cents) / 100)


@given(
    CENTS,
    CENTS,
    POINTS_AND_COMMAS,
    st.sampled_from(["{} € {} €", "€{} / €{}", "{} - {} €", "€{} or €{}", "{} EUR, {} EUR"]),
)
def test_of_two_prices_none_is_read(one: int, other: int, marks: tuple[str, str], around: str) -> None:
    text = around.format(written(one, *marks), written(other, *marks))
    amounts = {Decimal(one) / 100, Decimal(other) / 100}
    assert set(read_amounts(text, "EUR")) == amounts
    assert read_amount(text, "EUR") == (amounts.pop() if one == other else None)


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    for currency in ("EUR", "KWD"):
        amount = read_amount(text, currency)
        assert amount is None or amount >= 0
    read_currency(text, "EUR")


def test_a_price_that_others_begin_at_is_not_that_of_the_product() -> None:
    page = b'<h1>Thing</h1><p class="price">from 12.50 EUR</p>'
    job = PageJob(body=page, content_type="", url=URL, price_selector=".price")
    assert read_page(job).outcome == "several_prices"
    assert read_page(msgspec.structs.replace(job, when_several="lowest")).outcome == "ok"
