"""A person's own account: password, second factor, sessions.

Source: docs/spec/web.md#own-account.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from quote_service.identity.operations.people.proofs import has_proof
from quote_service.identity.operations.provider.sign_in_provider import SignInProvider
from quote_service.platform.http.callers import request_id_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.http.problems import STATUS_OF_KIND
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.clock import now_us
from quote_service.web.model.person import Person
from quote_service.web.rendering.qr_code import qr_picture
from quote_service.web.routes.cookies import ended_cookie
from quote_service.web.routes.gate import FOR_PEOPLE
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import PageRequest, first, form_of, go_to, page_of

_ACCOUNT = "/account"
_API = "/api/v1/auth"
_DONE = {
    "factor-off": "The second factor is off.",
    "identity": "It is no longer linked.",
    "session": "The session has ended.",
}


@get("/account", opt={"page": FOR_PEOPLE})
async def show_account(request: PageRequest) -> Response[str]:
    """The account."""
    return await account_page(request, done=_DONE.get(request.query_params.get("done", ""), ""))


@post("/account/password", status_code=200, opt={"page": FOR_PEOPLE})
async def change_own_password(request: PageRequest) -> Response[str]:
    """Change the password; every session ends, this one too."""
    page, fields = page_of(request), await form_of(request)
    new = fields.get("new_password", [""])[0]
    if new != fields.get("again", [""])[0]:
        return await account_page(request, faults={"/again": "is not the same as the new password"})
    sent = {"current_password": fields.get("current_password", [""])[0], "new_password": new}
    answer = await page.api.call("POST", f"{_API}/password", sent)
    if not answer.is_good:
        return await account_page(request, refused=answer, form="password")
    left = go_to(request, "/sign-in?done=password")
    left.headers["Set-Cookie"] = ended_cookie(parts_of(request)[Settings])
    return left


@post("/account/second-factor", status_code=200, opt={"page": FOR_PEOPLE})
async def set_up_factor(request: PageRequest) -> Response[str]:
    """Begin to set a second factor up: show the secret."""
    page, fields = page_of(request), await form_of(request)
    sent = {"current_password": fields["current_password"][0]} if "current_password" in fields else {}
    answer = await page.api.call("POST", f"{_API}/second-factor", sent)
    if not answer.is_good:
        return await account_page(request, refused=answer, form="factor")
    return _setting_up(request, answer.data["secret"], answer.data["uri"])


@post("/account/second-factor/confirm", status_code=200, opt={"page": FOR_PEOPLE})
async def turn_factor_on(request: PageRequest) -> Response[str]:
    """Turn it on by its first code, and show the recovery codes."""
    page, fields = page_of(request), await form_of(request)
    answer = await page.api.call("POST", f"{_API}/second-factor/confirm", {"code": first(fields, "code")})
    if answer.is_good:
        return page.show("account/recovery_codes.html", codes=answer.data["recovery_codes"])
    return _setting_up(request, first(fields, "secret"), first(fields, "uri"), answer)


@post("/account/second-factor/recovery-codes", status_code=200, opt={"page": FOR_PEOPLE})
async def show_new_codes(request: PageRequest) -> Response[str]:
    """Other recovery codes."""
    page, fields = page_of(request), await form_of(request)
    answer = await page.api.call("POST", f"{_API}/second-factor/recovery-codes", {"code": first(fields, "code")})
    if answer.is_good:
        return page.show("account/recovery_codes.html", codes=answer.data["recovery_codes"])
    return await account_page(request, refused=answer, form="codes")


@post("/account/second-factor/remove", status_code=200, opt={"page": FOR_PEOPLE})
async def turn_factor_off(request: PageRequest) -> Response[str]:
    """Turn it off."""
    page, fields = page_of(request), await form_of(request)
    answer = await page.api.call("POST", f"{_API}/second-factor/remove", {"code": first(fields, "code")})
    if answer.is_good:
        return go_to(request, f"{_ACCOUNT}?done=factor-off")
    return await account_page(request, refused=answer, form="remove")


@post("/account/sessions/{session_id:uuid}/end", status_code=200, opt={"page": FOR_PEOPLE})
async def end_other_session(request: PageRequest, session_id: FromPath[UUID]) -> Response[str]:
    """End a session, this one or another."""
    answer = await page_of(request).api.call("DELETE", f"{_API}/sessions/{session_id}")
    if answer.is_good or answer.status == 404:  # it may have ended by itself
        return go_to(request, f"{_ACCOUNT}?done=session")
    return await account_page(request, refused=answer)


@post("/account/identities/{identity_id:uuid}/end", status_code=200, opt={"page": FOR_PEOPLE})
async def unlink_own_identity(request: PageRequest, identity_id: FromPath[UUID]) -> Response[str]:
    """Unlink an identity at the sign-in provider."""
    answer = await prove_by_form(request)
    if answer is None:
        answer = await page_of(request).api.call("DELETE", f"{_API}/identities/{identity_id}")
        if answer.is_good or answer.status == 404:
            return go_to(request, f"{_ACCOUNT}?done=identity")
    return await account_page(request, refused=answer, form="identity")


async def prove_by_form(request: PageRequest) -> ApiAnswer | None:
    """Hand on the password or the code that a form brings as proof; the refusal where it does not hold."""
    fields = await form_of(request)
    password, code = fields.get("current_password", [""])[0], first(fields, "code")
    if not password and not code:
        return None
    sent = {"current_password": password} if password else {"code": code}
    answer = await page_of(request).api.call("POST", f"{_API}/proof", sent)
    return None if answer.is_good else answer


def own_change(request: PageRequest, person: Person) -> Author:
    """The author of what a person does to the own account."""
    return Author(actor=person.user.id, actor_kind="user", request_id=request_id_of(request), at_us=now_us())


async def account_page(
    request: PageRequest,
    *,
    done: str = "",
    refused: ApiAnswer | None = None,
    form: str = "",
    faults: dict[str, str] | None = None,
) -> Response[str]:
    """The account as it is, with what was refused beside the form that it was sent by."""
    page, parts = page_of(request), parts_of(request)
    person = page.person
    assert person is not None  # the gate lets nobody else here
    found = faults or ({} if refused is None else refused.faults)
    problem = (refused.document or {}) if refused is not None else {}
    context: dict[str, Any] = {
        "factor": (await page.api.get(f"{_API}/second-factor"))["data"],
        "identities": (await page.api.get(f"{_API}/identities"))["data"],
        "provider": parts.find(SignInProvider),
        "sessions": (await page.api.get(f"{_API}/sessions", {"limit": 50}))["data"],
    }
    return page.show(
        "account/account.html",
        status=refused.status if refused is not None else STATUS_OF_KIND["invalid"] if faults else 200,
        own_session=person.session_id,
        is_proven=await has_proof(parts[Database], own_change(request, person), person.session_id),
        done=done,
        form=form,
        faults=found,
        problem="" if found else problem.get("detail", ""),
        **context,
    )


def _setting_up(request: PageRequest, secret: str, uri: str, refused: ApiAnswer | None = None) -> Response[str]:
    faults = {} if refused is None else refused.faults
    problem = {} if refused is None else refused.document or {}
    return page_of(request).show(
        "account/set_up.html",
        status=200 if refused is None else refused.status,
        secret=secret,
        uri=uri,
        picture=qr_picture(uri[:500]),
        fault=faults.get("/code") or problem.get("detail", ""),
    )


ACCOUNT = (
    show_account,
    change_own_password,
    set_up_factor,
    turn_factor_on,
    show_new_codes,
    turn_factor_off,
    end_other_session,
    unlink_own_identity,
)
