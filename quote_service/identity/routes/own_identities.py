"""People see who they are at the sign-in provider, and unlink it. A link is made in the pages, where a browser can go there.

Source: docs/spec/access.md#sign-in-provider.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.identity.model.identities import Identity
from quote_service.identity.operations.provider.sign_in_by_identity import unlink_identity
from quote_service.identity.tables.identities import identities_of
from quote_service.platform.callers.access import PEOPLE, Caller
from quote_service.platform.callers.errors import ProofRequired
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get
from quote_service.platform.system.errors import Conflict

_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a61",
    "issuer": "https://login.example.com",
    "subject": "248289761001",
    "created_at": "2026-03-01T09:00:00Z",
    "last_used_at": "2026-03-02T08:30:00Z",
}


@get("/identities", access=PEOPLE, example=[_EXAMPLE], message="Identities")
async def list_identities(connection: Reading, caller: Caller) -> list[Identity]:
    """List your identities at the sign-in provider."""
    return await identities_of(connection, caller.id)


@delete("/identities/{identity_id:uuid}", access=PEOPLE, problems=(Conflict, ProofRequired))
async def end_identity(change: WritingChange, caller: Caller, identity_id: FromPath[UUID]) -> None:
    """Unlink one of your identities.

    You no longer sign in by it. Refused if you have no password. Needs a proof that is at most five minutes old: log in, or
    `POST /api/v1/auth/proof`.
    """
    await unlink_identity(change, str(identity_id), caller.session_id)


OWN_IDENTITIES = (list_identities, end_identity)
