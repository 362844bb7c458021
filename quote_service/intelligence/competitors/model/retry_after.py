"""What `Retry-After` asks for.

Source: RFC 9110, Retry-After; docs/spec/competitors.md#politeness.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from quote_service.intelligence.competitors.model.outcomes import BACK_OFF_MAX_SECONDS


def retry_after_seconds(headers: Mapping[str, object], at: datetime) -> float:
    """Seconds from now, told in seconds or as a date; 0 where it cannot be read, and never more than a day.

    Args:
        headers: With their names in any case.
        at: Now, with its time zone.
    """
    reported = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    text = str(reported).strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), BACK_OFF_MAX_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        return 0.0
    return min(max((until - at).total_seconds(), 0.0), BACK_OFF_MAX_SECONDS)
