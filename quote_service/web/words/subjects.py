"""What the admin lists, shows and changes: for each subject where the API has it, and what of it people look at first.

Source: docs/spec/web.md#areas.
"""

from typing import Literal, NamedTuple

from quote_service.access.words.access import Role

ColumnKind = Literal["text", "code", "id", "instant", "tag", "switch", "amount", "number", "words", "json"]


class Column(NamedTuple):
    """A column of a list: its heading, the member it shows (`a.b` for one within another), and how."""

    label: str
    member: str
    kind: ColumnKind = "text"


class Filter(NamedTuple):
    """A parameter of the API's list; one of `choices` where there are any."""

    name: str
    label: str
    choices: tuple[str, ...] = ()


class Action(NamedTuple):
    """Something that is done to one object, beyond changing it.

    `warning` is asked before; `needs_version` sends the version that was seen; `only_when` is what a member must be. With a
    `draft` it has a form of its own; `preview` is the query by which the API tells what it would do, and `is_question` says that
    the answer is all there is to it. `by` is the member that the API's path has.
    """

    name: str
    label: str
    method: str
    path: str
    warning: str = ""
    needs_version: bool = True
    only_when: tuple[str, tuple[str, ...]] | None = None
    roles: tuple[Role, ...] = ("pricing_manager",)
    asks_reason: bool = False
    draft: str = ""
    preview: tuple[str, str] | None = None
    is_question: bool = False
    by: str = "id"


class Beside(NamedTuple):
    """A list that belongs to one object: its heading, its path below the object's, its columns; `is_paged` as the API has it."""

    label: str
    path: str
    columns: tuple[Column, ...]
    is_paged: bool = True


class Subject(NamedTuple):
    """A subject of the admin.

    `draft` names the body that creates one, `change` the one that replaces or patches it; empty where the API has none.
    """

    area: str
    one: str
    many: str
    about: str
    path: str
    columns: tuple[Column, ...]
    title: str = "name"
    filters: tuple[Filter, ...] = ()
    draft: str = ""
    change: str = ""
    change_method: str = "PUT"
    actions: tuple[Action, ...] = ()
    beside: tuple[Beside, ...] = ()
    readers: tuple[Role, ...] = ("pricing_manager", "analyst")
    writers: tuple[Role, ...] = ("pricing_manager",)
    #: Which parts of a draft lie in the playground's "What if": `rule`, `rate`, or nothing.
    playground: str = ""


