"""Flash sales of the demonstration, each of which runs again as soon as it has ended: a sale is for a while.

Source: docs/spec/operations.md#demonstration.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from quote_service.lab.dev.admin_api import AdminApi

_SALES: Final = "/api/v1/flash-sales"
#: A sale has begun a little before it is looked at, and ends on the same day.
BEGAN_BEFORE: Final = timedelta(minutes=30)
RUNS_FOR: Final = timedelta(hours=8)


def begin_sale(api: AdminApi, sale: dict[str, Any], item: dict[str, Any]) -> bool:
    """Begin a sale of a product unless it runs; one that runs for longer, as former releases began them, ends first.

    Args:
        api: Of the service.
        sale: The sale as it is sent, but for its dates and items.
        item: Its only item.

    Returns:
        Whether it began now.
    """
    now = datetime.now(UTC)
    product_id = _text(item["product_id"])
    for running in api.list(f"/api/v1/open-flash-sales?product_id={product_id}"):
        if datetime.fromisoformat(running["ends_at"]) <= now + RUNS_FOR:
            return False
        if running["name"] == _text(sale["name"]):
            api.do(f"{_SALES}/{running['id']}/end")
    dates = {"starts_at": (now - BEGAN_BEFORE).isoformat(), "ends_at": (now + RUNS_FOR).isoformat()}
    made = api.create(_SALES, msgspec.json.encode({**sale, **dates, "items": [item]}))
    if made.is_new:
        # Here and now; where the schedule was quicker it is a conflict.
        api.do(f"{made.location}/activate")
    return made.is_new


def _text(value: Any) -> str:
    return msgspec.json.decode(value, type=str) if isinstance(value, msgspec.Raw) else str(value)
