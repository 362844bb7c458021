"""What prices were before: every move, or a chart.

Source: docs/spec/catalog.md#price-history.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_READERS
from quote_service.platform.documents.documents import list_envelope
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Fault, Invalid, NotFound
from quote_service.platform.system.instants import from_micros
from quote_service.shop.catalog.model.price_changes import BUCKETS_MAX, Bucket, Instant, PriceBucket, PriceMove, Reason
from quote_service.shop.catalog.model.price_chart import WIDTHS, chart_of
from quote_service.shop.catalog.model.prices import Currency
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.tables.price_history import MoveFilter, is_item, page_of_moves, read_chart

_CHART_DAYS = 30
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class HistoryFilters(msgspec.Struct, frozen=True):
    """Which moves to list, or what to draw."""

    as_: Literal["list", "chart"] = msgspec.field(default="list", name="as")
    """`chart` for the lowest, highest and last price of each `interval`."""
    variant_id: UUID | None = None
    """Only prices of this variant; a chart without it is of the product itself."""
    currency: Currency | None = None
    """Only prices in this currency (ISO 4217); required for a chart."""
    reason: Reason | None = None
    """Only moves with this reason; not for a chart."""
    from_: Instant | None = msgspec.field(default=None, name="from")
    """Only moves at or after this instant. A chart without it begins 30 days before `to`."""
    to: Instant | None = None
    """Only moves before this instant. A chart without it ends now."""
    bucket: Annotated[Bucket | None, Renamed("interval")] = None
    """How long each bucket of a chart is, `day` by default; they begin at `from`, or at midnight UTC before it without `from`."""


@get(
    "/{product_id:uuid}/price-history",
    access=CATALOG_READERS,
    example=examples.PRICE_MOVE,
    cursor=Cursor("price-history", ("id",)),
    answer=PriceMove | PriceBucket,
    check=lambda page: _check(page.filters),
)
async def show_product_price_history(
    connection: Reading, product_id: FromPath[UUID], page: Page[HistoryFilters, tuple[_Number]]
) -> list[PriceMove] | Response[bytes]:
    """Get the price history of a product.

    Every move of a current price, newest first. With `as=chart`, the lowest, highest and last price of each bucket of time
    in which there was a price, oldest first, all on one page (at most 1000).
    """
    given = page.filters
    if not await is_item(connection, product_id, given.variant_id):
        raise NotFound("There is no such product, or no such variant of it")
    if given.as_ == "chart":
        return Response(list_envelope(await _chart(connection, product_id, given), None), media_type=JSON)
    wanted = MoveFilter(given.variant_id, given.currency, given.reason, given.from_, given.to)
    return await page_of_moves(connection, product_id, wanted, before=page.after_id, limit=page.limit + 1)


async def _chart(connection: Connection, product_id: UUID, given: HistoryFilters) -> list[PriceBucket]:
    assert given.currency is not None
    bucket: Bucket = given.bucket or "day"
    end = given.to or from_micros(now_us())
    begin = given.from_ or _midnight(end - timedelta(days=_CHART_DAYS))
    if (end - begin) / WIDTHS[bucket] > BUCKETS_MAX:
        raise Invalid.at("/query/interval", f"makes more than {BUCKETS_MAX} buckets of this time")
    item_id = given.variant_id or product_id
    before, moves = await read_chart(connection, item_id, given.currency, begin, end, WIDTHS[bucket])
    return chart_of(moves, before, begin, end, bucket, given.currency)


def _check(given: HistoryFilters) -> None:
    faults = []
    if given.currency is not None and given.currency not in EXPONENTS:
        faults.append(Fault("/query/currency", "is not an ISO 4217 currency code"))
    if given.from_ is not None and given.to is not None and given.to <= given.from_:
        faults.append(Fault("/query/to", "must be after from"))
    if given.as_ == "chart":
        if given.currency is None:
            faults.append(Fault("/query/currency", "is required for a chart"))
        if given.reason is not None:
            faults.append(Fault("/query/reason", "is not for a chart"))
        if given.to is not None and given.from_ is None and given.to < _EARLIEST:
            faults.append(Fault("/query/to", "is too early"))
    elif given.bucket is not None:
        faults.append(Fault("/query/interval", "is for a chart alone"))
    if faults:
        raise Invalid.because(tuple(faults))


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


_EARLIEST = datetime(2, 1, 1, tzinfo=UTC)
