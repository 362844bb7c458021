"""Changes of stock, as a trigger writes them.

Source: docs/spec/inventory.md#movements.
"""

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.inventory.model.stock import StockMovement

STATEMENTS = Statements(__file__, "movements")

MOVEMENT_ROWS = ListedRows(
    StockMovement,
    STATEMENTS["movements"],
    order="-id",
    sorts=("at", "delta", "reason"),
    search=("reason",),
    conditions={"from_": "listed.at >= {}", "to": "listed.at < {}"},
)
