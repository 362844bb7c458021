"""Signals, and from which figure on they are raised.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.words.subjects.subject import UPDATED, Action, Column, Filter, Reference, Subject

_PRODUCT = Reference("product_id", "market", "/api/v1/products")
_COMPETITOR = Reference("competitor_id", "competitors", "/api/v1/competitors")
_CATEGORY = Reference("category_id", "", "/api/v1/categories")
SIGNAL_KINDS = (
    "competitor_price_drop",
    "competitor_price_rise",
    "price_change",
    "demand_surge",
    "low_inventory",
    "price_anomaly",
    "source_stale",
    "price_war",
)
_KIND = Filter("kind", "Kind", SIGNAL_KINDS)

SIGNALS = Subject(
    "signals",
    "signal",
    "Signals",
    "What has happened that somebody should look at.",
    "/api/v1/signals",
    (
        Column("Kind", "kind", "tag"),
        Column("Product", "product_id", "id"),
        Column("Competitor", "competitor_id", "id"),
        Column("Status", "status", "tag"),
        Column("Raised", "raised_at", "instant"),
    ),
    title="kind",
    filters=(Filter("status", "Status", ("open", "acknowledged", "resolved", "expired")), _KIND),
    actions=(
        Action(
            "acknowledge",
            "Acknowledge",
            "PUT",
            "/acknowledge",
            needs_version=False,
            only_when=("status", ("open",)),
            draft="Acknowledgement",
        ),
    ),
    pages=(("Thresholds", "/admin/signal-thresholds"),),
    references=(_PRODUCT, _COMPETITOR, Reference("source_id", "sources", "/api/v1/sources")),
)

THRESHOLDS = Subject(
    "signal-thresholds",
    "threshold",
    "Thresholds of signals",
    "From which figure on a signal is raised: for a product, a category with those below it, or everything.",
    "/api/v1/signal-thresholds",
    (
        Column("Kind", "kind", "tag"),
        Column("Product", "product_id", "id"),
        Column("Category", "category_id", "id"),
        Column("Threshold", "threshold", "number"),
        Column("Count", "count", "number"),
        Column("Undone by, %", "rearm_percent", "number"),
        Column("Raised", "is_enabled", "switch"),
        UPDATED,
    ),
    title="kind",
    filters=(_KIND,),
    draft="ThresholdDraft",
    change="ThresholdDraft",
    actions=(Action("delete", "Delete it", "DELETE", "", "The next wider one counts from then on.", removes=True),),
    references=(_PRODUCT, _CATEGORY),
)
