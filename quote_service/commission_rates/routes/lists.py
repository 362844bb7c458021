"""Commission rates by what they apply to, and the versions of one.

Source: spec 3, Admin; spec 1, Paths and envelopes.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from quote_service.api.commission_rates import examples
from quote_service.api.described import Described
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.cursors import NoFilters, read_page, write_cursor
from quote_service.api.wire.documents import list_envelope, read_value
from quote_service.domain.access import READERS
from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.errors import Fault, Invalid, NotFound
from quote_service.domain.instants import to_micros
from quote_service.domain.rate_records import RateFilter, RateRecord
from quote_service.domain.regions import RegionUnreadable, region_key
from quote_service.postgres.commission_rates import page_of_rates, page_of_versions

_JSON = "application/json"
_RATES = "commission-rates"
_VERSIONS = "commission-rate-versions"
_INSTANT = Annotated[datetime, msgspec.Meta(tz=True)]
_Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class RateFilters(msgspec.Struct, frozen=True):
    """Which rates to list: those that name exactly what is given here."""

    category_id: UUID | None = None
    seller_id: UUID | None = None
    logistics_provider: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
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


@get(
    "/",
    opt={
        "access": READERS,
        "described": Described(answer=RateRecord, answer_example=examples.RECORD, form="list", query=RateFilters),
    },
)
async def list_commission_rates(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Commission rates, oldest first, ended ones too unless `active_at` is given."""
    page = read_page(request.scope["query_string"], _RATES, RateFilters, tuple[UUID])
    wanted = _read_filter(page.filters)
    after = None if page.after is None else page.after[0]
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_rates(connection, wanted, after=after, limit=page.limit + 1)
    cursor = write_cursor(_RATES, (rows[page.limit - 1].id,)) if len(rows) > page.limit else None
    return Response(list_envelope(rows[: page.limit], cursor), media_type=_JSON)


@get(
    "/{rate_id:uuid}/history",
    opt={
        "access": READERS,
        "described": Described(answer=RateRecord, answer_example=examples.RECORD, form="list", query=NoFilters),
    },
)
async def list_commission_rate_versions(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[bytes]:
    """Every version of a commission rate, newest first: what it was, who made it so, and when."""
    page = read_page(request.scope["query_string"], _VERSIONS, NoFilters, tuple[_Version])
    below = None if page.after is None else page.after[0]
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_versions(connection, rate_id, below_version=below, limit=page.limit + 1)
    if not rows and below is None:
        raise NotFound("There is no such commission rate")
    cursor = write_cursor(_VERSIONS, (rows[page.limit - 1].version,)) if len(rows) > page.limit else None
    return Response(list_envelope(rows[: page.limit], cursor), media_type=_JSON)


def _read_filter(given: RateFilters) -> RateFilter:
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
        faults.append(Fault("/query/currency", "is no ISO 4217 currency"))
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
