"""Thousands of commission rates at once, as JSON or CSV.

Source: docs/spec/commission.md#managing-rates; docs/spec/access.md#bounds-on-requests.
"""

import asyncio
from uuid import UUID

from quote_service.platform.callers.access import RATE_WRITERS
from quote_service.platform.http.endpoints.connections import CreatingChange
from quote_service.platform.http.endpoints.endpoint import put
from quote_service.platform.http.endpoints.results import Answer
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import RateOverlaps, VersionConflict
from quote_service.platform.system.parts import Parts
from quote_service.pricing.check.finding import Finding
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


async def _rows(request: AnyRequest, settings: Settings) -> list[RateRow]:
    is_csv = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv"
    # On a thread: this takes long enough to keep quotes waiting.
    return await asyncio.to_thread(
        rows_of_csv if is_csv else rows_of_json, await request.body(), settings.default_currency or None
    )


def _ids(rows: list[RateRow], change: Author) -> list[UUID]:
    return ids_for(rows, change)


async def _warnings(parts: Parts, change: Author, rows: list[RateRow], ids: list[UUID]) -> list[Finding] | None:
    if len(rows) > ROWS_CHECKED_MAX:
        return None
    return await warnings_of(parts, change, list(zip(ids, rows, strict=True)))


@put(
    "/bulk",
    access=RATE_WRITERS,
    dependencies={"rows": _rows, "ids": _ids, "warnings": _warnings},
    body_example=[examples.TIERED_RATE, {**examples.RATE, "id": examples.RECORD["id"]}],
    message="1 created, 1 changed, 0 unchanged",
    body=list[RateRow],
    body_examples={"text/csv": examples.CSV_SENT},
    problems=(RateOverlaps, VersionConflict),
    is_import=True,
    media_types=("application/json", "text/csv"),
)
async def import_commission_rates(
    change: CreatingChange, rows: list[RateRow], ids: list[UUID], warnings: list[Finding] | None
) -> Answer[RatesImported]:
    """Import commission rates.

    Creates and replaces up to 10 000 rates; if one row is invalid, nothing is changed. A row with an `id` replaces
    that rate, a row without creates one, and a row that matches its rate changes nothing. Errors point at row and
    field, such as `/0/rate`. CSV has the columns of the export, in any order. `warnings` holds what the rule check
    finds for up to 200 rows; for more, `is_checked` is false.
    """
    imported = await import_rates(change, rows, ids)
    message = f"{imported.created} created, {imported.changed} changed, {imported.unchanged} unchanged"
    return Answer(rates_imported(imported, warnings), message)
