"""The routes of reports: who may read them, and their answers as JSON or CSV.

Source: docs/spec/analytics.md#reports.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

import msgspec
from litestar import Response

from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.endpoints.endpoint import Endpoint, get
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.operations.report_head import zones_of_report
from quote_service.steering.analytics.routes.read_report import CSV, PeriodParameters, form_of
from quote_service.steering.analytics.tables.report_rows import FIGURES, Rollup

Report = TypeVar("Report", bound=msgspec.Struct)
#: Makes a report, of one state of the database, by the time zone that is asked for; the present is in microseconds.
Make = Callable[[Connection, Zones, int], Awaitable[Report]]


def report_route(
    path: str, name: str, answer: type[msgspec.Struct], query: type[msgspec.Struct], example: Any, example_csv: str
) -> Endpoint:
    """A route of a report, under its title, for whoever may read reports."""
    return get(
        path,
        access=REPORT_READERS,
        answer=answer,
        example=example,
        also={CSV: example_csv},
        message=name,
        query=query,
        problems=OF_LIMITED_WORK,
        tag="Analytics",
    )


async def answer_report(
    request: AnyRequest,
    given: PeriodParameters,
    make: Make[Report],
    lines: Callable[[Report], bytes],
    name: str,
    file: str = "",
    rollups: Collection[Rollup] = FIGURES,
) -> Response[bytes]:
    """A report of some rollups in the form that is wanted; `file` is the name of the table, that of the report unless given."""
    parts, at_us = parts_of(request), now_us()
    async with parts[CalculationLimiter].enter():
        async with parts[Database].snapshot() as connection:
            zones = await zones_of_report(connection, parts[Settings], given.time_zone, rollups)
            made = await make(connection, zones, at_us)
        if form_of(given, request) == "csv":
            body = await asyncio.to_thread(lines, made)
            headers = {"Content-Disposition": f'attachment; filename="{file or name.lower()}.csv"', "Vary": "Accept"}
            return Response(body, media_type=CSV, headers=headers)
        # On a thread: so many figures take longer to write than quotes would wait for.
        body = await asyncio.to_thread(envelope, made, name)
    return Response(body, media_type=JSON, headers={"Vary": "Accept"})
