"""What a process needs for second factors: the seal of their secrets, challenges, and whose roles require one.

Source: docs/spec/access.md#second-factor.
"""

from collections.abc import Collection
from uuid import UUID

import pyotp

from quote_service.identity.model.people import Account, User
from quote_service.identity.model.second_factors import DIGITS, STEP_SECONDS, FactorSecret, step_of
from quote_service.identity.operations.factors.challenges import Challenges
from quote_service.platform.callers.errors import SecondFactorMissing, SecondFactorRequired
from quote_service.platform.callers.sessions import BegunBy
from quote_service.platform.settings import Keys
from quote_service.platform.system.sealing import Seal, SealedSecret, SecretLost

_PURPOSE = b"quote-service second factors"
_ISSUER = "Quote service"


class SecondFactors:
    """Makes and reads what second factors consist of."""

    __slots__ = ("challenges", "required_roles", "seal")

    def __init__(self, keys: Keys, required_roles: Collection[str] = ()) -> None:
        """`keys` are those of access tokens; people of `required_roles` do not get in without a second factor."""
        self.seal = Seal(keys, _PURPOSE)
        self.challenges = Challenges(keys)
        self.required_roles = frozenset(required_roles)

    def is_missing(self, user: User) -> bool:
        """Whether the person has to have a second factor and has none."""
        return user.second_factor_since is None and user.role in self.required_roles

    def require(self, account: Account, begun_by: BegunBy, at_us: int) -> None:
        """Ask whoever has passed the first step for the second, where there is to be one.

        Raises:
            SecondFactorRequired: A code is needed; holds the challenge to send it with.
            SecondFactorMissing: The role requires a second factor and there is none yet; holds the challenge to set it up with.
        """
        if account.user.second_factor_since is not None:
            raise SecondFactorRequired(
                "Send the code of your authenticator app, with this challenge",
                challenge=self.challenges.issue(account, "code", begun_by, at_us),
            )
        if self.is_missing(account.user):
            raise SecondFactorMissing(
                "Your role requires a second factor; sign in at /sign-in to set it up",
                challenge=self.challenges.issue(account, "enrolment", begun_by, at_us),
            )

    def new_secret(self) -> str:
        """A secret of 160 random bits, in base32."""
        return pyotp.random_base32()

    def sealed(self, user_id: str, secret: str) -> SealedSecret:
        """A secret as it is kept."""
        return self.seal.seal(UUID(user_id), secret.encode())

    def step_of(self, user_id: str, sealed: SealedSecret, code: str, last_step: int, at_us: int) -> int | None:
        """The time step whose code this is; None if it does not hold, or the secret cannot be read any more."""
        try:
            secret = self.seal.open(UUID(user_id), sealed).decode()
        except SecretLost:
            return None
        return step_of(code, at_us, last_step, _totp(secret).generate_otp)


def shown_secret(secret: str, email: str) -> FactorSecret:
    """A secret as authenticator apps take it."""
    return FactorSecret(secret, _totp(secret).provisioning_uri(name=email, issuer_name=_ISSUER))


def _totp(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
