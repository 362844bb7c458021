"""What honouring the prices of quotes cost or gained, as JSON or CSV.

Source: docs/spec/analytics.md#honoured-prices.
"""

from typing import Annotated

import msgspec
from litestar import Response

from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.steering.analytics.model.reports.honoured import HonouredReport
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.operations.report_honoured import report_honoured
from quote_service.steering.analytics.routes.honoured_examples import HONOURED, HONOURED_CSV
from quote_service.steering.analytics.routes.read_report import LIMIT_MAX, PeriodParameters, read_period
from quote_service.steering.analytics.routes.report_csv import honoured_csv
from quote_service.steering.analytics.routes.report_route import answer_report, report_route

_MESSAGE = "Honoured prices"
_CHANGES_DEFAULT = 50


class HonouredParameters(PeriodParameters, frozen=True):
    """What the report of honoured prices is asked for."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)] = _CHANGES_DEFAULT
    """How many changes to list one by one in each currency, those that made the largest differences first."""


@report_route("/honoured", _MESSAGE, HonouredReport, HonouredParameters, HONOURED, HONOURED_CSV)
async def show_honoured_report(request: AnyRequest) -> Response[bytes]:
    """Get what honouring prices cost or gained.

    Accepted quotes against what new quotes would have come to when they were accepted, and which change of a rule, rate,
    flag, price or sale made how much of the difference. A difference is what was quoted less what would have been charged:
    below 0, honouring the price cost. Figures are exact, and are there half a minute after a quote is accepted.
    """
    given = read_filters(request.scope["query_string"], HonouredParameters)

    async def make(connection: Connection, zones: Zones, at_us: int) -> HonouredReport:
        faults: list[Fault] = []
        begin, end, _ = read_period(given, zones.shown, at_us, faults)
        if faults:
            raise Invalid.because(tuple(faults))
        return await report_honoured(
            connection, begin, end, given.currency, given.limit, zones.shown, from_micros(at_us)
        )

    return await answer_report(request, given, make, honoured_csv, _MESSAGE, "honoured")
