"""What is wrong in the ledger, found by PostgreSQL: nothing of it is read into memory but what is told.

Source: docs/spec/ledger.md#check.
"""

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.checks import run_checks
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.ledger.model.findings import CHECKS, LedgerCheck
from quote_service.selling.ledger.model.transactions import NEVER_CREDIT, NEVER_DEBIT

STATEMENTS = Statements(__file__, "checks")
_ARGUMENTS: dict[str, tuple[list[str], ...]] = {
    "currency": (list(EXPONENTS),),
    "sign": (sorted(NEVER_DEBIT), sorted(NEVER_CREDIT)),
}


async def find_breakages(connection: Connection, shown_max: int) -> LedgerCheck:
    """All checks, of one state of the database.

    Args:
        connection: In a snapshot.
        shown_max: The most findings of one check.
    """
    counts, findings = await run_checks(connection, STATEMENTS, CHECKS, shown_max, _ARGUMENTS)
    return LedgerCheck(counts["transactions"], counts["entries"], counts["accounts"], findings)
