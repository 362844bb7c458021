"""Examples for the API's description."""

from typing import Any

from quote_service.intelligence.behaviour.model.reported import BehaviourBatch, BehaviourReceipt
from quote_service.intelligence.behaviour.model.shown import ProductBehaviour

_PRODUCT = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
REPORT: dict[str, Any] = {
    "events": [
        {"type": "view", "product_id": _PRODUCT, "at": "2026-03-01T10:00:00Z"},
        {"type": "cart", "product_id": _PRODUCT, "quantity": 2, "at": "2026-03-01T10:00:40Z"},
    ]
}
RECEIPT: dict[str, Any] = {
    "accepted": 1,
    "refused": [{"position": 1, "errors": [{"pointer": "/events/1/product_id", "detail": "there is no such product"}]}],
}
_COUNTS: dict[str, Any] = {
    "views": 420,
    "searches": 1310,
    "carts": 37,
    "cart_units": 52,
    "purchases": 11,
    "purchase_units": 14,
}
BEHAVIOUR: dict[str, Any] = {
    "product_id": _PRODUCT,
    "from": "2026-02-28T00:00:00Z",
    "to": "2026-03-02T00:00:00Z",
    "interval": "day",
    "time_zone": "UTC",
    "is_exact": True,
    "totals": _COUNTS,
    "points": [{"at": "2026-03-01T00:00:00Z", **_COUNTS}],
}
RANKED: dict[str, Any] = {"product_id": _PRODUCT, **_COUNTS}
EXAMPLES: dict[Any, Any] = {
    BehaviourBatch: REPORT,
    BehaviourReceipt: RECEIPT,
    ProductBehaviour: BEHAVIOUR,
}
