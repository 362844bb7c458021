"""The original's test matrix against the running service, one case a line.

Source: docs/spec/pricing-rules.md#covered-combinations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import QUOTE, Served, a_basket, exact, served, until
from tests.quotes.matrix.cases import CASES, Case, Draft

RATES, RULES = "/api/v1/commission-rates", "/api/v1/pricing-rules"
# A country and a currency for each case: what it says of a whole country, or of everywhere, touches no other. The
# currencies have two decimals.
COUNTRIES = (
    "AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BG BO BR BS BW BY BZ CA CD CG CH CM CN CO CR CU CV CY CZ DK DM DO DZ EC "
    "EE EG ER ES ET FI FJ FM GA GB GD GE GH GM GR GT GW GY HN HR HT HU ID IE IL IN IR IT JM KE KG KH KI KN KP LA LB LC LI "
    "LK LR LS LT LU LV MA MC MD ME MG MH MK ML MM MN MR MT MU"
).split()
CURRENCIES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE "
    "CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR "
    "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD"
).split()


class ApplicableRules:
    """What a case has for itself."""

    def __init__(self, number: int) -> None:
        case_id = str(uuid4())
        city = f"City-{case_id}"
        self.names = {
            "{id}": case_id,
            "{seller}": str(uuid4()),
            "{category}": str(uuid4()),
            "{product}": str(uuid4()),
            "{provider}": f"provider-{case_id}",
            "{city}": city,
            "{CITY}": city.upper(),
            "{country}": COUNTRIES[number],
            "{currency}": CURRENCIES[number],
        }

    def fill(self, draft: Draft) -> Draft:
        """The draft with this place's names."""
        text = json.dumps(draft)
        for name, value in self.names.items():
            text = text.replace(name, value)
        return dict(json.loads(text))


@pytest.fixture(scope="module")
def market(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url) as running:
        yield running


@pytest.fixture(scope="module")
def manager(market: Served) -> Iterator[httpx.Client]:
    with market.admin() as client:
        yield client


@pytest.fixture(scope="module")
def shop(market: Served) -> Iterator[httpx.Client]:
    with market.checkout() as client:
        yield client


_numbers = count()


def test_the_matrix_is_whole() -> None:
    assert len({case.name for case in CASES}) == len(CASES) <= min(len(COUNTRIES), len(CURRENCIES))
    assert len(CASES) >= 75


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_matrix(manager: httpx.Client, shop: httpx.Client, case: Case) -> None:
    place = ApplicableRules(next(_numbers))
    for rate in case.rates:
        created(manager.post(RATES, json=place.fill(rate)))
    versions: dict[str, str] = {}
    for rule in map(place.fill, case.rules):
        before = versions.get(rule["name"])
        answer = manager.post(RULES, json=rule) if before is None else manager.put(f"{RULES}/{before}", json=rule)
        versions[rule["name"]] = created(answer)
    wait_until_seen(manager, shop)
    lines = [
        {"product_id": "{product}", "quantity": 2, "unit_price": 50, "category_id": "{category}"},
    ]
    basket = place.fill(
        {
            **a_basket(items=lines, seller_id="{seller}", currency="{currency}", logistics_provider="{provider}"),
            "delivery_address": {"country": "{country}", "city": "{city}"},
            **case.basket,
        }
    )
    answer = shop.post(QUOTE, json=basket)
    assert answer.status_code == 200, answer.text
    data = exact(answer)["data"]
    figures = {**data, **data["commission_breakdown"]}
    assert {name: str(figures[name]) for name in case.expected} == case.expected
    assert data["total_amount"] == sum(
        (Decimal(step["amount"]) for step in data["pricing_breakdown"]["calculations"] if not step.get("included")),
        Decimal(0),
    )
    warned = {warning["code"] for warning in data["warnings"]}
    assert set(case.warnings) <= warned
    charged = {rule["type"] for rule in data["applied_rules"]} & {"DELIVERY_FEE", "EXPRESS_FEE"}
    assert ("no_delivery_rule" in warned) == (not charged)


def created(answer: httpx.Response) -> str:
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["data"]["id"])


def wait_until_seen(manager: httpx.Client, shop: httpx.Client) -> None:
    """Changes are seen in the order of their commits: when the last one is, all of the case are."""
    city = f"marker-{uuid4()}"
    marker: Draft = {
        "name": city,
        "type": "DELIVERY_FEE",
        "configuration": {"base_fee": 1},
        "currency": "TRY",
        "region": f"TR/{city}",
    }
    created(manager.post(RULES, json=marker))

    def is_seen() -> bool:
        basket: dict[str, Any] = a_basket(delivery_address={"country": "TR", "city": city})
        return bool(shop.post(QUOTE, json=basket).json()["data"]["delivery_fee"] == 1)

    until(is_seen, "the last rule is seen")
