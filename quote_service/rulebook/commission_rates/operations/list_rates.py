"""Commission rates that count now or will, as far as there are not too many of them.

Source: docs/spec/commission.md#managing-rates.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.tables.commission_rates import RATE_ROWS, read_rates

_PAGE = 5000


async def list_rates_to_count(connection: Connection, at: datetime, at_most: int) -> list[RateRecord] | None:
    """The rates that have not ended, by id; None where there are more than `at_most`."""
    found, wanted = list[RateRecord](), Wanted({}, limit=_PAGE)
    while True:
        page = await RATE_ROWS.page(connection, wanted)
        found += [
            each for each in page.rows if each.is_active and (each.effective_to is None or each.effective_to > at)
        ]
        if len(found) > at_most:
            return None
        if page.next is None:
            return found
        wanted = wanted._replace(place=page.next)


async def rates_by_id(connection: Connection, rate_ids: Collection[UUID]) -> dict[UUID, RateRecord]:
    """The current versions of those of some rates that there are, ended ones too."""
    return await read_rates(connection, list(rate_ids)) if rate_ids else {}
