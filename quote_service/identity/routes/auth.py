"""People log in, renew, log out, change their password, and see who they are.

Source: docs/spec/access.md#people.
"""

from typing import Any

from litestar import Request, Response, Router, get, post

from quote_service.identity.model.people import LogIn, PasswordChange, PasswordReset, RefreshRequest, Session, User
from quote_service.identity.model.second_factors import FactorLogIn
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.change_password import change_password
from quote_service.identity.operations.people.log_in import log_in, log_in_by_code
from quote_service.identity.operations.people.log_out import log_out
from quote_service.identity.operations.people.refresh_session import refresh_session
from quote_service.identity.operations.people.reset_by_link import set_password_by_link
from quote_service.identity.routes.own_identities import OWN_IDENTITIES
from quote_service.identity.routes.own_sessions import OWN_SESSIONS
from quote_service.identity.routes.second_factor import OWN_FACTOR
from quote_service.identity.tables.users import account_by_id
from quote_service.platform.callers.access import PEOPLE, PUBLIC
from quote_service.platform.callers.errors import SecondFactorMissing, SecondFactorRequired
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer, tagged_answer
from quote_service.platform.http.callers import address_of, caller_of, change_of, request_id_of, visit_of
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Overloaded, TooMany, Unauthorized, Unavailable

_NOT_KEPT = {"Cache-Control": "no-store"}
_REFRESH_EXAMPLE = {"refresh_token": "qr_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs"}
_USER_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "email": "ada@example.com",
    "role": "pricing_manager",
    "is_active": True,
    "created_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-01T09:00:00Z",
    "last_login_at": "2026-03-02T08:30:00Z",
    "second_factor_since": None,
    "version": 1,
}
_SESSION_EXAMPLE = {
    "access_token": "<a JWT>",
    "token_type": "Bearer",
    "expires_in_seconds": 900,
    "refresh_token": "qr_8Qm3vWcT1xZ0bN6rKfJ5yHd2sLgPaE9uXo7iRtCkVwY",
    "refresh_expires_in_seconds": 1_209_600,
    "user": _USER_EXAMPLE,
}


