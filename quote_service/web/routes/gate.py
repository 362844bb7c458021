"""What stands before every page: who looks, may they, and is a change really theirs.

A page says in its options whom it is for: `opt={"page": FOR_STAFF}`. One that says nothing is shown to nobody.

Source: docs/spec/web.md#sessions; docs/spec/web.md#roles.
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import quote

import msgspec
from litestar import Response

from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.page_sessions import PageSessionLives, account_of_page
from quote_service.platform.callers.access import Role
from quote_service.platform.http.callers import address_of
from quote_service.platform.http.edge import Application
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Forbidden
from quote_service.web.model.person import STAFF, Person
from quote_service.web.routes.cookies import token_of_cookies
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, set_page, templates_of
from quote_service.web.routes.stream_words import SIGNED_OUT

API: Final = "api"
SIGN_IN: Final = "/sign-in"
_SAFE = frozenset({"GET", "HEAD"})
# The token serves the calls that one page makes.
_TOKEN_SECONDS = 60


class PageAccess(msgspec.Struct, frozen=True):
    """Whom a page is for: people of these roles, or everybody where `is_open`."""

    roles: frozenset[Role] = frozenset()
    is_open: bool = False

    @property
    def takes_little(self) -> bool:
        """Whether its forms are for people who do not work here: a sign-in, a basket, a password."""
        return self.is_open or "user" in self.roles


FOR_EVERYBODY = PageAccess(is_open=True)
FOR_STAFF = PageAccess(STAFF)
FOR_ADMINS = PageAccess(frozenset({"admin"}))
FOR_PEOPLE = PageAccess(STAFF | {"user"})


async def admit_to_page(request: PageRequest) -> Response[str] | None:
    """Let a request through to its page, lead it to the sign-in, or refuse it.

    Raises:
        Forbidden: The page is not for people of this role, or the change does not come from a page of ours.
    """
    access = request.route_handler.opt.get("page")
    if not isinstance(access, PageAccess):
        raise Forbidden("This page cannot be viewed")
    if request.route_handler.opt.get("is_asset"):
        return None
    settings = parts_of(request)[Settings]
    token = token_of_cookies(settings, request.headers.get("cookie", ""))
    is_stream = bool(request.route_handler.opt.get("is_stream"))
    person = await _admit_person(request, token, is_use=not is_stream) if token is not None else None
    if person is None:
        set_page(request, Page(templates_of(request), request.url.path, None, _nobodys_api(request)))
        if not access.is_open:
            return _ended_stream() if is_stream else go_to(request, _sign_in_path(request))
    if request.method not in _SAFE:
        await _require_own_change(request, person)
    if person is not None and not access.is_open and person.role not in access.roles:
        raise Forbidden(f"This page is not for the role {person.role_name}")
    return None


def csrf_of(token: str) -> str:
    """What a change must carry: nobody who cannot read the page can know it, and the cookie does not follow from it."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()


async def _admit_person(request: PageRequest, token: str, *, is_use: bool) -> Person | None:
    parts, at_us = parts_of(request), now_us()
    settings = parts[Settings]
    lives = PageSessionLives(settings.page_session_seconds, settings.page_unused_seconds)
    found = await account_of_page(parts[Database], lives, token, at_us, is_use=is_use)
    # A role that has come to require a second factor since: the sign-in sets it up.
    if found is None or parts[Credentials].factors.is_missing(found[0].user):
        return None
    account, session_id = found
    person = Person(account.user, csrf_of(token), session_id, account.generation)
    access_token = parts[Credentials].tokens.issue(account, at_us, _TOKEN_SECONDS, session_id=session_id)
    api = OwnApi(_api(request), access_token, request.scope["state"].get("request_id", ""), address_of(request))
    set_page(request, Page(templates_of(request), request.url.path, person, api))
    return person


async def _require_own_change(request: PageRequest, person: Person | None) -> None:
    # Browsers say where a request comes from; what says nothing has only the token to go by.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("The request comes from another site")
    if person is None:
        return  # signing in: there is no session yet that somebody could ride on
    given = request.headers.get("x-csrf-token") or await _token_of(request)
    if not hmac.compare_digest(given.encode(), person.csrf.encode()):
        raise Forbidden("The page is out of date; load it again")


async def _token_of(request: PageRequest) -> str:
    if request.route_handler.opt.get("is_import") and request.content_type[0] == "multipart/form-data":
        return str((await request.form()).get("csrf", ""))
    return first(await form_of(request), "csrf")


def _ended_stream() -> Response[str]:
    # An answer that a browser's own client of streams can read: it does not say the status of any other.
    return Response(SIGNED_OUT.decode(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _sign_in_path(request: PageRequest) -> str:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return SIGN_IN if request.method not in _SAFE else f"{SIGN_IN}?next={quote(wanted)}"


def _api(request: PageRequest) -> Application:
    api: Application = request.app.state[API]
    return api


def _nobodys_api(request: PageRequest) -> OwnApi:
    return OwnApi(_api(request), "", "", address_of(request))
