"""Access tokens: short JWTs that people send with every request.

The algorithm is HS256 and is never taken from the token, so neither `none` nor a public key passed off as a secret can
be talked into. The first key signs and all verify; to rotate, put a new key first and drop the old one a token's life
later. A `kid` is only looked up in that list.

Source: docs/spec/access.md#people; RFC 8725, RFC 9068.
"""

from typing import Any, NamedTuple

import jwt
import msgspec

from quote_service.identity.model.people import Account
from quote_service.platform.callers.access import ROLES, Role
from quote_service.platform.settings import Keys
from quote_service.platform.system.identifiers import canonical
from quote_service.platform.system.instants import SECOND_US
from quote_service.platform.system.new_ids import new_id

DEVELOPMENT_TOKEN_SECONDS = 30 * 24 * 3600
ISSUER = "quote-service"
AUDIENCE = "quote-service-api"

_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_TOKEN_BYTES_MAX = 2048
_REQUIRED = ("iss", "aud", "sub", "iat", "exp", "role", "gen")


class TokenLives(NamedTuple):
    """How long tokens hold, in seconds."""

    access_seconds: int = 15 * 60
    refresh_seconds: int = 14 * 24 * 3600


TOKEN_LIVES = TokenLives()


class Claims(msgspec.Struct, frozen=True):
    """What a token that holds says: whose it is, in which role, of which generation and session, and until when."""

    user_id: str
    role: Role
    generation: int
    expires_at_us: int
    session_id: str | None


class TokenRefused(Exception):
    """The token does not hold; why is for nobody outside."""


class AccessTokens:
    """Signs and reads access tokens with a list of keys."""

    def __init__(
        self, keys: Keys, lives: TokenLives = TOKEN_LIVES, *, issuer: str = ISSUER, audience: str = AUDIENCE
    ) -> None:
        if not keys:
            raise ValueError("access tokens need a key")
        self.keys = keys
        self._signing_kid, self._signing_secret = keys[0]
        self._secrets = {key.kid: key.secret for key in keys}
        self.lives = lives
        self._issuer = issuer
        self._audience = audience

    def issue(
        self, account: Account, at_us: int, life_seconds: int | None = None, *, session_id: str | None = None
    ) -> str:
        """A token for this account from this instant on; of the usual life unless another is given."""
        issued = at_us // SECOND_US
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": account.user.id,
            "iat": issued,
            "exp": issued + (life_seconds or self.lives.access_seconds),
            "jti": new_id(),
            "role": account.user.role,
            "gen": account.generation,
            **({} if session_id is None else {"sid": session_id}),
        }
        headers = {"kid": self._signing_kid, "typ": _TYPE}
        return jwt.encode(claims, self._signing_secret, algorithm=_ALGORITHM, headers=headers)

    def read(self, token: bytes, at_us: int) -> Claims:
        """Check a token and read it.

        Raises:
            TokenRefused: It is unreadable, forged, expired, not yet valid, of another issuer, audience, type or key.
        """
        if len(token) > _TOKEN_BYTES_MAX:
            raise TokenRefused("too long")
        try:
            header = jwt.get_unverified_header(token)
            secret = self._secrets.get(header.get("kid", ""))
            if secret is None or header.get("typ") != _TYPE:
                raise TokenRefused("unknown key or type")
            claims = jwt.decode(
                token,
                secret,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # Times are held against the instant of the request below, not against a clock of the library's own.
                options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as refused:
            raise TokenRefused(type(refused).__name__) from refused
        return _claims(claims, at_us)


def _claims(claims: dict[str, Any], at_us: int) -> Claims:
    subject, role, generation = claims["sub"], claims["role"], claims["gen"]
    issued, expires, not_before = claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])
    if not isinstance(subject, str) or canonical(subject) != subject or role not in ROLES:
        raise TokenRefused("no such subject or role")
    # type() and not isinstance(): true is an int too.
    if not (type(generation) is int and type(issued) is int and type(expires) is int and type(not_before) is int):
        raise TokenRefused("no whole numbers")
    # A minute for workers whose clocks differ; expiry is exact, because it is a promise.
    if max(issued, not_before) * SECOND_US > at_us + 60 * SECOND_US or expires * SECOND_US <= at_us:
        raise TokenRefused("not valid now")
    session = claims.get("sid")  # none of a token that was made for no session, or by a release before this claim
    return Claims(subject, role, generation, expires * SECOND_US, session if isinstance(session, str) else None)
