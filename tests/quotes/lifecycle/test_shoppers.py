"""What shoppers may ask, what they are shown, and what they may commit to.

Source: docs/spec/quotes.md#answer; docs/spec/access.md#shoppers-quotes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.documents.exact_json import parse_json
from quote_service.quotes.operations.verify_quote import verify_quote
from quote_service.quotes.operations.write_answer import shopper_data
from tests.fixtures.service import Service
from tests.pricing.laws import laws
from tests.quotes.lifecycle.conftest import StartWorker, shop_at
from tests.quotes.lifecycle.issued import KEYS, LIBRARIES, SIGNER, WiderWorld, issued_text
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, Shop, code_of, pointers, until
from tests.quotes.lifecycle.test_accept import rows
from tests.quotes.lifecycle.test_samples import FLAGS, holds  # noqa: F401 (a fixture)

OF_THE_MARKETPLACE = ("commission_breakdown", "payouts", "platform_funded_discount", "discount_details")
WORDS = ("commission", "payout", "platform")
FRAMEWORK = f"{QUOTE}?way=ordinary"


class Shopper:
    """A person with the role `user`."""

    def __init__(self, http: httpx.Client, customer_id: str) -> None:
        self.http = http
        self.id = customer_id

    def basket(self, **fields: Any) -> dict[str, Any]:
        return {
            "customer_id": self.id,
            "seller_id": str(uuid4()),
            "items": [{"product_id": str(uuid4()), "quantity": 2}],
            "delivery_address": {"city": "Istanbul", "country": "TR"},
            "currency": "TRY",
            **fields,
        }


@pytest.fixture(scope="module")
def shopper(service: Service, admin: httpx.Client) -> Iterator[Shopper]:
    email, password = f"{uuid4()}@example.com", "correct horse battery staple"
    made = admin.post("/api/v1/users", json={"email": email, "password": password, "role": "user"})
    assert made.status_code == 201, made.text
    session = httpx.post(f"{service.url}/api/v1/auth/login", json={"email": email, "password": password}, timeout=30)
    headers = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=30) as http:
        yield Shopper(http, made.json()["data"]["id"])


@pytest.fixture
def paying_shop(shop: Shop) -> Shop:
    """A shop with a commission, and a discount that the platform pays."""
    shop.add_rate(10)
    rule = shop.add_rule("PROMOTION", {"kind": "percent", "value": 10, "funded_by": "platform"})
    shop.applied(rule)
    until(lambda: shop.quote()["commission_breakdown"]["total_commission"] > 0, "the rate counts")
    return shop


def refused(shopper: Shopper, basket: dict[str, Any]) -> httpx.Response:
    """The one answer of every way to ask for a quote."""
    fast, ordinary = (shopper.http.post(path, json=basket) for path in (QUOTE, FRAMEWORK))
    assert (fast.status_code, fast.content) == (ordinary.status_code, ordinary.content)
    (entry,) = shopper.http.post(f"{QUOTES}/batch", json={"baskets": [basket]}).json()["data"]
    assert {**fast.json(), "instance": f"{QUOTES}/batch"} == entry["problem"]
    return fast


def test_nobody_asks_in_anothers_name(shopper: Shopper) -> None:
    answer = refused(shopper, shopper.basket(customer_id=str(uuid4())))
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"items": [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 0.01}]}, "/items/0/unit_price"),
        ({"items": [{"product_id": str(uuid4()), "quantity": 1, "tags": ["outlet"]}]}, "/items/0/tags"),
        ({"items": [{"product_id": str(uuid4()), "quantity": 1, "weight": 0}]}, "/items/0/weight"),
        (
            {"items": [{"product_id": str(uuid4()), "quantity": 1, "category_id": str(uuid4())}]},
            "/items/0/category_id",
        ),
        ({"items": [{"product_id": str(uuid4()), "quantity": 1, "seller_id": str(uuid4())}]}, "/items/0/seller_id"),
        ({"customer_tier": "gold"}, "/customer_tier"),
        ({"customer_segments": ["staff"]}, "/customer_segments"),
        ({"context": {"ab_test_group": "cheap"}}, "/context/ab_test_group"),
        ({"logistics_provider": "free"}, "/logistics_provider"),
        ({"pickup_address": {"city": "Istanbul", "country": "TR"}}, "/pickup_address"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nobody_moves_their_own_price(shopper: Shopper, fields: dict[str, Any], wrong: str) -> None:
    answer = refused(shopper, shopper.basket(**fields))
    assert pointers(answer) == [wrong]
    assert code_of(answer) == "validation-error"


def test_a_line_must_be_a_product_of_the_catalog(shopper: Shopper) -> None:
    answer = refused(shopper, shopper.basket(context={"session_id": "s"}, coupon_codes=["any"]))
    assert pointers(answer) == ["/items/0/product_id"]
    assert code_of(answer) == "unknown-product"


def test_an_answer_to_a_checkout_is_not_found_by_the_same_bytes(shop: Shop, shopper: Shopper) -> None:
    basket = shop.basket(customer_id=shopper.id)
    assert shop.checkout.post(QUOTE, json=basket).status_code == 200
    assert shop.checkout.post(QUOTE, json=basket).json()["data"]["cache"] == "local"
    assert pointers(refused(shopper, basket)) == ["/items/0/unit_price"]


def test_a_shopper_reads_a_quote_in_a_form_of_its_own(paying_shop: Shop, shopper: Shopper) -> None:
    issued = paying_shop.quote(customer_id=shopper.id, external_ref='a ","commission_breakdown":{"x')
    answer = shopper.http.get(f"{QUOTES}/{issued['quote_id']}")
    assert answer.status_code == 200, answer.text
    shown = answer.json()["data"]
    left_out = {name: issued.pop(name) for name in OF_THE_MARKETPLACE}
    assert left_out["discount_details"][0]["platform_funded"] > 0
    assert left_out["platform_funded_discount"] > 0 < left_out["commission_breakdown"]["total_commission"]
    assert issued["pricing_breakdown"]["calculations"][1]["inputs"].pop("platform_funded") > 0
    assert shown["signature"] != issued["signature"]
    assert {**shown, "signature": issued["signature"]} == issued
    named = json.dumps({**shown, "external_ref": None})
    assert not [word for word in WORDS if word in named]
    verified = paying_shop.checkout.post(f"{QUOTES}/verify", json={"data": shown}).json()["data"]
    assert verified["valid"]
    dearer = paying_shop.checkout.post(f"{QUOTES}/verify", json={"data": {**shown, "total_amount": 0}}).json()["data"]
    assert not dearer["valid"]
    whole = paying_shop.checkout.get(f"{QUOTES}/{issued['quote_id']}").json()["data"]
    assert set(OF_THE_MARKETPLACE) <= whole.keys()


def test_an_explanation_shows_a_shopper_of_no_rate(paying_shop: Shop, shopper: Shopper) -> None:
    quote_id = paying_shop.quote(customer_id=shopper.id)["quote_id"]
    assert paying_shop.explain(quote_id)["rates"]
    answer = shopper.http.get(f"{QUOTES}/{quote_id}/explain")
    explained = answer.json()["data"]
    assert (explained["agrees"], explained["rates"], explained["differences"]) == (True, [], [])
    assert explained["rules"]
    assert not [word for word in WORDS if word in answer.text]


@pytest.mark.parametrize("brings", ["nothing", "the data", "the bare data", "the data of the checkout"])
def test_a_shopper_accepts_and_sees_no_more(paying_shop: Shop, shopper: Shopper, service: Service, brings: str) -> None:
    issued = paying_shop.quote(customer_id=shopper.id)
    path = f"{QUOTES}/{issued['quote_id']}"
    shown = shopper.http.get(path).json()["data"]
    bodies = {"the data": {"data": shown}, "the bare data": shown, "the data of the checkout": {"data": issued}}
    accepted = shopper.http.post(f"{path}/accept", json=bodies.get(brings, {}))
    assert accepted.status_code == 200, accepted.text
    data = accepted.json()["data"]
    assert {**shown, "accepted_at": data["accepted_at"], "receipt": data["receipt"]} == data
    (row,) = rows(service, "SELECT * FROM accepted_quotes WHERE quote_id = $1", issued["quote_id"])
    assert row["seller_commission_minor"] > 0 < row["platform_discount_minor"], "the ledger has all of it"
    again = paying_shop.accept(issued["quote_id"]).json()["data"]
    assert (again["receipt"], again["payouts"]) == (data["receipt"], issued["payouts"])


def test_data_of_another_total_is_no_form_of_the_quote(shop: Shop, shopper: Shopper) -> None:
    issued, other = shop.quote(customer_id=shopper.id), shop.quote(customer_id=shopper.id)
    other_shown = shopper.http.get(f"{QUOTES}/{other['quote_id']}").json()["data"]
    path = f"{QUOTES}/{issued['quote_id']}/accept"
    assert pointers(shopper.http.post(path, json={"data": other_shown})) == ["/data/quote_id"]
    mixed = {**other_shown, "payouts": []}
    assert pointers(shopper.http.post(path, json={"data": mixed})) == ["/data/commission_breakdown"]


def test_a_lost_quote_is_accepted_in_the_shoppers_form(start_worker: StartWorker, server_folder: Any) -> None:
    with ValkeyServer(server_folder / "valkey-of-shoppers", append_only=False) as valkey:
        issuer, other = start_worker(redis_url=valkey.url), start_worker(redis_url=valkey.url)
        person = issuer.new_person("user")
        quote_id = shop_at(issuer).quote(customer_id=person.id)["quote_id"]
        shown = issuer.http.get(f"{QUOTES}/{quote_id}", headers=person.headers).json()["data"]
        with redis.Redis.from_url(valkey.url) as client:
            client.flushall()
        answer = other.http.post(f"{QUOTES}/{quote_id}/accept", json=shown, headers=person.headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["signature"] == shown["signature"]
        (row,) = other.rows("SELECT * FROM accepted_quotes WHERE quote_id = $1", quote_id)
        assert (row["payouts"], row["seller_commission_minor"], row["platform_discount_minor"]) == (None, None, None)
        assert row["total_minor"] > 0
        explained = other.http.get(f"{QUOTES}/{quote_id}/explain", headers=person.headers)
        assert explained.status_code == 200, explained.text


def test_who_only_reads_commits_to_nothing(start_worker: StartWorker) -> None:
    worker = start_worker()
    quote_id = shop_at(worker).quote()["quote_id"]
    reading = worker.new_key("quote:read")
    for headers in (worker.as_role("analyst"), worker.as_role("pricing_manager"), {"X-API-Key": reading}):
        assert worker.http.get(f"{QUOTES}/{quote_id}", headers=headers).status_code == 200
        assert worker.http.post(f"{QUOTES}/{quote_id}/accept", headers=headers).status_code == 403
    stranger = worker.new_person("user").headers
    assert worker.http.post(f"{QUOTES}/{quote_id}/accept", headers=stranger).status_code == 404
    assert worker.http.get(f"{QUOTES}/{quote_id}", headers=stranger).status_code == 404
    writing = {"X-API-Key": worker.new_key("quote:write")}
    assert worker.http.post(f"{QUOTES}/{quote_id}/accept", headers=writing).status_code == 200


@laws(150)
@given(world=st.integers(0, 2**48).map(WiderWorld), with_flags=st.booleans(), library=st.sampled_from(LIBRARIES))
def test_every_quote_has_a_shoppers_form_that_holds(
    holds: Callable[[Any, dict[str, bytes]], bool],  # noqa: F811
    world: WiderWorld,
    with_flags: bool,
    library: Callable[[str], str],
) -> None:
    issued = issued_text(world, FLAGS if with_flags else None)
    text = shopper_data(issued.encode(), SIGNER).decode()
    assert shopper_data(text.encode(), SIGNER) == text.encode()
    shown, whole = json.loads(text), json.loads(issued)
    assert shown.keys() == whole.keys() - set(OF_THE_MARKETPLACE)
    assert "platform_funded" not in text
    assert shown["warnings"] == [each for each in whole["warnings"] if each["code"] != "payout_negative"]
    verification, restored = verify_quote(SIGNER, parse_json(library(text).encode()))
    assert verification.valid
    assert restored is not None
    assert restored.has_shopper_form
    assert holds(shown, dict(KEYS))
