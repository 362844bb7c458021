"""How often callers may ask."""

from typing import Annotated

from quote_service.platform.settings.fields.analysis import AnalysisSettings
from quote_service.platform.settings.fields.variable import Limit, variable
from quote_service.platform.settings.rate_limit import DEFAULT_RATE_LIMIT, RateLimit


class LimitSettings(AnalysisSettings, frozen=True, kw_only=True):
    rate_limit_admin: Annotated[
        Limit, variable("QUOTE_RATE_LIMIT_ADMIN", "requests of an admin: per second/at once, or `none`")
    ] = DEFAULT_RATE_LIMIT
    rate_limit_pricing_manager: Annotated[
        Limit, variable("QUOTE_RATE_LIMIT_PRICING_MANAGER", "requests of a pricing manager, likewise")
    ] = DEFAULT_RATE_LIMIT
    rate_limit_analyst: Annotated[Limit, variable("QUOTE_RATE_LIMIT_ANALYST", "requests of an analyst, likewise")] = (
        DEFAULT_RATE_LIMIT
    )
    rate_limit_user: Annotated[Limit, variable("QUOTE_RATE_LIMIT_USER", "requests of a shopper, likewise")] = RateLimit(
        requests_per_second=20, burst=40
    )
    rate_limit_guests: Annotated[
        Limit,
        variable(
            "QUOTE_RATE_LIMIT_GUESTS", "pages of the store for all visitors without an account at one address, likewise"
        ),
    ] = RateLimit(requests_per_second=20, burst=100)
    api_streams: Annotated[
        int, variable("QUOTE_API_STREAMS", "event streams of the API that one process keeps open", ge=1, le=100_000)
    ] = 2000
    api_streams_others: Annotated[
        int,
        variable(
            "QUOTE_API_STREAMS_OTHERS",
            "of these, streams of shoppers and API keys; the others are kept for people who work here",
            ge=0,
            le=100_000,
        ),
    ] = 1500
    page_streams: Annotated[
        int,
        variable("QUOTE_PAGE_STREAMS", "pages that one process keeps current while they are open", ge=1, le=100_000),
    ] = 500
    page_streams_guests: Annotated[
        int,
        variable(
            "QUOTE_PAGE_STREAMS_GUESTS",
            "of these, pages of visitors without an account; the others are kept for people who are signed in",
            ge=0,
            le=100_000,
        ),
    ] = 300
    page_streams_address: Annotated[
        int,
        variable(
            "QUOTE_PAGE_STREAMS_ADDRESS",
            "pages of all visitors without an account at one address, and OFREP event streams of one API key there",
            ge=1,
            le=100_000,
        ),
    ] = 30
    page_streams_person: Annotated[
        int, variable("QUOTE_PAGE_STREAMS_PERSON", "pages of one person who is signed in", ge=1, le=100_000)
    ] = 20
