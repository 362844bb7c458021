"""Payouts and adjustments over HTTP.

Source: docs/spec/ledger.md#payouts; docs/spec/ledger.md#adjustments.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.catalog.shop import pointers, problem
from tests.ledger.books import an_order
from tests.ledger.till import ADJUSTMENTS, LEDGER, Till


def test_a_payout_takes_from_the_balance(till: Till) -> None:
    seller = till.seller_with(100_00)
    answer = till.post(
        f"/api/v1/sellers/{seller}/payouts",
        {"amount": "60.50", "currency": "TRY", "reference": "T-1", "note": "Weekly"},
    )
    assert answer.status_code == 201, answer.text
    assert '"amount":60.50' in answer.text
    assert '"balance":39.50' in answer.text
    made = answer.json()["data"]
    assert (made["seller_id"], made["reference"], made["note"]) == (str(seller), "T-1", "Weekly")
    shown = till.shown(answer.headers["location"])
    assert (shown["kind"], shown["actor"], shown["reference"], shown["note"]) == (
        "payout",
        made["actor"],
        "T-1",
        "Weekly",
    )
    assert [(entry["account"], entry["party_id"], entry["amount"]) for entry in shown["entries"]] == [
        ("seller", str(seller), -60.5),
        ("payouts", str(seller), 60.5),
    ]
    assert till.account("seller", seller)["balance"] == 39.5
    assert till.account("payouts", seller)["balance"] == 60.5
    (audited,) = till.audited(made["id"])
    assert (audited["action"], audited["before"], audited["after"]["amount"]) == ("payout.create", None, 60.5)


def test_no_payout_takes_more_than_there_is(till: Till) -> None:
    seller = till.seller_with(100_00)
    refused = till.pay(seller, "100.01")
    assert problem(refused) == (409, "insufficient-balance")
    assert '"balance":100.00' in refused.text
    assert refused.json()["currency"] == "TRY"
    assert till.pay(seller, 100).status_code == 201
    assert '"balance":0.00' in till.pay(seller, "0.01").text
    assert problem(till.pay(seller, 1, "USD")) == (409, "insufficient-balance")
    assert till.account("seller", seller)["entry_count"] == 2


def test_a_seller_who_owes_gets_nothing(till: Till) -> None:
    seller = till.seller_with(10)
    entries = [
        {"account": "seller", "party_id": str(seller), "currency": "TRY", "amount": -1},
        {"account": "delivery", "currency": "TRY", "amount": 1},
    ]
    assert till.post(ADJUSTMENTS, {"reason": "Broken goods", "entries": entries}).status_code == 201
    refused = till.pay(seller, "0.01")
    assert problem(refused) == (409, "insufficient-balance")
    assert '"balance":-0.90' in refused.text


def test_of_payouts_at_once_none_takes_what_another_has_taken(till: Till) -> None:
    seller = till.seller_with(50_00)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: till.pay(seller, "7.00"), range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] * 7 + [409] * 9
    paid = sorted(answer.json()["data"]["balance"] for answer in answers if answer.status_code == 201)
    assert paid == [1, 8, 15, 22, 29, 36, 43]
    assert till.account("seller", seller)["balance"] == 1


def test_a_payout_happens_once_however_often_it_is_sent(till: Till) -> None:
    seller = till.seller_with(100_00)
    key = {"Idempotency-Key": uuid4().hex}
    body = {"amount": 40, "currency": "TRY", "reference": "T-2"}
    path = f"/api/v1/sellers/{seller}/payouts"
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: till.post(path, body, **key), range(4)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    first, again = till.post(path, body, **key), till.post(path, body, **key)
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert till.account("seller", seller)["balance"] == 60
    assert till.post(path, {**body, "amount": 41}, **key).status_code == 422


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"amount": 0}, "/amount"),
        ({"amount": -5}, "/amount"),
        ({"amount": "0.001"}, "/amount"),
        ({"amount": 10**13}, "/amount"),
        ({"amount": "NaN"}, "/amount"),
        ({"amount": "1e999"}, "/amount"),
        ({"amount": None}, "/amount"),
        ({"amount": True}, "/amount"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "try"}, "/currency"),
        ({"currency": 5}, "/currency"),
        ({"reference": ""}, "/reference"),
        ({"reference": "x" * 201}, "/reference"),
        ({"note": "\x00"}, "/note"),
        ({"payee": "x"}, "/payee"),
    ],
)
def test_a_payout_that_cannot_be_is_refused(till: Till, fields: dict[str, Any], where: str) -> None:
    seller = till.seller_with(100_00)
    body = {"amount": 1, "currency": "TRY", "reference": "T-3", **fields}
    assert pointers(till.post(f"/api/v1/sellers/{seller}/payouts", body)) == [where]
    assert till.account("seller", seller)["entry_count"] == 1


def test_an_adjustment_is_posted_and_can_be_taken_back(till: Till) -> None:
    seller = till.seller_with(100_00)
    entries: list[dict[str, Any]] = [
        {"account": "seller", "party_id": str(seller), "currency": "TRY", "amount": "12.34"},
        {"account": "commission", "party_id": str(seller), "currency": "TRY", "amount": "-12.34"},
        {"account": "seller", "party_id": str(seller), "currency": "JPY", "amount": 7},
        {"account": "delivery", "currency": "JPY", "amount": -7},
    ]
    body = {"reason": "Commission was charged twice", "reference": "TICKET-1", "entries": entries}
    key = {"Idempotency-Key": uuid4().hex}
    answer = till.post(ADJUSTMENTS, body, **key)
    assert answer.status_code == 201, answer.text
    assert till.post(ADJUSTMENTS, body, **key).content == answer.content
    made = answer.json()["data"]
    assert till.shown(answer.headers["location"]) == made
    assert (made["kind"], made["note"], made["reference"]) == ("adjustment", body["reason"], "TICKET-1")
    assert '"amount":12.34,"balance":112.34' in answer.text
    assert '"amount":7,"balance":7' in answer.text
    (audited,) = till.audited(made["id"])
    assert (audited["action"], audited["after"]) == ("adjustment.create", made)
    opposite = [{**entry, "amount": str(-Decimal(str(entry["amount"])))} for entry in entries]
    back = till.post(ADJUSTMENTS, {"reason": "Was right", "entries": opposite})
    assert back.status_code == 201, back.text
    assert till.account("seller", seller)["balance"] == 100
    assert till.account("commission", seller)["balance"] == 0


def entry(**fields: Any) -> dict[str, Any]:
    return {"account": "delivery", "party_id": None, "currency": "TRY", "amount": 5, **fields}


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        ([entry(), entry(account="sales_tax", amount=-4)], ["/entries"]),
        ([entry(), entry(account="sales_tax", amount=-5, currency="USD")], ["/entries"]),
        ([entry()], ["/entries"]),
        ([], ["/entries"]),
        ([entry(amount=0), entry(amount=0)], ["/entries/0/amount", "/entries/1/amount"]),
        ([entry(amount="5.001"), entry(amount="-5.001")], ["/entries/0/amount", "/entries/1/amount"]),
        ([entry(amount=10**13), entry(amount=-(10**13))], ["/entries/0/amount", "/entries/1/amount"]),
        ([entry(amount="Infinity"), entry(amount=-5)], ["/entries/0/amount"]),
        ([entry(account="seller"), entry(amount=-5)], ["/entries/0/party_id"]),
        ([entry(account="customer"), entry(amount=-5)], ["/entries/0/party_id"]),
        ([entry(account="bank"), entry(amount=-5)], ["/entries/0/account"]),
        ([entry(currency="XAU"), entry(amount=-5)], ["/entries/0/currency"]),
        ([entry(party_id="x"), entry(amount=-5)], ["/entries/0/party_id"]),
        ([entry(memo="x"), entry(amount=-5)], ["/entries/0/memo"]),
        ([entry(amount=1), entry(amount=-1)] * 51, ["/entries"]),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused(till: Till, entries: list[Any], where: list[str]) -> None:
    assert pointers(till.post(ADJUSTMENTS, {"reason": "x", "entries": entries})) == where


def test_an_adjustment_says_why(till: Till) -> None:
    entries = [entry(), entry(amount=-5)]
    assert pointers(till.post(ADJUSTMENTS, {"entries": entries})) == ["/reason"]
    assert pointers(till.post(ADJUSTMENTS, {"reason": "", "entries": entries})) == ["/reason"]


def test_what_there_is_not_is_not_found(till: Till) -> None:
    assert till.http.get(f"{LEDGER}/transactions/{uuid4()}").status_code == 404
    assert till.http.get(f"{LEDGER}/transactions/1").status_code == 404
    assert till.http.get(f"{LEDGER}/accounts/{uuid4()}/entries").status_code == 404
    assert till.http.post("/api/v1/sellers/1/payouts", json={}).status_code == 404


def test_what_is_posted_is_counted(till: Till) -> None:
    def counted(kind: str) -> float:
        lines = till.http.get("/metrics").text.splitlines()
        name = f'quote_ledger_transactions_total{{kind="{kind}"}} '
        return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    seller = till.seller_with(100_00)
    before = counted("payout"), counted("adjustment")
    till.pay(seller, 1)
    till.pay(seller, 1000)  # refused
    till.post(ADJUSTMENTS, {"reason": "x", "entries": [entry(), entry(amount=-5)]})
    assert (counted("payout"), counted("adjustment")) == (before[0] + 1, before[1] + 1)
    assert counted("refund") == 0


def test_a_refund_after_the_payout_leaves_a_debt(till: Till) -> None:
    seller: UUID = till.seller_with(100_00)
    assert till.pay(seller, 100).status_code == 201
    till.post_all(an_order(seller, -30_00))
    assert till.account("seller", seller)["balance"] == -30
