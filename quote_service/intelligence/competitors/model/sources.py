"""Sources as they are written and shown: pages, feeds, APIs, and what is pushed.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.intelligence.competitors.model.batches import FetchBatch
from quote_service.intelligence.competitors.model.competitors import Name
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.reading.choose_offer import WhenSeveral
from quote_service.intelligence.competitors.model.reading.read_feed import FeedFormat
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Factor
from quote_service.platform.system.errors import Conflict

SOURCES_MAX = 100_000
ITEMS_MAX = 20_000

SourceKind = Literal["page", "feed", "api", "push"]
ConnectorName = Literal["json", "amazon", "ebay", "walmart"]
DisabledReason = Literal["by_hand", "challenge", "gone"]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Currency = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
Country = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{2}$"})]
Selector = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
FieldPath = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Fields = Annotated[dict[str, FieldPath], msgspec.Meta(max_length=20)]
Credentials = Annotated[
    dict[str, Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]], msgspec.Meta(max_length=10)
]


class TooManySources(Conflict):
    code = "too-many-sources"
    title = "Too many sources"


class UploadRefused(Conflict):
    code = "source-takes-no-upload"
    title = "The source takes no upload"


class PushRefused(Conflict):
    code = "source-takes-no-push"
    title = "The source takes no observations"


class PageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A product page."""

    url: Url
    """The page: an http or https URL that leads to a public address."""
    product_id: UUID | None = None
    """Our product that the page is about; null to find it by GTIN or SKU, or by a person."""
    variant_id: UUID | None = None
    """The variant of our product."""
    units: Factor = ExactNumber("1")
    """How many units of ours one of theirs holds."""
    sku: Code | None = None
    """The SKU of the offer that is meant, where the page has several."""
    gtin: Code | None = None
    """The GTIN of the offer that is meant, where the page has several."""
    when_several: WhenSeveral = "refuse"
    """What to do where the page has several prices: `refuse` all, or take the `lowest`."""
    price_selector: Selector | None = None
    """CSS selector of the price, for pages without structured data."""
    list_price_selector: Selector | None = None
    """CSS selector of the price before a reduction."""
    availability_selector: Selector | None = None
    """CSS selector of the word for availability."""
    prefers_selector: bool = False
    """Whether the selector goes before structured data, where it finds something."""


class FeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A feed of many products."""

    format: FeedFormat
    """`csv` (also with tabs or semicolons), `ndjson`, or the XML of Google Merchant Center."""
    url: Url | None = None
    """Where it is fetched; null for a feed that is only uploaded."""
    fields: Fields = {}
    """Names of its columns by ours (`id`, `title`, `price`, ...), where they are not those of Google Merchant Center."""


class ApiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An API that is asked for products."""

    connector: ConnectorName
    """`json` for any API that answers JSON, or the marketplace."""
    url: Url | None = None
    """With `json`: what is fetched. With a marketplace: another address of its API, such as that of its sandbox."""
    items: Annotated[list[Code], msgspec.Meta(max_length=ITEMS_MAX)] = []
    """With a marketplace: the ids of the products asked for, such as ASINs."""
    marketplace: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] | None = None
    """With Amazon and eBay: which of their marketplaces, such as `A1PA6795UKMFR9` or `EBAY_DE`."""
    items_path: FieldPath | None = None
    """With `json`: where the products stand in the answer, such as `data.items`; null where the answer is one, or a list."""
    fields: Fields = {}
    """With `json`: paths within a product by our names (`id`, `title`, `price`, ...), such as `pricing.amount`."""
    header: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,60}$")] | None = None
    """With `json`: the request header that carries the credential `value`, such as `X-API-Key`."""


class SourceDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A source as it is written; the settings of its kind are given, and no others."""

    competitor_id: UUID
    """The competitor whose prices it tells."""
    name: Name
    """Name of the source, for people."""
    kind: SourceKind
    """How prices come: from a page, a feed or an API that is fetched, or pushed."""
    page: PageSettings | None = None
    """With the kind `page`."""
    feed: FeedSettings | None = None
    """With the kind `feed`."""
    api: ApiSettings | None = None
    """With the kind `api`."""
    currency: Currency | None = None
    """ISO 4217 code where a price names none, or only a sign such as `$`."""
    country: Country | None = None
    """ISO 3166-1 code of where goods are delivered to, where shipping is told by country."""
    interval_seconds: Annotated[int, msgspec.Meta(ge=300, le=30 * 86_400)] = 21_600
    """How often it is fetched."""
    stale_after_seconds: Annotated[int, msgspec.Meta(ge=300, le=365 * 86_400)] | None = None
    """After how long without news its prices are stale, and decide nothing. Null for three intervals."""
    is_enabled: bool = True
    """Whether it is fetched, or may be pushed to."""
    credentials: Credentials | UnsetType | None = UNSET
    """What the API wants of its callers, by name; never shown again. Left out: as they are. Null takes them away."""


class SourceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A source as it is kept."""

    id: UUID
    """Identifies the source."""
    competitor_id: UUID
    """The competitor whose prices it tells."""
    name: str
    """Name of the source."""
    kind: SourceKind
    """How prices come."""
    page: PageSettings | None
    """The settings of a page; null for another kind."""
    feed: FeedSettings | None
    """The settings of a feed; null for another kind."""
    api: ApiSettings | None
    """The settings of an API; null for another kind."""
    currency: str | None
    """ISO 4217 code where a price names none."""
    country: str | None
    """ISO 3166-1 code of where goods are delivered to."""
    interval_seconds: int
    """How often it is fetched."""
    stale_after_seconds: int
    """After how long without news its prices are stale."""
    is_enabled: bool
    """Whether it is fetched, or may be pushed to."""
    disabled_reason: DisabledReason | None
    """Why it is disabled: `by_hand`, or because the server asked for proof of a human (`challenge`) or said 410 (`gone`)."""
    has_credentials: bool
    """Whether credentials are kept for it."""
    next_fetch_at: datetime | None
    """When it is fetched next, at the earliest; null while it is not fetched."""
    last_fetch_at: datetime | None
    """When it was last fetched or pushed to; null if never."""
    last_outcome: Outcome | None
    """How that ended; null if it never was."""
    last_detail: str
    """What there is to say of it."""
    last_ok_at: datetime | None
    """When it last told prices, or that they are unchanged; null if never."""
    failures: int
    """How many fetches in a row have failed and brought nothing."""
    is_stale: bool
    """Whether it has reported nothing for so long that its prices are no longer used."""
    version: int
    """Version of the source, from 1; it goes up with every change of its settings, and `ETag` follows it."""
    created_at: datetime
    """When the source was created."""
    updated_at: datetime
    """When this version was made."""
    created_by: str
    """Id of who created the source."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of who made this version."""


class FetchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One fetch of a source, or one push to it: the evidence of what was there."""

    id: UUID
    """Identifies the fetch."""
    at: datetime
    """When it was."""
    outcome: Outcome
    """How it ended."""
    detail: str
    """What there is to say of it."""
    url: str
    """What was fetched, after redirects; empty for a push."""
    status: int | None
    """HTTP status of the answer; null without one."""
    seconds: float | None
    """How long it took; null for a push."""
    bytes: int
    """Length of what came."""
    sha256: str | None
    """SHA-256 of what came, in hexadecimal; null if nothing did."""
    offers: int
    """How many offers were read."""
    batches: list[FetchBatch]
    """Where it took many requests: how they ended, in the order in which they were sent; empty otherwise."""
