"""Who else sells what we sell, what tells their prices, and which of our products these are of.

Source: docs/spec/web.md#areas.
"""

from quote_service.web.model.subjects.subject import UPDATED, Action, Beside, Column, Filter, Reference, Subject

_OUTCOMES = (
    "ok",
    "not_modified",
    "blocked",
    "no_price",
    "several_prices",
    "parse_error",
    "gone",
    "robots_denied",
    "timeout",
    "unreachable",
)
_OF_COMPETITOR = Filter("competitor_id", "Competitor", of="/api/v1/competitors")
_COMPETITOR = Reference("competitor_id", "competitors", "/api/v1/competitors")
_PRODUCT = Reference("product_id", "market", "/api/v1/products")

COMPETITORS = Subject(
    "competitors",
    "competitor",
    "Competitors",
    "Who else sells what you sell.",
    "/api/v1/competitors",
    (
        Column("Name", "name"),
        Column("Website", "website"),
        Column("Note", "note"),
        Column("Watched", "is_active", "switch"),
        UPDATED,
    ),
    draft="CompetitorDraft",
    change="CompetitorDraft",
    beside=(
        Beside(
            "Their SKUs",
            "/skus",
            (
                Column("Their SKU", "their_sku", "code"),
                Column("Our product", "product_id", "id"),
                Column("Units of ours", "units", "number"),
            ),
        ),
    ),
    references=(_PRODUCT,),
)

SOURCES = Subject(
    "sources",
    "source",
    "Sources",
    "Pages, feeds, APIs and pushed data that report competitors' prices.",
    "/api/v1/sources",
    (
        Column("Name", "name"),
        Column("Competitor", "competitor_id", "id"),
        Column("Kind", "kind", "tag"),
        Column("Last outcome", "last_outcome", "tag"),
        Column("Stale", "is_stale", "alarm"),
        Column("Last news", "last_ok_at", "instant"),
        Column("Next", "next_fetch_at", "instant"),
        Column("On", "is_enabled", "switch"),
    ),
    filters=(
        _OF_COMPETITOR,
        Filter("kind", "Kind", ("page", "feed", "api", "push")),
        Filter("outcome", "Last outcome", _OUTCOMES),
        Filter("is_stale", "Stale", ("true", "false")),
    ),
    draft="SourceDraft",
    change="SourceDraft",
    actions=(
        Action(
            "fetch",
            "Fetch it now",
            "POST",
            "/fetch",
            needs_version=False,
            only_when=("kind", ("page", "feed", "api")),
            also_when=("next_fetch_at", ()),
        ),
        Action(
            "delete",
            "Delete it",
            "DELETE",
            "",
            "Its listings and everything that was observed of them go with it. Turned off it would keep them.",
            removes=True,
        ),
    ),
    beside=(
        Beside(
            "Fetches",
            "/fetches",
            (
                Column("At", "at", "instant"),
                Column("Outcome", "outcome", "tag"),
                Column("What there is to say", "detail"),
                Column("Offers", "offers", "number"),
                Column("Status", "status", "number"),
                Column("Bytes", "bytes", "number"),
            ),
        ),
    ),
    references=(_COMPETITOR,),
)

LISTINGS = Subject(
    "listings",
    "listing",
    "Listings",
    "What competitors offer, and which of your products it is.",
    "/api/v1/listings",
    (
        Column("Title", "title"),
        Column("Competitor", "competitor_id", "id"),
        Column("Price", "offer.price", "amount"),
        Column("Availability", "offer.availability", "tag"),
        Column("Match", "match_status", "tag"),
        Column("Our product", "product_id", "id"),
        Column("Seen", "offer.confirmed_at", "instant"),
    ),
    title="title",
    filters=(
        Filter("match_status", "Match", ("proposed", "matched", "unmatched", "ignored")),
        _OF_COMPETITOR,
        Filter("product_id", "Our product"),
    ),
    actions=(
        Action("match", "Match to a product", "PUT", "/match", draft="MatchDecision"),
        Action(
            "ignore",
            "Not in the catalog",
            "POST",
            "/reject",
            "It is not compared with anything, and proposed no more.",
            only_when=("match_status", ("unmatched", "proposed", "matched")),
            has_body=True,
        ),
        Action(
            "unmatch",
            "Undo the match",
            "DELETE",
            "/match",
            "Which product it is is looked for again, among all.",
            only_when=("match_status", ("matched", "ignored")),
        ),
    ),
    beside=(
        Beside(
            "Observations",
            "/observations",
            (
                Column("Since", "observed_at", "instant"),
                Column("Price", "price", "amount"),
                Column("List price", "list_price", "amount"),
                Column("Shipping", "shipping", "amount"),
                Column("Availability", "availability", "tag"),
                Column("Read from", "read_from", "code"),
                Column("Doubted", "doubted_reason"),
            ),
        ),
    ),
    writers=("pricing_manager",),
    pages=(("Matches to confirm", "/admin/listings/matching"),),
    references=(_COMPETITOR, Reference("source_id", "sources", "/api/v1/sources"), _PRODUCT),
    first=("They come with the first prices that a source reports.", "Sources", "/admin/sources"),
)
