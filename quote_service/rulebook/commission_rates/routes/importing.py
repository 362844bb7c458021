"""Thousands of commission rates at once, as JSON or CSV.

Source: docs/spec/commission.md#managing-rates; docs/spec/access.md#bounds-on-requests.
"""

import asyncio
from typing import Any

from litestar import Request, Response, put

from quote_service.platform.callers.access import RATE_WRITERS
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import RateOverlaps, VersionConflict
from quote_service.rulebook.commission_rates.model.rate_records import RateRow
from quote_service.rulebook.commission_rates.operations.import_rates import ids_for, import_rates
from quote_service.rulebook.commission_rates.routes import examples
from quote_service.rulebook.commission_rates.routes.import_rows import rows_of_csv, rows_of_json
from quote_service.rulebook.commission_rates.routes.warnings import (
    ROWS_CHECKED_MAX,
    RatesImported,
    rates_imported,
    warnings_of,
)


@put(
    "/bulk",
    opt={
        "access": RATE_WRITERS,
        "is_import": True,
        "media_types": ("application/json", "text/csv"),
        "described": Described(
            body=list[RateRow],
            body_example=[examples.TIERED_RATE, {**examples.RATE, "id": examples.RECORD["id"]}],
            body_examples={"text/csv": examples.CSV_SENT},
            answer=RatesImported,
            answer_example=examples.IMPORTED,
            message="1 created, 1 changed, 0 unchanged",
            repeatable=True,
            problems=(RateOverlaps, VersionConflict),
        ),
    },
)
async def import_commission_rates(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Import commission rates.

    Creates and replaces up to 10 000 rates; if one row is invalid, nothing is changed. A row with an `id` replaces
    that rate, a row without creates one, and a row that matches its rate changes nothing. Errors point at row and
    field, such as `/0/rate`. CSV has the columns of the export, in any order. `warnings` holds what the rule check
    finds for up to 200 rows; for more, `is_checked` is false.
    """
    is_csv = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv"
    # On a thread: this takes long enough to keep quotes waiting.
    default_currency = parts_of(request)[Settings].default_currency or None
    read = rows_of_csv if is_csv else rows_of_json
    rows = await asyncio.to_thread(read, await request.body(), default_currency)
    change = change_of(request)
    ids = ids_for(rows, change)
    warnings = None
    if len(rows) <= ROWS_CHECKED_MAX:
        warnings = await warnings_of(parts_of(request), change, list(zip(ids, rows, strict=True)))
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        imported = await import_rates(creation.connection, change, rows, ids)
        message = f"{imported.created} created, {imported.changed} changed, {imported.unchanged} unchanged"
        return creation.answer(200, envelope(rates_imported(imported, warnings), message))
