"""Admins make, replace, kill and archive feature flags.

Source: spec 6, Admin.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post, put
from litestar.params import FromPath

from quote_service.api.access import change_of
from quote_service.api.described import Described
from quote_service.api.etags import etag_header, precondition_of
from quote_service.api.feature_flags.examples import DRAFT, FLAG, TAGGED
from quote_service.api.idempotency import creating
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope, read_document
from quote_service.domain.access import PRICING
from quote_service.domain.errors import FlagArchived, NameTaken
from quote_service.domain.flag_records import FlagRecord
from quote_service.domain.flags import FlagDraft
from quote_service.flows.archive_flag import archive_flag
from quote_service.flows.create_flag import create_flag
from quote_service.flows.kill_flag import kill_flag
from quote_service.flows.replace_flag import replace_flag

_JSON = "application/json"


@post(
    "/",
    opt={
        "access": PRICING,
        "described": Described(
            body=FlagDraft,
            body_example=DRAFT,
            answer=FlagRecord,
            answer_example=FLAG,
            message="Feature flag created",
            repeatable=True,
            problems=(NameTaken,),
            headers={**TAGGED, "Location": "The flag."},
        ),
    },
)
async def add_feature_flag(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Make a feature flag.

    A key is used once, even if its flag is archived later. Numbers keep the digits that they are written with.
    """
    draft = read_document(await request.body(), FlagDraft)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_flag(creation.connection, change_of(request), draft)
        headers = {"Location": f"/api/v1/feature-flags/{made.id}", **etag_header(str(made.id), made.version)}
        return creation.answer(201, envelope(made, "Feature flag created"), headers)


@put(
    "/{flag_id:uuid}",
    opt={
        "access": PRICING,
        "described": Described(
            body=FlagDraft,
            body_example=DRAFT,
            answer=FlagRecord,
            answer_example={**FLAG, "version": 2},
            message="Feature flag replaced",
            conditional=True,
            problems=(FlagArchived,),
            headers=TAGGED,
        ),
    },
)
async def replace_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a feature flag by its next version; quotes go by it within a second.

    Key, algorithm and salt decide who is inside, so they cannot change: make another flag for another deal.
    """
    draft = read_document(await request.body(), FlagDraft)
    async with runtime_of(request).database.transaction() as connection:
        flag = await replace_flag(connection, change_of(request), flag_id, draft, precondition_of(request))
    return shown(flag, "Feature flag replaced")


@post(
    "/{flag_id:uuid}/kill",
    status_code=200,
    opt={
        "access": PRICING,
        "described": Described(
            answer=FlagRecord,
            answer_example={**FLAG, "is_enabled": False, "version": 2},
            message="Feature flag switched off",
            problems=(FlagArchived,),
            headers=TAGGED,
        ),
    },
)
async def kill_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Switch a feature flag off at once, whatever version it is at.

    If-Match is not looked at. A flag that is off already stays at its version.
    """
    async with runtime_of(request).database.transaction() as connection:
        flag = await kill_flag(connection, change_of(request), flag_id)
    return shown(flag, "Feature flag switched off")


@delete(
    "/{flag_id:uuid}",
    status_code=204,
    opt={"access": PRICING, "described": Described(form="nothing", conditional=True)},
)
async def archive_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[None]:
    """Archive a feature flag: nobody gets it any more; its key and its history stay."""
    async with runtime_of(request).database.transaction() as connection:
        await archive_flag(connection, change_of(request), flag_id, precondition_of(request))
    return Response(None, status_code=204)


def shown(flag: FlagRecord, message: str) -> Response[bytes]:
    """A flag as the answer of one, with its tag."""
    headers = etag_header(str(flag.id), flag.version)
    return Response(envelope(flag, message), status_code=200, media_type=_JSON, headers=headers)
