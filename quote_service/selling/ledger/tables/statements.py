"""What a statement is made of.

Source: docs/spec/ledger.md#statements.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.ledger.model.statement import StatementHead

STATEMENTS = Statements(__file__, "statements")


async def read_head(
    connection: Connection, seller_id: UUID, currency: str, posted_from: datetime | None, posted_to: datetime | None
) -> StatementHead:
    """The balances at the ends of a period, which ends now at the latest; they are final.

    Args:
        connection: Inside a transaction, which should end at once: it holds the account.
        seller_id: Whose account.
        currency: In which currency.
        posted_from: None for the beginning of the ledger.
        posted_to: None for now.
    """
    exponent = await connection.fetchval(STATEMENTS["hold_account"], seller_id, currency)
    row = await connection.fetchrow(STATEMENTS["balances"], seller_id, currency, posted_from, posted_to)
    assert row is not None
    return StatementHead(
        seller_id,
        currency,
        EXPONENTS[currency] if exponent is None else exponent,
        posted_from,
        row["posted_to"],
        row["opening_minor"] or 0,
        row["closing_minor"] or 0,
    )


@STATEMENTS.query()
async def page_of_statement(
    connection: Connection, head: StatementHead, *, after: tuple[datetime, int], limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` entries of the seller's account within the period, oldest first, with the lines of their transactions."""
