"""Whether a price that is limited in time counts now: `2026-02-24T11:07+0100/2026-02-29`, `validThrough`.

Source: schema.org validFrom and validThrough; Google Merchant Center's `sale_price_effective_date`.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)


class Period(NamedTuple):
    """From `since` to before `until`; None is no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def counts_at(self, at: datetime | None) -> bool:
        """Whether an instant lies within it; None asks nothing."""
        if at is None:
            return True
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def changes_after(self, at: datetime | None) -> bool:
        """Whether it begins or ends later."""
        return at is not None and any(bound is not None and bound > at for bound in self)


def read_period(begin: object, end: object) -> Period:
    """A period; a bound that is left out or cannot be read bounds nothing.

    Args:
        begin: ISO 8601, UTC where it names no zone.
        end: As `begin`; a day is meant whole.
    """
    until = _instant(end)
    if until is not None and isinstance(end, str) and _is_day(end):
        # `9999-12-31` is how many say that it has no end.
        until = until + timedelta(days=1) if until < _LAST_DAY else None
    return Period(_instant(begin), until)


def split_period(text: str | None) -> tuple[str, str]:
    """Begin and end of a period that is written with a slash between them."""
    begin, _, end = (text or "").partition("/")
    return begin.strip(), end.strip()


def end_in_utc(text: str | None) -> str | None:
    """The end of a period: a day as it is, an instant in UTC, and what is neither as it is."""
    until = _instant(text)
    if text is None or until is None or _is_day(text):
        return text
    try:
        return until.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return text


def _is_day(text: str) -> bool:
    return len(text.strip()) <= len("2026-02-29")


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        reported = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return reported.replace(tzinfo=UTC) if reported.tzinfo is None else reported
