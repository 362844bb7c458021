"""People sign in to the pages and out of them.

Source: docs/spec/web.md#sessions.
"""

from litestar import Response, get, post

from quote_service.access.operations.credentials import Credentials
from quote_service.access.operations.people.page_sessions import PageSessionLives, sign_in, sign_out
from quote_service.access.words.people import LogIn
from quote_service.http.callers import request_id_of
from quote_service.http.parts import parts_of
from quote_service.http.problems import STATUS_OF_KIND
from quote_service.postgres.pool import Database
from quote_service.settings import Settings
from quote_service.system.clock import now_us
from quote_service.system.errors import Overloaded, TooMany, Unauthorized
from quote_service.web.routes.cookies import ended_cookie, session_cookie, token_of_cookies
from quote_service.web.routes.gate import FOR_EVERYBODY, FOR_PEOPLE
from quote_service.web.routes.page import PageRequest, first, form_of, go_to, page_of

_HOME = "/admin"
_EMAIL_LENGTH_MAX, _PASSWORD_LENGTH_MAX = 254, 128


@get("/sign-in", opt={"page": FOR_EVERYBODY})
async def show_sign_in(request: PageRequest) -> Response[str]:
    """The form."""
    page = page_of(request)
    wanted = _own_path(request.query_params.get("next", ""))
    if page.person is not None:
        return go_to(request, wanted)
    return page.show("sign_in.html", wanted=wanted, email="", fault="")


@post("/sign-in", status_code=200, opt={"page": FOR_EVERYBODY})
async def start_page_session(request: PageRequest) -> Response[str]:
    """Check the password and begin a session."""
    parts, fields = parts_of(request), await form_of(request)
    settings = parts[Settings]
    email, password = first(fields, "email"), fields.get("password", [""])[0]
    wanted = _own_path(first(fields, "next"))
    try:
        token = await sign_in(
            parts[Database],
            parts[Credentials],
            PageSessionLives(settings.page_session_seconds, settings.page_unused_seconds),
            LogIn(email[:_EMAIL_LENGTH_MAX], password[:_PASSWORD_LENGTH_MAX]),
            address=request.client.host if request.client is not None else "",
            request_id=request_id_of(request),
            at_us=now_us(),
        )
    except (Unauthorized, TooMany, Overloaded) as refused:
        status = STATUS_OF_KIND[refused.kind]
        return page_of(request).show(
            "sign_in.html", status=status, wanted=wanted, email=email[:_EMAIL_LENGTH_MAX], fault=refused.detail
        )
    answer = go_to(request, wanted)
    answer.headers["Set-Cookie"] = session_cookie(settings, token)
    return answer


@post("/sign-out", status_code=200, opt={"page": FOR_PEOPLE})
async def end_page_session(request: PageRequest) -> Response[str]:
    """End the session."""
    parts = parts_of(request)
    token = token_of_cookies(parts[Settings], request.headers.get("cookie", ""))
    if token is not None:
        await sign_out(parts[Database], token, request_id=request_id_of(request), at_us=now_us())
    answer = go_to(request, "/sign-in")
    answer.headers["Set-Cookie"] = ended_cookie(parts[Settings])
    return answer


def _own_path(wanted: str) -> str:
    """Where to go after signing in: a page of ours, and never another host."""
    is_own = wanted.startswith(("/admin", "/store")) and "//" not in wanted and "\\" not in wanted
    return wanted if is_own and wanted.isprintable() else _HOME
