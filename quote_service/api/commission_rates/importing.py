"""Thousands of commission rates at once, as JSON or CSV.

Source: spec 3, Admin; spec 8, "10 MiB on imports".
"""

import asyncio
from typing import Any

from litestar import Request, Response, put

from quote_service.api.access import change_of
from quote_service.api.commission_rates import examples
from quote_service.api.commission_rates.import_rows import rows_of_csv, rows_of_json
from quote_service.api.described import Described
from quote_service.api.idempotency import creating
from quote_service.api.wire.documents import envelope
from quote_service.domain.access import PRICING
from quote_service.domain.errors import RateOverlaps, VersionConflict
from quote_service.domain.rate_records import ImportedRates, RateRow
from quote_service.flows.import_rates import import_rates


@put(
    "/bulk",
    opt={
        "access": PRICING,
        "is_import": True,
        "media_types": ("application/json", "text/csv"),
        "described": Described(
            body=list[RateRow],
            body_example=[examples.TIERED_RATE, {**examples.RATE, "id": examples.RECORD["id"]}],
            answer=ImportedRates,
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
    """
    is_csv = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv"
    # On a thread: this takes long enough to keep quotes waiting.
    rows = await asyncio.to_thread(rows_of_csv if is_csv else rows_of_json, await request.body())
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        imported = await import_rates(creation.connection, change_of(request), rows)
        message = f"{imported.created} created, {imported.changed} changed, {imported.unchanged} as they were"
        return creation.answer(200, envelope(imported, message))
