"""The one guard in front of every route: who is asking, and may they.

A route says whom it lets in, in its options::

    @post("/api/v1/rates", opt={"access": PRICING})

`enforce_access` is called before every handler (admission.py), and a route without the option
lets nobody in. `docs/access.md` is the table of what each route says.

Source: spec 8.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from quote_service.api.credentials import caller_of_headers
from quote_service.api.runtime import runtime_of
from quote_service.domain.access import Access, Caller
from quote_service.domain.errors import Forbidden, Unauthorized
from quote_service.flows.changes import Change
from quote_service.system.clock import now_us

Connection = ASGIConnection[Any, Any, Any, Any]
_CALLER = "caller"


async def enforce_access(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let the request through to its handler, or refuse it.

    Raises:
        Unauthorized: There are no credentials, or none that hold.
        CredentialsAmbiguous: There are two.
        Forbidden: The caller has neither a role nor a scope that the route asks for, or the route asks for none.
        RateLimited: The caller's API key has used up its limit; a route with `counts_itself` sees to that itself.
    """
    if connection.scope.get("method") == "OPTIONS":
        return  # answered before any handler: the methods of the path, which the description names as well
    access = handler.opt.get("access")
    if not isinstance(access, Access):
        raise Forbidden("This route lets nobody in")
    if access.public:
        return
    caller = caller_of_headers(connection.scope["headers"], runtime_of(connection).credentials, now_us())
    if caller is None:
        raise Unauthorized("Send an API key in X-API-Key, or a bearer token in Authorization")
    if not access.allows(caller):
        raise Forbidden(refusal(access, caller))
    if caller.rate_limit is not None and not handler.opt.get("counts_itself"):
        runtime_of(connection).limits.spend(caller.id, caller.rate_limit)
    connection.scope["state"][_CALLER] = caller


def refusal(access: Access, caller: Caller) -> str:
    """The sentence for a caller who is known but not let in."""
    wanted = sorted(access.scopes if caller.kind == "key" else access.roles)
    if not wanted:
        return "API keys cannot do this; log in as a person who may"
    what = "scopes" if caller.kind == "key" else "roles"
    return f"This takes one of the {what} {', '.join(wanted)}"


def caller_of(connection: Connection) -> Caller:
    """Who is asking, on a route that is not public.

    Raises:
        Unauthorized: The route is public, so nobody has been asked.
    """
    caller = connection.scope["state"].get(_CALLER)
    if not isinstance(caller, Caller):
        raise Unauthorized("This takes credentials")
    return caller


def change_of(connection: Connection) -> Change:
    """The author, instant and request id of what the request changes."""
    caller = caller_of(connection)
    return Change(actor=caller.id, actor_kind=caller.kind, request_id=request_id_of(connection), at_us=now_us())


def request_id_of(connection: Connection) -> str:
    """The id under which the request is answered and logged."""
    return str(connection.scope["state"].get("request_id", ""))
