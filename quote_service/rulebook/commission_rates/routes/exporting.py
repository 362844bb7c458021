"""All commission rates as CSV that an import takes back unchanged.

Source: docs/spec/commission.md#managing-rates.
"""

from collections.abc import AsyncIterator

from litestar.response import Stream

from quote_service.platform.callers.access import RATE_READERS
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.postgres.pool import Database
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.operations.export_rates import export_rates
from quote_service.rulebook.commission_rates.routes import examples
from quote_service.rulebook.commission_rates.routes.csv_rows import csv_header, write_csv

_CSV = "text/csv"


@get("/export", access=RATE_READERS, example=examples.CSV_EXPORTED, form="csv")
async def export_commission_rates(database: Database) -> Stream:
    """Export commission rates as CSV.

    All rates by id, including ended ones, as of one instant. The export can be imported again without changing
    anything.
    """
    pages = export_rates(database)
    # The first page is fetched before the answer starts, so that a database that is unavailable is still a 503.
    first: list[RateRecord] = await anext(pages, [])
    return Stream(
        _lines(first, pages),
        media_type=_CSV,
        headers={"Content-Disposition": 'attachment; filename="commission-rates.csv"'},
    )


async def _lines(first: list[RateRecord], rest: AsyncIterator[list[RateRecord]]) -> AsyncIterator[bytes]:
    yield csv_header() + write_csv(first)
    async for page in rest:
        yield write_csv(page)
