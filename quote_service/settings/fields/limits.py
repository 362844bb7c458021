"""How often callers may ask."""

from typing import Annotated

from quote_service.settings.fields.analysis import AnalysisSettings
from quote_service.settings.fields.variable import Limit, variable
from quote_service.settings.rate_limit import DEFAULT_RATE_LIMIT, RateLimit


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
