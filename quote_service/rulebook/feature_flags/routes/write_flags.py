"""Admins make, replace, kill and archive feature flags.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_WRITERS, granted
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.endpoints.connections import CreatingChange, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.system.errors import NameTaken
from quote_service.platform.system.preconditions import Precondition
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
    access=FLAG_WRITERS,
    body_example=DRAFT,
    example=FLAG,
    message="Feature flag created",
    location=Location("/api/v1/feature-flags/{id}", "The flag."),
    problems=(NameTaken,),
)
async def add_feature_flag(change: CreatingChange, data: FlagDraft) -> Tagged[FlagRecord]:
    """Create a feature flag.

    A key cannot be used again, even after its flag is archived. Numbers keep the digits they are written with.
    """
    return await create_flag(change, data)


async def _replacement(request: AnyRequest, flag_id: FromPath[UUID]) -> FlagDraft:
    return read_replacement(await request.body(), FlagDraft, FlagRecord, flag_id)


@put(
    "/{flag_id:uuid}",
    access=FLAG_WRITERS,
    body_example=DRAFT,
    example={**FLAG, "version": 2},
    message="Feature flag replaced",
    body=FlagDraft,
    dependencies={"draft": _replacement},
    problems=(FlagArchived,),
)
async def replace_feature_flag(
    change: WritingChange, flag_id: FromPath[UUID], draft: FlagDraft, precondition: Precondition
) -> Tagged[FlagRecord]:
    """Replace a feature flag.

    Creates its next version, which quotes use within a second. `key`, `algorithm` and `salt` decide which customers
    are included and cannot change: create another flag instead. What `GET` shows can be sent back: fields that cannot be
    written are passed over.
    """
    return await replace_flag(change, flag_id, draft, precondition)


@post(
    "/{flag_id:uuid}/kill",
    status_code=200,
    access=FLAG_WRITERS,
    example={**FLAG, "is_enabled": False, "version": 2},
    message="Feature flag switched off",
    problems=(FlagArchived,),
)
async def kill_feature_flag(change: WritingChange, flag_id: FromPath[UUID]) -> Tagged[FlagRecord]:
    """Switch a feature flag off.

    Takes effect at once, whatever its version: `If-Match` is ignored. A flag that is already off is not changed.
    """
    return await kill_flag(change, flag_id)


@post(
    "/{flag_id:uuid}/rearm",
    status_code=200,
    access=granted("pricing_manager"),
    example={**FLAG, "version": 3},
    message="Feature flag armed",
    problems=(FlagArchived,),
)
async def rearm_feature_flag(change: WritingChange, flag_id: FromPath[UUID]) -> Tagged[FlagRecord]:
    """Arm a feature flag again.

    A flag that was rolled back stays off until a person arms it. It then counts as written, and its experiment begins
    again. A flag that was not rolled back is not changed.
    """
    return await rearm_flag(change, flag_id)


@delete("/{flag_id:uuid}", access=FLAG_WRITERS)
async def archive_feature_flag(change: WritingChange, flag_id: FromPath[UUID], precondition: Precondition) -> None:
    """Archive a feature flag.

    The flag is no longer evaluated. Its key stays taken and its history stays readable.
    """
    await archive_flag(change, flag_id, precondition)
