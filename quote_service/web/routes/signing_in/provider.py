"""People sign in with the provider of their organisation, and link it to their account.

The cookie of a session does not come along from another site (`SameSite=Strict`); what leads back to a sign-in has a cookie of its
own (`Lax`), sealed, for ten minutes. For the same reason the answer to a return is a page that leads on, and no redirect.

Source: docs/spec/web.md#sessions; docs/spec/access.md#sign-in-provider.
"""

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.page_sessions import sign_in_with_provider
from quote_service.identity.operations.people.proofs import has_proof
from quote_service.identity.operations.provider.flows import FLOW_SECONDS, Flow, LinkingSession, new_flow
from quote_service.identity.operations.provider.sign_in_by_identity import count_return, link_identity
from quote_service.identity.operations.provider.sign_in_provider import SignInProvider
from quote_service.platform.callers.errors import SecondFactorMissing, SecondFactorRequired
from quote_service.platform.http.callers import visit_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Conflict, QuoteServiceError, TooMany, Unauthorized, Unavailable
from quote_service.web.routes.account.account import account_page, own_change, prove_by_form
from quote_service.web.routes.cookies import flow_name, flow_of_cookies
from quote_service.web.routes.gate import FOR_EVERYBODY, FOR_PEOPLE
from quote_service.web.routes.page import PageRequest, go_to, page_of, public_url_of
from quote_service.web.routes.signing_in.second_step import ask_for_code, set_factor_up
from quote_service.web.routes.signing_in.session import lives_of, own_path, with_session

_RETURN = "/sign-in/provider/return"
_TOO_LATE = "The sign-in has taken too long, or began in another window; begin again"


@get("/sign-in/provider", opt={"page": FOR_EVERYBODY})
async def go_to_provider(request: PageRequest) -> Response[str]:
    """Begin: lead to the provider."""
    provider, wanted = _provider(request), own_path(request.query_params.get("next", ""))
    flow = new_flow(wanted, None, now_us())
    try:
        # Whoever is signed in already comes to prove it: the provider asks again, whatever it remembers.
        again = page_of(request).person is not None
        url = await provider.url_for(flow, public_url_of(request) + _RETURN, asks_again=again)
    except Unavailable as unavailable:
        return _refusal(request, unavailable, wanted)
    return _with_flow(request, go_to(request, url), provider.flows.write(flow))


@post("/account/identity", status_code=200, opt={"page": FOR_PEOPLE})
async def link_own_identity(request: PageRequest) -> Response[str]:
    """Begin to link: lead to the provider by a page, for a form may lead nowhere else."""
    provider, person = _provider(request), page_of(request).person
    assert person is not None  # the gate lets nobody else here
    database, change = parts_of(request)[Database], own_change(request, person)
    if refused := await prove_by_form(request):
        return await account_page(request, refused=refused, form="identity")
    if not await has_proof(database, change, person.session_id):
        return await account_page(request, form="identity", faults={"/proof": "is needed to change how you sign in"})
    flow = new_flow("/account", LinkingSession(person.user.id, person.session_id, person.generation), change.at_us)
    url = await provider.url_for(flow, public_url_of(request) + _RETURN)
    shown = page_of(request).show("signing_in/go_on.html", url=url, where=provider.terms.name, fault="")
    return _with_flow(request, shown, provider.flows.write(flow))


@get(_RETURN, opt={"page": FOR_EVERYBODY})
async def come_back(request: PageRequest) -> Response[str]:
    """End: who came back, and was it this browser that went?"""
    given, provider = request.query_params, _provider(request)
    kept = flow_of_cookies(parts_of(request)[Settings], request.headers.get("cookie", ""))
    flow = provider.flows.read(kept or "", given.get("state", ""), now_us())
    if flow is None:
        answer = _refusal(request, Unauthorized(_TOO_LATE), "/admin")
    else:
        try:
            answer = await _finish(request, provider, flow)
        except SecondFactorRequired as required:
            answer = ask_for_code(request, required.challenge, flow.wanted)
        except SecondFactorMissing as missing:
            answer = await set_factor_up(request, missing.challenge, flow.wanted)
        except (Unauthorized, Unavailable, Conflict, TooMany) as refused:
            answer = _refusal(request, refused, flow.wanted, is_link=flow.link is not None)
    # Used up, whatever has come of it.
    return _with_flow(request, answer, "")


async def _finish(request: PageRequest, provider: SignInProvider, flow: Flow) -> Response[str]:
    given, parts, visit = request.query_params, parts_of(request), visit_of(request)
    code = given.get("code", "")
    if "error" in given or not code:
        raise Unauthorized(f"{provider.terms.name} has not let you in")
    database, credentials = parts[Database], parts[Credentials]
    await count_return(database, credentials.throttle, visit)
    proven = await provider.prove(flow, code, given.get("iss"), public_url_of(request) + _RETURN, visit.at_us)
    shown = page_of(request).show("signing_in/go_on.html", url=flow.wanted, where="", fault="")
    if flow.link is not None:
        await link_identity(database, proven, flow.link, visit)
        return shown
    token = await sign_in_with_provider(
        database,
        credentials,
        lives_of(parts[Settings]),
        proven,
        visit,
        gives_roles=bool(provider.terms.role_claim),
    )
    return with_session(request, shown, token)


def _provider(request: PageRequest) -> SignInProvider:
    provider = parts_of(request).find(SignInProvider)
    if provider is None:
        raise NotFoundException
    return provider


def _refusal(request: PageRequest, refused: QuoteServiceError, wanted: str, *, is_link: bool = False) -> Response[str]:
    status = STATUS_OF_KIND[refused.kind]
    if is_link:
        return page_of(request).show(
            "signing_in/go_on.html", status=status, url="/account", where="", fault=refused.detail
        )
    return page_of(request).show(
        "signing_in/sign_in.html",
        status=status,
        wanted=wanted,
        email="",
        fault=refused.detail,
        done="",
        sign_out_url=None,
        provider=_provider(request).terms.name,
    )


def _with_flow(request: PageRequest, answer: Response[str], text: str) -> Response[str]:
    settings = parts_of(request)[Settings]
    answer.set_cookie(
        key=flow_name(settings),
        value=text,
        max_age=FLOW_SECONDS if text else 0,
        path="/",
        httponly=True,
        # Development has no https.
        secure=not settings.development,
        samesite="lax",
    )
    return answer
