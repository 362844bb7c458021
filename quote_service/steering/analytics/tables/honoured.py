"""Accepted quotes that wait to be compared, and the sums of what was found.

Source: docs/spec/analytics.md#honoured-prices.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.pricing.honoured.find_difference import CauseKind
from quote_service.steering.analytics.model.honoured import AcceptedOffer, EffectSums, HonouredSums, QuoteSums
from quote_service.steering.analytics.model.reports.times import ceil_to, floor_to

STATEMENTS = Statements(__file__, "honoured")
_UNCHECK = tuple(STATEMENTS[name] for name in ("remove_quotes", "remove_effects", "remove_unchecked", "uncheck"))
_HOURS: Final = 24 * 3600.0
_UTC: Final = ZoneInfo("UTC")


class SummedQuotes(NamedTuple):
    """The sums of a currency over a period."""

    currency: str
    sums: QuoteSums


class SummedEffect(NamedTuple):
    """What one change made of them; `kind` and `key` are None for all those that are not listed one by one."""

    currency: str
    kind: CauseKind | None
    key: str | None
    sums: EffectSums


@STATEMENTS.query()
async def take_unchecked(connection: Connection, limit: int, settle_seconds: float) -> list[UUID]:
    """Take out up to so many quotes that were accepted at least so many seconds ago; the transaction is to count them."""


@STATEMENTS.query()
async def read_accepted(connection: Connection, quote_ids: Sequence[UUID]) -> list[AcceptedOffer]:
    """Accepted quotes, by the instant of it."""


async def add_sums(connection: Connection, sums: HonouredSums) -> None:
    """Add what was found, in one order for all processes."""
    quotes = sorted(sums.quotes.items(), key=lambda each: each[0])
    effects = sorted(sums.effects.items(), key=lambda each: each[0])
    if quotes:
        rows = [(*key, *msgspec.structs.astuple(held)) for key, held in quotes]
        await connection.execute(STATEMENTS["add_quotes"], *map(list, zip(*rows, strict=True)))
    if effects:
        rows = [(*key, kind, name, *msgspec.structs.astuple(held)) for (key, kind, name), held in effects]
        await connection.execute(STATEMENTS["add_effects"], *map(list, zip(*rows, strict=True)))


async def read_quotes(
    connection: Connection, begin: datetime, end: datetime, currency: str | None
) -> list[SummedQuotes]:
    """The sums of each currency over a period, or of one."""
    rows = await connection.fetch(STATEMENTS["quotes"], begin, end, currency, *_whole_days(begin, end))
    return [SummedQuotes(row[0], QuoteSums(*row[1:])) for row in rows]


async def read_effects(
    connection: Connection, begin: datetime, end: datetime, currency: str | None, limit: int
) -> list[SummedEffect]:
    """The changes that made most of them: so many of each currency, and then the rest together."""
    rows = await connection.fetch(STATEMENTS["effects"], begin, end, currency, *_whole_days(begin, end), limit)
    return [SummedEffect(row[0], row[1], row[2], EffectSums(*row[3:6])) for row in rows]


async def uncheck_all(connection: Connection) -> None:
    """Have every accepted quote compared again, from the first on; the caller holds the lock of those who compare."""
    for statement in _UNCHECK:
        await connection.execute(statement, timeout=_HOURS)


async def checked_until(connection: Connection) -> datetime:
    """Before which instant every accepted quote has been compared."""
    row = await connection.fetchrow(STATEMENTS["unchecked_since"])
    assert row is not None  # a query of scalars alone answers with one row
    since, now = row
    found: datetime = now if since is None else since
    return found


def _whole_days(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    """From which to before which day, in UTC, all days lie in a period; two of its ends where none does."""
    first, last = ceil_to("day", begin, _UTC), floor_to("day", end, _UTC)
    return (first, last) if first < last else (end, end)
