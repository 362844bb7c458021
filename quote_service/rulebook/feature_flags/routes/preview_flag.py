"""People look whom a change of a flag would touch, before they make it.

Source: docs/spec/feature-flags.md#preview.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_READERS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
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
    opt={
        "access": FLAG_READERS,
        "described": Described(
            body=FlagPreviewRequest,
            body_example=PREVIEW_REQUEST,
            answer=FlagPreview,
            answer_example=PREVIEW,
            message="Feature flag previewed",
            problems=(FlagArchived,),
        ),
    },
)
async def preview_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Preview a change of a feature flag.

    Says which of up to 1,000 customers are inside the rollout now, and which would be if the flag were as given. Nothing is changed.
    """
    asked = read_document(await request.body(), FlagPreviewRequest)
    rulebook = parts_of(request)[RulebookHolder].rulebook
    if rulebook is None:
        raise Unavailable("The flags have not been loaded yet")
    answer = preview_flag(rulebook, flag_id, asked, now_us())
    return Response(envelope(answer, "Feature flag previewed"), media_type="application/json")
