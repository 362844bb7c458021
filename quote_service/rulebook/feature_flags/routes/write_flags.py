"""Admins make, replace, kill and archive feature flags.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_WRITERS, granted
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NameTaken
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.rulebook.feature_flags.model.errors import FlagArchived
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.operations.archive_flag import archive_flag
from quote_service.rulebook.feature_flags.operations.create_flag import create_flag
from quote_service.rulebook.feature_flags.operations.kill_flag import kill_flag
from quote_service.rulebook.feature_flags.operations.replace_flag import replace_flag
from quote_service.rulebook.feature_flags.operations.roll_back_flag import rearm_flag
from quote_service.rulebook.feature_flags.routes.examples import DRAFT, FLAG


@post(
    "/",
    opt={
        "access": FLAG_WRITERS,
        "described": Described(
            body=FlagDraft,
            body_example=DRAFT,
            answer=FlagRecord,
            answer_example=FLAG,
            message="Feature flag created",
            repeatable=True,
            problems=(NameTaken,),
            headers=created("The flag."),
        ),
    },
)
async def add_feature_flag(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a feature flag.

    A key cannot be used again, even after its flag is archived. Numbers keep the digits they are written with.
    """
    draft = read_document(await request.body(), FlagDraft)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_flag(creation.connection, change_of(request), draft)
        return creation.created("/api/v1/feature-flags", made, "Feature flag created")


@put(
    "/{flag_id:uuid}",
    opt={
        "access": FLAG_WRITERS,
        "described": Described(
            body=FlagDraft,
            body_example=DRAFT,
            answer=FlagRecord,
            answer_example={**FLAG, "version": 2},
            message="Feature flag replaced",
            conditional=True,
            problems=(FlagArchived,),
            headers=VERSIONED,
        ),
    },
)
async def replace_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a feature flag.

    Creates its next version, which quotes use within a second. `key`, `algorithm` and `salt` decide which customers
    are included and cannot change: create another flag instead. What `GET` shows can be sent back: fields that cannot be
    written are passed over.
    """
    draft = read_replacement(await request.body(), FlagDraft, FlagRecord, flag_id)
    async with parts_of(request)[Database].transaction() as connection:
        flag = await replace_flag(connection, change_of(request), flag_id, draft, precondition_of(request))
    return shown(flag, "Feature flag replaced")


@post(
    "/{flag_id:uuid}/kill",
    status_code=200,
    opt={
        "access": FLAG_WRITERS,
        "described": Described(
            answer=FlagRecord,
            answer_example={**FLAG, "is_enabled": False, "version": 2},
            message="Feature flag switched off",
            problems=(FlagArchived,),
            headers=VERSIONED,
        ),
    },
)
async def kill_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Switch a feature flag off.

    Takes effect at once, whatever its version: `If-Match` is ignored. A flag that is already off is not changed.
    """
    async with parts_of(request)[Database].transaction() as connection:
        flag = await kill_flag(connection, change_of(request), flag_id)
    return shown(flag, "Feature flag switched off")


@post(
    "/{flag_id:uuid}/rearm",
    status_code=200,
    opt={
        "access": granted("pricing_manager"),
        "described": Described(
            answer=FlagRecord,
            answer_example={**FLAG, "version": 3},
            message="Feature flag armed",
            problems=(FlagArchived,),
            headers=VERSIONED,
        ),
    },
)
async def rearm_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Arm a feature flag again.

    A flag that was rolled back stays off until a person arms it. It then counts as written, and its experiment begins
    anew. A flag that was not rolled back is not changed.
    """
    async with parts_of(request)[Database].transaction() as connection:
        flag = await rearm_flag(connection, change_of(request), flag_id)
    return shown(flag, "Feature flag armed")


@delete(
    "/{flag_id:uuid}",
    status_code=204,
    opt={"access": FLAG_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def archive_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[None]:
    """Archive a feature flag.

    The flag is no longer evaluated. Its key stays taken and its history stays readable.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await archive_flag(connection, change_of(request), flag_id, precondition_of(request))
    return Response(None, status_code=204)


def shown(flag: FlagRecord, message: str) -> Response[bytes]:
    """A flag as the answer of one, with its tag."""
    return tagged_answer(flag, message, flag.id, flag.version)
