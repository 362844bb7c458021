"""An item of a flash sale as buying sees it: price, limit, when, and what Redis should hold of it.

Source: docs/spec/flash-sales.md#admission-and-decision.
"""

from uuid import UUID

import msgspec

from quote_service.selling.flash_sales.model.sale import SaleState


class StockItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item, from PostgreSQL. `sold` counts units held and sold; `starts_ms` 0: a person began the sale.

    `revision` counts changes of the content, `epoch` the times Redis was built again; `is_drifted`: it has to be again.
    `high_number` is the highest number, of reservations of this epoch, that has been recorded. `is_limit_open`: Redis may
    still admit under a limit that was lowered; None where none ever was. `is_retired`: PostgreSQL knows that Redis was told
    to let it expire.
    """

    id: int
    sale_id: UUID
    product_id: UUID
    currency: str
    price_minor: int
    allocated: int
    sold: int
    limit: int
    state: SaleState
    starts_ms: int
    ends_ms: int
    hold_ms: int
    revision: int
    epoch: int
    is_drifted: bool
    redis_run_id: str | None
    high_water_ms: int
    high_water_seq: int
    high_number: int
    is_limit_open: bool | None = None
    is_retired: bool = False
