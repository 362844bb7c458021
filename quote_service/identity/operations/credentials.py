"""Credentials out of request headers, and nowhere else: never a query string, a cookie or a body.

An API key stands in `X-API-Key`; a person's token in `Authorization: Bearer`. One request carries one of them, once.
Two are refused outright, because a proxy in front might have judged by the other one.

Source: docs/spec/access.md#callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quote_service.identity.operations.access_tokens import AccessTokens, TokenLives
from quote_service.identity.operations.bearer_tokens import BearerTokens
from quote_service.identity.operations.factors.second_factors import SecondFactors
from quote_service.identity.operations.keys.key_ring import KeyRing
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.operations.people.throttle_login import LOGIN_THROTTLE, LoginThrottle
from quote_service.platform.callers.access import Caller, Role
from quote_service.platform.callers.errors import CredentialsAmbiguous
from quote_service.platform.settings import Settings
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.errors import Unauthorized, Unavailable

_BEARER = b"bearer "


class Credentials:
    """What a worker knows callers by: keys and tokens, both in memory, and passwords for those who log in.

    `throttle` says how often these may be tried, `role_limits` how often a person of a role may ask, `factors` what second
    factors are made of; left out, no role requires one.
    """

    __slots__ = ("bearers", "factors", "passwords", "ring", "throttle", "tokens")

    def __init__(
        self,
        ring: KeyRing,
        tokens: AccessTokens,
        passwords: Passwords,
        throttle: LoginThrottle = LOGIN_THROTTLE,
        role_limits: Mapping[Role, RateLimit | None] | None = None,
        factors: SecondFactors | None = None,
    ) -> None:
        self.ring = ring
        self.tokens = tokens
        self.passwords = passwords
        self.throttle = throttle
        self.factors = factors or SecondFactors(tokens.keys)
        self.bearers = BearerTokens(tokens, ring, role_limits or {})

    @classmethod
    def of(cls, settings: Settings) -> Credentials:
        """The credentials of a process that starts: nobody is known until `identity/loops/access_watch.py` has read them."""
        lives = TokenLives(settings.access_token_seconds, settings.refresh_token_seconds)
        throttle = LoginThrottle(
            settings.login_window_seconds, settings.login_attempts_account, settings.login_attempts_address
        )
        tokens = AccessTokens(settings.jwt_keys, lives)
        limits: dict[Role, RateLimit | None] = {
            "admin": settings.rate_limit_admin,
            "pricing_manager": settings.rate_limit_pricing_manager,
            "analyst": settings.rate_limit_analyst,
            "user": settings.rate_limit_user,
        }
        factors = SecondFactors(settings.jwt_keys, settings.second_factor_roles)
        return cls(KeyRing(), tokens, Passwords(), throttle, limits, factors)


def caller_of_headers(headers: Iterable[tuple[bytes, bytes]], credentials: Credentials, at_us: int) -> Caller | None:
    """Who sends these headers; None if they carry no credentials at all.

    Raises:
        CredentialsAmbiguous: They carry more than one.
        Unauthorized: The key or token does not hold: unknown, expired, revoked, forged or unreadable. The error does not say which.
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
