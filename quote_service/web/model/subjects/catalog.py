"""What is sold, how much of it there is, and what moves its price.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.model.subjects.subject import ACTIVE, UPDATED, Action, Beside, Column, Filter, Subject

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
        UPDATED,
    ),
    filters=(Filter("q", "Name or SKU"), Filter("currency", "Currency"), ACTIVE),
    draft="ProductDraft",
    change="ProductDraft",
    actions=(
        Action(
            "price",
            "Change a price",
            "POST",
            "/price",
            needs_version=False,
            draft="PriceChangeDraft",
            about="Now, or from an instant on. It is kept in the price history with your reason.",
        ),
    ),
    pages=(("Import", "/admin/products/import"), ("Download", "/admin/products/export")),
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
        UPDATED,
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
            about="Units that come, or go where the number is below zero.",
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
            about="Where the price would go if so many units were sold in each hour.",
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

FLASH_SALES = Subject(
    "flash-sales",
    "flash sale",
    "Flash sales",
    "A bounded stock at a bounded price for a bounded time.",
    "/api/v1/flash-sales",
    (
        Column("Name", "name"),
        Column("Status", "status", "tag"),
        Column("Starts", "starts_at", "instant"),
        Column("Ends", "ends_at", "instant"),
    ),
    filters=(Filter("status", "Status", ("scheduled", "active", "ended", "cancelled")),),
    draft="SaleDraft",
    change="SaleDraft",
    actions=(
        Action(
            "activate",
            "Activate it",
            "POST",
            "/activate",
            "Customers can buy from now on.",
            only_when=("status", ("scheduled",)),
        ),
        Action(
            "end",
            "End it now",
            "POST",
            "/end",
            "Nobody can buy any more. What is reserved can still be confirmed.",
            only_when=("status", ("active",)),
        ),
        Action("cancel", "Cancel it", "POST", "/cancel", "It never opens.", only_when=("status", ("scheduled",))),
    ),
)
