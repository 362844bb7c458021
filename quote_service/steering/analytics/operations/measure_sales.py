"""Measure what is the same whichever process is asked: what was sold and earned, and how current that is.

Source: docs/spec/analytics.md#metrics.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.steering.analytics.tables.measures import (
    count_shown_flags,
    count_waiting,
    read_ages,
    read_sold,
    read_take_rates,
)

Measured = Iterable[tuple[Labels, float]]
FLAGS_MAX = 50


async def measure_orders(database: Database) -> Measured:
    """Orders that were placed, by currency.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        return [({"currency": sold.currency}, float(sold.orders)) for sold in await read_sold(connection)]


async def measure_revenue(database: Database) -> Measured:
    """What customers paid less what they got back, in the currency's major unit.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        sold = await read_sold(connection)
    return [({"currency": each.currency}, float(each.revenue_minor) / 10 ** EXPONENTS[each.currency]) for each in sold]


async def measure_commission(database: Database) -> Measured:
    """Commission earned less what was given back, without a tax that it contains, in the currency's major unit.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        sold = await read_sold(connection)
    return [
        ({"currency": each.currency}, float(each.commission_minor) / 10 ** EXPONENTS[each.currency]) for each in sold
    ]


async def measure_take_rates(database: Database) -> Measured:
    """Commission by what it is charged on, of the orders of the last 24 hours: 0.1 is 10 %.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        rates = await read_take_rates(connection)
    return [({"currency": currency}, rate) for currency, rate in rates.items()]


async def measure_flags(database: Database) -> Measured:
    """Quotes of the last 24 hours that show a flag, by the variant or value that it gave; the most frequent.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        shown = await count_shown_flags(connection, FLAGS_MAX)
    parted = ((*flag.partition("="), quotes) for flag, quotes in shown.items())
    return [({"flag": key, "variant": variant}, float(quotes)) for key, _, variant, quotes in parted]


async def measure_waiting(database: Database) -> Measured:
    """What was sold or given back and is not in the figures yet.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, float(await count_waiting(connection)))]


async def measure_ages(database: Database) -> Measured:
    """How long ago figures were last brought up to date, in seconds, by what they are of.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        ages = await read_ages(connection)
    return [({"source": source}, seconds) for source, seconds in ages.items()]


SALES_FIGURES: Final[tuple[tuple[str, str, Callable[[Database], Awaitable[Measured]]], ...]] = (
    ("quote_sales_orders", "Orders placed since the first", measure_orders),
    ("quote_sales_revenue", "What customers paid, less what they got back, in the major unit", measure_revenue),
    ("quote_sales_commission", "Commission earned, less what was given back, in the major unit", measure_commission),
    ("quote_sales_take_rate", "Commission of the last 24 hours by what it is charged on", measure_take_rates),
    ("quote_flag_adoption", "Quotes of the last 24 hours by what flags gave", measure_flags),
    ("quote_analytics_waiting", "What is sold and not in the figures yet, up to 10 000", measure_waiting),
    ("quote_analytics_age_seconds", "How long ago figures were last brought up to date", measure_ages),
)
