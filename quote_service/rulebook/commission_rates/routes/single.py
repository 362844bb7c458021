"""One commission rate: made, shown, replaced, ended.

Source: docs/spec/commission.md#managing-rates; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import RATE_READERS, RATE_WRITERS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import etag_header, precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid, RateOverlaps
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.commission.rate import RateDraft, rate_faults, rate_in_currency
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.operations.create_rate import create_rate
from quote_service.rulebook.commission_rates.operations.end_rate import end_rate
from quote_service.rulebook.commission_rates.operations.replace_rate import replace_rate
from quote_service.rulebook.commission_rates.routes import examples
from quote_service.rulebook.commission_rates.routes.warnings import RateWritten, rate_written, warnings_of
from quote_service.rulebook.commission_rates.tables.commission_rates import read_rate


@post(
    "/",
    opt={
        "access": RATE_WRITERS,
        "described": Described(
            body=RateDraft,
            body_example=examples.RATE,
            answer=RateWritten,
            answer_example=examples.WRITTEN,
            message="Commission rate created",
            repeatable=True,
            problems=(RateOverlaps,),
            headers=created("The rate."),
        ),
    },
)
async def create_commission_rate(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a commission rate.

    It takes effect at `effective_from`, or at once. If its period overlaps with another rate of the same dimensions,
    region, currency and priority, the request fails with a conflict that names the other rate in `rate_id`. `warnings`
    holds what the rule check finds.
    """
    draft = _checked(request, read_document(await request.body(), RateDraft))
    change = change_of(request)
    rate_id = UUID(new_id(change.at_us // 1000))
    warnings = await warnings_of(parts_of(request), change, [(rate_id, draft)])
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_rate(creation.connection, change, rate_id, draft)
        headers = {"Location": f"/api/v1/commission-rates/{record.id}", **_tag(record)}
        return creation.answer(201, envelope(rate_written(record, warnings), "Commission rate created"), headers)


@get(
    "/{rate_id:uuid}",
    opt={
        "access": RATE_READERS,
        "described": Described(
            answer=RateRecord, answer_example=examples.RECORD, message="Commission rate", headers=VERSIONED
        ),
    },
)
async def show_commission_rate(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[bytes]:
    """Get a commission rate."""
    async with parts_of(request)[Database].read() as connection:
        record = await read_rate(connection, rate_id)
    return _shown(record, "Commission rate")


@put(
    "/{rate_id:uuid}",
    opt={
        "access": RATE_WRITERS,
        "described": Described(
            body=RateDraft,
            body_example=examples.RATE,
            answer=RateWritten,
            answer_example={**examples.WRITTEN, "version": 2},
            message="Commission rate replaced",
            conditional=True,
            problems=(RateOverlaps,),
            headers=VERSIONED,
        ),
    },
)
async def replace_commission_rate(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a commission rate.

    Fields that are left out take their defaults, except `effective_from`, which keeps its value. The previous version
    stays in the history. If nothing changes, no version is created. `warnings` holds what the rule check finds. What `GET` shows can be
    sent back: fields that cannot be written are passed over.
    """
    draft = _checked(request, read_replacement(await request.body(), RateDraft, RateWritten, rate_id))
    change = change_of(request)
    precondition = precondition_of(request)
    parts = parts_of(request)
    warnings = await warnings_of(parts, change, [(rate_id, draft)])
    async with parts[Database].transaction() as connection:
        record = await replace_rate(connection, change, rate_id, draft, precondition)
    return _shown(record, "Commission rate replaced", rate_written(record, warnings))


@delete(
    "/{rate_id:uuid}",
    status_code=204,
    opt={"access": RATE_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def end_commission_rate(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[None]:
    """End a commission rate.

    Sets `effective_to` to now. A rate that has not started becomes inactive; a rate that has ended is not changed.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await end_rate(connection, change_of(request), rate_id, precondition_of(request))
    return Response(None, status_code=204)


def _checked(request: Request[Any, Any, Any], given: RateDraft) -> RateDraft:
    draft = rate_in_currency(given, parts_of(request)[Settings].default_currency or None)
    if faults := rate_faults(draft):
        raise Invalid.because(faults)
    return draft


def _tag(record: RateRecord) -> dict[str, str]:
    return etag_header(str(record.id), record.version)


def _shown(record: RateRecord, message: str, data: RateWritten | None = None) -> Response[bytes]:
    return one_answer(data or record, message, _tag(record))
