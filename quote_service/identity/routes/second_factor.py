"""People set up, show and turn off their second factor.

Source: docs/spec/access.md#second-factor.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
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
from quote_service.platform.callers.access import ADMINS, PEOPLE
from quote_service.platform.callers.errors import ProofRequired
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import address_of, caller_of, change_of
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict, Overloaded, TooMany, Unauthorized

_NOT_KEPT = {"Cache-Control": "no-store"}
_CODE = {"code": "492039"}
_CODES_EXAMPLE = {"recovery_codes": ["k3vp-7xqn-m2ha-d9rt", "w8cj-4fzy-p6bs-u5ge"]}


@post(
    "/proof",
    status_code=204,
    opt={
        "access": PEOPLE,
        "described": Described(
            body=Proof,
            body_example={"current_password": "correct horse battery staple"},
            form="nothing",
            problems=(ProofRequired, Unauthorized, TooMany, Overloaded),
        ),
    },
)
async def prove_own_session(request: Request[Any, Any, Any]) -> Response[None]:
    """Confirm that it is you.

    Takes your password or a code. For five minutes your session may then change how you sign in: unlink an identity, set up a
    second factor without a password, or reset your own access as an admin. A session that was just begun needs no proof.
    """
    parts, given = parts_of(request), read_document(await request.body(), Proof)
    session_id, address = caller_of(request).session_id, address_of(request)
    await prove(parts[Database], parts[Credentials], change_of(request), session_id, given, address)
    return Response(None, status_code=204)


@get(
    "/second-factor",
    opt={
        "access": PEOPLE,
        "described": Described(
            answer=SecondFactor,
            answer_example={
                "since": "2026-03-01T09:00:00Z",
                "is_required": True,
                "takes_password": True,
                "recovery_codes_left": 9,
            },
            message="Second factor",
        ),
    },
)
async def show_factor(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get your second factor."""
    return one_answer(await _own_factor(request).show(), "Second factor")


@post(
    "/second-factor",
    status_code=200,
    opt={
        "access": PEOPLE,
        "described": Described(
            body=FactorStart,
            body_example={"current_password": "correct horse battery staple"},
            answer=FactorSecret,
            answer_example={
                "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                "uri": "otpauth://totp/Quote%20service:ada%40example.com"
                "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Quote%20service",
            },
            message="Confirm it with a code",
            problems=(ProofRequired, Conflict, TooMany, Overloaded),
        ),
    },
)
async def start_factor(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Set up a second factor.

    Returns a secret for an authenticator app (TOTP: six digits, 30 seconds, SHA-1). Nothing changes until it is confirmed with
    a code.
    """
    given = read_document(await request.body(), FactorStart)
    secret = await _own_factor(request).start(given.current_password)
    return one_answer(secret, "Confirm it with a code", _NOT_KEPT)


@post(
    "/second-factor/confirm",
    status_code=200,
    opt={
        "access": PEOPLE,
        "described": Described(
            body=FactorCode,
            body_example=_CODE,
            answer=RecoveryCodes,
            answer_example=_CODES_EXAMPLE,
            message="The second factor is on",
            problems=(Conflict, TooMany),
        ),
    },
)
async def confirm_factor(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Turn your second factor on.

    Takes the first code of the authenticator app, and returns recovery codes, which are shown only here.
    """
    given = read_document(await request.body(), FactorCode)
    codes = await _own_factor(request).confirm(given.code)
    return one_answer(RecoveryCodes(codes), "The second factor is on", _NOT_KEPT)


@post(
    "/second-factor/recovery-codes",
    status_code=200,
    opt={
        "access": PEOPLE,
        "described": Described(
            body=FactorCode,
            body_example=_CODE,
            answer=RecoveryCodes,
            answer_example=_CODES_EXAMPLE,
            message="New recovery codes",
            problems=(TooMany,),
        ),
    },
)
async def renew_recovery_codes(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create new recovery codes.

    Those from before stop working.
    """
    given = read_document(await request.body(), FactorCode)
    codes = await _own_factor(request).renew_codes(given.code)
    return one_answer(RecoveryCodes(codes), "New recovery codes", _NOT_KEPT)


@post(
    "/second-factor/remove",
    status_code=204,
    opt={
        "access": PEOPLE,
        "described": Described(body=FactorCode, body_example=_CODE, form="nothing", problems=(Conflict, TooMany)),
    },
)
async def remove_factor(request: Request[Any, Any, Any]) -> Response[None]:
    """Turn your second factor off.

    Takes a code, or a recovery code. Refused where your role requires a second factor.
    """
    given = read_document(await request.body(), FactorCode)
    await _own_factor(request).remove(given.code)
    return Response(None, status_code=204)


@delete(
    "/{user_id:uuid}/second-factor",
    status_code=204,
    opt={"access": ADMINS, "described": Described(form="nothing", problems=(ProofRequired,))},
)
async def reset_users_factor(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[None]:
    """Reset the second factor of a user.

    For a user who has lost the authenticator app and the recovery codes. Ends all sessions of the user, who then logs in with
    the password alone, or sets up another second factor if the role requires one.
    """
    change = change_of(request)
    async with parts_of(request)[Database].transaction() as connection:
        await require_proof_for_own(connection, change, str(user_id), caller_of(request).session_id)
        await reset_factor(connection, change, str(user_id))
    return Response(None, status_code=204)


def _own_factor(request: Request[Any, Any, Any]) -> OwnFactor:
    parts = parts_of(request)
    caller = caller_of(request)
    return OwnFactor(parts[Database], parts[Credentials], change_of(request), address_of(request), caller.session_id)


OWN_FACTOR = (prove_own_session, show_factor, start_factor, confirm_factor, renew_recovery_codes, remove_factor)
