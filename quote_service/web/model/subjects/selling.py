"""What was sold, to whom, and what it comes to.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.model.subjects.subject import ACTIVE, UPDATED, Action, Beside, Column, Filter, Subject

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
            about="Choose the units that are paid back. What comes back of discounts, tax and commission follows from the order.",
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
        UPDATED,
    ),
    title="external_ref",
    filters=(Filter("external_ref", "Reference"), Filter("tier", "Tier"), Filter("segment", "Segment"), ACTIVE),
    draft="NewCustomer",
    change="CustomerDraft",
    readers=(),
    writers=(),
)

SELLERS = Subject(
    "sellers",
    "seller",
    "Sellers",
    "Who sells, and where they are.",
    "/api/v1/sellers",
    (
        Column("Name", "name"),
        Column("Reference", "external_ref", "code"),
        Column("Region", "region"),
        Column("Active", "is_active", "switch"),
        UPDATED,
    ),
    filters=(Filter("external_ref", "Reference"), ACTIVE),
    draft="SellerDraft",
    change="SellerDraft",
    actions=(
        Action(
            "pay-out",
            "Pay out",
            "POST",
            "/payouts",
            needs_version=False,
            roles=(),
            draft="PayoutDraft",
            about="Record that the seller was paid. Nothing is transferred by it.",
        ),
    ),
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
