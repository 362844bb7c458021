"""What each way to sign in does at its end: lead to a page of ours, with the cookie of a session.

Source: docs/spec/web.md#sessions.
"""

from litestar import Response

from quote_service.identity.operations.people.page_sessions import PageSessionLives
from quote_service.platform.http.parts import parts_of
from quote_service.platform.settings import Settings
from quote_service.web.routes.cookies import session_cookie
from quote_service.web.routes.page import PageRequest, go_to

HOME = "/account/home"
_OWN = ("/admin", "/store", "/account")


def own_path(wanted: str) -> str:
    """Where to go after signing in: a page of ours, and never another host."""
    is_own = wanted.startswith(_OWN) and "//" not in wanted and "\\" not in wanted
    return wanted if is_own and wanted.isprintable() else HOME


def signed_in(request: PageRequest, token: str, wanted: str) -> Response[str]:
    """Lead on with the cookie of a session that has begun."""
    return with_session(request, go_to(request, wanted), token)


def with_session(request: PageRequest, answer: Response[str], token: str) -> Response[str]:
    """An answer with the cookie of a session that has begun."""
    answer.headers["Set-Cookie"] = session_cookie(parts_of(request)[Settings], token)
    return answer


def lives_of(settings: Settings) -> PageSessionLives:
    """How long sessions in the pages hold."""
    return PageSessionLives(settings.page_session_seconds, settings.page_unused_seconds)
