"""People log in, renew, log out, change their password, and see who they are.

Source: docs/spec/access.md#people.
"""

from litestar import Router

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
from quote_service.platform.callers.access import PEOPLE, PUBLIC, Caller
from quote_service.platform.callers.errors import SecondFactorMissing, SecondFactorRequired
from quote_service.platform.callers.sessions import Visit
from quote_service.platform.http.callers import address_of, request_id_of
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.results import Answer, Tagged
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
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
    access=PUBLIC,
    body_example={"email": "ada@example.com", "password": "correct horse battery staple"},
    example=_SESSION_EXAMPLE,
    message="Logged in",
    problems=(Unauthorized, SecondFactorRequired, SecondFactorMissing, TooMany, *OF_LIMITED_WORK),
)
async def start_session(visit: Visit, database: Database, credentials: Credentials, data: LogIn) -> Answer[Session]:
    """Log in with e-mail address and password.

    Returns a short-lived access token for `Authorization: Bearer` and a refresh token that works once. A user with a second
    factor gets the problem `second-factor-required` with a `challenge` instead, for `POST /api/v1/auth/login/second-factor`.
    """
    return Answer(await log_in(database, credentials, data, visit), headers=_NOT_KEPT)


@post(
    "/login/second-factor",
    status_code=200,
    access=PUBLIC,
    body_example={"challenge": "<a JWT>", "code": "492039"},
    example=_SESSION_EXAMPLE,
    message="Logged in",
    problems=(Unauthorized, TooMany, *OF_LIMITED_WORK),
)
async def start_session_by_code(
    visit: Visit, database: Database, credentials: Credentials, data: FactorLogIn
) -> Answer[Session]:
    """Log in with a second factor.

    Takes the `challenge` of a login that was answered with the problem `second-factor-required`, within five minutes, and
    six digits from the authenticator app or a recovery code. Each code works once.
    """
    return Answer(await log_in_by_code(database, credentials, data, visit), headers=_NOT_KEPT)


@post(
    "/refresh",
    status_code=200,
    access=PUBLIC,
    body_example=_REFRESH_EXAMPLE,
    example=_SESSION_EXAMPLE,
    message="Session renewed",
    problems=(Unauthorized, Unavailable),
)
async def renew_session(
    request: AnyRequest, database: Database, credentials: Credentials, data: RefreshRequest
) -> Answer[Session]:
    """Refresh a session.

    Exchanges a refresh token for a new access token and refresh token. A refresh token that is used twice ends the
    session.
    """
    session = await refresh_session(
        database,
        credentials,
        data.refresh_token,
        request_id=request_id_of(request),
        at_us=now_us(),
    )
    return Answer(session, headers=_NOT_KEPT)


@post("/logout", status_code=204, access=PUBLIC, body_example=_REFRESH_EXAMPLE, problems=(Unavailable,))
async def end_session(request: AnyRequest, database: Database, data: RefreshRequest) -> None:
    """Log out.

    Ends the session that the refresh token belongs to.
    """
    await log_out(database, data.refresh_token, request_id=request_id_of(request), at_us=now_us())


@post(
    "/password",
    status_code=204,
    access=PEOPLE,
    body_example={"current_password": "correct horse battery staple", "new_password": "hunter2 is too short"},
    problems=(TooMany, Overloaded),
)
async def set_own_password(
    request: AnyRequest, change: Author, credentials: Credentials, database: Database, data: PasswordChange
) -> None:
    """Change your password.

    Ends all your sessions, including this one: log in again with the new password.
    """
    await change_password(
        database,
        credentials.passwords,
        credentials.throttle,
        change,
        data,
        address=address_of(request),
    )


@post(
    "/password-reset",
    status_code=204,
    access=PUBLIC,
    body_example={
        "token": "qp_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs",
        "new_password": "correct horse battery staple",
    },
    problems=(TooMany, *OF_LIMITED_WORK),
)
async def set_lost_password(visit: Visit, database: Database, credentials: Credentials, data: PasswordReset) -> None:
    """Set a new password by a link.

    Takes the token of a link that an admin has given, which works once. Ends all sessions of the user; a second factor stays.
    """
    await set_password_by_link(database, credentials, data, visit)


@get("/me", access=PEOPLE, example=_USER_EXAMPLE, message="You", headers={"ETag": "The version of the account."})
async def show_me(connection: Reading, caller: Caller) -> Tagged[User]:
    """Get the current user."""
    account = await account_by_id(connection, caller.id)
    if account is None:
        raise Unauthorized("Log in again")
    return account.user


auth = Router(
    "/api/v1/auth",
    route_handlers=[
        start_session,
        start_session_by_code,
        renew_session,
        end_session,
        set_own_password,
        set_lost_password,
        show_me,
        *OWN_FACTOR,
        *OWN_SESSIONS,
        *OWN_IDENTITIES,
    ],
)
