"""What reports count, by which days, and for how long."""

from typing import Annotated

from quote_service.platform.settings.fields.limits import LimitSettings
from quote_service.platform.settings.fields.variable import Switch, variable


class ReportSettings(LimitSettings, frozen=True, kw_only=True):
    analytics: Annotated[
        Switch, variable("QUOTE_ANALYTICS", "on: quotes are counted for reports; or off, and reports have none")
    ] = "on"
    time_zone: Annotated[
        str,
        variable(
            "QUOTE_TIME_ZONE",
            "IANA time zone that days and months of reports begin by; later changes need `analytics rebuild`",
            min_length=1,
        ),
    ] = "UTC"
    analytics_hour_days: Annotated[
        int, variable("QUOTE_ANALYTICS_HOUR_DAYS", "days that reports can be read by the hour", ge=2, le=3650)
    ] = 62
    analytics_day_days: Annotated[
        int,
        variable("QUOTE_ANALYTICS_DAY_DAYS", "days that reports can be read by the day; months stay", ge=62, le=36_500),
    ] = 3650