_ACTIVE = Filter("is_active", "Active", ("true", "false"))
_CHANGED = Column("Changed", "changed_at", "instant")
_UPDATED = Column("Changed", "updated_at", "instant")

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
        _ACTIVE,
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
            "A new version with these figures counts from now on.",
            False,
        ),
    ),
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
    beside=(
        Beside(
            "History",
            "/history",
            (
                Column("Version", "version", "number"),
                Column("Changed", "changed_at", "instant"),
                Column("By", "changed_by", "id"),
                Column("Rate", "rate", "number"),
                Column("From", "effective_from", "instant"),
                Column("Until", "effective_to", "instant"),
                Column("Active", "is_active", "switch"),
            ),
        ),
    ),
    playground="rate",
)
PRODUCTS = Subject(
    "products",
    "product",
    "Products",
    "What is sold, with its prices.",
    "/api/v1/products",
    (
        Column("SKU", "sku", "code"),
        Column("Name", "name"),
        Column("Prices", "prices", "words"),
        Column("Tags", "tags", "words"),
        Column("Active", "is_active", "switch"),
        _UPDATED,
    ),
    filters=(Filter("q", "Name or SKU"), Filter("currency", "Currency"), _ACTIVE),
    draft="ProductDraft",
    change="ProductDraft",
    actions=(Action("price", "Change a price", "POST", "/price", needs_version=False, draft="PriceChangeDraft"),),
    beside=(
        Beside(
            "Prices over time",
            "/price-history",
            (
                Column("At", "at", "instant"),
                Column("Currency", "currency"),
                Column("From", "old_price", "amount"),
                Column("To", "new_price", "amount"),
                Column("Why", "reason", "tag"),
            ),
        ),
    ),
)
INVENTORY = Subject(
    "inventory",
    "stock",
    "Inventory",
    "How many units there are, and how many are promised.",
    "/api/v1/inventory",
    (
        Column("SKU", "sku", "code"),
        Column("There", "quantity", "number"),
        Column("Promised", "reserved", "number"),
        Column("Available", "available", "number"),
        Column("Level", "level", "tag"),
        _UPDATED,
    ),
    title="sku",
    filters=(Filter("level", "Level", ("low", "normal", "high")),),
    actions=(
        Action(
            "adjust",
            "Add or take units",
            "POST",
            "/adjust",
            needs_version=False,
            draft="StockAdjustment",
            by="product_id",
        ),
    ),
    change="StockDraft",
    beside=(
        Beside(
            "Movements",
            "/movements",
            (
                Column("At", "at", "instant"),
                Column("Units", "delta", "number"),
                Column("Promised", "reserved_delta", "number"),
                Column("There", "quantity", "number"),
                Column("Why", "reason"),
                Column("By", "actor", "id"),
            ),
        ),
    ),
)
CAMPAIGNS = Subject(
    "campaigns",
    "campaign",
    "Campaigns",
    "Prices that move toward a number of sales.",
    "/api/v1/campaigns",
    (
        Column("Name", "name"),
        Column("Status", "status", "tag"),
        Column("Currency", "currency"),
        Column("Starts", "starts_at", "instant"),
        Column("Ends", "ends_at", "instant"),
    ),
    filters=(Filter("status", "Status", ("scheduled", "active", "ended", "cancelled")),),
    draft="CampaignDraft",
    change="CampaignDraft",
    actions=(
        Action(
            "simulate",
            "Simulate sales",
            "POST",
            "/simulate",
            needs_version=False,
            roles=("pricing_manager", "analyst"),
            draft="SalesPath",
            is_question=True,
        ),
        Action(
            "cancel",
            "Cancel it",
            "POST",
            "/cancel",
            "Its price goes back to the product's.",
            only_when=("status", ("scheduled", "active")),
        ),
    ),
    beside=(
        Beside(
            "Price path",
            "/price-path",
            (
                Column("Hour", "hour", "number"),
                Column("At", "at", "instant"),
                Column("Price", "price", "number"),
                Column("Sold", "total_sales", "number"),
                Column("Held by", "held_by", "tag"),
            ),
        ),
    ),
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
        _CHANGED,
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
FLASH_SALES = Subject(
    "flash-sales",
    "flash sale",
    "Flash sales",
    "A bounded stock at a bounded price for a bounded time.",
    "/api/v1/flash-sales",
    (
        Column("Name", "name"),
        Column("State", "state", "tag"),
        Column("Starts", "starts_at", "instant"),
        Column("Ends", "ends_at", "instant"),
    ),
    filters=(Filter("state", "State", ("scheduled", "active", "ended", "cancelled")),),
    draft="SaleDraft",
    change="SaleDraft",
    actions=(
        Action(
            "activate",
            "Activate it",
            "POST",
            "/activate",
            "Customers can buy from now on.",
            only_when=("state", ("scheduled",)),
        ),
        Action(
            "end",
            "End it now",
            "POST",
            "/end",
            "Nobody can buy any more. What is reserved can still be confirmed.",
            only_when=("state", ("active",)),
        ),
        Action("cancel", "Cancel it", "POST", "/cancel", "It never opens.", only_when=("state", ("scheduled",))),
    ),
)
CUSTOMERS = Subject(
    "customers",
    "customer",
    "Customers",
    "Who buys: tier and segments that prices go by.",
    "/api/v1/customers",
    (
        Column("Reference", "external_ref", "code"),
        Column("E-mail address", "email"),
        Column("Tier", "tier", "tag"),
        Column("Segments", "segments", "words"),
        Column("Active", "is_active", "switch"),
        _UPDATED,
    ),
    title="external_ref",
    filters=(Filter("external_ref", "Reference"), Filter("tier", "Tier"), Filter("segment", "Segment"), _ACTIVE),
    draft="NewCustomer",
    change="CustomerDraft",
    readers=(),
    writers=(),
)
ORDERS = Subject(
    "orders",
    "order",
    "Orders",
    "What was sold, with every figure frozen.",
    "/api/v1/orders",
    (
        Column("Id", "id", "id"),
        Column("Status", "status", "tag"),
        Column("Customer", "customer_id", "id"),
        Column("Total", "total_amount", "amount"),
        Column("Placed", "placed_at", "instant"),
    ),
    title="id",
    filters=(
        Filter("status", "Status", ("placed", "fulfilled", "cancelled", "partly_refunded", "refunded")),
        Filter("customer_id", "Customer id"),
        Filter("seller_id", "Seller id"),
        Filter("product_id", "Product id"),
    ),
    actions=(
        Action(
            "refund",
            "Refund",
            "POST",
            "/refunds",
            needs_version=False,
            only_when=("status", ("placed", "fulfilled", "partly_refunded")),
            roles=(),
            draft="RefundDraft",
            preview=("dry_run", "true"),
        ),
        Action("fulfil", "Mark as fulfilled", "POST", "/fulfil", "", False, ("status", ("placed",)), (), True),
        Action(
            "cancel",
            "Cancel it",
            "POST",
            "/cancel",
            "Stock, coupons and budgets are given back, and what was posted is reversed.",
            False,
            ("status", ("placed",)),
            (),
            True,
        ),
    ),
    beside=(
        Beside(
            "Refunds",
            "/refunds",
            (
                Column("Number", "number", "number"),
                Column("At", "refunded_at", "instant"),
                Column("Total", "total_amount", "amount"),
                Column("Reason", "reason"),
            ),
        ),
        Beside(
            "Events",
            "/events",
            (
                Column("At", "at", "instant"),
                Column("What", "action", "tag"),
                Column("By", "actor", "id"),
                Column("Reason", "reason"),
            ),
            is_paged=False,
        ),
    ),
    readers=("analyst",),
    writers=(),
)
LEDGER = Subject(
    "ledger",
    "account",
    "Ledger",
    "What was earned, and what is owed to whom.",
    "/api/v1/ledger/accounts",
    (
        Column("Account", "account", "code"),
        Column("Party", "party_id", "id"),
        Column("Balance", "balance", "amount"),
        Column("Entries", "entry_count", "number"),
        Column("Last posted", "last_posted_at", "instant"),
    ),
    title="account",
    filters=(Filter("account", "Account"), Filter("party_id", "Party id"), Filter("currency", "Currency")),
    beside=(
        Beside(
            "Entries",
            "/entries",
            (
                Column("Number", "number", "number"),
                Column("Posted", "posted_at", "instant"),
                Column("Kind", "kind", "tag"),
                Column("Source", "source_id", "id"),
                Column("Amount", "amount", "number"),
                Column("Balance", "balance", "number"),
            ),
        ),
    ),
    readers=("analyst",),
    writers=(),
)
WEBHOOKS = Subject(
    "webhooks",
    "webhook",
    "Webhooks",
    "Who is told of what happens.",
    "/api/v1/webhooks",
    (
        Column("Address", "url", "code"),
        Column("Events", "event_types", "words"),
        Column("On", "is_enabled", "switch"),
        Column("Created", "created_at", "instant"),
    ),
    title="url",
    draft="EndpointDraft",
    change="EndpointPatch",
    change_method="PATCH",
    actions=(
        Action("test", "Send a test", "POST", "/test", "", False, None, ()),
        Action("remove", "Remove it", "DELETE", "", "Nothing is sent to it any more.", True, None, ()),
    ),
    beside=(
        Beside(
            "Deliveries",
            "/deliveries",
            (
                Column("At", "time", "instant"),
                Column("Event", "type", "code"),
                Column("State", "state", "tag"),
                Column("Attempts", "attempts", "number"),
                Column("Last error", "last_error"),
            ),
        ),
    ),
    readers=(),
    writers=(),
)
PEOPLE = Subject(
    "people",
    "person",
    "People",
    "Who may sign in, and as what.",
    "/api/v1/users",
    (
        Column("E-mail address", "email"),
        Column("Role", "role", "tag"),
        Column("Active", "is_active", "switch"),
        Column("Last signed in", "last_login_at", "instant"),
    ),
    title="email",
    filters=(
        Filter("role", "Role", ("admin", "pricing_manager", "analyst", "user")),
        Filter("email", "E-mail address"),
        _ACTIVE,
    ),
    draft="UserDraft",
    change="UserPatch",
    change_method="PATCH",
    readers=(),
    writers=(),
)
KEYS = Subject(
    "api-keys",
    "API key",
    "API keys",
    "Programs that call the API. A key is shown once, when it is made.",
    "/api/v1/api-keys",
    (
        Column("Name", "name"),
        Column("Prefix", "prefix", "code"),
        Column("Scopes", "scopes", "words"),
        Column("Last used", "last_used_at", "instant"),
        Column("Expires", "expires_at", "instant"),
        Column("Revoked", "revoked_at", "instant"),
    ),
    filters=(Filter("name", "Name"), Filter("is_revoked", "Revoked", ("true", "false"))),
    draft="ApiKeyDraft",
    change="ApiKeyPatch",
    change_method="PATCH",
    actions=(
        Action("revoke", "Revoke it", "DELETE", "", "Whoever uses it is refused within a second.", True, None, ()),
    ),
    readers=(),
    writers=(),
)
AUDIT = Subject(
    "audit",
    "change",
    "Audit log",
    "Who changed what, with before and after.",
    "/api/v1/audit",
    (
        Column("At", "at", "instant"),
        Column("What", "action", "code"),
        Column("Of", "object_kind"),
        Column("Id", "object_id", "id"),
        Column("By", "actor", "id"),
        Column("Before", "before", "json"),
        Column("After", "after", "json"),
    ),
    title="id",
    filters=(
        Filter("object_kind", "Kind"),
        Filter("object_id", "Id of the object"),
        Filter("actor", "By"),
        Filter("action", "What"),
    ),
    readers=(),
    writers=(),
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
        _CHANGED,
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

SUBJECTS = {
    subject.area: subject
    for subject in (
        RULES, RATES, CHANGE_SETS, REPLAYS, PRODUCTS, INVENTORY, CAMPAIGNS, FLAGS, FLASH_SALES, CUSTOMERS, ORDERS, LEDGER, WEBHOOKS, PEOPLE, KEYS, AUDIT,
    )
}  # fmt: skip
