"""People look whom a change of a flag would touch, before they make it.

Source: docs/spec/feature-flags.md#preview.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_READERS
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.rulebook.feature_flags.model.errors import FlagArchived
from quote_service.rulebook.feature_flags.model.flag_preview import FlagPreview, FlagPreviewRequest
from quote_service.rulebook.feature_flags.operations.preview_flag import preview_flag
from quote_service.rulebook.feature_flags.routes.examples import PREVIEW, PREVIEW_REQUEST
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


@post(
    "/{flag_id:uuid}/preview",
    status_code=200,
    access=FLAG_READERS,
    body_example=PREVIEW_REQUEST,
    example=PREVIEW,
    message="Feature flag previewed",
    problems=(FlagArchived,),
)
async def preview_feature_flag(
    rulebook_holder: RulebookHolder, flag_id: FromPath[UUID], data: FlagPreviewRequest
) -> FlagPreview:
    """Preview a change of a feature flag.

    Says which of up to 1,000 customers are inside the rollout now, and which would be if the flag were as given. Nothing is changed.
    """
    rulebook = rulebook_holder.rulebook
    if rulebook is None:
        raise Unavailable("The flags have not been loaded yet")
    return preview_flag(rulebook, flag_id, data, now_us())
