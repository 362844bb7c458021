"""What honouring the prices of quotes cost or gained, as JSON or CSV.

Source: docs/spec/analytics.md#honoured-prices.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get

from quote_service.access.words.access import REPORT_READERS
from quote_service.analytics.operations.report_head import zone_of_reports
from quote_service.analytics.operations.report_honoured import report_honoured
from quote_service.analytics.routes.honoured_examples import HONOURED, HONOURED_CSV
from quote_service.analytics.routes.read_report import CSV, LIMIT_MAX, PeriodParameters, form_of, read_period
from quote_service.analytics.routes.report_csv import honoured_csv
from quote_service.analytics.words.reports.honoured import HonouredReport
from quote_service.documents.documents import envelope
from quote_service.http.answers import JSON
from quote_service.http.cursors import read_filters
from quote_service.http.openapi.described import Described
from quote_service.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.http.parts import parts_of
from quote_service.postgres.pool import Database
from quote_service.settings import Settings
from quote_service.system.clock import now_us
from quote_service.system.concurrency_limiter import CalculationLimiter
from quote_service.system.errors import Fault, Invalid
from quote_service.system.instants import from_micros

_MESSAGE = "Honoured prices"
_CHANGES_DEFAULT = 50


class HonouredParameters(PeriodParameters, frozen=True):
    """What the report of honoured prices is asked for."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)] = _CHANGES_DEFAULT
    """How many changes to tell one by one in each currency, those that made the largest differences first."""


@get(
    "/honoured",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=HonouredReport,
            answer_example=HONOURED,
            also={CSV: HONOURED_CSV},
            message=_MESSAGE,
            query=HonouredParameters,
            problems=OF_LIMITED_WORK,
            tag="Analytics",
        ),
    },
)
async def show_honoured_report(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get what honouring prices cost or gained.

    Accepted quotes against what new quotes would have come to when they were accepted, and which change of a rule, rate,
    flag, price or sale made how much of the difference. A difference is what was quoted less what would have been charged:
    below 0, honouring the price cost. Figures are exact, and are there half a minute after a quote is accepted.
    """
    given, parts, at_us = read_filters(request.scope["query_string"], HonouredParameters), parts_of(request), now_us()
    async with parts[CalculationLimiter].enter():
        async with parts[Database].snapshot() as connection:
            zone = await zone_of_reports(connection, parts[Settings])
            faults: list[Fault] = []
            begin, end, _ = read_period(given, zone, at_us, faults)
            if faults:
                raise Invalid.because(tuple(faults))
            made = await report_honoured(connection, begin, end, given.currency, given.limit, zone, from_micros(at_us))
        if form_of(given, request) == "csv":
            body = await asyncio.to_thread(honoured_csv, made)
            headers = {"Content-Disposition": 'attachment; filename="honoured.csv"', "Vary": "Accept"}
            return Response(body, media_type=CSV, headers=headers)
        body = await asyncio.to_thread(envelope, made, _MESSAGE)
    return Response(body, media_type=JSON, headers={"Vary": "Accept"})
