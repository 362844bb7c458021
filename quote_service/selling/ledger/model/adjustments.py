"""Corrections by hand.

Source: docs/spec/ledger.md#adjustments.
"""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX, amount_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, NotANumber, scale_decimal
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.selling.ledger.model.payouts import Currency, Note, Reference
from quote_service.selling.ledger.model.transactions import OF_A_PARTY, Account, AccountName, Entry, sums_left

_SIGNED = {"exclusiveMinimum": -AMOUNT_MAJOR_MAX, "exclusiveMaximum": AMOUNT_MAJOR_MAX}
SignedAmount = Annotated[ExactNumber, msgspec.Meta(extra_json_schema=_SIGNED)]


class AdjustmentEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of an adjustment."""

    account: AccountName
    """What the account is for."""
    party_id: UUID | None = None
    """Id of the seller or customer whose account it is; null for the platform's own. Required for `customer` and `seller`."""
    currency: Currency
    """ISO 4217 code."""
    amount: SignedAmount
    """Amount: above 0 a credit, below 0 a debit; not 0."""


class AdjustmentDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An adjustment to post."""

    reason: Note
    """Why; kept with the transaction."""
    reference: Reference | None = None
    """What another system calls it."""
    entries: Annotated[list[AdjustmentEntry], msgspec.Meta(min_length=2, max_length=100)]
    """Entries, which add up to zero in each currency."""


def entries_of(draft: AdjustmentDraft) -> list[Entry]:
    """The entries of an adjustment.

    Raises:
        Invalid: With everything that is wrong with them.
    """
    faults = [fault for place, entry in enumerate(draft.entries) for fault in _faults(entry, f"/entries/{place}")]
    if faults:
        raise Invalid.because(tuple(faults))
    entries = [
        Entry(
            Account(entry.account, entry.party_id, entry.currency),
            scale_decimal(entry.amount, EXPONENTS[entry.currency]),
        )
        for entry in draft.entries
    ]
    if left := sums_left(entries):
        reported = ", ".join(
            f"{currency} {amount_text(total, EXPONENTS[currency])}" for currency, total in left.items()
        )
        raise Invalid.at("/entries", f"must add up to zero in each currency, not to {reported}")
    return entries


def _faults(entry: AdjustmentEntry, pointer: str) -> Iterator[Fault]:
    if entry.party_id is None and entry.account in OF_A_PARTY:
        yield Fault(f"{pointer}/party_id", "is required for this account")
    exponent = EXPONENTS.get(entry.currency)
    if exponent is None:
        yield Fault(f"{pointer}/currency", "is not an ISO 4217 currency code")
        return
    if not entry.amount:
        yield Fault(f"{pointer}/amount", "must not be 0")
    elif abs(entry.amount) >= AMOUNT_MAJOR_MAX:
        yield Fault(f"{pointer}/amount", "must be between -10^13 and 10^13")
    else:
        try:
            scale_decimal(entry.amount, exponent)
        except NotANumber:
            yield Fault(f"{pointer}/amount", f"must have at most {exponent} decimals in its currency")