@post(
    "/login",
    status_code=200,
    opt={
        "access": PUBLIC,
        "described": Described(
            body=LogIn,
            body_example={"email": "ada@example.com", "password": "correct horse battery staple"},
            answer=Session,
            answer_example=_SESSION_EXAMPLE,
            message="Logged in",
            problems=(Unauthorized, SecondFactorRequired, SecondFactorMissing, TooMany, *OF_LIMITED_WORK),
        ),
    },
)
async def start_session(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Log in with e-mail address and password.

    Returns a short-lived access token for `Authorization: Bearer` and a refresh token that works once. A user with a second
    factor gets the problem `second-factor-required` with a `challenge` instead, for `POST /api/v1/auth/login/second-factor`.
    """
    parts = parts_of(request)
    given = read_document(await request.body(), LogIn)
    session = await log_in(parts[Database], parts[Credentials], given, visit_of(request))
    return one_answer(session, "Logged in", _NOT_KEPT)


@post(
    "/login/second-factor",
    status_code=200,
    opt={
        "access": PUBLIC,
        "described": Described(
            body=FactorLogIn,
            body_example={"challenge": "<a JWT>", "code": "492039"},
            answer=Session,
            answer_example=_SESSION_EXAMPLE,
            message="Logged in",
            problems=(Unauthorized, TooMany, *OF_LIMITED_WORK),
        ),
    },
)
async def start_session_by_code(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Log in with a second factor.

    Takes the `challenge` of a login that was answered with the problem `second-factor-required`, within five minutes, and
    six digits from the authenticator app or a recovery code. Each code works once.
    """
    parts = parts_of(request)
    given = read_document(await request.body(), FactorLogIn)
    session = await log_in_by_code(parts[Database], parts[Credentials], given, visit_of(request))
    return one_answer(session, "Logged in", _NOT_KEPT)


@post(
    "/refresh",
    status_code=200,
    opt={
        "access": PUBLIC,
        "described": Described(
            body=RefreshRequest,
            body_example=_REFRESH_EXAMPLE,
            answer=Session,
            answer_example=_SESSION_EXAMPLE,
            message="Session renewed",
            problems=(Unauthorized, Unavailable),
        ),
    },
)
async def renew_session(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Refresh a session.

    Exchanges a refresh token for a new access token and refresh token. A refresh token that is used twice ends the
    session.
    """
    parts = parts_of(request)
    given = read_document(await request.body(), RefreshRequest)
    session = await refresh_session(
        parts[Database],
        parts[Credentials],
        given.refresh_token,
        request_id=request_id_of(request),
        at_us=now_us(),
    )
    return one_answer(session, "Session renewed", _NOT_KEPT)


@post(
    "/logout",
    status_code=204,
    opt={
        "access": PUBLIC,
        "described": Described(
            body=RefreshRequest, body_example=_REFRESH_EXAMPLE, form="nothing", problems=(Unavailable,)
        ),
    },
)
async def end_session(request: Request[Any, Any, Any]) -> Response[None]:
    """Log out.

    Ends the session that the refresh token belongs to.
    """
    given = read_document(await request.body(), RefreshRequest)
    database = parts_of(request)[Database]
    await log_out(database, given.refresh_token, request_id=request_id_of(request), at_us=now_us())
    return Response(None, status_code=204)


@post(
    "/password",
    status_code=204,
    opt={
        "access": PEOPLE,
        "described": Described(
            body=PasswordChange,
            body_example={"current_password": "correct horse battery staple", "new_password": "hunter2 is too short"},
            form="nothing",
            problems=(TooMany, Overloaded),
        ),
    },
)
async def set_own_password(request: Request[Any, Any, Any]) -> Response[None]:
    """Change your password.

    Ends all your sessions, including this one: log in again with the new password.
    """
    parts = parts_of(request)
    given = read_document(await request.body(), PasswordChange)
    credentials = parts[Credentials]
    await change_password(
        parts[Database],
        credentials.passwords,
        credentials.throttle,
        change_of(request),
        given,
        address=address_of(request),
    )
    return Response(None, status_code=204)


@post(
    "/password-reset",
    status_code=204,
    opt={
        "access": PUBLIC,
        "described": Described(
            body=PasswordReset,
            body_example={
                "token": "qp_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs",
                "new_password": "correct horse battery staple",
            },
            form="nothing",
            problems=(TooMany, *OF_LIMITED_WORK),
        ),
    },
)
async def set_password_anew(request: Request[Any, Any, Any]) -> Response[None]:
    """Set a new password by a link.

    Takes the token of a link that an admin has given, which works once. Ends all sessions of the user; a second factor stays.
    """
    parts = parts_of(request)
    given = read_document(await request.body(), PasswordReset)
    await set_password_by_link(parts[Database], parts[Credentials], given, visit_of(request))
    return Response(None, status_code=204)


@get(
    "/me",
    opt={
        "access": PEOPLE,
        "described": Described(
            answer=User, answer_example=_USER_EXAMPLE, message="You", headers={"ETag": "The version of the account."}
        ),
    },
)
async def show_me(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the current user."""
    async with parts_of(request)[Database].read() as connection:
        account = await account_by_id(connection, caller_of(request).id)
    if account is None:
        raise Unauthorized("Log in again")
    user = account.user
    return tagged_answer(user, "You", user.id, user.version)


auth = Router(
    "/api/v1/auth",
    route_handlers=[
        start_session,
        start_session_by_code,
        renew_session,
        end_session,
        set_own_password,
        set_password_anew,
        show_me,
        *OWN_FACTOR,
        *OWN_SESSIONS,
        *OWN_IDENTITIES,
    ],
)
