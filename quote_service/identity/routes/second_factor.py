"""People set up, show and turn off their second factor.

Source: docs/spec/access.md#second-factor.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.identity.model.second_factors import (
    FactorCode,
    FactorSecret,
    FactorStart,
    Proof,
    RecoveryCodes,
    SecondFactor,
)
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.factors.change_factor import OwnFactor, reset_factor
from quote_service.identity.operations.people.proofs import prove, require_proof_for_own
from quote_service.platform.callers.access import ADMINS, PEOPLE, Caller
from quote_service.platform.callers.errors import ProofRequired
from quote_service.platform.http.callers import address_of
from quote_service.platform.http.endpoints.connections import WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post
from quote_service.platform.http.endpoints.results import Answer
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, Overloaded, TooMany, Unauthorized

_NOT_KEPT = {"Cache-Control": "no-store"}
_CODE = {"code": "492039"}
_CODES_EXAMPLE = {"recovery_codes": ["k3vp-7xqn-m2ha-d9rt", "w8cj-4fzy-p6bs-u5ge"]}


def _own_factor(
    request: AnyRequest, database: Database, credentials: Credentials, change: Author, caller: Caller
) -> OwnFactor:
    return OwnFactor(database, credentials, change, address_of(request), caller.session_id)


_OWN = {"own": _own_factor}


@post(
    "/proof",
    status_code=204,
    access=PEOPLE,
    body_example={"current_password": "correct horse battery staple"},
    problems=(ProofRequired, Unauthorized, TooMany, Overloaded),
)
async def prove_own_session(
    request: AnyRequest, change: Author, caller: Caller, database: Database, credentials: Credentials, data: Proof
) -> None:
    """Confirm that it is you.

    Takes your password or a code. For five minutes your session may then change how you sign in: unlink an identity, set up a
    second factor without a password, or reset your own access as an admin. A session that was just begun needs no proof.
    """
    await prove(database, credentials, change, caller.session_id, data, address_of(request))


@get(
    "/second-factor",
    access=PEOPLE,
    dependencies=_OWN,
    example={
        "since": "2026-03-01T09:00:00Z",
        "is_required": True,
        "takes_password": True,
        "recovery_codes_left": 9,
    },
    message="Second factor",
)
async def show_factor(own: OwnFactor) -> SecondFactor:
    """Get your second factor."""
    return await own.show()


@post(
    "/second-factor",
    status_code=200,
    access=PEOPLE,
    dependencies=_OWN,
    body_example={"current_password": "correct horse battery staple"},
    example={
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/Quote%20service:ada%40example.com"
        "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Quote%20service",
    },
    message="Confirm it with a code",
    problems=(ProofRequired, Conflict, TooMany, Overloaded),
)
async def start_factor(own: OwnFactor, data: FactorStart) -> Answer[FactorSecret]:
    """Set up a second factor.

    Returns a secret for an authenticator app (TOTP: six digits, 30 seconds, SHA-1). Nothing changes until it is confirmed with
    a code.
    """
    return Answer(await own.start(data.current_password), headers=_NOT_KEPT)


@post(
    "/second-factor/confirm",
    status_code=200,
    access=PEOPLE,
    dependencies=_OWN,
    body_example=_CODE,
    example=_CODES_EXAMPLE,
    message="The second factor is on",
    problems=(Conflict, TooMany),
)
async def confirm_factor(own: OwnFactor, data: FactorCode) -> Answer[RecoveryCodes]:
    """Turn your second factor on.

    Takes the first code of the authenticator app, and returns recovery codes, which are shown only here.
    """
    return Answer(RecoveryCodes(await own.confirm(data.code)), headers=_NOT_KEPT)


@post(
    "/second-factor/recovery-codes",
    status_code=200,
    access=PEOPLE,
    dependencies=_OWN,
    body_example=_CODE,
    example=_CODES_EXAMPLE,
    message="New recovery codes",
    problems=(TooMany,),
)
async def renew_recovery_codes(own: OwnFactor, data: FactorCode) -> Answer[RecoveryCodes]:
    """Create new recovery codes.

    Those from before stop working.
    """
    return Answer(RecoveryCodes(await own.renew_codes(data.code)), headers=_NOT_KEPT)


@post(
    "/second-factor/remove",
    status_code=204,
    access=PEOPLE,
    dependencies=_OWN,
    body_example=_CODE,
    problems=(Conflict, TooMany),
)
async def remove_factor(own: OwnFactor, data: FactorCode) -> None:
    """Turn your second factor off.

    Takes a code, or a recovery code. Refused where your role requires a second factor.
    """
    await own.remove(data.code)


@delete("/{user_id:uuid}/second-factor", access=ADMINS, problems=(ProofRequired,))
async def reset_users_factor(change: WritingChange, caller: Caller, user_id: FromPath[UUID]) -> None:
    """Reset the second factor of a user.

    For a user who has lost the authenticator app and the recovery codes. Ends all sessions of the user, who then logs in with
    the password alone, or sets up another second factor if the role requires one.
    """
    await require_proof_for_own(change, str(user_id), caller.session_id)
    await reset_factor(change, str(user_id))


OWN_FACTOR = (prove_own_session, show_factor, start_factor, confirm_factor, renew_recovery_codes, remove_factor)
