"""Accounts and entries over HTTP, and who sees them.

Source: docs/spec/ledger.md#lists; docs/spec/ledger.md#who-sees-what; docs/spec/customers.md#export.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.selling.ledger.model.transactions import Transaction, credit, debit
from tests.catalog.shop import pointers
from tests.ledger.books import account, an_order
from tests.ledger.till import ACCOUNTS, ADJUSTMENTS, LEDGER, Till


def entries_path(shown: dict[str, Any]) -> str:
    return f"{ACCOUNTS}/{shown['id']}/entries"


def test_accounts_are_listed_by_what_they_are(till: Till) -> None:
    seller = uuid4()
    till.post_all(*(an_order(seller, 1000, 100, currency=currency) for currency in ("TRY", "JPY", "KWD", "TRY")))
    rows = till.listed(ACCOUNTS, party_id=str(seller), limit=1)
    assert {(row["account"], row["currency"], row["balance"], row["entry_count"]) for row in rows} == {
        ("seller", "TRY", 18, 2),
        ("seller", "JPY", 900, 1),
        ("seller", "KWD", 0.9, 1),
        ("commission", "TRY", 2, 2),
        ("commission", "JPY", 100, 1),
        ("commission", "KWD", 0.1, 1),
    }
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert '"balance":0.900' in till.http.get(ACCOUNTS, params={"party_id": str(seller)}).text
    listed = till.listed(ACCOUNTS, account="commission", currency="KWD", limit=200)
    assert str(seller) in {row["party_id"] for row in listed}
    assert {(row["account"], row["currency"]) for row in listed} == {("commission", "KWD")}
    assert {row["account"] for row in till.listed(ACCOUNTS, limit=200)} >= {"customer", "seller", "commission"}


def test_entries_of_an_account_are_newest_first_with_the_balance_after_each(till: Till) -> None:
    seller = uuid4()
    orders = [an_order(seller, 100 * n) for n in range(1, 6)]
    till.post_all(*orders)
    shown = till.account("seller", seller)
    rows = till.listed(entries_path(shown), limit=2)
    assert [row["number"] for row in rows] == [5, 4, 3, 2, 1]
    assert [row["amount"] for row in rows] == [5, 4, 3, 2, 1]
    assert [row["balance"] for row in rows] == [15, 10, 6, 3, 1]
    assert [row["source_id"] for row in rows] == [str(order.source_id) for order in reversed(orders)]
    assert {row["kind"] for row in rows} == {"order"}
    third = rows[2]["posted_at"]
    assert [row["number"] for row in till.listed(entries_path(shown), limit=1, **{"from": third})] == [5, 4, 3]
    assert [row["number"] for row in till.listed(entries_path(shown), to=third)] == [2, 1]
    assert rows[0]["posted_at"] == shown["last_posted_at"]
    transaction = till.shown(f"{LEDGER}/transactions/{rows[0]['transaction_id']}")
    assert sum(entry["amount"] for entry in transaction["entries"]) == 0


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("account=bank", "/query/account"),
        ("party_id=x", "/query/party_id"),
        ("currency=XXX", "/query/currency"),
        ("currency=try", "/query/currency"),
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("cursor=x", "/query/cursor"),
        ("party=x", "/query/party"),
        ("account=seller&account=seller", "/query/account"),
        ("account=%00", "/query/account"),
    ],
)
def test_a_list_of_accounts_refuses_what_it_does_not_know(till: Till, query: str, where: str) -> None:
    assert pointers(till.http.get(f"{ACCOUNTS}?{query}")) == [where]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("from=yesterday", "/query/from"),
        ("from=2026-01-01T00:00:00", "/query/from"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "/query/to"),
        ("to=2026-13-01T00:00:00Z", "/query/to"),
        ("cursor=WyJsZWRnZXItZW50cmllcyIsMV0", "/query/cursor"),
    ],
)
def test_a_list_of_entries_refuses_what_it_does_not_know(till: Till, query: str, where: str) -> None:
    shown = till.account("seller", till.seller_with(1))
    assert pointers(till.http.get(f"{entries_path(shown)}?{query}")) == [where]


def test_a_cursor_of_another_list_is_refused(till: Till) -> None:
    till.seller_with(1)
    cursor = till.http.get(ACCOUNTS, params={"limit": 1}).json()["next_cursor"]
    shown = till.account("seller", till.seller_with(1))
    assert pointers(till.http.get(entries_path(shown), params={"cursor": cursor})) == ["/query/cursor"]


@pytest.fixture(scope="module")
def analyst(admin: httpx.Client, anonymous: httpx.Client) -> dict[str, str]:
    draft = {"email": f"{secrets.token_hex(8)}@example.com", "password": "correct horse battery", "role": "analyst"}
    assert admin.post("/api/v1/users", json=draft).status_code == 201
    answer = anonymous.post("/api/v1/auth/login", json={"email": draft["email"], "password": draft["password"]})
    return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}


def test_analysts_and_reports_see_sellers_and_no_customers(
    till: Till, anonymous: httpx.Client, analyst: dict[str, str], key_with: Callable[..., dict[str, str]]
) -> None:
    seller = uuid4()
    order = an_order(seller, 1000)
    till.post_all(order)
    customer: UUID | None = order.entries[0].account.party_id
    assert customer is not None
    customers = till.account("customer", customer)
    transaction = till.listed(entries_path(customers))[0]["transaction_id"]
    for headers in (analyst, key_with("reports:read")):

        def ask(path: str, headers: dict[str, str] = headers, **query: str) -> httpx.Response:
            return anonymous.get(path, headers=headers, params=query)

        (shown,) = ask(ACCOUNTS, party_id=str(seller)).json()["data"]
        assert shown["account"] == "seller"
        assert ask(entries_path(shown)).status_code == 200
        assert ask(f"/api/v1/sellers/{seller}/statement", currency="TRY").status_code == 200
        assert ask(ACCOUNTS, party_id=str(customer)).json()["data"] == []
        assert ask(ACCOUNTS, account="customer").status_code == 403
        assert ask(entries_path(customers)).status_code == 404
        assert ask(f"{LEDGER}/transactions/{transaction}").status_code == 403
        assert str(customer) not in ask(f"/api/v1/sellers/{seller}/statement", currency="TRY").text
        body = {"amount": 1, "currency": "TRY", "reference": "x"}
        assert anonymous.post(f"/api/v1/sellers/{seller}/payouts", json=body, headers=headers).status_code == 403
        assert anonymous.post(ADJUSTMENTS, json={}, headers=headers).status_code == 403


def test_shoppers_and_checkouts_see_nothing(
    till: Till, shopper: dict[str, str], key_with: Callable[..., dict[str, str]], anonymous: httpx.Client
) -> None:
    seller = till.seller_with(1)
    shown = till.account("seller", seller)
    checkout = key_with("quote:write", "quote:read", "catalog:write")
    for path in (ACCOUNTS, entries_path(shown), f"/api/v1/sellers/{seller}/statement?currency=TRY"):
        assert anonymous.get(path).status_code == 401
        assert anonymous.get(path, headers=shopper).status_code == 403
        assert anonymous.get(path, headers=checkout).status_code == 403


def test_what_was_posted_about_a_customer_is_exported_and_outlives_erasure(till: Till) -> None:
    customer = uuid4()
    path = f"/api/v1/customers/{customer}"
    assert till.http.get(f"{path}/export").status_code == 404
    for currency in ("TRY", "JPY"):
        lines = [debit(account("customer", customer, currency), 100), credit(account("delivery", None, currency), 100)]
        till.post_all(*(Transaction("order", uuid4(), lines) for _ in range(101 if currency == "TRY" else 1)))
    entries = till.shown(f"{path}/export")["ledger_entries"]
    reported = {
        currency: [(entry["number"], entry["balance"]) for entry in entries if entry["currency"] == currency]
        for currency in ("TRY", "JPY")
    }
    assert reported == {"TRY": [(n, -n) for n in range(101, 0, -1)], "JPY": [(1, -100)]}
    before = till.listed(ACCOUNTS, party_id=str(customer))
    assert till.http.delete(path).status_code == 204
    assert till.listed(ACCOUNTS, party_id=str(customer)) == before
