"""Count a flash sale, and work out what that says.

Source: docs/spec/flash-sales.md#analytics.
"""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.flash_sales.analytics.analyze_sale import analyze_sale as work_out
from quote_service.selling.flash_sales.analytics.compare_prices import DAYS_BEFORE
from quote_service.selling.flash_sales.analytics.local_periods import day_starts, hour_starts
from quote_service.selling.flash_sales.model.analytics import SaleAnalytics
from quote_service.selling.flash_sales.model.counted import (
    CountedBuyers,
    CountedProduct,
    CountedSale,
    Peaks,
    SoldBefore,
)
from quote_service.selling.flash_sales.tables.analytics import (
    count_days,
    count_purchases,
    find_peaks,
    sale_times,
    sold_by_quotes,
    sold_in_earlier_sales,
    viewed_items,
)

_NONE = SoldBefore()


async def analyze_sale(database: Database, sale_id: UUID, zone: ZoneInfo) -> SaleAnalytics:
    """A sale's figures, all of one instant, as far as it is recorded.

    Args:
        database: Of the service.
        sale_id: Which sale.
        zone: Decides where days and hours begin.

    Raises:
        NotFound: There is no such sale.
        Unavailable: PostgreSQL gave no answer in time.
    """
    async with database.snapshot() as connection:
        counted = await _count(connection, sale_id, zone)
    return work_out(counted, zone)


async def _count(connection: Connection, sale_id: UUID, zone: ZoneInfo) -> CountedSale:
    times = await sale_times(connection, sale_id)
    items = await viewed_items(connection, sale_id)
    ids = [item.id for item in items]
    purchases = await count_purchases(connection, ids)
    everybody = purchases.buyers.get(None, CountedBuyers())
    days, hours = _periods(zone, everybody)
    by_day = await count_days(connection, ids, days)
    peaks = await find_peaks(connection, ids, hours)
    before = (times.starts_at - timedelta(days=DAYS_BEFORE), times.starts_at)
    earlier = await sold_in_earlier_sales(connection, ids, *before)
    quoted = await sold_by_quotes(connection, ids, *before)
    return CountedSale(
        sale_id=sale_id,
        state=times.state,
        starts_at=times.starts_at,
        on_sale_until=times.on_sale_until,
        at=times.at,
        timezone=zone.key,
        days=days,
        customers=everybody.customers,
        peaks=peaks.get(None, Peaks()),
        products=[
            CountedProduct(
                product_id=item.product_id,
                currency=item.currency,
                allocated=item.allocated,
                views=item.views,
                outcomes=purchases.outcomes[item.id],
                buyers=purchases.buyers.get(item.id, CountedBuyers()),
                days=by_day[item.id],
                peaks=peaks.get(item.id, Peaks()),
                earlier_sales=earlier.get(item.id, _NONE),
                accepted_quotes=quoted.get(item.id, _NONE),
            )
            for item in items
        ],
    )


def _periods(zone: ZoneInfo, buyers: CountedBuyers) -> tuple[list[datetime], list[datetime]]:
    """Days and hours from the first purchase to the last: a sale may be announced for years."""
    if buyers.first_at is None or buyers.last_at is None:
        return [], []
    return day_starts(zone, buyers.first_at, buyers.last_at), hour_starts(zone, buyers.first_at, buyers.last_at)
