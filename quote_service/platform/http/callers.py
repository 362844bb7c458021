"""Who calls, and what is put on record of it: for every handler behind the guard.

Source: docs/spec/access.md.
"""

from typing import Any

from litestar.connection import ASGIConnection

from quote_service.platform.callers.access import Caller
from quote_service.platform.callers.devices import device_of
from quote_service.platform.callers.sessions import Visit
from quote_service.platform.system.changes import Author
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unauthorized

Connection = ASGIConnection[Any, Any, Any, Any]
_CALLER = "caller"


def admit_caller(connection: Connection, caller: Caller) -> None:
    """Note who calls, once the guard has let the request in."""
    connection.scope["state"][_CALLER] = caller


def caller_of(connection: Connection) -> Caller:
    """Who is asking, on a route that is not public.

    Raises:
        Unauthorized: The route is public, so nobody has been asked.
    """
    caller = connection.scope["state"].get(_CALLER)
    if not isinstance(caller, Caller):
        raise Unauthorized("Credentials are required")
    return caller


def change_of(connection: Connection) -> Author:
    """The author, instant and request id of what the request changes."""
    caller = caller_of(connection)
    return Author(actor=caller.id, actor_kind=caller.kind, request_id=request_id_of(connection), at_us=now_us())


def address_of(connection: Connection) -> str:
    """Where the request comes from, as the server in front of the application tells; never read from a header here."""
    return connection.client.host if connection.client is not None else ""


def visit_of(connection: Connection) -> Visit:
    """Who is about to sign in, as far as the request tells."""
    device = device_of(connection.headers.get("user-agent", ""))
    return Visit(address_of(connection), device, request_id_of(connection), now_us())


def request_id_of(connection: Connection) -> str:
    """The id under which the request is answered and logged."""
    return str(connection.scope["state"].get("request_id", ""))
