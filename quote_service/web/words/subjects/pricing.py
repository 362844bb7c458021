"""What prices are made of: rules, rates and flags, and changes of them tried and published together.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.words.subjects.subject import ACTIVE, CHANGED, Action, Beside, Column, Filter, Subject

RULES = Subject(
    "rules",
    "rule",
    "Pricing rules",
    "Fees, taxes, discounts and price rules, each with its versions.",
    "/api/v1/pricing-rules",
    (
        Column("Name", "name", "code"),
        Column("Version", "version", "number"),
        Column("Type", "type", "tag"),
        Column("Region", "region"),
        Column("Currency", "currency"),
        Column("Priority", "priority", "number"),
        Column("From", "effective_from", "instant"),
        Column("Until", "effective_to", "instant"),
        Column("Active", "is_active", "switch"),
    ),
    filters=(
        Filter("type", "Type"),
        Filter("name", "Name"),
        Filter("region", "Region"),
        Filter("currency", "Currency"),
        ACTIVE,
    ),
    draft="RuleDraft",
    change="RuleDraft",
    actions=(
        Action("end", "End it", "DELETE", "", "Quotes from now on are priced without this rule."),
        Action(
            "rollback",
            "Go back to this version",
            "POST",
            "/rollback",
            "A new version with these figures and this period is made.",
            False,
        ),
    ),
    versions="by_name",
    pages=(("What counts when", "/admin/rules/timeline"), ("Rule check", "/admin/rules/check")),
    playground="rule",
)

RATES = Subject(
    "rates",
    "commission rate",
    "Commission rates",
    "What is charged on sellers' lines, by seller, category and logistics provider.",
    "/api/v1/commission-rates",
    (
        Column("Id", "id", "id"),
        Column("Type", "commission_type", "tag"),
        Column("Rate", "rate", "number"),
        Column("Seller", "seller_id", "id"),
        Column("Category", "category_id", "id"),
        Column("Provider", "logistics_provider"),
        Column("Region", "region"),
        Column("From", "effective_from", "instant"),
        Column("Until", "effective_to", "instant"),
        Column("Active", "is_active", "switch"),
    ),
    title="id",
    filters=(
        Filter("region", "Region"),
        Filter("currency", "Currency"),
        Filter("logistics_provider", "Provider"),
        Filter("seller_id", "Seller id"),
        Filter("category_id", "Category id"),
    ),
    draft="RateDraft",
    change="RateDraft",
    actions=(Action("end", "End it", "DELETE", "", "Quotes from now on are charged without this rate."),),
    versions="history",
    pages=(
        ("What counts when", "/admin/rates/timeline"),
        ("Import", "/admin/rates/import"),
        ("Download", "/admin/rates/export"),
    ),
    playground="rate",
)

FLAGS = Subject(
    "flags",
    "feature flag",
    "Feature flags",
    "Who gets what, in quotes and in any program that asks.",
    "/api/v1/feature-flags",
    (
        Column("Key", "key", "code"),
        Column("Name", "name"),
        Column("Type", "type", "tag"),
        Column("On", "is_enabled", "switch"),
        Column("Percent", "rollout.percentage", "number"),
        Column("State", "state", "tag"),
        CHANGED,
    ),
    title="key",
    filters=(
        Filter("key_prefix", "Key begins with"),
        Filter("is_enabled", "On", ("true", "false")),
        Filter("is_archived", "Archived", ("true", "false")),
    ),
    draft="FlagDraft",
    change="FlagDraft",
    actions=(
        Action(
            "evaluate",
            "Ask it for a customer",
            "POST",
            "/evaluate",
            needs_version=False,
            draft="EvaluationRequest",
            is_question=True,
            by="key",
        ),
        Action(
            "kill",
            "Turn it off now",
            "POST",
            "/kill",
            "Everybody gets the default within a second.",
            False,
            ("is_enabled", ("True",)),
        ),
        Action(
            "rearm",
            "Arm it again",
            "POST",
            "/rearm",
            "It counts as written again, and its experiment begins anew.",
            False,
            ("state", ("ROLLED_BACK",)),
        ),
        Action("archive", "Archive it", "DELETE", "", "Nobody can ask for it any more."),
    ),
    beside=(
        Beside(
            "History",
            "/history",
            (
                Column("Version", "version", "number"),
                Column("Changed", "changed_at", "instant"),
                Column("By", "changed_by", "id"),
                Column("On", "is_enabled", "switch"),
                Column("Percent", "rollout.percentage", "number"),
                Column("Value", "value", "json"),
            ),
        ),
    ),
)

CHANGE_SETS = Subject(
    "change-sets",
    "change set",
    "Change sets",
    "Rules, rates, flags and prices that are reviewed, published and rolled back as one.",
    "/api/v1/change-sets",
    (
        Column("Name", "name"),
        Column("Status", "status", "tag"),
        Column("Edition", "edition", "number"),
        Column("Publish at", "publish_at", "instant"),
        Column("Published", "published_at", "instant"),
        CHANGED,
    ),
    draft="ChangeSetDraft",
    change="ChangeSetDraft",
    actions=(
        Action("review", "Review it", "POST", "/reviews", needs_version=False, draft="ReviewDraft"),
        Action("publish", "Publish it", "POST", "/publish", draft="Publication"),
        Action("resolve", "Resolve conflicts", "POST", "/resolve", draft="Resolutions"),
        Action("rollback", "Roll it back", "POST", "/rollback", draft="Rollback"),
        Action("discard", "Discard it", "DELETE", "", "The draft is gone. What it would have changed stays as it is."),
    ),
)

REPLAYS = Subject(
    "replays",
    "replay",
    "Replays",
    "What a change would have done to quotes that were accepted.",
    "/api/v1/analytics/replay",
    (
        Column("Id", "id", "id"),
        Column("Status", "status", "tag"),
        Column("From", "from", "instant"),
        Column("To", "to", "instant"),
        Column("Quotes", "quotes", "number"),
        Column("Done", "quotes_done", "number"),
        Column("Started", "created_at", "instant"),
    ),
    title="id",
    draft="ReplayDraft",
    actions=(
        Action(
            "cancel",
            "Cancel it",
            "DELETE",
            "",
            "What it has found so far is lost.",
            False,
            None,
            ("pricing_manager", "analyst"),
        ),
    ),
    writers=("pricing_manager", "analyst"),
)
