"""What of a customer stands in which tables, and what reports a person there.

Source: docs/spec/customers.md#erasure; docs/decisions/erasure.md.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.customers.people import CUSTOMERS, People
from tests.quotes.lifecycle.shop import Shop

ADDRESS = {
    "city": "Şile",
    "country": "TR",
    "district": "Ağva",
    "street": "Deniz Sk. 7",
    "latitude": 41.1371,
    "longitude": 29.8553,
}
#: Sums by city and tier, of nobody.
FIGURES = {
    "analytics_quote_quarter_hours",
    "analytics_order_quarter_hours",
    "analytics_quote_minutes",
    "analytics_quotes",
    "analytics_orders",
    "analytics_order_ranks",
    "analytics_quote_ranks",
}
#: Where the id stays, as the name of nobody: docs/decisions/erasure.md.
PSEUDONYM = {
    "customers",
    "audit_log",
    "coupon_usage",
    "flash_sale_customers",
    "flash_sale_purchases",
    # Of the order that a confirmed purchase is.
    "orders",
    "ledger_accounts",
    "ledger_transactions",
}
REFERENCE = 'order of "Ayşe\\Kaya",\n"external_ref":"x'


def tables_with(people: People, *needles: str) -> set[str]:
    """The tables in whose rows one of the texts stands; bytes are shown as hex."""
    spelled = [f"%{one}%" for text in needles for one in (text, text.encode().hex())]
    names = people.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        each["tablename"]
        for each in names
        if people.sql(f"SELECT 1 FROM {each['tablename']} AS t WHERE t::text ILIKE ANY ($1) LIMIT 1", spelled)
    }


def accepted_row(people: People, quote_id: str) -> dict[str, Any]:
    (row,) = people.sql("SELECT * FROM accepted_quotes WHERE quote_id = $1", quote_id)
    return row


def accepted_quote(shop: Shop, customer: str, **fields: Any) -> dict[str, Any]:
    quote = shop.quote(customer_id=customer, **fields)
    answer = shop.accept(quote["quote_id"], headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def erased(people: People, customer_id: str) -> None:
    answer = people.http.delete(f"{CUSTOMERS}/{customer_id}")
    assert (answer.status_code, answer.content) == (204, b"")
