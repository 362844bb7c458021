"""From which figure on signals are raised: `/api/v1/signal-thresholds`.

Source: docs/spec/signals.md#thresholds.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.intelligence.signals.model.signals import SignalKind
from quote_service.intelligence.signals.model.thresholds import (
    EffectiveFilters,
    EffectiveThreshold,
    ThresholdDraft,
    ThresholdExists,
    ThresholdFilters,
    ThresholdRecord,
    TooManyThresholds,
    threshold_faults,
)
from quote_service.intelligence.signals.operations.effective_thresholds import effective_thresholds
from quote_service.intelligence.signals.operations.write_threshold import (
    create_threshold,
    delete_threshold,
    replace_threshold,
)
from quote_service.intelligence.signals.routes import examples
from quote_service.intelligence.signals.tables.thresholds import page_of_thresholds, read_threshold
from quote_service.platform.callers.access import SIGNAL_READERS, SIGNAL_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.operations.require_product import require_category, require_product

_LIST = "signal-thresholds"
_EFFECTIVE = "effective-signal-thresholds"
_PATH = "/api/v1/signal-thresholds"


@post(
    "/",
    opt={
        "access": SIGNAL_WRITERS,
        "described": Described(
            body=ThresholdDraft,
            body_example=examples.THRESHOLD,
            answer=ThresholdRecord,
            answer_example=examples.THRESHOLD_RECORD,
            message="Threshold created",
            repeatable=True,
            problems=(ThresholdExists, TooManyThresholds),
            headers=created("The threshold."),
        ),
    },
)
async def add_threshold(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a signal threshold.

    For a product, for a category with those below it, or for everything. The nearest one counts; without any, the defaults.
    """
    draft = _read_draft(await request.body())
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_threshold(creation.connection, change_of(request), draft)
        return creation.created(_PATH, made, "Threshold created")


@get(
    "/",
    opt={
        "access": SIGNAL_READERS,
        "described": Described(
            answer=ThresholdRecord, answer_example=examples.THRESHOLD_RECORD, form="list", query=ThresholdFilters
        ),
    },
)
async def list_thresholds(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List signal thresholds.

    Oldest first.
    """
    page = read_page(request.scope["query_string"], _LIST, ThresholdFilters, tuple[UUID])
    after = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_thresholds(connection, page.filters, after=after, limit=page.limit + 1)
        if not rows:
            await check_named(
                connection,
                product_id=(require_product, page.filters.product_id),
                category_id=(require_category, page.filters.category_id),
            )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/effective",
    opt={
        "access": SIGNAL_READERS,
        "described": Described(
            answer=EffectiveThreshold,
            answer_example=examples.EFFECTIVE_THRESHOLD,
            form="list",
            query=EffectiveFilters,
        ),
    },
)
async def list_effective_thresholds(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List signal thresholds in force.

    One for each kind of signal: for a product, a category, or everything that has no threshold of its own. It shows the built-in
    figures where nobody has set others.
    """
    page = read_page(request.scope["query_string"], _EFFECTIVE, EffectiveFilters, tuple[SignalKind])
    asked = page.filters
    if asked.product_id is not None and asked.category_id is not None:
        raise Invalid.at("/query/category_id", "must be left out where there is a product_id")
    async with parts_of(request)[Database].read() as connection:
        await check_named(
            connection,
            product_id=(require_product, asked.product_id),
            category_id=(require_category, asked.category_id),
        )
        found = await effective_thresholds(connection, asked.product_id, asked.category_id)
    kinds = [each.kind for each in found]
    rest = found if page.after is None else found[kinds.index(page.after[0]) + 1 :]
    return page_answer(page, _EFFECTIVE, rest, lambda row: (row.kind,))


@get(
    "/{threshold_id:uuid}",
    opt={
        "access": SIGNAL_READERS,
        "described": Described(
            answer=ThresholdRecord,
            answer_example=examples.THRESHOLD_RECORD,
            message="Threshold",
            headers=VERSIONED,
        ),
    },
)
async def show_threshold(request: Request[Any, Any, Any], threshold_id: FromPath[UUID]) -> Response[bytes]:
    """Get a signal threshold."""
    async with parts_of(request)[Database].read() as connection:
        found = await read_threshold(connection, threshold_id)
    return tagged_answer(found, "Threshold", found.id, found.version)


@put(
    "/{threshold_id:uuid}",
    opt={
        "access": SIGNAL_WRITERS,
        "described": Described(
            body=ThresholdDraft,
            body_example={**examples.THRESHOLD, "threshold": 12},
            answer=ThresholdRecord,
            answer_example={**examples.THRESHOLD_RECORD, "threshold": 12, "version": 2},
            message="Threshold replaced",
            conditional=True,
            headers=VERSIONED,
        ),
    },
)
async def edit_threshold(request: Request[Any, Any, Any], threshold_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a signal threshold.

    Its kind, product and category stay. It counts for what is seen from now on; signals that are open stay as they are.
    """
    draft = _read_draft(await request.body())
    async with parts_of(request)[Database].transaction() as connection:
        written = await replace_threshold(connection, change_of(request), threshold_id, draft, precondition_of(request))
    return tagged_answer(written, "Threshold replaced", written.id, written.version)


@delete(
    "/{threshold_id:uuid}",
    status_code=204,
    opt={"access": SIGNAL_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def remove_one_threshold(request: Request[Any, Any, Any], threshold_id: FromPath[UUID]) -> Response[None]:
    """Delete a signal threshold.

    The next wider one counts from then on.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await delete_threshold(connection, change_of(request), threshold_id, precondition_of(request))
    return Response(None, status_code=204)


def _read_draft(body: bytes) -> ThresholdDraft:
    draft = read_document(body, ThresholdDraft)
    if faults := threshold_faults(draft):
        raise Invalid.because(faults)
    return draft
