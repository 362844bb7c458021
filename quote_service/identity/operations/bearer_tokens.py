"""Bearer tokens that were read before are known by their bytes: a person's tenth request costs what a key's does.

The memory is bounded, and each use holds the expiry and the person's generation against the instant again.

Source: docs/spec/access.md#people.
"""

import hashlib
from collections.abc import Mapping

from quote_service.identity.operations.access_tokens import AccessTokens, TokenRefused
from quote_service.identity.operations.keys.key_ring import KeyRing
from quote_service.platform.callers.access import Caller, Role
from quote_service.platform.settings.rate_limit import RateLimit

_REMEMBERED_MAX = 4096


class BearerTokens:
    """Reads access tokens into callers."""

    __slots__ = ("_limits", "_remembered", "_ring", "_tokens")

    def __init__(self, tokens: AccessTokens, ring: KeyRing, limits: Mapping[Role, RateLimit | None]) -> None:
        """`limits` are by role; a role that is not among them has none."""
        self._limits = limits
        self._tokens = tokens
        self._ring = ring
        self._remembered: dict[bytes, tuple[Caller, int]] = {}

    def caller_of_token(self, token: bytes, at_us: int) -> Caller | None:
        """The person whose token this is at this instant; None if it does not hold."""
        # By digest: what is remembered is no credential.
        digest = hashlib.sha256(token).digest()
        known = self._remembered.get(digest)
        if known is None:
            try:
                claims = self._tokens.read(token, at_us)
            except TokenRefused:
                return None
            caller = Caller(
                kind="user",
                id=claims.user_id,
                name=claims.user_id,
                roles=frozenset({claims.role}),
                rate_limit=self._limits.get(claims.role),
                expires_at_us=claims.expires_at_us,
                session_id=claims.session_id,
            )
            known = (caller, claims.generation)
            if len(self._remembered) >= _REMEMBERED_MAX:
                # The oldest goes; only tokens that hold ever come in, so nobody without one can push others out.
                del self._remembered[next(iter(self._remembered))]
            self._remembered[digest] = known
        caller, generation = known
        expired = caller.expires_at_us is not None and caller.expires_at_us <= at_us
        return None if expired or not self._ring.counts(caller.id, generation) else caller
