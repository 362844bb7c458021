"""The one guard in front of every route: who is asking, and may they.

A route says whom it lets in where it is declared, which is kept in its options::

    @post("/api/v1/rates", access=RATE_WRITERS)

`enforce_access` is called before every handler (admission.py), and a route without the option
lets nobody in. `docs/spec/access.md` is the table of what each route says.

Source: docs/spec/access.md#routes.
"""

from litestar.handlers.base import BaseRouteHandler

from quote_service.identity.operations.admit import caller_with_access, count_request
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.rate_limits import RateLimits
from quote_service.platform.callers.access import Access
from quote_service.platform.http.callers import Connection, admit_caller
from quote_service.platform.http.parts import parts_of
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Forbidden


async def enforce_access(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let the request through to its handler, or refuse it.

    Raises:
        Unauthorized: There are no credentials, or none that hold.
        CredentialsAmbiguous: There are two.
        Forbidden: The caller has neither a role nor a scope that the route asks for, or the route asks for none.
        RateLimited: The caller has used up the rate limit; a route with `counts_itself` sees to that itself.
    """
    if connection.scope.get("method") == "OPTIONS":
        return  # answered before any handler: the methods of the path, which the description names as well
    access = handler.opt.get("access")
    if not isinstance(access, Access):
        raise Forbidden("This route cannot be called")
    if access.public:
        return
    parts = parts_of(connection)
    caller = caller_with_access(connection.scope["headers"], access, parts[Credentials], now_us())
    if not handler.opt.get("counts_itself"):
        count_request(caller, parts[RateLimits])
    admit_caller(connection, caller)
