"""Thousands of commission rates at once, as JSON or CSV.

Source: spec 3, Admin; spec 8, "10 MiB on imports".
"""

import asyncio
from typing import Any

from litestar import Request, Response, put

from quote_service.api.access import change_of
from quote_service.api.commission_rates import examples
from quote_service.api.commission_rates.import_rows import rows_of_csv, rows_of_json
from quote_service.api.commission_rates.warnings import ROWS_CHECKED_MAX, RatesImported, rates_imported, warnings_of
from quote_service.api.described import Described
from quote_service.api.idempotency import creating
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope
from quote_service.domain.access import PRICING
from quote_service.domain.errors import RateOverlaps, VersionConflict
from quote_service.domain.rate_records import RateRow
from quote_service.flows.import_rates import ids_for, import_rates


@put(
    "/bulk",
    opt={
        "access": PRICING,
        "is_import": True,
        "media_types": ("application/json", "text/csv"),
        "described": Described(
            body=list[RateRow],
            body_example=[examples.TIERED_RATE, {**examples.RATE, "id": examples.RECORD["id"]}],
            body_examples={"text/csv": examples.CSV_SENT},
            answer=RatesImported,
            answer_example=examples.IMPORTED,
            message="1 created, 1 changed, 0 as they were",
            repeatable=True,
            problems=(RateOverlaps, VersionConflict),
        ),
    },
)
async def import_commission_rates(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Make and replace up to 10 000 commission rates, all or none.

    A row with an `id` replaces that rate, one without makes a new rate; a row that means what its rate means already
    changes nothing. Faults name each row and field, as `/0/rate`. CSV has the columns of the export, in any order.
    `warnings` are what the rule check finds about up to 200 rows; for more `is_checked` is false.
    """
    is_csv = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv"
    # On a thread: this takes long enough to keep quotes waiting.
    rows = await asyncio.to_thread(rows_of_csv if is_csv else rows_of_json, await request.body())
    change = change_of(request)
    ids = ids_for(rows, change)
    warnings = None
    if len(rows) <= ROWS_CHECKED_MAX:
        warnings = await warnings_of(runtime_of(request), change, list(zip(ids, rows, strict=True)))
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        imported = await import_rates(creation.connection, change, rows, ids)
        message = f"{imported.created} created, {imported.changed} changed, {imported.unchanged} as they were"
        return creation.answer(200, envelope(rates_imported(imported, warnings), message))
