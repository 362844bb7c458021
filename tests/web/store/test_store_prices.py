"""How the store writes prices: with tax or without, and beside a prior price only where one may be announced.

Source: docs/spec/store.md#products-and-prices.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quote_service.web.model.store.countries import COUNTRIES, shows_tax
from quote_service.web.model.store.prices import line_price, store_price
from tests.access.running import until
from tests.web.signing_in import text_of
from tests.web.store.shopping import Store

ADDED = {"percent": Decimal(18), "is_included": False}
CONTAINED = {"percent": Decimal(18), "is_included": True}


def shown(unit_price: str, public: str | None = None, prior: str | None = None, **fields: Any) -> dict[str, Any]:
    reduction = None
    if prior is not None and public is not None:
        off = int((Decimal(prior) - Decimal(public)) * 100 / Decimal(prior))
        reduction = {"price": public, "prior_price": prior, "percent_off": off, "cause": "price_rule"}
    return {
        "product_id": "p",
        "variant_id": None,
        "currency": "TRY",
        "unit_price": unit_price,
        "price_adjustments": [],
        "tax": None,
        "public_price": public,
        "reduction": reduction,
        **fields,
    }


@pytest.mark.parametrize(
    ("tax", "with_tax", "wanted"),
    [
        (None, True, ("80.00", "100.00", "")),
        (ADDED, True, ("94.40", "118.00", "incl. 18\xa0% tax")),
        (ADDED, False, ("80.00", "100.00", "plus 18\xa0% tax")),
        (CONTAINED, True, ("80.00", "100.00", "incl. 18\xa0% tax")),
        (CONTAINED, False, ("67.80", "84.75", "plus 18\xa0% tax")),
    ],
)
def test_a_price_and_its_prior_price_are_with_tax_or_without(
    tax: Any, with_tax: bool, wanted: tuple[str, str, str]
) -> None:
    price = store_price(shown("80.00", "80.00", "100.00", tax=tax), with_tax=with_tax)
    assert (price.amount, price.prior, price.tax) == wanted
    assert price.percent_off == 20


def test_a_price_of_ones_own_is_announced_against_nothing() -> None:
    price = store_price({**shown("80.00", "90.00", "100.00"), "public_price": None}, with_tax=True)
    assert (price.amount, price.prior, price.percent_off) == ("80.00", None, 0)
    gone = {name: value for name, value in shown("80.00").items() if name not in ("public_price", "reduction")}
    assert store_price(gone, with_tax=True).prior is None  # while the database is unavailable


@example(prior=82, cut=1, rate=54, with_tax=False)
@given(prior=st.integers(2, 10**6), cut=st.integers(1, 10**6), rate=st.integers(0, 100), with_tax=st.booleans())
def test_a_percentage_is_never_more_than_what_is_shown(prior: int, cut: int, rate: int, with_tax: bool) -> None:
    amounts = [str(Decimal(minor).scaleb(-2)) for minor in (max(0, prior - cut), prior)]
    for is_included in (False, True):
        tax = {"percent": Decimal(rate), "is_included": is_included}
        price = store_price(shown(amounts[0], amounts[0], amounts[1], tax=tax), with_tax=with_tax)
        if price.prior is None:  # what comes to the same with tax announces nothing
            assert price.percent_off == 0
            continue
        before, now = Decimal(price.prior), Decimal(price.amount)
        assert price.percent_off * before <= (before - now) * 100
        assert now < before


def test_promotion_is_a_word_of_a_reduction_that_may_be_announced() -> None:
    announced = shown("100.00", "80.00", "100.00")
    announced["reduction"]["cause"] = "promotion"
    assert store_price(announced, with_tax=True).labels == ["Promotion"]
    assert store_price({**announced, "reduction": None}, with_tax=True).labels == []


def test_consumers_see_tax_in_prices_but_where_it_is_added() -> None:
    assert [country for country in COUNTRIES if not shows_tax("by_country", country)] == ["US"]
    assert shows_tax("with_tax", "US")
    assert not shows_tax("without_tax", "DE")


def test_a_line_costs_what_its_tax_says() -> None:
    line = {"unit_price": "100.00", "line_total": "200.00", "discount_amount": "20.00", "tax_amount": "32.40"}
    cost = line_price(line, with_tax=True)
    assert (cost.each_tax, cost.total, cost.total_tax) == ("before tax", "212.40", "with tax")
    assert line_price(line, with_tax=False).total == "180.00"
    contained = {**line, "tax_amount": "27.46", "tax_included": True}
    assert line_price(contained, with_tax=True).total == "180.00"
    assert line_price(contained, with_tax=False).total == "152.54"


def test_every_page_says_whether_tax_is_in_its_prices(store: Store) -> None:
    guest = store.guest()
    assert "% tax" not in text_of(guest.see(f"/store/products/{store.tea}"))
    tax = {"name": "vat", "type": "TAX", "configuration": {"rate": 20}, "region": "TR"}
    made = store.admin("POST", "pricing-rules", tax)
    until(lambda: "incl. 20" in guest.see("/store"), "the tax counts")
    assert "114.00 TRY incl. 20 % tax" in text_of(guest.see(f"/store/products/{store.tea}"))
    guest.add(store.tea, 2)
    basket = text_of(guest.see("/store/basket"))
    assert all(
        each in basket
        for each in ("95.00 TRY each, before tax", "228.00 with tax", "Items, before tax", "Total, with tax")
    )
    guest.submit("/store/place", "/store", country="US", city="Boston")
    assert "without tax" in text_of(guest.see("/store"))
    guest.submit("/store/place", "/store", country="TR", city="Istanbul")
    sale = store.sale()
    until(lambda: "49.00" in guest.see("/store"), "the sale is open")
    for page in ("/store", f"/store/sales/{sale}"):
        assert "no tax or fee is added" in text_of(guest.see(page))
        assert "−48 %" in text_of(guest.see(page)), "against 95, which was asked before"
    store.end(sale)
    assert (
        store.service.http.delete(
            f"/api/v1/pricing-rules/{made['id']}", headers=store.service.as_role("admin")
        ).status_code
        == 204
    )
    until(lambda: "% tax" not in guest.see("/store"), "the tax is gone")
