"""A typing error in a quote request: refused where strict handling is preferred, warned of in development, else ignored.

Source: docs/spec/wire.md#unknown-fields; RFC 7240.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import QUOTE, Served, a_basket, served

FRAMEWORK = f"{QUOTE}?way=ordinary"
BATCH = "/api/v1/quotes/batch"
STRICT = {"Prefer": "handling=strict"}
TYPED: dict[str, Any] = {
    "/coupon_code": "SAVE20",
    "/items/0/unit_prise": 1,
    "/items/0/a~1b~0": None,
    "/delivery_address/zip": "34710",
    "/context/ab_test_grp": "g",
}


@pytest.fixture(scope="module")
def running(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url) as running:
        yield running


@pytest.fixture(scope="module")
def production(running: Served) -> Iterator[httpx.Client]:
    with running.checkout() as client:
        yield client


@pytest.fixture(scope="module")
def office(running: Served) -> Iterator[httpx.Client]:
    """An admin of the same service."""
    with running.admin() as client:
        yield client


def ordered(client: httpx.Client, basket: dict[str, Any], key: str, **headers: str) -> httpx.Response:
    return client.post("/api/v1/orders", json=basket, headers={"Idempotency-Key": key, **headers})


def mistyped(basket: dict[str, Any], *names: str) -> dict[str, Any]:
    """The basket with these fields, all of them if none is named."""
    bent = copy.deepcopy(basket)
    bent.setdefault("context", {})
    for pointer in names or TYPED:
        *path, last = pointer.strip("/").split("/")
        holder: Any = bent
        for token in path:
            holder = holder[int(token)] if token.isdigit() else holder[token]
        holder[last.replace("~1", "/").replace("~0", "~")] = TYPED[pointer]
    return bent


def pointers(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["pointer"] for entry in entries if "pointer" in entry]


@pytest.mark.parametrize("path", [QUOTE, FRAMEWORK])
def test_strict_handling_names_every_unknown_field(production: httpx.Client, checkout: httpx.Client, path: str) -> None:
    for client in (production, checkout):
        refused = client.post(path, json=mistyped(a_basket()), headers=STRICT)
        assert refused.status_code == 422
        assert refused.headers["preference-applied"] == "handling=strict"
        assert sorted(pointers(refused.json()["errors"])) == sorted(TYPED)
        details = {error["pointer"]: error["detail"] for error in refused.json()["errors"]}
        assert details["/coupon_code"] == "is not a known field (did you mean coupon_codes?)"
        assert details["/delivery_address/zip"] == "is not a known field"


@pytest.mark.parametrize("path", [QUOTE, FRAMEWORK])
def test_what_is_known_passes_under_strict_handling(production: httpx.Client, path: str) -> None:
    basket = a_basket(coupon_codes=["x"], context={"user_agent": "x"})
    lenient = production.post(path, json=basket)
    assert "preference-applied" not in lenient.headers
    for _ in range(2):
        strict = production.post(path, json=basket, headers=STRICT)
        assert (strict.status_code, strict.headers["preference-applied"]) == (200, "handling=strict")
        assert strict.json()["data"] == {**lenient.json()["data"], "cache": "local"}


def test_an_answer_that_is_kept_does_not_pass_for_strict(production: httpx.Client) -> None:
    basket = mistyped(a_basket(), "/coupon_code")
    assert [production.post(QUOTE, json=basket).json()["data"]["cache"] for _ in range(2)] == ["miss", "local"]
    assert production.post(QUOTE, json=basket, headers=STRICT).status_code == 422
    assert production.post(QUOTE, json=basket).status_code == 200


def test_other_faults_are_named_beside(production: httpx.Client) -> None:
    basket = mistyped(a_basket(currency="XXY"), "/coupon_code")
    refused = production.post(QUOTE, json=basket, headers=STRICT)
    assert pointers(refused.json()["errors"]) == ["/currency", "/coupon_code"]
    assert pointers(production.post(QUOTE, json=basket).json()["errors"]) == ["/currency"]


def test_a_batch_refuses_each_basket_on_its_own(production: httpx.Client) -> None:
    baskets = [a_basket(), mistyped(a_basket(), "/coupon_code")]
    lenient = production.post(BATCH, json={"baskets": baskets})
    assert [entry["status"] for entry in lenient.json()["data"]] == [200, 200]
    strict = production.post(BATCH, json={"baskets": baskets}, headers=STRICT)
    assert strict.headers["preference-applied"] == "handling=strict"
    assert [entry["status"] for entry in strict.json()["data"]] == [200, 422]
    assert pointers(strict.json()["data"][1]["problem"]["errors"]) == ["/coupon_code"]


def test_an_order_refuses_what_its_quote_would(office: httpx.Client, admin: httpx.Client) -> None:
    for client in (office, admin):
        refused = ordered(client, mistyped(a_basket()), uuid4().hex, **STRICT)
        assert refused.status_code == 422
        assert sorted(pointers(refused.json()["errors"])) == sorted(TYPED)
        known = ordered(client, a_basket(coupon_codes=["x"]), uuid4().hex, **STRICT)
        assert (known.status_code, known.headers["preference-applied"]) == (201, "handling=strict")
        assert "warnings" not in known.json()["data"]


def test_an_order_warns_of_what_it_ignores_wherever_it_runs(office: httpx.Client, admin: httpx.Client) -> None:
    for client in (office, admin):
        key, basket = uuid4().hex, mistyped(a_basket())
        placed, again = (ordered(client, basket, key) for _ in range(2))
        assert (placed.status_code, again.content) == (201, placed.content)
        warnings = placed.json()["data"]["warnings"]
        assert {each["code"] for each in warnings} == {"unknown_field"}
        assert sorted(pointers(warnings)) == sorted(TYPED)
        assert "warnings" not in client.get(placed.headers["location"]).json()["data"]


def test_an_order_with_an_unknown_query_parameter_is_refused(office: httpx.Client) -> None:
    refused = office.post("/api/v1/orders?coupon=x", json=a_basket(), headers={"Idempotency-Key": uuid4().hex})
    assert (refused.status_code, pointers(refused.json()["errors"])) == (422, ["/query/coupon"])


def test_simulations_are_strict_unasked(office: httpx.Client) -> None:
    refused = office.post("/api/v1/quotes/simulate", json=mistyped(a_basket()))
    assert (refused.status_code, sorted(pointers(refused.json()["errors"]))) == (422, sorted(TYPED))
    made = office.post("/api/v1/change-sets", json={"name": "a set"}).json()["data"]
    path = f"/api/v1/change-sets/{made['id']}/simulate"
    refused = office.post(path, json={"baskets": [a_basket(), mistyped(a_basket())]})
    assert refused.status_code == 422
    assert sorted(pointers(refused.json()["errors"])) == sorted(f"/baskets/1{each}" for each in TYPED)


def test_production_says_nothing_unasked(production: httpx.Client) -> None:
    quote = production.post(QUOTE, json=mistyped(a_basket())).json()["data"]
    assert "unknown_field" not in {warning["code"] for warning in quote["warnings"]}


@pytest.mark.parametrize("path", [QUOTE, FRAMEWORK])
def test_development_warns_of_each(checkout: httpx.Client, path: str) -> None:
    basket = mistyped(a_basket())
    for tier in ("miss", "local", "local"):
        quote = checkout.post(path, json=basket).json()["data"]
        warned = [each for each in quote["warnings"] if each["code"] == "unknown_field"]
        assert (quote["cache"], sorted(pointers(warned))) == (tier, sorted(TYPED))
        assert checkout.post("/api/v1/quotes/verify", json=quote).json()["data"]["valid"]
    assert warned[0]["detail"] == "is not a known field (did you mean coupon_codes?), so it was ignored"
    found = checkout.get(f"/api/v1/quotes/{quote['quote_id']}").json()["data"]
    assert found == {**quote, "cache": "miss"}, "as issued"


@pytest.mark.parametrize("first", [(), ("/coupon_code",)], ids=["clean first", "mistyped first"])
def test_each_is_warned_of_their_own_fields_and_the_quote_is_one(
    checkout: httpx.Client, first: tuple[str, ...]
) -> None:
    clean, other = a_basket(), ("/items/0/unit_prise", "/delivery_address/zip")
    asked = [first, (), ("/coupon_code",), other, (), first, other]
    quotes = [
        checkout.post(QUOTE, json=mistyped(clean, *names) if names else {**clean, "context": {}}).json()["data"]
        for names in asked
    ]
    assert [quote["cache"] for quote in quotes] == ["miss", *["local"] * 6]
    assert len({quote["quote_id"] for quote in quotes}) == 1
    for quote, names in zip(quotes, asked, strict=True):
        warned = [each["pointer"] for each in quote["warnings"] if each["code"] == "unknown_field"]
        assert sorted(warned) == sorted(names)
        assert checkout.post("/api/v1/quotes/verify", json=quote).json()["data"]["valid"]
    accepted = checkout.post(f"/api/v1/quotes/{quotes[0]['quote_id']}/accept", json=quotes[3])
    assert accepted.status_code == 200, accepted.text
    explained = checkout.get(f"/api/v1/quotes/{quotes[0]['quote_id']}/explain").json()["data"]
    assert (explained["agrees"], explained["differences"]) == (True, [])


def test_development_warns_in_a_batch(checkout: httpx.Client) -> None:
    (entry,) = checkout.post(BATCH, json={"baskets": [mistyped(a_basket(), "/coupon_code")]}).json()["data"]
    assert "unknown_field" in {warning["code"] for warning in entry["data"]["warnings"]}


def test_of_endless_fields_a_hundred_are_reported(checkout: httpx.Client) -> None:
    basket = {**a_basket(), **{f"field {number}": 1 for number in range(10_000)}}
    refused = checkout.post(QUOTE, json=basket, headers=STRICT)
    assert len(refused.json()["errors"]) == 100
    assert len(checkout.post(QUOTE, json=basket).json()["data"]["warnings"]) <= 110
