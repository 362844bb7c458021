"""Why a flash sale or a purchase cannot be changed; what a buyer is refused with stands in `refusals.py`.

Source: docs/spec/flash-sales.md.
"""

from quote_service.platform.system.errors import Conflict, Unavailable


class SaleStateForbids(Conflict):
    code = "sale-state"
    title = "Flash sale state does not allow this"


class StockBelowSold(Conflict):
    """`sold` is how many units are held or sold already: no allocation can be lower."""

    code = "stock-below-sold"
    title = "Stock below units sold"
    sold: int


class PurchaseDecided(Conflict):
    """`purchase_status` is what has become of the purchase."""

    code = "purchase-decided"
    title = "Purchase already decided"
    #: Not `status`: that member of a problem document is the HTTP status.
    purchase_status: str


class StockUnreachable(Unavailable):
    """`is_unknown`: what was asked may have been done all the same."""

    code = "stock-unreachable"
    title = "Stock unreachable"

    def __init__(self, *, is_unknown: bool) -> None:
        super().__init__("The stock cannot be reached", retry_after_seconds=1)
        self.is_unknown = is_unknown
