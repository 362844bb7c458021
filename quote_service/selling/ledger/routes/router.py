"""The routers of the ledger.

Source: docs/spec/ledger.md.
"""

from litestar import Router

from quote_service.selling.ledger.routes.accounts import (
    list_ledger_accounts,
    list_ledger_entries,
    post_ledger_adjustment,
    show_ledger_transaction,
)
from quote_service.selling.ledger.routes.examples import EXAMPLES
from quote_service.selling.ledger.routes.payouts import record_seller_payout
from quote_service.selling.ledger.routes.statements import show_seller_statement

ledger = Router(
    "/api/v1/ledger",
    route_handlers=[list_ledger_accounts, list_ledger_entries, show_ledger_transaction, post_ledger_adjustment],
    opt={"examples": EXAMPLES},
)
ledger_of_seller = Router(
    "/api/v1/sellers/{seller_id:uuid}",
    route_handlers=[show_seller_statement, record_seller_payout],
    opt={"examples": EXAMPLES},
)
LEDGER: tuple[Router, ...] = (ledger, ledger_of_seller)
