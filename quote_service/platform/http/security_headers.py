"""Headers that every answer carries.

The API answers data and no pages, so nothing may be loaded, framed or guessed from it. Pages (`/problems/...`, and those of
`web`) bring their own Content-Security-Policy, which then stands instead.

Source: docs/spec/access.md#headers; OWASP REST Security Cheat Sheet; RFC 6797.
"""

from collections.abc import Iterable
from typing import Final

from quote_service.platform.settings import Settings

A_YEAR: Final = "max-age=31536000"
RawHeaders = list[tuple[bytes, bytes]]

NOTHING_LOADS = b"default-src 'none'; frame-ancestors 'none'"
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", NOTHING_LOADS),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # No window that opened a page of ours, or that one opened, may reach into it.
    (b"cross-origin-opener-policy", b"same-origin"),
    # Quotes and admin answers are for their caller alone; a handler that knows better says so itself.
    (b"cache-control", b"no-store"),
)


def with_security_headers(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """The headers with those above added where the answer does not set them itself."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    return given + [(name, value) for name, value in SECURITY_HEADERS if name not in names]


def server_headers(settings: Settings) -> list[tuple[str, str]]:
    """What the server adds to every answer, those that no application gives among them.

    By default browsers are asked to use https alone where they reach the service so: RFC 6797, 7.2, forbids it over http.
    """
    policy = settings.hsts or (A_YEAR if settings.public_url.startswith("https://") else "off")
    return [] if policy == "off" else [("strict-transport-security", policy)]
