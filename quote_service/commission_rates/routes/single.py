"""One commission rate: made, shown, replaced, ended.

Source: spec 3, Admin; spec 1, Concurrency and repeats.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.api.access import change_of
from quote_service.api.commission_rates import examples
from quote_service.api.commission_rates.warnings import RateWritten, rate_written, warnings_of
from quote_service.api.described import Described
from quote_service.api.etags import etag_header, precondition_of
from quote_service.api.idempotency import creating
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope, read_document
from quote_service.domain.access import PRICING, READERS
from quote_service.domain.errors import Invalid, RateOverlaps
from quote_service.domain.rate_records import RateRecord
from quote_service.domain.rates import RateDraft, rate_faults
from quote_service.flows.create_rate import create_rate
from quote_service.flows.end_rate import end_rate
from quote_service.flows.replace_rate import replace_rate
from quote_service.postgres.commission_rates import read_rate
from quote_service.system.new_ids import new_id

_JSON = "application/json"


@post(
    "/",
    opt={
        "access": PRICING,
        "described": Described(
            body=RateDraft,
            body_example=examples.RATE,
            answer=RateWritten,
            answer_example=examples.WRITTEN,
            message="Commission rate created",
            repeatable=True,
            problems=(RateOverlaps,),
            headers={**examples.TAGGED, "Location": "The rate."},
        ),
    },
)
async def create_commission_rate(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Make a commission rate.

    It counts from `effective_from`, or from now. A rate of the same dimensions, region, currency and priority whose
    period overlaps is a conflict, and the answer names it in `rate_id`. `warnings` are what the rule check finds about it.
    """
    draft = _read_draft(await request.body())
    change = change_of(request)
    rate_id = UUID(new_id(change.at_us // 1000))
    warnings = await warnings_of(runtime_of(request), change, [(rate_id, draft)])
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_rate(creation.connection, change, rate_id, draft)
        headers = {"Location": f"/api/v1/commission-rates/{record.id}", **_tag(record)}
        return creation.answer(201, envelope(rate_written(record, warnings), "Commission rate created"), headers)


@get(
    "/{rate_id:uuid}",
    opt={
        "access": READERS,
        "described": Described(
            answer=RateRecord, answer_example=examples.RECORD, message="Commission rate", headers=examples.TAGGED
        ),
    },
)
async def show_commission_rate(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[bytes]:
    """One commission rate as it is now, ended or not."""
    async with runtime_of(request).database.read() as connection:
        record = await read_rate(connection, rate_id)
    return _shown(record, "Commission rate")


@put(
    "/{rate_id:uuid}",
    opt={
        "access": PRICING,
        "described": Described(
            body=RateDraft,
            body_example=examples.RATE,
            answer=RateWritten,
            answer_example={**examples.WRITTEN, "version": 2},
            message="Commission rate replaced",
            conditional=True,
            problems=(RateOverlaps,),
            headers=examples.TAGGED,
        ),
    },
)
async def replace_commission_rate(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a commission rate whole.

    What is left out takes its default, but for `effective_from`: without it the rate keeps its start. The version
    before stays in the history. Content that means the same makes no new version. `warnings` are what the rule check finds
    about it.
    """
    draft = _read_draft(await request.body())
    change = change_of(request)
    precondition = precondition_of(request)
    runtime = runtime_of(request)
    warnings = await warnings_of(runtime, change, [(rate_id, draft)])
    async with runtime.database.transaction() as connection:
        record = await replace_rate(connection, change, rate_id, draft, precondition)
    return _shown(record, "Commission rate replaced", rate_written(record, warnings))


@delete(
    "/{rate_id:uuid}",
    status_code=204,
    opt={"access": PRICING, "described": Described(form="nothing", conditional=True)},
)
async def end_commission_rate(request: Request[Any, Any, Any], rate_id: FromPath[UUID]) -> Response[None]:
    """End a commission rate now.

    Its `effective_to` becomes now; a rate that has not begun becomes inactive; one that has ended stays as it is.
    """
    async with runtime_of(request).database.transaction() as connection:
        await end_rate(connection, change_of(request), rate_id, precondition_of(request))
    return Response(None, status_code=204)


def _read_draft(body: bytes) -> RateDraft:
    draft = read_document(body, RateDraft)
    if faults := rate_faults(draft):
        raise Invalid.because(faults)
    return draft


def _tag(record: RateRecord) -> dict[str, str]:
    return etag_header(str(record.id), record.version)


def _shown(record: RateRecord, message: str, data: RateWritten | None = None) -> Response[bytes]:
    return Response(envelope(data or record, message), status_code=200, media_type=_JSON, headers=_tag(record))
