"""The cookie of a session.

Source: docs/spec/web.md#sessions; RFC 6265bis (`__Host-`).
"""

from http.cookies import CookieError, SimpleCookie

from quote_service.settings import Settings

_LENGTH_MAX = 200


def cookie_name(settings: Settings) -> str:
    """Its name: in production one that browsers accept by https, for this host and all of it alone."""
    return "quote_session" if settings.development else "__Host-quote_session"


def session_cookie(settings: Settings, token: str) -> str:
    """What sets it."""
    return _cookie(settings, token, settings.page_session_seconds)


def ended_cookie(settings: Settings) -> str:
    """What takes it away."""
    return _cookie(settings, "", 0)


def token_of_cookies(settings: Settings, header: str) -> str | None:
    """What it holds, where there is one."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        return None
    morsel = cookies.get(cookie_name(settings))
    return morsel.value if morsel is not None and 0 < len(morsel.value) <= _LENGTH_MAX else None


def _cookie(settings: Settings, value: str, seconds: int) -> str:
    # Development has no https.
    secure = "" if settings.development else "; Secure"
    return f"{cookie_name(settings)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
