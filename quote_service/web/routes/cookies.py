"""The cookies of a session, of a sign-in that is under way at a provider, and the name of that of a visit to the store.

Source: docs/spec/web.md#sessions; RFC 6265bis (`__Host-`).
"""

from litestar import Response

from quote_service.platform.http.protocol.head_reader import COOKIE_BYTES_MAX
from quote_service.platform.settings import Settings
from quote_service.platform.system.time_zones import zone

_LENGTH_MAX = 200
_FLOW_LENGTH_MAX = 3000
_ZONE_NAME = "quote_time_zone"
_ZONE_LENGTH_MAX = 64
_ZONE_SECONDS = 365 * 24 * 3600


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


def zone_cookie(settings: Settings, time_zone: str) -> str:
    """What keeps the time zone that somebody chose to see figures by; empty to forget it."""
    secure, seconds = "" if settings.development else "; Secure", _ZONE_SECONDS if time_zone else 0
    return f"{_ZONE_NAME}={time_zone}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def zone_of_cookies(header: str) -> str | None:
    """The zone that is kept, where there is one of that name."""
    name = _value(header, _ZONE_NAME, _ZONE_LENGTH_MAX)
    return name if name is not None and zone(name) is not None else None


def cookie_value(header: str, name: str) -> str | None:
    """The value of a cookie in a `Cookie` header; of several of one name the first, which is the one for the narrowest path.

    By hand: the standard library's parser takes quadratic time for quotes and backslashes (CVE-2024-7592), and nothing of
    ours needs either.
    """
    if len(header) > COOKIE_BYTES_MAX:
        return None
    for pair in header.split(";"):
        given, equals, value = pair.partition("=")
        if equals and given.strip() == name:
            return value.strip()
    return None


def _value(header: str, name: str, length_max: int) -> str | None:
    value = cookie_value(header, name)
    return value if value is not None and 0 < len(value) <= length_max else None


def _cookie(settings: Settings, value: str, seconds: int) -> str:
    # Development has no https.
    secure = "" if settings.development else "; Secure"
    return f"{cookie_name(settings)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
