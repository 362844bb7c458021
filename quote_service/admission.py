"""What stands before every handler: access, the kind of body, what would be passed over, OPTIONS.

One hook and no guards of the framework: it copies the handler for each guard at each request, and sends one that does not
await to another thread, which together cost more than a purchase.

Source: docs/spec/wire.md; docs/spec/access.md#routes.
"""

from litestar import Response

from quote_service.identity.guard import enforce_access
from quote_service.platform.http.options import answer_options
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.http.request_bodies import require_json_body
from quote_service.platform.http.unread_input import refuse_unread_input
from quote_service.positions import reach_position


async def admit_request(request: AnyRequest) -> Response[None] | None:
    """Refuse a request, answer it if it is OPTIONS, or let it go on to its handler.

    Raises:
        QuoteServiceError: As `enforce_access`, `require_json_body`, `reach_position` and `refuse_unread_input`.
    """
    handler = request.route_handler
    await enforce_access(request, handler)
    require_json_body(request, handler)
    await reach_position(request)
    await refuse_unread_input(request, handler)
    return await answer_options(request)
