"""Credentials out of request headers, and nowhere else: never a query string, a cookie or a body.

An API key stands in `X-API-Key`; a person's token in `Authorization: Bearer`. One request carries one of them, once.
Two are refused outright, because a proxy in front might have judged by the other one.

Source: spec 8.
"""

from collections.abc import Iterable

from quote_service.api.bearer_tokens import BearerTokens
from quote_service.api.key_ring import KeyRing
from quote_service.domain.access import Caller
from quote_service.domain.errors import CredentialsAmbiguous, Unauthorized

_BEARER = b"bearer "


class Credentials:
    """The two ways of knowing a caller, both in memory: no lookup here waits for anything."""

    __slots__ = ("bearers", "ring")

    def __init__(self, ring: KeyRing, bearers: BearerTokens) -> None:
        self.ring = ring
        self.bearers = bearers


def caller_of_headers(headers: Iterable[tuple[bytes, bytes]], credentials: Credentials, at_us: int) -> Caller | None:
    """Who sends these headers; None if they carry no credentials at all.

    Raises:
        CredentialsAmbiguous: They carry more than one.
        Unauthorized: The key or token does not hold: unknown, expired, revoked, forged or unreadable. It is not told which.
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
    if key is not None:
        if bearer is not None:
            raise CredentialsAmbiguous("Send X-API-Key or Authorization, not both")
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
