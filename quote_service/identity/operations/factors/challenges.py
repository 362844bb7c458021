"""Challenges: what whoever has passed the first step of logging in holds until the second.

A challenge is a JWT of five minutes with a type and an audience of its own, so it is no access token, and holds for nothing but
the step that it was made for. It ends with a new password or role, as access tokens do.

Source: docs/spec/access.md#second-factor.
"""

from typing import Any, Literal

import jwt
import msgspec

from quote_service.identity.model.people import Account
from quote_service.platform.callers.sessions import BegunBy
from quote_service.platform.settings import Keys
from quote_service.platform.system.errors import Unauthorized
from quote_service.platform.system.identifiers import canonical
from quote_service.platform.system.instants import SECOND_US

CHALLENGE_SECONDS = 300
Purpose = Literal["code", "enrolment"]

_ALGORITHM = "HS256"
_TYPE = "second-factor+jwt"
_AUDIENCE = "quote-service-second-factor"
_REQUIRED = ("aud", "sub", "exp", "gen", "for", "by")


class Challenge(msgspec.Struct, frozen=True):
    """Who has passed the first step, by what, and as of which generation of tokens."""

    user_id: str
    generation: int
    begun_by: BegunBy


class Challenges:
    """Signs and reads challenges with the keys of access tokens."""

    def __init__(self, keys: Keys) -> None:
        self._signing_kid, self._signing_secret = keys[0]
        self._secrets = {key.kid: key.secret for key in keys}

    def issue(self, account: Account, purpose: Purpose, begun_by: BegunBy, at_us: int) -> str:
        """A challenge for this account from this instant on."""
        claims = {
            "aud": _AUDIENCE,
            "sub": account.user.id,
            "exp": at_us // SECOND_US + CHALLENGE_SECONDS,
            "gen": account.generation,
            "for": purpose,
            "by": begun_by,
        }
        headers = {"kid": self._signing_kid, "typ": _TYPE}
        return jwt.encode(claims, self._signing_secret, algorithm=_ALGORITHM, headers=headers)

    def read(self, challenge: str, purpose: Purpose, at_us: int) -> Challenge:
        """Check a challenge and read it.

        Raises:
            Unauthorized: It is none of ours, for another step, or too old. The error does not say which.
        """
        claims = self._claims(challenge)
        if claims is None or claims["for"] != purpose or claims["exp"] * SECOND_US <= at_us:
            raise Unauthorized("The sign-in took too long; start again")
        return Challenge(claims["sub"], claims["gen"], claims["by"])

    def _claims(self, challenge: str) -> dict[str, Any] | None:
        try:
            header = jwt.get_unverified_header(challenge)
            secret = self._secrets.get(header.get("kid", ""))
            if secret is None or header.get("typ") != _TYPE:
                return None
            claims: dict[str, Any] = jwt.decode(
                challenge,
                secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": list(_REQUIRED), "verify_exp": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        return claims if canonical(claims["sub"]) == claims["sub"] and type(claims["exp"]) is int else None
