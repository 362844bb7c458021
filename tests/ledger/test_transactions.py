"""What a transaction may be, before anything is written.

Source: docs/spec/ledger.md#transactions.
"""

from __future__ import annotations

import random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.selling.ledger.model.transactions import (
    ACCOUNTS,
    NEVER_CREDIT,
    NEVER_DEBIT,
    OF_A_PARTY,
    Account,
    Entry,
    Transaction,
    Unbalanced,
    credit,
    debit,
    sums_left,
)
from tests.ledger.books import a_random_transaction, account, an_order

SELLER, CUSTOMER = UUID(int=1), UUID(int=2)


def test_entries_of_nothing_are_left_out() -> None:
    made = an_order(SELLER, 100, 0)
    assert [entry.amount_minor for entry in made.entries] == [-100, 100]


def test_a_credit_is_above_zero_and_a_debit_below() -> None:
    assert credit(account("delivery"), 5) == (account("delivery"), 5)
    assert debit(account("delivery"), 5) == (account("delivery"), -5)


@given(st.integers(0, 2**32))
def test_random_transactions_add_up(seed: int) -> None:
    made = a_random_transaction(random.Random(seed), [SELLER, CUSTOMER])
    assert not sums_left(made.entries)


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([], "2 to"),
        ([Entry(account("delivery"), 0), Entry(account("delivery"), 0)], "2 to"),
        ([debit(account("customer", CUSTOMER), 1)], "2 to"),
        ([debit(account("customer", CUSTOMER), 10), credit(account("delivery"), 9)], "zero"),
        ([debit(account("customer", CUSTOMER), 10), credit(account("delivery", None, "USD"), 10)], "zero"),
        ([debit(account("customer"), 10), credit(account("delivery"), 10)], "somebody's"),
        ([debit(account("delivery"), 10), credit(account("seller"), 10)], "somebody's"),
        ([debit(account("delivery", None, "XXX"), 10), credit(account("delivery", None, "XXX"), 10)], "no currency"),
        ([debit(Account("bank", None, "TRY"), 10), credit(account("delivery"), 10)], "no account"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_posted_is_refused(entries: list[Entry], why: str) -> None:
    with pytest.raises(Unbalanced, match=why):
        Transaction("order", uuid4(), entries)


def test_every_account_has_a_side_or_may_have_both() -> None:
    assert set(ACCOUNTS) - NEVER_DEBIT - NEVER_CREDIT == {"seller"}
    assert not NEVER_DEBIT & NEVER_CREDIT
    assert set(ACCOUNTS) >= OF_A_PARTY
