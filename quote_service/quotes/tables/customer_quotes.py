"""The accepted quotes of one customer, and what is left of them once the customer is erased.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from uuid import UUID

import msgspec

from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.quotes.words.customer_quote import CouponUse, CustomerQuote

_QUERIES = load_queries(__file__, "customer_quotes")
_PAGE = _QUERIES["page_of_quotes"]
_USES = _QUERIES["uses_of_quotes"]
_FORGET = _QUERIES["forget_customer"]
_FORGET_USERS = _QUERIES["forget_users_of_coupons"]


async def page_of_customer_quotes(
    connection: Connection, customer_id: UUID, *, after: CustomerQuote | None, limit: int
) -> list[CustomerQuote]:
    """Up to `limit` accepted quotes of a customer with the coupons that they used, in the order in which they were accepted."""
    accepted_at, quote_id = (None, None) if after is None else (after.accepted_at, after.quote_id)
    rows = await connection.fetch(_PAGE, customer_id, accepted_at, quote_id, limit)
    uses: dict[UUID, list[CouponUse]] = {row["quote_id"]: [] for row in rows}
    for use in await connection.fetch(_USES, list(uses)):
        uses[use["quote_id"]].append(CouponUse(use["rule_name"], use["code"], use["used_at"]))
    return [
        CustomerQuote(
            quote_id=row["quote_id"],
            accepted_at=row["accepted_at"],
            accepted_by=row["accepted_by"],
            external_ref=row["external_ref"],
            currency=row["currency"],
            coupon_uses=uses[row["quote_id"]],
            receipt=row["receipt"],
            data=msgspec.Raw(row["data"]),
            request=msgspec.Raw(b"null" if row["request"] is None else row["request"]),
        )
        for row in rows
    ]


async def forget_customer(connection: Connection, customer_id: UUID, limit: int) -> int:
    """Take an erased customer out of up to `limit` accepted quotes and their uses of coupons; how many they were."""
    quote_ids = [row[0] for row in await connection.fetch(_FORGET, customer_id, limit)]
    await connection.execute(_FORGET_USERS, quote_ids)
    return len(quote_ids)
