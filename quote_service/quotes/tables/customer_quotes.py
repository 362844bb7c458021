"""The accepted quotes of one customer, and what is left of them once the customer is erased.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.quotes.model.customer_quote import CustomerQuote

STATEMENTS = Statements(__file__, "customer_quotes")


async def page_of_customer_quotes(
    connection: Connection, customer_id: UUID, *, after: CustomerQuote | None, limit: int
) -> list[CustomerQuote]:
    """Up to `limit` accepted quotes of a customer in the order in which they were accepted, without their coupons."""
    accepted_at, quote_id = (None, None) if after is None else (after.accepted_at, after.quote_id)
    rows = await connection.fetch(STATEMENTS["page_of_quotes"], customer_id, accepted_at, quote_id, limit)
    return [
        CustomerQuote(
            quote_id=row["quote_id"],
            accepted_at=row["accepted_at"],
            accepted_by=row["accepted_by"],
            external_ref=row["external_ref"],
            currency=row["currency"],
            coupon_uses=[],
            receipt=row["receipt"],
            data=msgspec.Raw(row["data"]),
            request=msgspec.Raw(b"null" if row["request"] is None else row["request"]),
        )
        for row in rows
    ]


@STATEMENTS.query()
async def forget_customer(connection: Connection, customer_id: UUID, limit: int) -> list[UUID]:
    """Take an erased customer out of up to `limit` accepted quotes; which they were."""
