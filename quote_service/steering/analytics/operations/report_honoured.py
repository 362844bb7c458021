"""What honouring the prices of accepted quotes cost or gained in a period.

Source: docs/spec/analytics.md#honoured-prices.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.reports.honoured import (
    HonouredCurrency,
    HonouredFreshness,
    HonouredReport,
    honoured_change,
    honoured_figures,
    honoured_others,
)
from quote_service.steering.analytics.tables.honoured import checked_until, read_effects, read_quotes

# Who accepts a quote says when, and commits a moment later.
_COMMITTED_WITHIN = timedelta(seconds=2)


async def report_honoured(
    connection: Connection,
    begin: datetime,
    end: datetime,
    currency: str | None,
    limit: int,
    zone: ZoneInfo,
    now: datetime,
) -> HonouredReport:
    """What is told of a period.

    Args:
        connection: Within one snapshot.
        begin: Beginning of the period, on a quarter of an hour.
        end: Its end, likewise or now.
        currency: The only currency to tell of; None for all.
        limit: How many changes of each currency to list one by one.
        zone: Of reports.
        now: The present.
    """
    effects = await read_effects(connection, begin, end, currency, limit)
    blocks = []
    for of_currency, sums in await read_quotes(connection, begin, end, currency):
        reported = [each for each in effects if each.currency == of_currency]
        blocks.append(
            HonouredCurrency(
                currency=of_currency,
                figures=honoured_figures(sums, of_currency),
                changes=[
                    honoured_change(each.kind, each.key, each.sums, of_currency)
                    for each in reported
                    if each.kind is not None and each.key is not None
                ],
                others=next((honoured_others(each.sums, of_currency) for each in reported if each.kind is None), None),
            )
        )
    until = min(await checked_until(connection), now - _COMMITTED_WITHIN)
    return HonouredReport(
        from_=begin,
        to=end,
        time_zone=zone.key,
        freshness=HonouredFreshness(read_at=now, compared_until=until),
        currencies=blocks,
    )
