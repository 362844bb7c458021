"""Signals, and from which figure on they are raised.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.model.subjects.subject import UPDATED, Action, Beside, Column, Filter, Reference, Subject, View

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
    below=Beside(
        "In force where no product or category has its own",
        "/effective",
        (
            Column("Kind", "kind", "tag"),
            Column("Set for", "scope", "tag", {"built_in": "Default", "everything": "Everything"}),
            Column("Threshold", "threshold", "number"),
            Column("Count", "count", "number"),
            Column("Within, seconds", "window_seconds", "number"),
            Column("Undone by, %", "rearm_percent", "number"),
            Column("Expires after, seconds", "expires_seconds", "number"),
            Column("Raised", "is_enabled", "switch"),
        ),
    ),
    references=(_PRODUCT, _CATEGORY),
)

_ORIGINS = {"loop": "Policy", "person": "Person", "roll_back": "Roll back", "experiment": "Experiment"}

DECISIONS = Subject(
    "decisions",
    "price",
    "Price decisions",
    "What was decided about prices, why, and what waits for a person.",
    "/api/v1/decisions",
    (
        Column("Product", "product_id", "id"),
        Column("Status", "status", "tag"),
        Column("Mode", "mode", "tag"),
        Column("By", "origin", "tag", _ORIGINS),
        Column("From", "current_price", "amount"),
        Column("Decided", "price", "amount"),
        Column("Held by", "held_by", "reasons"),
        Column("Made", "created_at", "instant"),
    ),
    title="product_id",
    filters=(
        Filter(
            "status",
            "Status",
            ("suggested", "held", "applied", "shadow", "unchanged", "rejected", "superseded", "rolled_back"),
        ),
        Filter("mode", "Mode", ("shadow", "suggest", "auto", "manual")),
        Filter("origin", "By", tuple(_ORIGINS), words=_ORIGINS),
        Filter("product_id", "Product"),
        Filter("run_id", "Run id", is_linked=True),
    ),
    draft="ManualDraft",
    actions=(
        Action(
            "accept",
            "Accept",
            "POST",
            "/accept",
            draft="Verdict",
            only_when=("status", ("suggested", "held")),
            also_when=("price", ()),
            about="Customers see the price at once. It has to be within the bounds of now, and not have moved since.",
            done="Accepted: the price is set.",
        ),
        Action(
            "reject",
            "Reject",
            "POST",
            "/reject",
            draft="Verdict",
            only_when=("status", ("suggested", "held")),
            about="The price stays. The same price is not suggested again while it is what it is now.",
            done="Rejected: the price stays.",
        ),
    ),
    pages=(
        ("What if…", "/admin/decisions/what-if"),
        ("Runs", "/admin/decisions/runs"),
        ("Roll back", "/admin/decisions/roll-back"),
    ),
    references=(_PRODUCT, Reference("model_id", "price-models", "/api/v1/price-models", "learned_until")),
    first=(
        "They are made once an hour about products whose policy is not off, or whenever somebody sets a price.",
        "Price policies",
        "/admin/price-policies",
    ),
    about_new="A price that you set by hand, within the bounds of its policy. Customers see it at once.",
    views=(
        View(
            "By policies", (("origin", "loop"),), "What was decided by policies. Everything else has a tab of its own."
        ),
        View("To accept", (("status", "suggested"),), "What would be set, if you accept it."),
        View("Held", (("status", "held"),), "What could not be set by itself. Each says what holds it."),
        View("By people", (("origin", "person"),), "Prices that people set by hand."),
        View("By experiments", (("origin", "experiment"),), "Moves of price experiments, there and back."),
        View("Rolled back", (("origin", "roll_back"),), "Prices that went back to what people had confirmed."),
        View("All", (), "Every decision, moves of experiments too."),
    ),
)

POLICIES = Subject(
    "price-policies",
    "price policy",
    "Price policies",
    "Whether prices move by themselves, and within what: of a product, a category with all below it, or everything.",
    "/api/v1/price-policies",
    (
        Column("Of", "product_id", "title"),
        Column("Category", "category_id", "id"),
        Column("Currency", "currency"),
        Column("Mode", "mode", "tag"),
        Column("Floor", "floor_price", "amount"),
        Column("Ceiling", "ceiling_price", "amount"),
        Column("Step, %", "step_percent", "number"),
        UPDATED,
    ),
    title="product_id",
    filters=(
        Filter("mode", "Mode", ("off", "shadow", "suggest", "auto")),
        Filter("currency", "Currency"),
        Filter("product_id", "Product"),
    ),
    draft="PolicyDraft",
    change="PolicyDraft",
    actions=(
        Action(
            "delete",
            "Delete it",
            "DELETE",
            "",
            "The policy of the nearest category counts from then on, or that of everything.",
            removes=True,
        ),
    ),
    references=(_PRODUCT, _CATEGORY),
)

MODELS = Subject(
    "price-models",
    "price model",
    "Demand",
    "What was learnt about how demand answers to prices, version by version.",
    "/api/v1/price-models",
    (
        Column("Learnt", "created_at", "instant"),
        Column("In use", "is_newest", "switch"),
        Column("Products", "products", "number"),
        Column("Days with sales", "rows", "number"),
        Column("Forecast", "champion"),
        Column("From", "learned_from"),
        Column("Until", "learned_until"),
    ),
    title="champion",
    references=(_PRODUCT,),
    writers=(),
    first=(
        "It is learnt by itself once a day, from products that have sold on five days or more.",
        "Orders",
        "/admin/orders",
    ),
)

PRICE_EXPERIMENTS = Subject(
    "price-experiments",
    "price experiment",
    "Price experiments",
    "Whether other prices bring more: by clusters of products, or by stretches of time. All customers see the same price.",
    "/api/v1/price-experiments",
    (
        Column("Name", "name"),
        Column("Status", "status", "tag"),
        Column("Design", "design", "tag"),
        Column("Change, %", "change_percent", "number"),
        Column("By", "metric"),
        Column("Started", "started_at", "instant"),
        Column("Ends", "ends_at", "instant"),
    ),
    filters=(Filter("status", "Status", ("draft", "running", "ended", "stopped")),),
    draft="PriceExperimentDraft",
    change="PriceExperimentDraft",
    change_when=("status", ("draft",)),
    actions=(
        Action(
            "start",
            "Start it",
            "POST",
            "/start",
            "Treated prices are set within seconds, and price decisions leave its products alone until it is over.",
            only_when=("status", ("draft",)),
        ),
        Action("stop", "Stop it", "POST", "/stop", draft="StopDraft", only_when=("status", ("running",))),
        Action(
            "discard",
            "Discard it",
            "DELETE",
            "",
            "The draft is gone.",
            only_when=("status", ("draft",)),
            removes=True,
        ),
    ),
)
