"""Who somebody is at the sign-in provider, and what role that gives.

Source: docs/spec/access.md#sign-in-provider; OpenID Connect Core 1.0, 2 (ID Token).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from quote_service.platform.callers.access import ROLES, Role

# Whoever the provider names without an address that it has verified.
_NO_ADDRESS = "unverified.invalid"
_EVERYBODY = "*"


class Identity(msgspec.Struct, frozen=True):
    """Who you are at a sign-in provider."""

    id: str
    """Identifies the link."""
    issuer: str
    """The provider."""
    subject: str
    """Your id at the provider."""
    created_at: datetime
    """When it was linked."""
    last_used_at: datetime | None
    """When you last signed in by it; null for never."""


class ProviderTerms(NamedTuple):
    """How people sign in with a provider: whose it is, what it knows us by, and which of its claims give which role.

    With an empty `role_claim` nobody is let in but by a link made before, and roles are those given here.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str
    role_claim: str
    roles: Mapping[str, Role]


class ProvenIdentity(NamedTuple):
    """What a provider has proven of somebody who signs in; `email` only where it has verified it."""

    issuer: str
    subject: str
    email: str | None
    role: Role | None
    has_second_factor: bool


def read_roles(words: tuple[str, ...]) -> dict[str, Role]:
    """Roles by value of the claim, from words such as `pricing-team=pricing_manager`.

    Raises:
        ValueError: A word is not written so, or names no role.
    """
    roles: dict[str, Role] = {}
    for word in words:
        value, equals, name = word.rpartition("=")
        role = next((each for each in ROLES if each == name.strip()), None)
        if not equals or not value.strip() or role is None:
            raise ValueError(f"{word!r} is not written value=role with a role of {', '.join(ROLES)}")
        roles[value.strip()] = role
    return roles


def proven_identity(claims: Mapping[str, Any], terms: ProviderTerms) -> ProvenIdentity:
    """What the claims of an ID token that holds say."""
    email = claims.get("email")
    methods = claims.get("amr")
    return ProvenIdentity(
        issuer=terms.issuer,
        subject=str(claims["sub"]),
        email=email if isinstance(email, str) and claims.get("email_verified") is True else None,
        role=role_of(claims, terms),
        has_second_factor=isinstance(methods, list) and "mfa" in methods,
    )


def role_of(claims: Mapping[str, Any], terms: ProviderTerms) -> Role | None:
    """The role with the most rights that the claim gives; None where it gives none, or roles are not asked of the provider."""
    if not terms.role_claim:
        return None
    found = _member(claims, terms.role_claim)
    values = {found} if isinstance(found, str) else {each for each in found or () if isinstance(each, str)}
    given = {terms.roles[value] for value in (*values, _EVERYBODY) if value in terms.roles}
    return next((role for role in ROLES if role in given), None)


def address_of_nobody(user_id: str) -> str:
    """An address for an account whose person has none that was verified: RFC 2606 keeps `.invalid` free."""
    return f"{user_id}@{_NO_ADDRESS}"


def _member(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path such as `realm_access.roles`."""
    if name in claims:
        return claims[name] if isinstance(claims[name], str | list) else None
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, str | list) else None
