"""The cookies of a session, of a sign-in that is under way at a provider, and the name of that of a visit to the store.

Source: docs/spec/web.md#sessions; RFC 6265bis (`__Host-`).
"""

from http.cookies import CookieError, SimpleCookie

from litestar import Response

from quote_service.settings import Settings

_LENGTH_MAX = 200
_FLOW_LENGTH_MAX = 3000


def cookie_name(settings: Settings) -> str:
    """Its name: in production one that browsers accept by https, for this host and all of it alone."""
    return "quote_session" if settings.development else "__Host-quote_session"


def session_cookie(settings: Settings, token: str) -> str:
    """What sets it."""
    return _cookie(settings, token, settings.page_session_seconds)


def ended_cookie(settings: Settings) -> str:
    """What takes it away."""
    return _cookie(settings, "", 0)


def flow_name(settings: Settings) -> str:
    """The name of the cookie of a sign-in under way."""
    return "quote_sign_in" if settings.development else "__Host-quote_sign_in"


def flow_of_cookies(settings: Settings, header: str) -> str | None:
    """What that holds, where there is one."""
    return _value(header, flow_name(settings), _FLOW_LENGTH_MAX)


def token_of_cookies(settings: Settings, header: str) -> str | None:
    """What it holds, where there is one."""
    return _value(header, cookie_name(settings), _LENGTH_MAX)


def visit_name(settings: Settings) -> str:
    """The name of the cookie of a visit to the store."""
    return "quote_store" if settings.development else "__Host-quote_store"


def forget_visit(settings: Settings, answer: Response[str]) -> None:
    """Take the cookie of a visit to the store away, beside another that the answer sets."""
    answer.set_cookie(
        visit_name(settings), "", max_age=0, path="/", httponly=True, samesite="lax", secure=not settings.development
    )


def _value(header: str, name: str, length_max: int) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        return None
    morsel = cookies.get(name)
    return morsel.value if morsel is not None and 0 < len(morsel.value) <= length_max else None


def _cookie(settings: Settings, value: str, seconds: int) -> str:
    # Development has no https.
    secure = "" if settings.development else "; Secure"
    return f"{cookie_name(settings)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
