"""One commission rate: made, shown, replaced, ended.

Source: docs/spec/commission.md#managing-rates; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import RATE_READERS, RATE_WRITERS
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Invalid, RateOverlaps
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.preconditions import Precondition
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.commission.rate import RateDraft, rate_faults, rate_in_currency
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.operations.create_rate import create_rate
from quote_service.rulebook.commission_rates.operations.end_rate import end_rate
from quote_service.rulebook.commission_rates.operations.replace_rate import replace_rate
from quote_service.rulebook.commission_rates.routes import examples
from quote_service.rulebook.commission_rates.routes.warnings import RateWritten, rate_written, warnings_of
from quote_service.rulebook.commission_rates.tables.commission_rates import read_rate


def _in_currency(data: RateDraft, settings: Settings) -> RateDraft:
    draft = rate_in_currency(data, settings.default_currency or None)
    if faults := rate_faults(draft):
        raise Invalid.because(faults)
    return draft


def _new_rate_id(change: Author) -> UUID:
    return UUID(new_id(change.at_us // 1000))


async def _replacement(request: AnyRequest, rate_id: FromPath[UUID]) -> RateDraft:
    return read_replacement(await request.body(), RateDraft, RateWritten, rate_id)


async def _warnings(parts: Parts, change: Author, rate_id: UUID, draft: RateDraft) -> list[Finding]:
    return await warnings_of(parts, change, [(rate_id, draft)])


@post(
    access=RATE_WRITERS,
    message="Commission rate created",
    location=Location("/api/v1/commission-rates/{id}", "The rate."),
    dependencies={"draft": _in_currency, "rate_id": _new_rate_id, "warnings": _warnings},
    problems=(RateOverlaps,),
)
async def create_commission_rate(
    change: CreatingChange, rate_id: UUID, data: RateDraft, draft: RateDraft, warnings: list[Finding]
) -> Tagged[RateWritten]:
    """Create a commission rate.

    It takes effect at `effective_from`, or at once. If its period overlaps with another rate of the same dimensions,
    region, currency and priority, the request fails with a conflict that names the other rate in `rate_id`. `warnings`
    holds what the rule check finds.
    """
    return rate_written(await create_rate(change, rate_id, draft), warnings)


@get("/{rate_id:uuid}", access=RATE_READERS, message="Commission rate")
async def show_commission_rate(connection: Reading, rate_id: FromPath[UUID]) -> Tagged[RateRecord]:
    """Get a commission rate."""
    return await read_rate(connection, rate_id)


@put(
    "/{rate_id:uuid}",
    access=RATE_WRITERS,
    example={**examples.WRITTEN, "version": 2},
    message="Commission rate replaced",
    body=RateDraft,
    dependencies={"data": _replacement, "draft": _in_currency, "warnings": _warnings},
    problems=(RateOverlaps,),
)
async def replace_commission_rate(
    change: WritingChange,
    rate_id: FromPath[UUID],
    draft: RateDraft,
    warnings: list[Finding],
    precondition: Precondition,
) -> Tagged[RateWritten]:
    """Replace a commission rate.

    Fields that are left out take their defaults, except `effective_from`, which keeps its value. The previous version
    stays in the history. If nothing changes, no version is created. `warnings` holds what the rule check finds. What `GET` shows can be
    sent back: fields that cannot be written are passed over.
    """
    return rate_written(await replace_rate(change, rate_id, draft, precondition), warnings)


@delete("/{rate_id:uuid}", access=RATE_WRITERS)
async def end_commission_rate(change: WritingChange, rate_id: FromPath[UUID], precondition: Precondition) -> None:
    """End a commission rate.

    Sets `effective_to` to now. A rate that has not started becomes inactive; a rate that has ended is not changed.
    """
    await end_rate(change, rate_id, precondition)
