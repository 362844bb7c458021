"""People see who they are at the sign-in provider, and unlink it. A link is made in the pages, where a browser can go there.

Source: docs/spec/access.md#sign-in-provider.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get
from litestar.params import FromPath

from quote_service.identity.model.identities import Identity
from quote_service.identity.operations.provider.sign_in_by_identity import unlink_identity
from quote_service.identity.tables.identities import identities_of
from quote_service.platform.callers.access import PEOPLE
from quote_service.platform.callers.errors import ProofRequired
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict

_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a61",
    "issuer": "https://login.example.com",
    "subject": "248289761001",
    "created_at": "2026-03-01T09:00:00Z",
    "last_used_at": "2026-03-02T08:30:00Z",
}


@get(
    "/identities",
    opt={
        "access": PEOPLE,
        "described": Described(answer=list[Identity], answer_example=[_EXAMPLE], message="Identities"),
    },
)
async def list_identities(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List your identities at the sign-in provider."""
    async with parts_of(request)[Database].read() as connection:
        return one_answer(await identities_of(connection, caller_of(request).id), "Identities")


@delete(
    "/identities/{identity_id:uuid}",
    status_code=204,
    opt={"access": PEOPLE, "described": Described(form="nothing", problems=(Conflict, ProofRequired))},
)
async def end_identity(request: Request[Any, Any, Any], identity_id: FromPath[UUID]) -> Response[None]:
    """Unlink one of your identities.

    You no longer sign in by it. Refused if you have no password. Needs a proof that is at most five minutes old: log in, or
    `POST /api/v1/auth/proof`.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await unlink_identity(connection, change_of(request), str(identity_id), caller_of(request).session_id)
    return Response(None, status_code=204)


OWN_IDENTITIES = (list_identities, end_identity)
