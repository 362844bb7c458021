"""From which figure on signals are raised: `/api/v1/signal-thresholds`.

Source: docs/spec/signals.md#thresholds.
"""

from uuid import UUID

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
from quote_service.intelligence.signals.tables.thresholds import THRESHOLD_ROWS, read_threshold
from quote_service.platform.callers.access import SIGNAL_READERS, SIGNAL_WRITERS
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Cursor, Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.operations.require_product import require_category, require_product


@post(
    access=SIGNAL_WRITERS,
    message="Threshold created",
    location=Location("/api/v1/signal-thresholds/{id}", "The threshold."),
    problems=(ThresholdExists, TooManyThresholds),
    faults=threshold_faults,
)
async def add_threshold(change: CreatingChange, data: ThresholdDraft) -> Tagged[ThresholdRecord]:
    """Create a signal threshold.

    For a product, for a category with those below it, or for everything. The nearest one counts; without any, the defaults.
    """
    return await create_threshold(change, data)


async def _check_named(connection: Connection, asked: ThresholdFilters) -> None:
    await check_named(
        connection,
        product_id=(require_product, asked.product_id),
        category_id=(require_category, asked.category_id),
    )


@get(access=SIGNAL_READERS, listing=Listing("signal-thresholds", THRESHOLD_ROWS, ThresholdFilters))
async def list_thresholds(rows: ListRequest[ThresholdRecord]) -> ListAnswer:
    """List signal thresholds.

    Oldest first.
    """
    return await rows.answer(check_empty=_check_named)


def _check_one_subject(page: Page[EffectiveFilters, tuple[SignalKind]]) -> None:
    if page.filters.product_id is not None and page.filters.category_id is not None:
        raise Invalid.at("/query/category_id", "must be left out where there is a product_id")


@get(
    "/effective",
    access=SIGNAL_READERS,
    cursor=Cursor("effective-signal-thresholds", ("kind",)),
    check=_check_one_subject,
)
async def list_effective_thresholds(
    connection: Reading, page: Page[EffectiveFilters, tuple[SignalKind]]
) -> list[EffectiveThreshold]:
    """List signal thresholds in force.

    One for each kind of signal: for a product, a category, or everything that has no threshold of its own. It shows the built-in
    figures where nobody has set others.
    """
    asked = page.filters
    await check_named(
        connection,
        product_id=(require_product, asked.product_id),
        category_id=(require_category, asked.category_id),
    )
    found = await effective_thresholds(connection, asked.product_id, asked.category_id)
    kinds = [each.kind for each in found]
    return found if page.after is None else found[kinds.index(page.after[0]) + 1 :]


@get("/{threshold_id:uuid}", access=SIGNAL_READERS, message="Threshold")
async def show_threshold(connection: Reading, threshold_id: FromPath[UUID]) -> Tagged[ThresholdRecord]:
    """Get a signal threshold."""
    return await read_threshold(connection, threshold_id)


@put(
    "/{threshold_id:uuid}",
    access=SIGNAL_WRITERS,
    body_example={**examples.THRESHOLD, "threshold": 12},
    example={**examples.THRESHOLD_RECORD, "threshold": 12, "version": 2},
    message="Threshold replaced",
    faults=threshold_faults,
)
async def edit_threshold(
    change: WritingChange, threshold_id: FromPath[UUID], data: ThresholdDraft, precondition: Precondition
) -> Tagged[ThresholdRecord]:
    """Replace a signal threshold.

    Its kind, product and category stay. It counts for what is seen from now on; signals that are open stay as they are.
    """
    return await replace_threshold(change, threshold_id, data, precondition)


@delete("/{threshold_id:uuid}", access=SIGNAL_WRITERS)
async def remove_one_threshold(change: WritingChange, threshold_id: FromPath[UUID], precondition: Precondition) -> None:
    """Delete a signal threshold.

    The next wider one counts from then on.
    """
    await delete_threshold(change, threshold_id, precondition)
