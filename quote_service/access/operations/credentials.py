"""Credentials out of request headers, and nowhere else: never a query string, a cookie or a body.

An API key stands in `X-API-Key`; a person's token in `Authorization: Bearer`. One request carries one of them, once.
Two are refused outright, because a proxy in front might have judged by the other one.

Source: spec 8.
"""

from __future__ import annotations

from collections.abc import Iterable

from quote_service.api.bearer_tokens import BearerTokens
from quote_service.api.key_ring import KeyRing
from quote_service.domain.access import Caller
from quote_service.domain.errors import CredentialsAmbiguous, Unauthorized, Unavailable
from quote_service.flows.access_tokens import AccessTokens
from quote_service.flows.passwords import Passwords
from quote_service.settings import Settings

_BEARER = b"bearer "


class Credentials:
    """What a worker knows callers by: keys and tokens, both in memory, and passwords for those who log in."""

    __slots__ = ("bearers", "passwords", "ring", "tokens")

    def __init__(self, ring: KeyRing, tokens: AccessTokens, passwords: Passwords) -> None:
        self.ring = ring
        self.tokens = tokens
        self.passwords = passwords
        self.bearers = BearerTokens(tokens, ring)

    @classmethod
    def of(cls, settings: Settings) -> Credentials:
        """The credentials of a process that starts: nobody is known until `workers/access_watch.py` has read them."""
        return cls(KeyRing(), AccessTokens(settings.jwt_keys), Passwords())


def caller_of_headers(headers: Iterable[tuple[bytes, bytes]], credentials: Credentials, at_us: int) -> Caller | None:
    """Who sends these headers; None if they carry no credentials at all.

    Raises:
        CredentialsAmbiguous: They carry more than one.
        Unauthorized: The key or token does not hold: unknown, expired, revoked, forged or unreadable. It is not told which.
        Unavailable: Who holds what has not been read since the process started.
    """
    key = bearer = None
    for name, value in headers:
        if name == b"x-api-key":
            if key is not None:
                raise CredentialsAmbiguous("X-API-Key is given more than once")
            key = value
        elif name == b"authorization":
            if bearer is not None:
                raise CredentialsAmbiguous("Authorization is given more than once")
            bearer = value
    if key is not None and bearer is not None:
        raise CredentialsAmbiguous("Send X-API-Key or Authorization, not both")
    if (key is not None or bearer is not None) and not credentials.ring.is_loaded:
        # To say that a good key is bad would make checkouts give up instead of trying again.
        raise Unavailable("The database has not been reached since the start", retry_after_seconds=1)
    if key is not None:
        caller = credentials.ring.caller_of_key(key, at_us)
        if caller is None:
            raise Unauthorized("The API key is not valid")
        return caller
    if bearer is None:
        return None
    caller = credentials.bearers.caller_of_token(bearer[7:], at_us) if bearer[:7].lower() == _BEARER else None
    if caller is None:
        raise Unauthorized("The bearer token is not valid")
    return caller
