"""All commission rates as CSV that an import takes back unchanged.

Source: spec 3, Admin.
"""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, get
from litestar.response import Stream

from quote_service.api.commission_rates import examples
from quote_service.api.commission_rates.csv_rows import csv_header, write_csv
from quote_service.api.described import Described
from quote_service.api.runtime import runtime_of
from quote_service.domain.access import READERS
from quote_service.domain.rate_records import RateRecord
from quote_service.flows.export_rates import export_rates

_CSV = "text/csv"


@get("/export", opt={"access": READERS, "described": Described(form="csv", answer_example=examples.CSV_EXPORTED)})
async def export_commission_rates(request: Request[Any, Any, Any]) -> Stream:
    """All commission rates as CSV, by id, ended ones too.

    It shows one moment, however long the reading takes. An import takes it back and finds everything as it was.
    """
    pages = export_rates(runtime_of(request).database)
    # The first page is fetched before the answer starts, so that a database that is away is still a 503.
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
