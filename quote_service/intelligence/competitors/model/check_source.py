"""What is wrong with a well-formed draft of a source.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from collections.abc import Iterator

from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.reading.read_rows import ROW_FIELDS
from quote_service.intelligence.competitors.model.sources import ApiSettings, FeedSettings, PageSettings, SourceDraft
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.outbound.urls import check_url
from quote_service.platform.system.errors import Fault
from quote_service.pricing.countries import COUNTRIES

#: Headers that say how a request is framed, whom it is for and who sends it, which are ours to say.
_OUR_HEADERS = frozenset(
    "accept accept-encoding connection content-length expect host if-modified-since if-none-match keep-alive proxy-authorization "
    "proxy-connection te trailer transfer-encoding upgrade user-agent".split()
)
#: What each connector wants of its credentials.
CREDENTIALS_OF = {
    "json": frozenset({"value"}),
    "amazon": frozenset({"client_id", "client_secret", "refresh_token"}),
    "ebay": frozenset({"client_id", "client_secret"}),
    "walmart": frozenset({"consumer_id", "private_key", "key_version"}),
}


def source_faults(draft: SourceDraft, networks: Networks) -> tuple[Fault, ...]:
    """Every fault; `networks` says where requests may go."""
    return tuple(_faults(draft, networks))


def _faults(draft: SourceDraft, networks: Networks) -> Iterator[Fault]:
    for kind in ("page", "feed", "api"):
        settings = getattr(draft, kind)
        if kind == draft.kind and settings is None:
            yield Fault(f"/{kind}", f"is required for the kind `{kind}`")
        elif kind != draft.kind and settings is not None:
            yield Fault(f"/{kind}", f"does not belong to the kind `{draft.kind}`")
    if draft.currency is not None and draft.currency not in EXPONENTS:
        yield Fault("/currency", "is not an ISO 4217 code")
    if draft.country is not None and draft.country not in COUNTRIES:
        yield Fault("/country", "is not an ISO 3166-1 alpha-2 country code, such as DE")
    if draft.stale_after_seconds is not None and draft.stale_after_seconds < draft.interval_seconds:
        yield Fault("/stale_after_seconds", "must be at least interval_seconds")
    if draft.page is not None:
        yield from _page_faults(draft.page, networks)
    if draft.feed is not None:
        yield from _feed_faults(draft.feed, networks)
    if draft.api is not None:
        yield from _api_faults(draft.api, networks)
    yield from _credential_faults(draft)


def _page_faults(page: PageSettings, networks: Networks) -> Iterator[Fault]:
    yield from _url_fault("/page/url", page.url, networks)
    if page.gtin is not None and gtin_14(page.gtin) is None:
        yield Fault(
            "/page/gtin", "is not a GTIN: its length or check digit is wrong, or it is for use within a company"
        )
    if page.variant_id is not None and page.product_id is None:
        yield Fault("/page/variant_id", "needs a product_id")
    if not 0 < page.units < 1_000_000:
        yield Fault("/page/units", "must be more than 0 and less than 1000000")
    for name in ("list_price_selector", "availability_selector"):
        if getattr(page, name) is not None and page.price_selector is None:
            yield Fault(f"/page/{name}", "needs a price_selector")


def _feed_faults(feed: FeedSettings, networks: Networks) -> Iterator[Fault]:
    if feed.url is not None:
        yield from _url_fault("/feed/url", feed.url, networks)
    yield from _field_faults("/feed/fields", feed.fields)


def _api_faults(api: ApiSettings, networks: Networks) -> Iterator[Fault]:
    if api.url is not None:
        yield from _url_fault("/api/url", api.url, networks)
    yield from _field_faults("/api/fields", api.fields)
    if api.header is not None and api.header.lower() in _OUR_HEADERS:
        yield Fault("/api/header", f"{api.header} is not for credentials: requests have one of their own")
    if api.connector == "json":
        if api.url is None:
            yield Fault("/api/url", "is required for the connector `json`")
        if api.items:
            yield Fault("/api/items", "belongs to marketplaces; name them in the URL")
        return
    if not api.items:
        yield Fault("/api/items", "is required: the ids that the marketplace is asked for")
    seen: set[str] = set()
    for index, item in enumerate(api.items):
        if item in seen:
            yield Fault(f"/api/items/{index}", "is given more than once")
        seen.add(item)
        if not (item.isascii() and item.isprintable()) or " " in item or "," in item:
            yield Fault(f"/api/items/{index}", "is not an id: it has blanks, commas or letters beyond ASCII")
    if api.connector in ("amazon", "ebay") and api.marketplace is None:
        yield Fault("/api/marketplace", f"is required for the connector `{api.connector}`")


def _credential_faults(draft: SourceDraft) -> Iterator[Fault]:
    given = draft.credentials
    if not isinstance(given, dict):
        return
    if draft.api is None:
        yield Fault("/credentials", "belong to the kind `api`")
        return
    wanted = CREDENTIALS_OF[draft.api.connector]
    if given.keys() != wanted:
        yield Fault("/credentials", f"must be {', '.join(sorted(wanted))}")
    if draft.api.connector == "json":
        if draft.api.header is None:
            yield Fault("/api/header", "is required with credentials: the header that carries them")
        value = given.get("value", "")
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            yield Fault(
                "/credentials/value", "must be visible ASCII, without blanks at its ends: it is sent as a header"
            )


def _field_faults(pointer: str, fields: dict[str, str]) -> Iterator[Fault]:
    for name in fields:
        if name not in ROW_FIELDS:
            yield Fault(pointer, f"has no field {name!r}; there are {', '.join(ROW_FIELDS)}")


def _url_fault(pointer: str, url: str, networks: Networks) -> Iterator[Fault]:
    try:
        check_url(url, networks)
    except ValueError as refused:
        yield Fault(pointer, str(refused))
