"""Commission rates by what they apply to, and the versions of one.

Source: docs/spec/commission.md#managing-rates; docs/spec/wire.md#lists.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import RATE_READERS
from quote_service.platform.documents.documents import read_value
from quote_service.platform.http.cursors import NoFilters, Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.errors import Fault, Invalid, NotFound
from quote_service.platform.system.instants import to_micros
from quote_service.pricing.regions import RegionUnreadable, region_key
from quote_service.rulebook.commission_rates.model.rate_records import RateFilter, RateRecord
from quote_service.rulebook.commission_rates.tables.commission_rates import page_of_rates, page_of_versions

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


def _wanted(page: Page[RateFilters, tuple[UUID]]) -> RateFilter:
    given = page.filters
    faults: list[Fault] = []
    key, active_at_us = None, None
    if given.region is not None:
        try:
            key = region_key(given.region)
        except RegionUnreadable as unreadable:
            faults.append(Fault("/query/region", str(unreadable)))
    if given.active_at is not None:
        try:
            active_at_us = to_micros(read_value(given.active_at, _INSTANT, "/query/active_at"))
        except Invalid as refused:
            faults += refused.faults
    if given.currency is not None and given.currency not in EXPONENTS:
        faults.append(Fault("/query/currency", "is not an ISO 4217 currency code"))
    if faults:
        raise Invalid.because(tuple(faults))
    return RateFilter(
        category_id=given.category_id,
        seller_id=given.seller_id,
        logistics_provider=given.logistics_provider,
        region_key=key,
        currency=given.currency,
        active_at_us=active_at_us,
    )


@get(access=RATE_READERS, cursor=Cursor("commission-rates", ("id",)), dependencies={"wanted": _wanted})
async def list_commission_rates(
    connection: Reading, page: Page[RateFilters, tuple[UUID]], wanted: RateFilter
) -> list[RateRecord]:
    """List commission rates.

    Oldest first, including ended rates unless `active_at` is given.
    """
    return await page_of_rates(connection, wanted, after=page.after_id, limit=page.limit + 1)


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
