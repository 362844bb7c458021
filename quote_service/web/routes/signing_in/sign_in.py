"""People sign in to the pages and out of them.

Source: docs/spec/web.md#sessions.
"""

from contextlib import suppress

from litestar import Response, get, post

from quote_service.identity.model.people import LogIn
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.page_sessions import sign_in, sign_out
from quote_service.identity.operations.provider.sign_in_provider import SignInProvider
from quote_service.platform.callers.errors import SecondFactorMissing, SecondFactorRequired
from quote_service.platform.http.callers import request_id_of, visit_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Overloaded, TooMany, Unauthorized, Unavailable
from quote_service.web.routes.cookies import ended_cookie, forget_visit, token_of_cookies
from quote_service.web.routes.gate import FOR_EVERYBODY, FOR_PEOPLE, SIGN_IN
from quote_service.web.routes.page import PageRequest, first, form_of, go_to, page_of, public_url_of
from quote_service.web.routes.signing_in.second_step import ask_for_code, set_factor_up
from quote_service.web.routes.signing_in.session import HOME, lives_of, own_path, signed_in

_EMAIL_LENGTH_MAX, _PASSWORD_LENGTH_MAX = 254, 128


@get("/sign-in", opt={"page": FOR_EVERYBODY})
async def show_sign_in(request: PageRequest) -> Response[str]:
    """The form."""
    page = page_of(request)
    wanted = own_path(request.query_params.get("next", ""))
    if page.person is not None:
        return go_to(request, wanted)
    done, provider = request.query_params.get("done", ""), parts_of(request).find(SignInProvider)
    sign_out_url = None
    if done == "provider" and provider is not None:
        with suppress(Unavailable):
            sign_out_url = await provider.sign_out_url(public_url_of(request) + SIGN_IN)
    return _form(request, wanted=wanted, done=done, sign_out_url=sign_out_url)


@post("/sign-in", status_code=200, opt={"page": FOR_EVERYBODY})
async def start_page_session(request: PageRequest) -> Response[str]:
    """Check the password and begin a session, or ask for the second factor."""
    parts, fields = parts_of(request), await form_of(request)
    email, password = first(fields, "email"), fields.get("password", [""])[0]
    wanted = own_path(first(fields, "next"))
    try:
        token = await sign_in(
            parts[Database],
            parts[Credentials],
            lives_of(parts[Settings]),
            LogIn(email[:_EMAIL_LENGTH_MAX], password[:_PASSWORD_LENGTH_MAX]),
            visit_of(request),
        )
    except SecondFactorRequired as required:
        return ask_for_code(request, required.challenge, wanted)
    except SecondFactorMissing as missing:
        return await set_factor_up(request, missing.challenge, wanted)
    except (Unauthorized, TooMany, Overloaded) as refused:
        return _form(
            request,
            status=STATUS_OF_KIND[refused.kind],
            wanted=wanted,
            email=email[:_EMAIL_LENGTH_MAX],
            fault=refused.detail,
        )
    return signed_in(request, token, wanted)


@post("/sign-out", status_code=200, opt={"page": FOR_PEOPLE})
async def end_page_session(request: PageRequest) -> Response[str]:
    """End the session."""
    parts = parts_of(request)
    token = token_of_cookies(parts[Settings], request.headers.get("cookie", ""))
    begun_by = None
    if token is not None:
        begun_by = await sign_out(parts[Database], token, request_id=request_id_of(request), at_us=now_us())
    # At the provider the person is still signed in: the next page offers to end that, too.
    answer = go_to(request, f"{SIGN_IN}?done=provider" if begun_by == "provider" else SIGN_IN)
    answer.headers["Set-Cookie"] = ended_cookie(parts[Settings])
    # Whoever uses this browser next has a basket of their own.
    forget_visit(parts[Settings], answer)
    return answer


@get(HOME, opt={"page": FOR_PEOPLE})
async def go_home(request: PageRequest) -> Response[str]:
    """Where a person begins: the admin, or the store for those who shop."""
    person = page_of(request).person
    return go_to(request, "/store" if person is not None and person.role == "user" else "/admin")


def _form(
    request: PageRequest,
    *,
    wanted: str,
    status: int = 200,
    email: str = "",
    fault: str = "",
    done: str = "",
    sign_out_url: str | None = None,
) -> Response[str]:
    provider = parts_of(request).find(SignInProvider)
    return page_of(request).show(
        "signing_in/sign_in.html",
        status=status,
        wanted=wanted,
        email=email,
        fault=fault,
        done=done,
        sign_out_url=sign_out_url,
        provider=None if provider is None else provider.terms.name,
    )
