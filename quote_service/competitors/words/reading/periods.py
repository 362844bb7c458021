"""Whether a price that is limited in time counts now: `2026-02-24T11:07+0100/2026-02-29`, `validThrough`.

Source: schema.org validFrom and validThrough; Google Merchant Center's `sale_price_effective_date`.
"""

from datetime import UTC, datetime, timedelta

_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)


def counts_at(at: datetime | None, begin: object, end: object) -> bool:
    """Whether an instant lies within a period; a bound that is left out or cannot be read bounds nothing.

    Args:
        at: Now; None asks nothing.
        begin: ISO 8601, UTC where it names no zone.
        end: As `begin`; a day is meant whole.
    """
    if at is None:
        return True
    since, until = _instant(begin), _instant(end)
    if until is not None and isinstance(end, str) and len(end.strip()) <= len("2026-02-29"):
        # `9999-12-31` is how many say that it has no end.
        until = until + timedelta(days=1) if until < _LAST_DAY else None
    return (since is None or since <= at) and (until is None or at < until)


def counts_within(at: datetime | None, period: str | None) -> bool:
    """As `counts_at`, of a begin and an end with a slash between them."""
    begin, _, end = (period or "").partition("/")
    return counts_at(at, begin, end)


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told
