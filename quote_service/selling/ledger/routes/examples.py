"""Examples for the API's description."""

from typing import Any

import msgspec

from quote_service.selling.ledger.model.adjustments import AdjustmentDraft
from quote_service.selling.ledger.model.payouts import PayoutDraft, PayoutRecord
from quote_service.selling.ledger.model.records import AccountRecord, EntryRecord, TransactionRecord
from quote_service.selling.ledger.model.statement import StatementRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
_SELLER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02"
_ORDER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b01"
_PAYOUT_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b02"
_ORDERED = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b03"
_PAID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b04"
_SELLERS_ACCOUNT = "9fcae766-ef8d-840c-8f00-63f969779423"
_COMMISSION = "4df88cf4-3da0-86de-8697-56da9dc561b0"


def _amount(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


_ACCOUNT: dict[str, Any] = {
    "id": _SELLERS_ACCOUNT,
    "account": "seller",
    "party_id": _SELLER,
    "currency": "TRY",
    "balance": _amount("90.00"),
    "entry_count": 1,
    "last_posted_at": "2026-02-20T09:30:00.123456Z",
}
_ENTRY: dict[str, Any] = {
    "number": 1,
    "amount": _amount("90.00"),
    "balance": _amount("90.00"),
    "posted_at": "2026-02-20T09:30:00.123456Z",
    "transaction_id": _ORDERED,
    "kind": "order",
    "source_id": _ORDER,
    "reference": None,
    "note": None,
}
_ADJUSTMENT: dict[str, Any] = {
    "reason": "Commission of an order was charged twice",
    "reference": "TICKET-4711",
    "entries": [
        {"account": "commission", "party_id": None, "currency": "TRY", "amount": "-10.00"},
        {"account": "seller", "party_id": _SELLER, "currency": "TRY", "amount": "10.00"},
    ],
}
_TRANSACTION: dict[str, Any] = {
    "id": _ORDERED,
    "kind": "adjustment",
    "source_id": _ORDER,
    "actor": _AUTHOR,
    "reference": "TICKET-4711",
    "note": "Commission of an order was charged twice",
    "posted_at": "2026-02-20T09:30:00.123456Z",
    "entries": [
        {
            "account_id": _COMMISSION,
            "account": "commission",
            "party_id": None,
            "currency": "TRY",
            "amount": _amount("-10.00"),
            "balance": _amount("990.00"),
        },
        {
            "account_id": _SELLERS_ACCOUNT,
            "account": "seller",
            "party_id": _SELLER,
            "currency": "TRY",
            "amount": _amount("10.00"),
            "balance": _amount("100.00"),
        },
    ],
}
_PAYOUT: dict[str, Any] = {
    "amount": "50.00",
    "currency": "TRY",
    "reference": "TR-2026-02-0017",
    "note": "Weekly payout",
}
_PAYOUT_RECORD: dict[str, Any] = {
    "id": _PAID,
    "seller_id": _SELLER,
    "amount": _amount("50.00"),
    "currency": "TRY",
    "balance": _amount("40.00"),
    "reference": "TR-2026-02-0017",
    "note": "Weekly payout",
    "actor": _AUTHOR,
    "posted_at": "2026-02-20T10:00:00.654321Z",
}
_STATEMENT: dict[str, Any] = {
    "seller_id": _SELLER,
    "currency": "TRY",
    "from": "2026-02-01T00:00:00Z",
    "to": "2026-03-01T00:00:00Z",
    "time_zone": "UTC",
    "opening_balance": _amount("0.00"),
    "closing_balance": _amount("40.00"),
    "transactions": [
        {
            "transaction_id": _ORDERED,
            "kind": "order",
            "source_id": _ORDER,
            "posted_at": "2026-02-20T09:30:00.123456Z",
            "reference": None,
            "note": None,
            "amount": _amount("90.00"),
            "balance": _amount("90.00"),
            "entries": [
                {"account": "seller", "amount": _amount("90.00")},
                {"account": "commission", "amount": _amount("10.00")},
            ],
        },
        {
            "transaction_id": _PAID,
            "kind": "payout",
            "source_id": _PAYOUT_ID,
            "posted_at": "2026-02-20T10:00:00.654321Z",
            "reference": "TR-2026-02-0017",
            "note": "Weekly payout",
            "amount": _amount("-50.00"),
            "balance": _amount("40.00"),
            "entries": [
                {"account": "seller", "amount": _amount("-50.00")},
                {"account": "payouts", "amount": _amount("50.00")},
            ],
        },
    ],
}
STATEMENT_CSV = (
    "posted_at,kind,transaction_id,source_id,reference,note,account,currency,amount,balance,warnings\r\n"
    "2026-02-01T00:00:00Z,opening_balance,,,,,seller,TRY,,0.00,\r\n"
    f"2026-02-20T09:30:00.123456Z,order,{_ORDERED},{_ORDER},,,seller,TRY,90.00,90.00,\r\n"
    f"2026-02-20T09:30:00.123456Z,order,{_ORDERED},{_ORDER},,,commission,TRY,10.00,,\r\n"
    "2026-03-01T00:00:00Z,closing_balance,,,,,seller,TRY,,90.00,\r\n"
)
EXAMPLES: dict[Any, Any] = {
    AccountRecord: _ACCOUNT,
    EntryRecord: _ENTRY,
    AdjustmentDraft: _ADJUSTMENT,
    TransactionRecord: _TRANSACTION,
    PayoutDraft: _PAYOUT,
    PayoutRecord: _PAYOUT_RECORD,
    StatementRecord: _STATEMENT,
}
