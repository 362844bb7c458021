"""Commission rates by what they apply to, and the versions of one.

Source: docs/spec/commission.md#managing-rates; docs/spec/wire.md#lists.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import RATE_READERS
from quote_service.platform.documents.documents import read_value
from quote_service.platform.http.cursors import NoFilters, Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.errors import Fault, Invalid, NotFound
from quote_service.pricing.regions import RegionUnreadable, region_key
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.tables.commission_rates import RATE_ROWS, page_of_versions

_INSTANT = Annotated[datetime, msgspec.Meta(tz=True)]
_Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class RateFilters(msgspec.Struct, frozen=True):
    """Which rates to list: those that name exactly what is given here."""

    category_id: UUID | None = None
    """Only rates that name this category."""
    seller_id: UUID | None = None
    """Only rates that name this seller."""
    logistics_provider: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Only rates that name this logistics provider."""
    region: (
        Annotated[str, msgspec.Meta(description="In any spelling; rates of just this region, not of those around it.")]
        | None
    ) = None
    active_at: (
        Annotated[
            str,
            msgspec.Meta(
                description="Only rates that count at this instant.", extra_json_schema={"format": "date-time"}
            ),
        ]
        | None
    ) = None
    currency: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})] | None = None
    """Only rates of this currency (ISO 4217)."""


def _where_of(given: RateFilters) -> dict[str, Any]:
    faults: list[Fault] = []
    key, active_at = None, None
    if given.region is not None:
        try:
            key = region_key(given.region)
        except RegionUnreadable as unreadable:
            faults.append(Fault("/query/region", str(unreadable)))
    if given.active_at is not None:
        try:
            active_at = read_value(given.active_at, _INSTANT, "/query/active_at")
        except Invalid as refused:
            faults += refused.faults
    if given.currency is not None and given.currency not in EXPONENTS:
        faults.append(Fault("/query/currency", "is not an ISO 4217 currency code"))
    if faults:
        raise Invalid.because(tuple(faults))
    named = {name: value for name, value in msgspec.structs.asdict(given).items() if name != "region"}
    return {**named, "region_key": key, "active_at": active_at}


@get(access=RATE_READERS, listing=Listing("commission-rates", RATE_ROWS, RateFilters, where_of=_where_of))
async def list_commission_rates(rows: ListRequest[RateRecord]) -> ListAnswer:
    """List commission rates.

    Oldest first, including ended rates unless `active_at` is given.
    """
    return await rows.answer()


@get("/{rate_id:uuid}/history", access=RATE_READERS, cursor=Cursor("commission-rate-versions", ("version",)))
async def list_commission_rate_versions(
    connection: Reading, rate_id: FromPath[UUID], page: Page[NoFilters, tuple[_Version]]
) -> list[RateRecord]:
    """List versions of a commission rate.

    Newest first, with who made each version and when.
    """
    rows = await page_of_versions(connection, rate_id, below_version=page.after_id, limit=page.limit + 1)
    if not rows and page.after_id is None:
        raise NotFound("There is no such commission rate")
    return rows
